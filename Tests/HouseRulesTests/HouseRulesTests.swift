import Foundation
import Testing

@Suite("House rules")
struct HouseRulesTests {
  private let sources = SourceTree.files(below: "Sources", endings: SourceTree.code)
  private let everything = ["Sources", "Tests", "ExamplePlugins", "include", "docs", "Benchmarks", "Fuzz", ".ci"].flatMap {
    SourceTree.files(below: $0, endings: SourceTree.code.union(["md", "yaml", "json"]))
  }

  @Test("no file has more than 400 lines")
  func fileLength() {
    #expect(sources.count > 100)
    let long = everything.filter { SourceTree.code.contains(($0.path as NSString).pathExtension) }
      .filter { $0.lines.count > 401 && !$0.path.hasSuffix("include/omphalos/plugin.h") }
    #expect(long.map { "\($0.path) has \($0.lines.count - 1) lines: split it by concept" } == [])
  }

  @Test("no line of Swift is longer than 140 columns")
  func lineLength() {
    let swift = everything.filter { $0.path.hasSuffix(".swift") && $0.path.hasPrefix("Sources") }
    let long = swift.breaches { _, line in line.count > 140 ? "the line has \(line.count) columns" : nil }
    #expect(long.map(\.description) == [])
  }

  @Test("unsafe Swift stays in its two rooms, PluginABI and LinuxCalls")
  func unsafeRooms() {
    let rooms = ["Sources/PluginABI/", "Sources/LinuxCalls/"]
    let outside = sources.filter { file in
      file.path.hasSuffix(".swift") && !rooms.contains { file.path.hasPrefix($0) }
    }
    let breaches = outside.breaches { _, line in
      let code = line.components(separatedBy: "//")[0].replacing(/"[^"]*"/, with: "")
      guard code.contains(/\bunsafe\b/) || code.contains("Unmanaged<") || code.contains("unsafeBitCast") else {
        return nil
      }
      return "unsafe is banned here; put it behind a safe call in LinuxCalls or PluginABI"
    }
    // The generator of Swift plugins writes the word as text.
    #expect(breaches.filter { !$0.path.hasPrefix("Sources/DeclarationSource/") }.map(\.description) == [])
  }

  @Test(
    "a dependency is imported in its own files only, behind types of ours",
    arguments: [
      ("Yams", ["Sources/OmphalosValues/YAML"]),
      ("Crypto", ["Sources/OmphalosValues/SHA256Hasher.swift", "Sources/Signatures/PublicKeyAlgorithms.swift"]),
      ("CryptoExtras", ["Sources/Signatures/PublicKeyAlgorithms.swift"]),
      ("_CryptoExtras", []),
      ("ArgumentParser", ["Sources/OmphalosCLI/"]),
      ("CLinux", ["Sources/LinuxCalls/"]),
      ("COmphalos", ["Sources/PluginABI/"]),
      ("SystemPackage", ["Sources/LinuxCalls/"]),
      ("Foundation", []),
    ])
  func importsEnterOnce(module: String, rooms: [String]) {
    let breaches = sources.filter { file in !rooms.contains { file.path.hasPrefix($0) } }
      .breaches { _, line in
        line == "import \(module)" || line.hasPrefix("import \(module).")
          ? "import \(module) belongs in \(rooms.isEmpty ? "no file" : rooms.joined(separator: ", "))" : nil
      }
    #expect(breaches.filter { !$0.path.contains("/DeclarationSource/") }.map(\.description) == [])
  }

  @Test("no reminder, stub or path of a machine is left in the tree")
  func leftovers() {
    let words = ["TO" + "DO", "FIX" + "ME", "XX" + "X:", "/ho" + "me/", "/wo" + "rk/", "/ro" + "ot/"]
    let breaches = everything.filter { !$0.path.hasPrefix("Tests/") }.breaches { _, line in
      words.first { line.contains($0) }.map { "\($0) is left in the file" }
    }
    #expect(breaches.map(\.description) == [])
  }

  @Test("every test file asserts something")
  func testsAssert() {
    let tests = SourceTree.files(below: "Tests", endings: ["swift"]).filter {
      $0.path.contains("Tests/") && $0.lines.contains { $0.contains("@Test") }
    }
    let silent = tests.filter { file in
      !file.lines.contains { $0.contains("#expect") || $0.contains("#require") || $0.contains("Issue.record") }
    }
    #expect(silent.map(\.path) == [])
  }
}
