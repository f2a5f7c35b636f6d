import Admission
import OmphalosValues
import Testing

@Suite("Confirmation: descriptor against note")
struct ConfirmationTests {
  static let schema: JSONValue = ["type": "object", "properties": ["a": ["type": "string"]]]

  /// The facts of a descriptor that agrees with `goodNote`, each of which a test may replace.
  struct Facts {
    var abi = ABIDeclaration(major: 1, minorRequired: 0, minorBuilt: 0, draft: HostABI().draft)
    var id = "com.example.acme"
    var version = "1.2.3"
    var vendor = "Acme"
    var license = "MIT"
    var summary = "Reads and writes"
    var hermetic: UInt32 = 1
    var flags: UInt32 = 1
    var capabilities = [
      DescriptorFacts.Capability(
        kind: 1, interfaceVersion: 1, flags: 0, name: "csv",
        configSchema: #" {"properties": {"a": {"type": "string"}}, "type": "object"} "#),
      DescriptorFacts.Capability(kind: 2, interfaceVersion: 2, flags: 0x10001, name: "table", configSchema: nil),
    ]

    var value: DescriptorFacts {
      DescriptorFacts(
        abi: abi, id: id, version: version, vendor: vendor, license: license, summary: summary, hermetic: hermetic,
        flags: flags, capabilities: capabilities)
    }
  }

  private func differences(_ change: (inout Facts) -> Void) throws -> [String] {
    var facts = Facts()
    change(&facts)
    let declaration = try declaration(goodNote, schemas: ["csv": Self.schema])
    return Confirmation.differences(declaration, facts.value).map(\.sentence)
  }

  @Test("a descriptor that says the same confirms, however its schemas are spaced and its capabilities ordered")
  func same() throws {
    #expect(try differences { _ in } == [])
    #expect(try differences { $0.capabilities.reverse() } == [])
  }

  @Test("each field that differs is named with both values")
  func eachField() throws {
    let end = ", as the note says; write both with `omphalos plugin declare`"
    func expect(_ sentence: String, _ change: (inout Facts) -> Void) throws {
      #expect(try differences(change) == ["the descriptor's " + sentence + end])
    }
    try expect("abi_major is 2, wanted 1") {
      $0.abi = ABIDeclaration(major: 2, minorRequired: 0, minorBuilt: 0, draft: HostABI().draft)
    }
    try expect("abi_minor_required is 5, wanted 0") {
      $0.abi = ABIDeclaration(major: 1, minorRequired: 5, minorBuilt: 0, draft: HostABI().draft)
    }
    try expect("abi_minor_built is 5, wanted 0") {
      $0.abi = ABIDeclaration(major: 1, minorRequired: 0, minorBuilt: 5, draft: HostABI().draft)
    }
    try expect("draft is 99, wanted \(HostABI().draft)") {
      $0.abi = ABIDeclaration(major: 1, minorRequired: 0, minorBuilt: 0, draft: 99)
    }
    try expect("id is \"com.example.other\", wanted \"com.example.acme\"") { $0.id = "com.example.other" }
    try expect("version is \"1.2.4\", wanted \"1.2.3\"") { $0.version = "1.2.4" }
    try expect("vendor is \"Acme \", wanted \"Acme\"") { $0.vendor = "Acme " }
    try expect("license is \"GPL\", wanted \"MIT\"") { $0.license = "GPL" }
    try expect("summary is \"\", wanted \"Reads and writes\"") { $0.summary = "" }
    try expect("hermetic is 2, wanted 1") { $0.hermetic = 2 }
    try expect("flags is 0x0, wanted 0x1") { $0.flags = 0 }
  }

  @Test("each field of a capability that differs is named with both values")
  func capabilityFields() throws {
    func replaced(
      kind: UInt32 = 2, version: UInt32 = 2, flags: UInt32 = 0x10001, name: String = "table", schema: String? = nil
    ) throws -> [String] {
      try differences {
        $0.capabilities[1] = DescriptorFacts.Capability(
          kind: kind, interfaceVersion: version, flags: flags, name: name, configSchema: schema)
      }
    }
    #expect(try replaced() == [])
    #expect(try replaced(kind: 3)[0].contains("kind of capability \"table\" is lineage_sink (3), wanted exporter (2)"))
    #expect(try replaced(kind: 9)[0].contains("is 9, wanted exporter (2)"))
    #expect(try replaced(version: 3)[0].contains("interface_version of capability \"table\" is 3, wanted 2"))
    #expect(try replaced(flags: 0x1)[0].contains("flags of capability \"table\" is 0x1, wanted 0x10001"))
    #expect(try replaced(flags: 0x10003) == [], "an unknown low bit is ignored")
    #expect(try replaced(flags: 0x30001)[0].contains("is 0x30001, wanted 0x10001"))
    #expect(try replaced(schema: "{}")[0].contains("config_schema of capability \"table\" is \"{}\", wanted NULL"))
    #expect(try replaced(schema: "nonsense")[0].contains("is not JSON"))
    #expect(
      try replaced(name: "tables").map { String($0.prefix(60)) }
        == [
          "the descriptor's capability \"tables\" is there, wanted no such capability".prefix(60),
          "the descriptor's capability \"table\" is missing, wanted there".prefix(60),
        ].map(String.init))
  }

  @Test("schemas are compared by their values")
  func schemas() throws {
    func csv(_ schema: String?) throws -> [String] {
      try differences {
        $0.capabilities[0] = DescriptorFacts.Capability(
          kind: 1, interfaceVersion: 1, flags: 0, name: "csv", configSchema: schema)
      }
    }
    #expect(try csv(nil)[0].contains("config_schema of capability \"csv\" is NULL, wanted"))
    let other = try csv(#"{"type":"array"}"#)
    #expect(other[0].contains(#"is "{\"type\":\"array\"}", wanted"#))
  }

  @Test("missing, additional and repeated capabilities are named")
  func counts() throws {
    #expect(try differences { $0.capabilities.removeLast() }.count == 2)
    let twice = try differences { $0.capabilities[1] = $0.capabilities[0] }
    #expect(twice.contains { $0.contains("capability \"csv\" is there several times") })
    #expect(twice.contains { $0.contains("capability \"table\" is missing") })
  }

  @Test("two spellings of one letter are a difference")
  func bytes() throws {
    #expect(try differences { $0.vendor = "Acm\u{e9}" }.count == 1)
    var note = goodNote
    note["vendor"] = "Acm\u{e9}"
    var facts = Facts()
    facts.vendor = "Acme\u{301}"
    #expect(Confirmation.differences(try declaration(note, schemas: ["csv": Self.schema]), facts.value).count == 1)
  }
}
