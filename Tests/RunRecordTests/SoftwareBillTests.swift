import OmphalosValues
import Testing

@testable import RunRecord

@Suite struct SoftwareBillTests {
  private func bill(_ facts: RunFacts = SampleRun.facts) throws -> JSONValue {
    let file = try #require(RunRecord.build(facts).controlFiles.first { $0.path == RunLayout.softwareBill })
    return try JSONValue.parse(file.content)
  }

  @Test("every bom-ref is unique, and every dependency refers to one")
  func references() throws {
    let bill = try bill()
    let components = try #require(bill["components"]?.arrayValue)
    let run = try #require(bill["metadata"]?["component"]?["bom-ref"]?.stringValue)
    let references = [run] + components.compactMap { $0["bom-ref"]?.stringValue }
    #expect(Set(references).count == components.count + 1)
    for dependency in try #require(bill["dependencies"]?.arrayValue) {
      #expect(references.contains(dependency["ref"]?.stringValue ?? ""))
      for reference in dependency["dependsOn"]?.arrayValue ?? [] {
        #expect(references.contains(reference.stringValue ?? ""))
      }
    }
  }

  @Test("host and used plugins stand with their digests; a file that was not used does not stand at all")
  func components() throws {
    let components = try #require(try bill()["components"]?.arrayValue)
    let digests = components.map { $0["hashes"]?.arrayValue?.first?["content"]?.stringValue }
    #expect(components.map { $0["name"]?.stringValue } == ["com.example.report", "omphalos", "org.omphalos.csv"])
    #expect(digests == ["report.so", "omphalos", "csv.so"].map { SampleRun.digest($0).hex })
  }

  @Test("the serial number is a UUID of version 8 that another payload changes")
  func serialNumber() throws {
    let first = try #require(try bill()["serialNumber"]?.stringValue)
    #expect(first.wholeMatch(of: /urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/) != nil)
    var facts = SampleRun.facts
    facts.artifacts.removeLast()
    #expect(try bill(facts)["serialNumber"]?.stringValue != first)
  }

  @Test("the '+' of a version is escaped in the package URL")
  func packageURL() throws {
    let components = try #require(try bill()["components"]?.arrayValue)
    #expect(components.first?["purl"] == "pkg:generic/com.example.report@2.1.0%2Bbuild.7")
  }

  @Test(
    "a licence is an id where it is a common one, an expression where it has the grammar, else a name",
    arguments: [
      ("MIT", BillLicense.id("MIT")),
      ("MIT OR Apache-2.0", .expression("MIT OR Apache-2.0")),
      ("(MIT OR Apache-2.0) AND Zlib", .expression("(MIT OR Apache-2.0) AND Zlib")),
      ("GPL-2.0-only WITH Classpath-exception-2.0", .expression("GPL-2.0-only WITH Classpath-exception-2.0")),
      ("LicenseRef-Acme", .expression("LicenseRef-Acme")),
      ("MIT OR OR Apache-2.0", .name("MIT OR OR Apache-2.0")),
      ("MIT OR", .name("MIT OR")),
      ("(MIT OR Zlib", .name("(MIT OR Zlib")),
      ("MIT) OR Zlib", .name("MIT) OR Zlib")),
      ("MIT WITH", .name("MIT WITH")),
      ("mit", .name("mit")),
      ("Proprietary, see contract", .name("Proprietary, see contract")),
    ])
  func licences(text: String, wanted: BillLicense) {
    #expect(BillLicense(text) == wanted)
  }
}
