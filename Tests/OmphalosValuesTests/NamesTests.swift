import OmphalosValues
import Testing

@Suite("names")
struct NamesTests {
  @Test("a plugin id is a reverse domain name", arguments: ["a.b", "com.example.acme-2", "org.omphalos.csv"])
  func pluginIDs(text: String) throws {
    #expect(try PluginID(text).text == text)
  }

  @Test(
    "what is no reverse domain name is no plugin id",
    arguments: [
      "", "acme", "Com.example", "com.Example", "com..example", ".com.example", "com.example.", "com.1example",
      "com.example-", "com.-example", "com.exa_mple", "com.exämple", "com.example/x", "com.example\0",
      "com." + String(repeating: "a", count: 252),
    ])
  func refusedPluginIDs(text: String) throws {
    let error = #expect(throws: ValueError.self) { try PluginID(text) }
    #expect(error?.found == text)
    #expect(error?.exitCode == .badData)
  }

  @Test("a plugin id may have 255 bytes")
  func longestPluginID() throws {
    #expect(try PluginID("com." + String(repeating: "a", count: 251)).text.utf8.count == 255)
  }

  @Test("a capability name has 1 to 64 lower-case letters, digits, '_' and '-'")
  func capabilityNames() throws {
    for text in ["a", "csv", "csv_2-x", String(repeating: "a", count: 64)] {
      #expect(try CapabilityName(text).text == text)
    }
    for text in ["", "Csv", "1csv", "_csv", "c.s", "c s", "é", String(repeating: "a", count: 65)] {
      #expect(throws: ValueError.self, "\(text)") { try CapabilityName(text) }
    }
  }

  @Test("a capability reference tells which of its halves is wrong")
  func references() throws {
    let reference = try CapabilityReference("com.example.acme/csv")
    #expect(reference.plugin.text == "com.example.acme")
    #expect(reference.capability.text == "csv")
    #expect(reference.text == "com.example.acme/csv")
    func failure(_ text: String) -> String? {
      #expect(throws: ValueError.self) { try CapabilityReference(text) }?.what
    }
    #expect(failure("com.example.acme") == "capability reference")
    #expect(failure("com.example.acme/csv/x") == "capability reference")
    #expect(failure("acme/csv") == "plugin id")
    #expect(failure("com.example.acme/") == "capability name")
  }

  @Test("a run id follows the published pattern")
  func runIDs() throws {
    for text in ["run-0a1b2c3d-4e5f", "1234567", String(repeating: "a", count: 65)] {
      #expect(try RunID(text).text == text)
    }
    for text in [
      "", "123456", "-abcdefg", "Run-1234567", "run_1234567", "run-123456/", String(repeating: "a", count: 66),
    ] {
      #expect(throws: ValueError.self, "\(text)") { try RunID(text) }
    }
  }

  @Test("an input's name stays clear of separators and of hidden files")
  func instanceNames() throws {
    for text in ["a", "_x", "Trade_feed.2026-01", "9"] { #expect(try InstanceName(text).text == text) }
    for text in ["", ".a", "-a", "a/b", "a b", "..", "é", String(repeating: "a", count: 129)] {
      #expect(throws: ValueError.self, "\(text)") { try InstanceName(text) }
    }
  }

  @Test("names are ordered by bytes")
  func order() throws {
    #expect(try PluginID("a.b-c") < PluginID("a.b.c"))
    #expect(try InstanceName("Z") < InstanceName("a"))
  }
}
