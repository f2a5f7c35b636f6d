/// Reads SSH's binary fields, front to back. Source: RFC 4251, section 5.
struct WireReader {
  private(set) var rest: ArraySlice<UInt8>

  init(_ bytes: [UInt8]) { rest = bytes[...] }

  var isAtEnd: Bool { rest.isEmpty }

  /// Whether the next bytes are these; takes them if so.
  mutating func skip(_ bytes: [UInt8]) -> Bool {
    guard rest.starts(with: bytes) else { return false }
    rest = rest.dropFirst(bytes.count)
    return true
  }

  mutating func number() throws(WireError) -> UInt32 {
    guard rest.count >= 4 else { throw WireError(found: "\(rest.count) bytes where a field begins") }
    let value = rest.prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
    rest = rest.dropFirst(4)
    return value
  }

  /// A length of four bytes and as many bytes.
  mutating func string() throws(WireError) -> [UInt8] {
    let count = try number()
    guard count <= UInt32(clamping: rest.count) else { throw WireError(found: "a field of \(count) bytes where \(rest.count) are left") }
    defer { rest = rest.dropFirst(Int(count)) }
    return Array(rest.prefix(Int(count)))
  }

  /// The bytes of a number that is not negative, without leading zeros; however many of them were written.
  mutating func natural() throws(WireError) -> [UInt8] {
    let bytes = try string()
    if let first = bytes.first, first & 0x80 != 0 { throw WireError(found: "a negative number") }
    return Array(bytes.drop { $0 == 0 })
  }

  mutating func end() throws(WireError) {
    guard isAtEnd else { throw WireError(found: "\(rest.count) bytes after the last field") }
  }
}

/// Bytes that are not the fields they should be.
struct WireError: Error {
  /// As the end of a sentence that begins with "found".
  let found: String
  /// Nil for whatever the reader wanted as a whole.
  var wanted: String?
}

/// Writes SSH's binary fields.
enum Wire {
  static func string(_ bytes: [UInt8]) -> [UInt8] {
    let count = UInt32(bytes.count)
    return [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: count >> UInt32($0)) } + bytes
  }

  static func string(_ text: String) -> [UInt8] { string(Array(text.utf8)) }

  /// A number without leading zeros as two's complement.
  static func natural(_ bytes: [UInt8]) -> [UInt8] {
    string((bytes.first ?? 0) & 0x80 != 0 ? [0] + bytes : bytes)
  }
}
