import TestSupport
import Testing

/// The text of the declaration and of the schemas.
@Suite("Hostile corpus: declarations")
struct HostileDeclarationTests {
  @Test("a declaration that is no JSON object is refused before the plugin is mapped", arguments: texts)
  func text(_ example: HostileCase) throws {
    let differences = try HostileTrial.differences(example)
    #expect(differences == [])
  }

  @Test("a member of the declaration that is absent, null, of another type, oversized or absurd is named", arguments: members)
  func member(_ example: HostileCase) throws {
    let differences = try HostileTrial.differences(example)
    #expect(differences == [])
  }

  @Test("a capability's declaration that is wrong is named with its place in the list", arguments: capabilities)
  func capability(_ example: HostileCase) throws {
    let differences = try HostileTrial.differences(example)
    #expect(differences == [])
  }

  @Test("a note of schemas that is wrong is refused before the plugin is mapped", arguments: schemas)
  func schema(_ example: HostileCase) throws {
    let differences = try HostileTrial.differences(example)
    #expect(differences == [])
  }

  // MARK: Texts

  private static func text(_ name: String, _ bytes: [UInt8], _ said: String) -> HostileCase {
    HostileCase(name, .note(bytes), .unusable(["the declaration note is \(said)"]))
  }
  private static func text(_ name: String, _ text: String, _ said: String) -> HostileCase {
    self.text(name, Array(text.utf8), said)
  }

  /// What the parser of JSON has to say.
  private static func notJSON(_ column: Int, _ said: String) -> String {
    "not what JSON allows (line 1, column \(column): \(said)), wanted one JSON object without duplicate keys"
  }

  /// A text with one byte that C and Swift would not write.
  private static func vendor(_ byte: UInt8) -> [UInt8] {
    HostileNote.text(["vendor": "\"\u{1}\""]).map { $0 == 1 ? byte : $0 }
  }
  private static let vendorByte = vendor(1).firstIndex(of: 1) ?? 0
  /// The column of what follows the right members.
  private static let end = HostileNote.text().count

  static let texts: [HostileCase] = [
    text("an empty note", "", notJSON(1, "found the end of the text, wanted a JSON value")),
    text("spaces", "   ", notJSON(4, "found the end of the text, wanted a JSON value")),
    text("a list", "[]", "an array, wanted a JSON object"),
    text("null", "null", "null, wanted a JSON object"),
    text("a string", #""x""#, "a string, wanted a JSON object"),
    text("a declaration cut in the middle", Array(HostileNote.text().prefix(100)),
      notJSON(101, "found the end of the text, wanted a key in double quotes")),
    text("two objects", "{}{}", notJSON(3, "found '{' after the end of the value")),
    text("a duplicate key", HostileNote.text(more: #","id":"com.example.other""#),
      notJSON(end + 1, #"the key "id" comes twice in one object"#)),
    text("a duplicate key, spelled otherwise", HostileNote.text(more: #","\u0069d":"com.example.other""#),
      notJSON(end + 1, #"the key "id" comes twice in one object"#)),
    text("a byte that is not UTF-8", vendor(0xff), "not UTF-8 (the byte 0xff at \(vendorByte)), wanted UTF-8 text"),
    text("a NUL inside", vendor(0),
      notJSON(vendorByte + 1, "a string holds the byte 0x0, which must be written as an escape")),
    text("deeper than anybody nests",
      HostileNote.text(more: ",\"x\":" + String(repeating: "[", count: 80) + String(repeating: "]", count: 80)),
      notJSON(end + 68, "arrays and objects stand more than 64 deep in each other")),
    text("half a surrogate", HostileNote.text(["vendor": #""\ud800""#]),
      notJSON(vendorByte + 1, "an escape is half of a surrogate pair, which is no character")),
    text("a byte order mark", [0xef, 0xbb, 0xbf] + HostileNote.text(),
      notJSON(1, "the text begins with a byte order mark (ef bb bf): save it without one")),
  ]

  // MARK: Members

  private static func member(_ key: String, _ value: String, _ said: String...) -> HostileCase {
    let shown = value.isEmpty ? "absent" : value.count > 60 ? "of \(value.utf8.count) bytes" : value
    return HostileCase("\(key) \(shown)", .note(HostileNote.text([key: value])), .unusable(said))
  }

  private static let required: [(String, wanted: String)] = [
    ("note", "1"), ("abi", "an object"), ("id", "a string"), ("version", "a string"), ("vendor", "a string"),
    ("license", "a string"), ("summary", "a string"), ("flags", "an integer from 0 to 4294967295"),
    ("capabilities", "a list"),
  ]
  private static let small = "wanted an integer from 0 to 65535"
  private static let idForm = "wanted a reverse domain name of at most 255 bytes such as com.example.acme: two or more labels, "
    + "each a lower-case letter followed by lower-case letters, digits and '-', not ending in '-'"
  private static let versionForm = "wanted three numbers without a leading 0, as in 1.4.0 or 2.0.0-rc.1"
  private static let textForm = "wanted 1 to 4096 bytes of text without control characters"
  private static let claim = "wanted \"compatible\" or \"incompatible\""

  static let members: [HostileCase] =
    required.flatMap { key, wanted in
      [
        member(key, "", "\(key) is missing, wanted \(wanted)"),
        member(key, "null", "\(key) is null, wanted \(wanted)"),
        member(key, "true", "\(key) is a boolean, wanted \(wanted)"),
      ]
    } + [
      member("note", "2", "note is 2, wanted 1"),
      member("note", "1.5", "note is 1.5, wanted 1"),
      member("note", "\"1\"", "note is a string, wanted 1"),
      member("note", "1e400", "the declaration note is \(notJSON(9, "the number 1e400 is too great"))"),
      member("note", "18446744073709551617",
        "the declaration note is \(notJSON(9, "the integer 18446744073709551617 does not fit into 64 bits"))"),
      member("abi", "{}", "abi.major is missing, \(small)", "abi.minor_required is missing, \(small)",
        "abi.minor_built is missing, \(small)", "abi.draft is missing, \(small)"),
      member("abi", #"{"major":"1","minor_required":0,"minor_built":0,"draft":1}"#, "abi.major is a string, \(small)"),
      member("abi", #"{"major":65536,"minor_required":-1,"minor_built":0,"draft":1}"#, "abi.major is 65536, \(small)",
        "abi.minor_required is -1, \(small)"),
      member("abi", HostileNote.abi(required: 2, built: 1),
        "abi.minor_required is 2, wanted at most minor_built, which is 1; build with the header of the version that the "
          + "plugin needs"),
      member("id", "\"Nope\"", "id is \"Nope\", \(idForm)"),
      member("id", "\"\"", "id is \"\", \(idForm)"),
      member("id", "\"com.example\\u0000\"", "id is \"com.example\\u{0}\", \(idForm)"),
      member("id", "\"com.\(String(repeating: "a", count: 300))\"",
        "id is \"com.\(String(repeating: "a", count: 116))…\", \(idForm)"),
      member("version", "\"one\"", "version is \"one\", \(versionForm)"),
      member("version", "\"1.0\"", "version is \"1.0\", \(versionForm)"),
      member("version", "\"1.0.99999999999999999999\"", "version is \"1.0.99999999999999999999\", \(versionForm)"),
      member("vendor", "\"\"", "vendor is empty, \(textForm)"),
      member("vendor", "\"\(String(repeating: "x", count: 4_097))\"", "vendor is 4097 bytes long, \(textForm)"),
      member("vendor", #""a\u001b[2Jb""#, "vendor is \"a\\u{1b}[2Jb\", \(textForm)"),
      member("license", #""GPL AND""#, "license is \"GPL AND\", wanted an SPDX license expression: a license identifier at "
        + "the end"),
      member("license", "\"\(String(repeating: "(", count: 200))MIT\"",
        "license is \"\(String(repeating: "(", count: 120))…\", wanted an SPDX license expression: at most 32 parentheses "
          + "deep"),
      member("summary", "\"\(String(repeating: "é", count: 2_049))\"", "summary is 4098 bytes long, \(textForm)"),
      member("hermetic", "", "hermetic is missing, \(claim); say whether the plugin needs network, clock, randomness or "
        + "environment"),
      member("hermetic", "null", "hermetic is null, \(claim)"),
      member("hermetic", "\"maybe\"", "hermetic is \"maybe\", \(claim)"),
      member("hermetic", "true", "hermetic is a boolean, \(claim)"),
      member("flags", "4294967296", "flags is 4294967296, wanted an integer from 0 to 4294967295"),
      member("flags", "-1", "flags is -1, wanted an integer from 0 to 4294967295"),
      member("flags", "0.5", "flags is 0.5, wanted an integer from 0 to 4294967295"),
      member("capabilities", "[]", "capabilities is a list of 0, wanted 1 to 1024 capabilities"),
      member("capabilities", "{}", "capabilities is an object, wanted a list"),
      member("capabilities", "[1,null]", "capabilities[0] is an integer, wanted an object",
        "capabilities[1] is null, wanted an object"),
      member("capabilities", "[\([String](repeating: "{}", count: 1_025).joined(separator: ","))]",
        "capabilities is a list of 1025, wanted 1 to 1024 capabilities"),
    ]

  // MARK: Capabilities

  private static func capability(_ key: String, _ value: String, _ said: String) -> HostileCase {
    let list = "[\(HostileNote.capability([key: value]))]"
    return HostileCase(
      "a capability's \(key) \(value.isEmpty ? "absent" : String(value.prefix(40)))",
      .note(HostileNote.text(["capabilities": list])), .unusable(["capabilities[0].\(key) is \(said)"]))
  }

  private static let nameForm = "wanted 1 to 64 lower-case letters, digits, '_' and '-', beginning with a letter"
  private static let positive = "wanted an integer from 1 to 4294967295"
  private static let kinds = "wanted one of connector, exporter, lineage_sink"

  static let capabilities: [HostileCase] = [
    capability("kind", "", "missing, wanted a string"),
    capability("kind", "null", "null, wanted a string"),
    capability("kind", "1", "an integer, wanted a string"),
    capability("kind", "\"Exporter\"", "\"Exporter\", \(kinds)"),
    HostileCase(
      "a kind that nobody knows, required",
      .note(HostileNote.text([
        "capabilities": "[\(HostileNote.capability(["kind": "\"teleporter\"", "required": "true"]))]"
      ])),
      .unusable([
        "capabilities[0].kind is \"teleporter\", which this host does not know, and required, \(kinds); use a host that "
          + "knows this kind"
      ])),
    capability("name", "", "missing, wanted a string"),
    capability("name", "7", "an integer, wanted a string"),
    capability("name", "\"Product\"", "\"Product\", \(nameForm)"),
    capability("name", "\"\(String(repeating: "a", count: 65))\"", "\"\(String(repeating: "a", count: 65))\", \(nameForm)"),
    capability("interface_version", "", "missing, \(positive)"),
    capability("interface_version", "0", "0, \(positive)"),
    capability("interface_version", "\"1\"", "a string, \(positive)"),
    capability("interface_version", "4294967296", "4294967296, \(positive)"),
    capability("required", "1", "an integer, wanted true or false"),
    capability("required", "null", "null, wanted true or false"),
    capability("hermetic", "\"perhaps\"", "\"perhaps\", \(claim)"),
    capability("hermetic", "null", "null, \(claim)"),
    HostileCase(
      "two capabilities of one name",
      .note(HostileNote.text([
        "capabilities": "[\(HostileNote.capability()),\(HostileNote.capability(["kind": "\"connector\""]))]"
      ])),
      .unusable(["capabilities[1].name is \"product\", the name of capabilities[0] too, wanted a name of its own"])),
  ]

  // MARK: Schemas

  private static func schemas(_ name: String, _ bytes: [UInt8], _ said: String) -> HostileCase {
    HostileCase(
      name, .notes(noteSource("a", type: 1, bytes: HostileNote.text()) + noteSource("b", type: 2, bytes: bytes)),
      .unusable([said]))
  }
  private static func schemas(_ text: String, _ said: String) -> HostileCase {
    schemas("schemas \(text)", Array(text.utf8), said)
  }

  static let schemas: [HostileCase] = [
    schemas("[]", "the schemas note is an array, wanted a JSON object"),
    schemas("null", "the schemas note is null, wanted a JSON object"),
    schemas("{", "the schemas note is \(notJSON(2, "found the end of the text, wanted a key in double quotes"))"),
    schemas(#"{"product":{},"product":{}}"#,
      "the schemas note is \(notJSON(15, #"the key "product" comes twice in one object"#))"),
    schemas(#"{"product":true}"#, "schemas.product is a boolean, wanted a JSON Schema that is an object"),
    schemas(#"{"product":null}"#, "schemas.product is null, wanted a JSON Schema that is an object"),
    schemas(#"{"produkt":{}}"#,
      "schemas.produkt is the schema of a capability that is not declared, wanted the name of a declared capability; did you "
        + "mean product?"),
    schemas("schemas that are not UTF-8", [0x7b, 0xff, 0x7d],
      "the schemas note is not UTF-8 (the byte 0xff at 1), wanted UTF-8 text"),
  ]
}
