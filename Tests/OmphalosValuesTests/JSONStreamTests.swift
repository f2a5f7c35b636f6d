import Testing

@testable import OmphalosValues

/// A stream must come to the same values and the same errors as the parser that has all of the text.
@Suite("Reading JSON part by part")
struct JSONStreamTests {
  /// Enters every object and array down to `depth`, and puts together what it reads.
  private func read(_ text: [UInt8], entering depth: Int) throws -> JSONValue {
    var stream = try JSONStream(MemoryBytes(text, name: "text"))
    let value = try read(&stream, entering: depth)
    try stream.end()
    return value
  }

  private func read(_ stream: inout JSONStream<MemoryBytes>, entering depth: Int) throws -> JSONValue {
    guard depth > 0 else { return try stream.value() }
    if try stream.beginObject() {
      var object = JSONObject()
      while let key = try stream.nextKey() { object[key] = try read(&stream, entering: depth - 1) }
      return .object(object)
    }
    guard try stream.beginArray() else { return try stream.value() }
    var elements: [JSONValue] = []
    while try stream.nextElement() { elements.append(try read(&stream, entering: depth - 1)) }
    return .array(elements)
  }

  /// Value or error, of both.
  private func compare(_ text: [UInt8], sourceLocation: SourceLocation = #_sourceLocation) {
    let whole = Result { try JSONValue.parse(text) }
    for depth in 0...3 {
      switch (whole, Result { try read(text, entering: depth) }) {
      case (.success(let wanted), .success(let found)): #expect(wanted == found, sourceLocation: sourceLocation)
      case (.failure(let wanted), .failure(let found)):
        #expect(
          "\(wanted)" == "\(found)", "\(String(decoding: text, as: UTF8.self)) at \(depth)",
          sourceLocation: sourceLocation)
      case (let wanted, let found): Issue.record("\(wanted), \(found)", sourceLocation: sourceLocation)
      }
    }
  }

  @Test(
    "comes to the value or to the error of the whole text, with its line and column",
    arguments: [
      "", " ", "1", "12 ", "1 2", "[]", "{}", "[[],{}]", "{\"a\":{\"b\":[1,2.5,\"é\\u00e9\",null,true]},\"c\":false}",
      "[1,]", "[,1]", "[1 2]", "[1", "[", "{\"a\":1,}", "{\"a\" 1}", "{\"a\":}", "{a:1}", "{\"a\":1 \"b\":2}", "{\"a\":1", "{",
      "{\"a\":\n {\"b\":\n  [1,\n tru]}}", "[\"abc]", "[\"\\ud83d\"]", "[\"\u{1}\"]", "[01]", "[1.]", "[1e999]",
      "{\"a\":[{\"x\":1},{\"y\":-}]}", "\u{feff}{}", "[1}", "{\"a\":[1}]", "[99999999999999999999]", "]",
    ])
  func agreement(_ text: String) { compare(Array(text.utf8)) }

  @Test("a key that comes twice is named in each object, with its place")
  func duplicateKeys() {
    for text in ["{\"a\":1,\"a\":2}", "{\"b\":{\"é\":1,\n\"é\":2}}", "[{\"x\":{\"a\":1,\"a\":2}}]"] { compare(Array(text.utf8)) }
  }

  @Test("an error in the value of a key that comes twice is told first, by both")
  func duplicateKeyWithBadValue() {
    for text in ["{\"a\":1,\"a\":\"\\u00 \"}", "{\"a\":1,\"a\":[1,}", "{\"a\":{},\"a\":{\"b\":1,\"b\":2}}", "{\"a\":1,\"a\":2"] {
      compare(Array(text.utf8))
    }
  }

  @Test("values that lie across the pieces of a long text are read whole, wherever the pieces end")
  func pieces() throws {
    // A piece has 256 KiB; the filling moves what comes behind it over its end.
    for shift in 0..<40 {
      let filling = String(repeating: "x", count: (256 << 10) - 60 + shift)
      let text = Array("[\"\(filling)\",{\"key\":12345,\"w\":[true,false,null]},-1.5e3,\"\\u00e9\\ud83d\\ude00\",false]".utf8)
      #expect(try read(text, entering: 2) == JSONValue.parse(text))
    }
    let long = Array("[\"\(String(repeating: "é", count: 1_000_000))\", 7]".utf8)
    #expect(try read(long, entering: 1) == JSONValue.parse(long))
  }

  @Test("an error far behind the first piece has the line and column in the whole text")
  func farError() throws {
    let text = Array((String(repeating: "[\"é\"],\n", count: 100_000)).utf8)
    let error = try #require(throws: JSONError.self) { _ = try read([UInt8(ascii: "[")] + text + Array("  x]".utf8), entering: 2) }
    #expect(error.line == 100_001 && error.column == 3)
    #expect(error.problem == "found 'x', wanted a JSON value")
  }

  @Test("of one value no more is held than allowed")
  func longValue() throws {
    let text = Array("{\"a\":\"\(String(repeating: "x", count: 2_000_000))\"}".utf8)
    var stream = try JSONStream(MemoryBytes(text, name: "text"), limits: JSONLimits(bytes: 1_000_000))
    #expect(try stream.beginObject())
    #expect(try stream.nextKey() == "a")
    let error = try #require(throws: JSONError.self) { _ = try stream.value() }
    #expect(error.problem == "a value has more than 1000000 bytes" && error.offset == 5)
  }

  @Test("deeper than the limit is refused, at the same place")
  func depth() { compare(Array((String(repeating: "[", count: 65) + String(repeating: "]", count: 65)).utf8)) }

  @Test("whatever bytes are changed, cut or put in, both come to the same")
  func anyBytes() {
    let original = Array("{\"a\":[{\"path\":\"x/é\",\"n\":-12.5e1},{}],\"b\":{\"c\":[true,null]},\"d\":\"\\u00e9\"}".utf8)
    var random = SystemRandomNumberGenerator()
    for _ in 0..<2000 {
      var bytes = original
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        let place = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes.remove(at: place)
        case 2: bytes.insert(Array("{}[],:\"\\0-e ".utf8).randomElement(using: &random) ?? 0, at: place)
        default: bytes.removeLast(min(bytes.count - 1, Int.random(in: 0..<20, using: &random)))
        }
      }
      compare(bytes)
    }
  }
}
