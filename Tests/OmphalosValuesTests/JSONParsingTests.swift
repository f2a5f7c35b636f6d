import OmphalosValues
import Testing

@Suite("reading JSON")
struct JSONParsingTests {
  @Test("every kind of value is read, with white space wherever it may stand")
  func values() throws {
    let value = try parse(" {\"a\" : [ 1 , -2.5e1, true,false , null ] ,\r\n\t\"b\":{ } , \"c\":\"\" } \n")
    let number = try #require(FiniteDouble(-25))
    #expect(value == ["a": [1, .number(number), true, false, nil], "b": [:], "c": ""])
    #expect(value["a"]?.arrayValue?.count == 5)
    #expect(value["c"]?.stringValue == "")
    #expect(value["missing"] == nil)
  }

  @Test("members keep the order of the text")
  func memberOrder() throws {
    #expect(try parse(#"{"z":1,"a":2,"m":3}"#).objectValue?.keys == ["z", "a", "m"])
  }

  @Test("escapes become the characters they stand for")
  func escapes() throws {
    #expect(
      try parse(#""\"\\\/\b\f\n\r\t\u0041\u00e9\u00E9\ud83d\ude00\u0000""#).stringValue == "\"\\/\u{8}\u{c}\n\r\tAéé😀\0"
    )
  }

  @Test("integers keep all their 64 bits")
  func integers() throws {
    #expect(try parse("9223372036854775807") == .integer(.max))
    #expect(try parse("-9223372036854775808") == .integer(.min))
    #expect(try parse("-0") == 0)
  }

  @Test("a number with a fraction or an exponent is never an integer")
  func numbers() throws {
    #expect(try parse("1.0").numberValue == 1)
    #expect(try parse("1e2").numberValue == 100)
    #expect(try parse("1E+2").numberValue == 100)
    #expect(try parse("5e-324").numberValue == .leastNonzeroMagnitude)
    #expect(try parse("1.0") != parse("1"))
  }

  @Test(
    "what the grammar does not allow is refused with what was found",
    arguments: [
      ("", "found the end of the text, wanted a JSON value"),
      ("{", "found the end of the text, wanted a key in double quotes"),
      ("[1,]", "found ']', wanted a JSON value"),
      ("{\"a\":1,}", "found '}', wanted a key in double quotes"),
      ("{a:1}", "found 'a', wanted a key in double quotes"),
      ("{\"a\" 1}", "found '1', wanted ':' after the key"),
      ("{\"a\":1 \"b\":2}", "found '\"', wanted ',' or '}'"),
      ("[1 2]", "found '2', wanted ',' or ']'"),
      ("1 2", "found '2' after the end of the value"),
      ("nul", "did you mean null?"),
      ("NaN", "found 'N', wanted a JSON value"),
      ("-Infinity", "found 'I', wanted a digit after the sign"),
      ("01", "a number begins with 0 and another digit"),
      ("-", "wanted a digit after the sign"),
      ("1.", "wanted a digit after the decimal point"),
      (".5", "found '.', wanted a JSON value"),
      ("+1", "found '+', wanted a JSON value"),
      ("1e", "wanted a digit after the exponent's 'e'"),
      ("'a'", "found ''', wanted a JSON value"),
      ("\"a", "a string is not closed"),
      ("\"\\", "after a backslash"),
      ("\"\\x41\"", "found 'x' after a backslash"),
      ("\"\\u12\"", "wanted four hexadecimal digits"),
      ("\"\\u00g0\"", "wanted four hexadecimal digits"),
      ("\"a\nb\"", "a string holds the byte 0xa, which must be written as an escape"),
      ("[1]\0", "found the byte 0x0 after the end of the value"),
      ("\u{a0}1", "found the byte 0xc2, wanted a JSON value"),
      ("// c\n1", "found '/', wanted a JSON value"),
    ])
  func refusedTexts(text: String, problem: String) throws {
    let error = try #require(failure(Array(text.utf8)))
    #expect(error.problem.contains(problem), "\(error)")
  }

  @Test(
    "half of a surrogate pair is refused in every position",
    arguments: [#""\ud800""#, #""\udc00""#, #""\ud800x""#, #""\ud800\u0041""#, #""\ud800\ud800""#, #""\ud83d\n""#])
  func loneSurrogates(text: String) throws {
    #expect(try #require(failure(Array(text.utf8))).problem.contains("half of a surrogate pair"))
  }

  @Test("an integer outside 64 bits and a number too great for a Double are refused, not rounded")
  func greatNumbers() throws {
    #expect(try #require(failure("9223372036854775808")).problem.contains("does not fit into 64 bits"))
    #expect(try #require(failure("-9223372036854775809")).problem.contains("does not fit into 64 bits"))
    #expect(try #require(failure("1e999")).problem.contains("too great"))
    #expect(try #require(failure(String(repeating: "1", count: 5000))).problem.contains("5000 characters"))
  }

  @Test("a key that comes twice is refused by its name and the place of the second one")
  func duplicateKeys() throws {
    let error = try #require(failure("{\"a\": 1,\n \"b\": {\"b\": 1}, \"\\u0061\": 2}"))
    #expect(error.message == #"line 2, column 17: the key "a" comes twice in one object"#)
  }

  @Test("keys that differ in bytes only stand side by side")
  func equivalentKeys() throws {
    let object = try #require(try parse("{\"\u{e9}\":1,\"e\u{301}\":2}").objectValue)
    #expect(object.count == 2)
    #expect(object["\u{e9}"] == 1)
    #expect(object["e\u{301}"] == 2)
  }

  @Test("bytes that are not UTF-8, and a byte order mark, are refused")
  func encodings() throws {
    for bytes: [UInt8] in [
      [0x22, 0xff, 0x22], [0x22, 0xc3, 0x22], [0x22, 0xed, 0xa0, 0x80, 0x22], [0x22, 0xc0, 0xaf, 0x22],
    ] {
      #expect(try #require(failure(bytes)).problem == "a string is not valid UTF-8")
    }
    #expect(try #require(failure([0xef, 0xbb, 0xbf, 0x31])).problem.contains("byte order mark"))
  }

  @Test("an error counts columns in characters and offsets in bytes")
  func positions() throws {
    let error = try #require(failure("[\"é\",\n \"éé\" x]"))
    #expect((error.line, error.column, error.offset) == (2, 7, 15))
  }
}

@Suite("limits of reading JSON")
struct JSONLimitTests {
  @Test("nesting is refused one step beyond the limit, however deep it goes")
  func depth() throws {
    func nested(_ depth: Int) -> String { String(repeating: "[", count: depth) + String(repeating: "]", count: depth) }
    #expect(failure(nested(64)) == nil)
    #expect(try #require(failure(nested(65))).problem.contains("more than 64 deep"))
    #expect(try #require(failure(String(repeating: "{\"a\":", count: 500_000))).problem.contains("more than 64 deep"))
    #expect(JSONLimits(depth: 1_000_000).depth == 512)
    let deep = Array(nested(512).utf8)
    #expect(throws: Never.self) { try JSONValue.parse(deep, limits: JSONLimits(depth: 100_000)) }
  }

  @Test("a text longer than the limit is refused before it is read")
  func size() throws {
    let error = #expect(throws: JSONError.self) { try JSONValue.parse(Array("[1]".utf8), limits: JSONLimits(bytes: 2)) }
    #expect(error?.problem == "the text has 3 bytes, at most 2 are accepted")
  }

  @Test("every prefix and every changed byte of a text ends in a value or an error")
  func mutations() {
    let text = Array(#"{"a":[1,-2.5e+10,"é\ud83d\ude00\n",null,true],"b":{"c":false}}"#.utf8)
    for end in text.indices { #expect(failure(Array(text[..<end])) != nil) }
    var outcomes = (values: 0, errors: 0)
    for index in text.indices {
      for byte: UInt8 in [0x00, 0x22, 0x2c, 0x30, 0x5b, 0x5c, 0x7b, 0x7d, 0x80, 0xff] {
        var changed = text
        changed[index] = byte
        if failure(changed) == nil { outcomes.values += 1 } else { outcomes.errors += 1 }
      }
    }
    #expect(outcomes.values + outcomes.errors == text.count * 10)
    #expect(outcomes.errors > outcomes.values)
  }

  @Test("a mebibyte of members, of escapes and of digits is read whole")
  func largeTexts() throws {
    let members = (0..<50_000).map { "\"key\($0)\":\($0)" }.joined(separator: ",")
    #expect(try parse("{" + members + "}").objectValue?.count == 50_000)
    let escapes = String(repeating: "\\u00e9", count: 170_000)
    #expect(try parse("\"" + escapes + "\"").stringValue?.unicodeScalars.count == 170_000)
    #expect(try parse("[" + String(repeating: "1,", count: 500_000) + "1]").arrayValue?.count == 500_001)
  }
}

private func parse(_ text: String) throws -> JSONValue {
  try JSONValue.parse(Array(text.utf8))
}

private func failure(_ text: String) -> JSONError? { failure(Array(text.utf8)) }

private func failure(_ bytes: [UInt8]) -> JSONError? {
  do throws(JSONError) {
    _ = try JSONValue.parse(bytes)
    return nil
  } catch {
    return error
  }
}
