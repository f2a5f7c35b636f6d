/// Reads a JSON text of any size from its source, part by part, by the rules of `JSONValue.parse`.
///
/// Objects and arrays are either entered, or read as one value. Held in memory are a piece of the text, the keys of the
/// objects that are entered, and what is read as one value. Every error has the line and column in the whole text.
public struct JSONStream<Source: ByteSource> {
  private let source: Source
  private let byteCount: Int
  private let longestValue: Int
  /// Its bytes are a window of the text.
  private var parser: JSONParser
  /// Where the window begins.
  private var base = 0
  private var frames: [Frame] = []

  private struct Frame {
    let isObject: Bool
    var isFirst = true
    var keys: Set<UTF8String> = []
    /// A key that came before, and where. Told behind its value, as of a whole text: an error in the value comes first.
    var repeated: (key: String, offset: Int)?
  }

  private static var pieceBytes: Int { 256 << 10 }
  /// The parser looks no further ahead than this; a value that ends or fails nearer to the end of the window may only
  /// be cut.
  private static var lookahead: Int { 16 }

  /// - Parameter limits: `bytes` is how long one key or value may be that is read as a whole.
  /// - Throws: what the source throws, or `JSONError` for a byte order mark.
  public init(_ source: Source, limits: JSONLimits = JSONLimits()) throws {
    self.source = source
    byteCount = source.byteCount
    longestValue = limits.bytes
    parser = JSONParser(bytes: [], depthLimit: limits.depth)
    try enlarge()
    if parser.bytes.starts(with: [0xef, 0xbb, 0xbf]) {
      throw try error("the text begins with a byte order mark (ef bb bf): save it without one", at: 0)
    }
  }

  /// The next value as a whole.
  public mutating func value() throws -> JSONValue {
    _ = try next()
    let depth = frames.count
    return try whole { parser throws(JSONError) in try parser.parseValue(depth: depth) }
  }

  /// Enters the next value if it is an object; then `nextKey` gives its keys.
  public mutating func beginObject() throws -> Bool { try begin(UInt8(ascii: "{"), isObject: true) }

  /// Enters the next value if it is an array; then `nextElement` tells whether there is a further one.
  public mutating func beginArray() throws -> Bool { try begin(UInt8(ascii: "["), isObject: false) }

  /// The key of the next member of the object that was entered last, whose value has to be read next. Nil behind the
  /// last one; then the object is left.
  public mutating func nextKey() throws -> String? {
    guard try advance(end: UInt8(ascii: "}"), wanted: "',' or '}'") else { return nil }
    guard try next() == UInt8(ascii: "\"") else { throw try here("found \(parser.found), wanted a key in double quotes") }
    let start = base + parser.position
    let key = try whole { parser throws(JSONError) in try parser.parseString() }
    guard try next() == UInt8(ascii: ":") else { throw try here("found \(parser.found), wanted ':' after the key") }
    parser.position += 1
    if !frames[frames.count - 1].keys.insert(UTF8String(key)).inserted {
      frames[frames.count - 1].repeated = (key, start)
    }
    return key
  }

  /// Whether the array that was entered last has a further element, which has to be read next. If not, it is left.
  public mutating func nextElement() throws -> Bool { try advance(end: UInt8(ascii: "]"), wanted: "',' or ']'") }

  /// Checks that nothing stands behind the value.
  public mutating func end() throws {
    if try next() != nil { throw try here("found \(parser.found) after the end of the value") }
  }
}

extension JSONStream {
  private mutating func begin(_ byte: UInt8, isObject: Bool) throws -> Bool {
    guard try next() == byte else { return false }
    frames.append(Frame(isObject: isObject))
    do {
      try parser.checkDepth(frames.count)
    } catch {
      throw try located(error)
    }
    parser.position += 1
    return true
  }

  /// Goes to the next member or element; false where there is none.
  private mutating func advance(end: UInt8, wanted: String) throws -> Bool {
    if let repeated = frames[frames.count - 1].repeated {
      throw try error("the key \(quotedForMessage(repeated.key)) comes twice in one object", at: repeated.offset)
    }
    let byte = try next()
    if byte == end {
      parser.position += 1
      frames.removeLast()
      return false
    }
    if frames[frames.count - 1].isFirst {
      frames[frames.count - 1].isFirst = false
    } else if byte == UInt8(ascii: ",") {
      parser.position += 1
    } else {
      throw try here("found \(parser.found), wanted \(wanted)")
    }
    return true
  }

  /// The next byte that is no space, which is not taken; nil at the end.
  private mutating func next() throws -> UInt8? {
    while true {
      parser.skipSpace()
      if parser.current != nil || isAtEnd { return parser.current }
      try enlarge()
    }
  }

  private var isAtEnd: Bool { base + parser.bytes.count >= byteCount }

  /// Reads something as a whole, with as much of the text as that takes.
  private mutating func whole<Value>(_ read: (inout JSONParser) throws(JSONError) -> Value) throws -> Value {
    let start = base + parser.position
    while true {
      do throws(JSONError) {
        let value = try read(&parser)
        if isAtEnd || parser.position < parser.bytes.count { return value }
      } catch {
        if isAtEnd || parser.bytes.count - parser.position > Self.lookahead { throw try located(error) }
      }
      parser.position = start - base
      guard parser.bytes.count - parser.position < longestValue else {
        throw try here("a value has more than \(longestValue) bytes")
      }
      try enlarge()
    }
  }

  /// Drops what was read and adds what follows: as much again, or a piece.
  private mutating func enlarge() throws {
    parser.bytes.removeFirst(parser.position)
    base += parser.position
    parser.position = 0
    let end = base + parser.bytes.count
    let count = min(max(Self.pieceBytes, parser.bytes.count), byteCount - end)
    if count > 0 { parser.bytes += try source.bytes(at: end, count: count) }
  }

  private func here(_ problem: String) throws -> JSONError { try error(problem, at: base + parser.position) }

  private func located(_ error: JSONError) throws -> JSONError { try self.error(error.problem, at: base + error.offset) }

  /// Counts lines and columns from the start of the text; done only once an error is certain.
  private func error(_ problem: String, at offset: Int) throws -> JSONError {
    var place = JSONPlace()
    var position = 0
    while position < offset {
      let count = min(Self.pieceBytes, offset - position)
      place.advance(over: try source.bytes(at: position, count: count)[...])
      position += count
    }
    return JSONError(line: place.line, column: place.column, offset: offset, problem: problem)
  }
}
