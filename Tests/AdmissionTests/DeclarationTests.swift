import Admission
import OmphalosValues
import Testing

/// The draft number that the host takes.
let hostDraft = JSONValue.integer(Int64(HostABI().draft))

/// A well-formed declaration note, to be changed by the tests.
let goodNote: JSONObject = [
  "note": 1, "abi": ["major": 1, "minor_required": 0, "minor_built": 0, "draft": hostDraft], "id": "com.example.acme",
  "version": "1.2.3", "vendor": "Acme", "license": "MIT", "summary": "Reads and writes", "hermetic": "compatible",
  "flags": 1,
  "capabilities": [
    ["kind": "connector", "name": "csv", "interface_version": 1],
    ["kind": "exporter", "name": "table", "interface_version": 2, "required": true, "hermetic": "incompatible"],
  ],
]

func declaration(_ note: JSONObject, schemas: JSONValue? = nil) throws(DeclarationError) -> Declaration {
  try Declaration(
    declarationNote: JSONValue.object(note).canonicalBytes + [0], schemasNote: schemas.map { $0.canonicalBytes })
}

/// What is wrong with a note; empty if nothing is.
func sentences(_ note: JSONObject, schemas: JSONValue? = nil) -> [String] {
  do throws(DeclarationError) {
    _ = try declaration(note, schemas: schemas)
    return []
  } catch {
    return error.reasons.map(\.sentence)
  }
}

func sentences(bytes: [UInt8], schemas: [UInt8]? = nil) -> [String] {
  do throws(DeclarationError) {
    _ = try Declaration(declarationNote: bytes, schemasNote: schemas)
    return []
  } catch {
    return error.reasons.map(\.sentence)
  }
}

@Suite("The declaration note")
struct DeclarationTests {
  @Test("every field of a well-formed note comes back")
  func wellFormed() throws {
    let schema: JSONValue = ["type": "object"]
    let declaration = try declaration(goodNote, schemas: ["csv": schema])
    #expect(declaration.abi == ABIDeclaration(major: 1, minorRequired: 0, minorBuilt: 0, draft: HostABI().draft))
    #expect(declaration.id.text == "com.example.acme")
    #expect(declaration.version.description == "1.2.3")
    #expect([declaration.vendor, declaration.license, declaration.summary] == ["Acme", "MIT", "Reads and writes"])
    #expect(declaration.hermetic == .compatible && declaration.flags == 1 && declaration.isConcurrent)
    #expect(declaration.capabilities.map(\.name.text) == ["csv", "table"])
    let csv = try #require(declaration.capability(named: CapabilityName("csv")))
    #expect(csv.kind == .connector && csv.interfaceVersion == 1 && !csv.required && csv.hermetic == .compatible)
    let table = try #require(declaration.capability(named: CapabilityName("table")))
    #expect(table.kind == .exporter && table.required && table.hermetic == .incompatible && table.flags == 0x10001)
    #expect(declaration.schemas == [csv.name: schema])
    #expect(declaration.unknownMembers.isEmpty)
  }

  @Test("unknown keys are kept with their values and change nothing")
  func unknownKeys() throws {
    var note = goodNote
    note["homepage"] = "https://example.com"
    note["abi"] = ["major": 1, "minor_required": 0, "minor_built": 0, "draft": hostDraft, "extra": [1, 2]]
    note["capabilities"] = [["kind": "connector", "name": "csv", "interface_version": 1, "colour": nil]]
    let declaration = try declaration(note)
    #expect(Set(declaration.unknownKeys) == ["homepage", "abi.extra", "capabilities[0].colour"])
    #expect(declaration.unknownMembers.first { $0.path == "abi.extra" }?.value == [1, 2])
  }

  struct Wrong: Sendable, CustomStringConvertible {
    let key: String, value: JSONValue?, sentence: String
    var description: String { "\(key) = \(value?.canonicalText ?? "missing")" }
  }

  static let wrongMembers: [Wrong] = [
    Wrong(key: "note", value: 2, sentence: "note is 2, wanted 1"),
    Wrong(key: "note", value: nil, sentence: "note is missing, wanted 1"),
    Wrong(key: "abi", value: "1.0", sentence: "abi is a string, wanted an object"),
    Wrong(
      key: "abi", value: ["major": 65536, "minor_required": 0, "minor_built": 0, "draft": hostDraft],
      sentence: "abi.major is 65536, wanted an integer from 0 to 65535"),
    Wrong(
      key: "abi",
      value: try? JSONValue.parse(Array(#"{"major":1.5,"minor_required":0,"minor_built":0,"draft":0}"#.utf8)),
      sentence: "abi.major is 1.5, wanted an integer from 0 to 65535"),
    Wrong(
      key: "abi", value: ["major": 1, "minor_required": 3, "minor_built": 2, "draft": hostDraft],
      sentence: "abi.minor_required is 3, wanted at most minor_built, which is 2; "
        + "build with the header of the version that the plugin needs"),
    Wrong(
      key: "abi", value: ["major": 1, "minor_required": 0, "minor_built": 0],
      sentence: "abi.draft is missing, wanted an integer from 0 to 65535"),
    Wrong(key: "id", value: "Acme", sentence: "id is \"Acme\", wanted a reverse domain name"),
    Wrong(key: "id", value: 7, sentence: "id is an integer, wanted a string"),
    Wrong(key: "version", value: "1.0", sentence: "version is \"1.0\", wanted three numbers"),
    Wrong(key: "vendor", value: "", sentence: "vendor is empty, wanted 1 to 4096 bytes of text"),
    Wrong(key: "vendor", value: "A\u{1b}[2J", sentence: #"vendor is "A\u{1b}[2J", wanted 1 to 4096 bytes of text"#),
    Wrong(key: "summary", value: "a\u{0}b", sentence: #"summary is "a\u{0}b", wanted"#),
    Wrong(
      key: "summary", value: .string(String(repeating: "x", count: 5_000)),
      sentence: "summary is 5000 bytes long, wanted"),
    Wrong(key: "license", value: "MIT AND", sentence: "license is \"MIT AND\", wanted an SPDX license expression"),
    Wrong(
      key: "hermetic", value: nil,
      sentence: "hermetic is missing, wanted \"compatible\" or \"incompatible\"; "
        + "say whether the plugin needs network, clock, randomness or environment"),
    Wrong(key: "hermetic", value: "yes", sentence: "hermetic is \"yes\", wanted \"compatible\""),
    Wrong(key: "hermetic", value: true, sentence: "hermetic is a boolean, wanted \"compatible\""),
    Wrong(key: "flags", value: -1, sentence: "flags is -1, wanted an integer from 0 to 4294967295"),
    Wrong(key: "flags", value: 0x1_0000, sentence: "flags is 0x10000, wanted no bits of 16 to 31"),
    Wrong(key: "capabilities", value: [], sentence: "capabilities is a list of 0, wanted 1 to 1024 capabilities"),
    Wrong(key: "capabilities", value: [:], sentence: "capabilities is an object, wanted a list"),
    Wrong(
      key: "capabilities",
      value: .array(
        (0..<1_025).map {
          ["kind": "exporter", "name": .string("c\($0)"), "interface_version": 1]
        }), sentence: "capabilities is a list of 1025, wanted 1 to 1024 capabilities"),
    Wrong(key: "capabilities", value: [3], sentence: "capabilities[0] is an integer, wanted an object"),
    Wrong(
      key: "capabilities", value: [["kind": "exporter", "name": "A", "interface_version": 1]],
      sentence: "capabilities[0].name is \"A\", wanted 1 to 64 lower-case letters"),
    Wrong(
      key: "capabilities", value: [["kind": "exporter", "name": "a", "interface_version": 0]],
      sentence: "capabilities[0].interface_version is 0, wanted an integer from 1 to 4294967295"),
    Wrong(
      key: "capabilities", value: [["kind": "exporter", "name": "a", "interface_version": 1, "required": 1]],
      sentence: "capabilities[0].required is an integer, wanted true or false"),
    Wrong(
      key: "capabilities", value: [["kind": "teleporter", "name": "a", "interface_version": 1, "required": true]],
      sentence: "capabilities[0].kind is \"teleporter\", which this host does not know, and required, wanted one of"),
    Wrong(
      key: "capabilities",
      value: [
        ["kind": "exporter", "name": "a", "interface_version": 1],
        ["kind": "connector", "name": "a", "interface_version": 1],
      ], sentence: "capabilities[1].name is \"a\", the name of capabilities[0] too, wanted a name of its own"),
  ]

  @Test("each member that is wrong is refused, with what was found and what was wanted", arguments: wrongMembers)
  func wrongMember(_ wrong: Wrong) {
    var note = goodNote
    note[wrong.key] = wrong.value
    let found = sentences(note)
    #expect(found.count == 1)
    #expect(found.first?.hasPrefix(wrong.sentence) == true, "\(found)")
  }

  @Test("all that is wrong is reported at once")
  func everyProblem() {
    var note = goodNote
    note["id"] = "acme"
    note["version"] = nil
    note["hermetic"] = "perhaps"
    #expect(sentences(note, schemas: ["nothing": [:]]).count == 3)
    #expect(sentences(goodNote, schemas: ["nothing": [:], "csv": 7]).count == 2)
  }

  @Test("an unknown bit below 16 is ignored, and an unknown kind that is not required is listed and not used")
  func additions() throws {
    var note = goodNote
    note["flags"] = 0x8001
    note["capabilities"] = [["kind": "teleporter", "name": "a", "interface_version": 1]]
    let declaration = try declaration(note)
    #expect(declaration.flags == 0x8001)
    #expect(declaration.capabilities[0].kind.number == nil)
  }

  @Test("a schema belongs to a declared capability and is an object")
  func schemas() {
    #expect(
      sentences(goodNote, schemas: ["cvs": [:]]) == [
        "schemas.cvs is the schema of a capability that is not declared, wanted the name of a declared capability; "
          + "did you mean csv?"
      ])
    #expect(
      sentences(goodNote, schemas: ["csv": true]) == [
        "schemas.csv is a boolean, wanted a JSON Schema that is an object"
      ])
    #expect(sentences(goodNote, schemas: [1]) == ["the schemas note is an array, wanted a JSON object"])
  }
}

@Suite("Notes that are not what they have to be")
struct BrokenNoteTests {
  private let good = JSONValue.object(goodNote).canonicalBytes

  @Test("garbage, an empty note and text that is not UTF-8 each have their own words")
  func garbage() {
    #expect(
      sentences(bytes: Array("garbage".utf8))[0].hasPrefix("the declaration note is not what JSON allows (line 1"))
    #expect(sentences(bytes: [])[0].hasPrefix("the declaration note is not what JSON allows"))
    let invalid = sentences(bytes: Array("{\"a\":\"".utf8) + [0xff, 0x22, 0x7d])
    #expect(invalid == ["the declaration note is not UTF-8 (the byte 0xff at 6), wanted UTF-8 text"])
    #expect(sentences(bytes: Array("[]".utf8)) == ["the declaration note is an array, wanted a JSON object"])
  }

  @Test("one NUL at the end is C's and is stripped; a second one is not")
  func trailingNUL() {
    #expect(sentences(bytes: good + [0]) == [])
    #expect(sentences(bytes: good) == [])
    #expect(sentences(bytes: good + [0, 0]).count == 1)
  }

  @Test("a key that comes twice is refused by name, at any depth")
  func duplicateKeys() {
    let text = String(decoding: good, as: UTF8.self)
    let twice = text.replacing("\"vendor\":", with: "\"vendor\":\"First\",\"vendor\":")
    #expect(sentences(bytes: Array(twice.utf8)).first?.contains("vendor") == true)
    let deep = text.replacing("\"draft\":\(HostABI().draft)", with: "\"draft\":0,\"draft\":0")
    #expect(sentences(bytes: Array(deep.utf8)).first?.contains("draft") == true)
  }

  @Test("64 KiB is the most a declaration may have, 1 MiB the most of the schemas")
  func sizes() {
    func padded(_ bytes: [UInt8], to count: Int) -> [UInt8] {
      bytes + Array(repeating: UInt8(ascii: " "), count: count - bytes.count)
    }
    #expect(sentences(bytes: padded(good, to: 65_536) + [0]) == [])
    #expect(
      sentences(bytes: padded(good, to: 65_537)) == [
        "the declaration note is 65537 bytes long, wanted at most 65536 bytes"
      ])
    let schemas = Array("{}".utf8)
    #expect(sentences(bytes: good, schemas: padded(schemas, to: 1 << 20)) == [])
    #expect(
      sentences(bytes: good, schemas: padded(schemas, to: (1 << 20) + 1)) == [
        "the schemas note is 1048577 bytes long, wanted at most 1048576 bytes"
      ])
  }

  @Test("a note cut at any length, or with any byte changed, is parsed or refused and never traps")
  func mutations() {
    for length in 0..<good.count { #expect(!sentences(bytes: Array(good.prefix(length))).isEmpty) }
    var state: UInt64 = 1
    for _ in 0..<2_000 {
      var bytes = good
      for _ in 0..<2 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        bytes[Int(state >> 33) % bytes.count] = UInt8(truncatingIfNeeded: state >> 25)
      }
      _ = sentences(bytes: bytes)
    }
  }
}

@Suite("SPDX license expressions")
struct LicenseTests {
  @Test(
    "well-formed expressions are taken",
    arguments: [
      "MIT", "Apache-2.0", "GPL-2.0+", "MIT OR Apache-2.0", "(MIT AND BSD-3-Clause) OR LicenseRef-Acme",
      "GPL-2.0-only WITH Classpath-exception-2.0", "DocumentRef-spdx-tool-1.2:LicenseRef-MIT-Style-2",
      "((MIT))", "MIT AND (LGPL-2.1+ OR BSD-3-Clause)",
    ])
  func taken(text: String) {
    var note = goodNote
    note["license"] = .string(text)
    #expect(sentences(note) == [])
  }

  @Test(
    "anything else is refused",
    arguments: [
      "MIT Apache-2.0", "MIT AND", "AND MIT", "(MIT", "MIT)", "()", "MIT WITH", "MIT or Apache-2.0",
      "All rights reserved!",
      "MIT,BSD", "-MIT", "MIT:GPL", "GPL-2.0++", " ", String(repeating: "(", count: 4_000),
    ])
  func refused(text: String) {
    var note = goodNote
    note["license"] = .string(text)
    let found = sentences(note)
    #expect(found.count == 1 && found.first?.hasPrefix("license is ") == true, "\(found)")
  }
}
