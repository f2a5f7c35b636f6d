import OmphalosValues
import Testing

@Suite("YAML scalars")
struct YAMLScalarTests {
  @Test(
    "a plain scalar means what the core schema of YAML 1.2 says",
    arguments: [
      ("null", .null), ("~", .null), ("", .null), ("NULL", .null), ("nULL", "nULL"),
      ("true", true), ("TRUE", true), ("False", false), ("tRUE", "tRUE"),
      ("0", 0), ("-12", -12), ("+7", 7), ("0x1F", 31), ("0xff", 255), ("9223372036854775807", .integer(.max)),
      ("1.0", .number(1.0)), ("-0.0", .number(-0.0)), (".5", .number(0.5)), ("5.", .number(5.0)),
      ("+1.5", .number(1.5)),
      ("1e-5", .number(1e-05)), ("1E5", .number(100000.0)), ("1.5e+3", .number(1500.0)),
      ("text", "text"), ("1.2.3", "1.2.3"), ("10m", "10m"), ("10GiB", "10GiB"), ("0x", "0x"), ("0xZZ", "0xZZ"),
      ("1e", "1e"), ("1:99", "1:99"), ("2024-13", "2024-13"), ("a_b", "a_b"), ("_1", "_1"),
      ("run-0a1b", "run-0a1b"), ("Norway", "Norway"), ("yes please", "yes please"), ("nan", "nan"), ("1 2", "1 2"),
      ("com.example.acme/csv", "com.example.acme/csv"), ("é", "é"), ("/a/b", "/a/b"),
    ] as [(String, JSONValue)])
  func coreSchema(text: String, value: JSONValue) throws {
    let scalar = try plain(text)
    #expect(scalar.value == value)
    #expect(scalar.text == text)
    #expect(scalar.isPlain)
  }

  @Test(
    "a plain scalar that YAML 1.1 reads otherwise asks for quotes",
    arguments: [
      ("NO", "the boolean false"), ("No", "the boolean false"), ("n", "the boolean false"),
      ("off", "the boolean false"),
      ("yes", "the boolean true"), ("Y", "the boolean true"), ("ON", "the boolean true"),
      ("1:30", "a number"), ("190:20:30", "a number"), ("190:20:30.15", "a number"), ("-1:59", "a number"),
      ("010121", "octal"), ("090111", "octal"), ("00", "octal"), ("-07", "octal"), ("0_7", "octal"),
      ("0o17", "text"), ("0b101", "a number"), ("+0b1", "a number"), ("1_000", "a number"), ("1_000.5", "a number"),
      ("-1_0", "a number"), ("0x1_F", "a number"), ("-0x1F", "a number"), ("._5", "._5"), ("1_0e3", "a number"),
      ("2024-01-01", "a date"), ("2001-12-14t21:59:43.10-05:00", "a date"), ("2001-1-2 3:04:05", "a date"),
      ("2001-12-14 21:59:43.10 -5", "a date"), ("2001-12-15T02:59:43.1Z", "a date"), ("=", "a default value"),
      ("<<", "a merge key"),
    ])
  func ambiguous(text: String, reading: String) throws {
    if reading == text {
      #expect(try plain(text).value == .string(text))
      return
    }
    let error = #expect(throws: ConfigurationError.self) { try plain(text) }
    #expect(error?.message.contains("\(reading)") == true, "\(String(describing: error))")
    #expect(error?.mark == SourceMark(file: "p.yaml", line: 1, column: 4))
    for quoted in ["\"\(text)\"", "'\(text)'", "!!str \(text)", "|-\n  \(text)"] {
      #expect(try plain(quoted).value == .string(text))
      #expect(try !plain(quoted).isPlain)
    }
  }

  @Test("quotes make a text of anything")
  func quotedTexts() throws {
    for text in ["true", "null", "12", "1.5", "", "~"] { #expect(try plain("\"\(text)\"").value == .string(text)) }
  }

  @Test("tags of the core schema are followed, and refuse what they cannot read")
  func tags() throws {
    #expect(try plain("!!int \"12\"").value == 12)
    #expect(try plain("!!float 12").value == .number(12.0))
    #expect(try plain("!!bool 'true'").value == true)
    #expect(try plain("!!null ''").value == .null)
    #expect(try plain("! 12").value == "12")
    for text in [
      "!!int x", "!!int 1.5", "!!float x", "!!bool yes", "!!null x", "!!binary aGk=", "!local x",
      "!!timestamp 2024-01-01",
    ] {
      #expect(throws: ConfigurationError.self, "\(text)") { try plain(text) }
    }
  }

  @Test("numbers that JSON or 64 bits cannot hold are refused")
  func unrepresentable() throws {
    for text in [".inf", "-.INF", ".nan", ".NaN", "1e999", "9223372036854775808", "0xFFFFFFFFFFFFFFFFF"] {
      #expect(throws: ConfigurationError.self, "\(text)") { try plain(text) }
    }
  }
}

private func plain(_ text: String) throws -> YAMLScalar {
  let node = try YAMLNode.parse(bytes: Array("a: \(text)\n".utf8), file: "p.yaml")
  guard case .scalar(let scalar) = node[.key("a")]?.content else {
    throw ConfigurationError(mark: nil, message: "no scalar")
  }
  return scalar
}
