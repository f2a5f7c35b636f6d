extension JSONValue {
  /// Reads one JSON text, strictly by RFC 8259: UTF-8 without a byte order mark, nothing after the value.
  ///
  /// Refused besides what the RFC refuses: a key that comes twice in an object, half of a surrogate pair, an integer
  /// outside 64 bits, a number too great for a `Double`. NUL in a string (`\u0000`) is JSON and is accepted.
  public static func parse(_ bytes: [UInt8], limits: JSONLimits = JSONLimits()) throws(JSONError) -> JSONValue {
    guard bytes.count <= limits.bytes else {
      throw JSONError("the text has \(bytes.count) bytes, at most \(limits.bytes) are accepted", at: 0, in: bytes)
    }
    if bytes.starts(with: [0xef, 0xbb, 0xbf]) {
      throw JSONError("the text begins with a byte order mark (ef bb bf): save it without one", at: 0, in: bytes)
    }
    var parser = JSONParser(bytes: bytes, depthLimit: limits.depth)
    return try parser.parseDocument()
  }
}

/// Recursive descent over bytes; the depth limit bounds the stack, every read is bounds-checked.
struct JSONParser {
  var bytes: [UInt8]
  let depthLimit: Int
  var position = 0

  init(bytes: [UInt8], depthLimit: Int) {
    self.bytes = bytes
    self.depthLimit = depthLimit
  }

  mutating func parseDocument() throws(JSONError) -> JSONValue {
    skipSpace()
    let value = try parseValue(depth: 0)
    skipSpace()
    guard position == bytes.count else { throw error("found \(found) after the end of the value") }
    return value
  }

  mutating func parseValue(depth: Int) throws(JSONError) -> JSONValue {
    guard let byte = current else { throw error("found the end of the text, wanted a JSON value") }
    switch byte {
    case UInt8(ascii: "{"): return try parseObject(depth: depth + 1)
    case UInt8(ascii: "["): return try parseArray(depth: depth + 1)
    case UInt8(ascii: "\""): return .string(try parseString())
    case UInt8(ascii: "t"): return try parseWord("true", .bool(true))
    case UInt8(ascii: "f"): return try parseWord("false", .bool(false))
    case UInt8(ascii: "n"): return try parseWord("null", .null)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try parseNumber()
    default: throw error("found \(found), wanted a JSON value")
    }
  }

  private mutating func parseObject(depth: Int) throws(JSONError) -> JSONValue {
    try checkDepth(depth)
    position += 1
    var object = JSONObject()
    skipSpace()
    if take(UInt8(ascii: "}")) { return .object(object) }
    while true {
      let keyOffset = position
      guard current == UInt8(ascii: "\"") else { throw error("found \(found), wanted a key in double quotes") }
      let key = try parseString()
      skipSpace()
      guard take(UInt8(ascii: ":")) else { throw error("found \(found), wanted ':' after the key") }
      skipSpace()
      let value = try parseValue(depth: depth)
      guard object.insert(value, for: key) else {
        throw JSONError("the key \(quotedForMessage(key)) comes twice in one object", at: keyOffset, in: bytes)
      }
      skipSpace()
      if take(UInt8(ascii: "}")) { return .object(object) }
      guard take(UInt8(ascii: ",")) else { throw error("found \(found), wanted ',' or '}'") }
      skipSpace()
    }
  }

  private mutating func parseArray(depth: Int) throws(JSONError) -> JSONValue {
    try checkDepth(depth)
    position += 1
    var elements: [JSONValue] = []
    skipSpace()
    if take(UInt8(ascii: "]")) { return .array(elements) }
    while true {
      elements.append(try parseValue(depth: depth))
      skipSpace()
      if take(UInt8(ascii: "]")) { return .array(elements) }
      guard take(UInt8(ascii: ",")) else { throw error("found \(found), wanted ',' or ']'") }
      skipSpace()
    }
  }

  private mutating func parseWord(_ word: StaticString, _ value: JSONValue) throws(JSONError) -> JSONValue {
    let text = word.description
    guard bytes[position...].starts(with: text.utf8) else {
      throw error("found \(found), wanted a JSON value (did you mean \(text)?)")
    }
    position += text.utf8.count
    return value
  }

  func checkDepth(_ depth: Int) throws(JSONError) {
    guard depth <= depthLimit else {
      throw error("arrays and objects stand more than \(depthLimit) deep in each other")
    }
  }
}

extension JSONParser {
  var current: UInt8? { position < bytes.count ? bytes[position] : nil }

  mutating func take(_ byte: UInt8) -> Bool {
    guard current == byte else { return false }
    position += 1
    return true
  }

  mutating func skipSpace() {
    while position < bytes.count {
      switch bytes[position] {
      case 0x20, 0x09, 0x0a, 0x0d: position += 1
      default: return
      }
    }
  }

  func error(_ problem: String) -> JSONError {
    JSONError(problem, at: position, in: bytes)
  }

  /// The byte at which reading stands, for messages.
  var found: String {
    guard let byte = current else { return "the end of the text" }
    guard byte > 0x20, byte < 0x7f else { return "the byte 0x" + String(byte, radix: 16) }
    return "'" + String(decoding: [byte], as: UTF8.self) + "'"
  }
}
