extension JSONParser {
  /// Reads a string whose opening quote is the current byte.
  mutating func parseString() throws(JSONError) -> String {
    let start = position
    position += 1
    var decoded: [UInt8] = []
    var runStart = position
    while true {
      guard position < bytes.count else {
        throw JSONError("a string is not closed", at: start, in: bytes)
      }
      let byte = bytes[position]
      if byte == UInt8(ascii: "\"") {
        decoded.append(contentsOf: bytes[runStart..<position])
        position += 1
        return try validated(decoded, from: start)
      }
      if byte == UInt8(ascii: "\\") {
        decoded.append(contentsOf: bytes[runStart..<position])
        try readEscape(into: &decoded)
        runStart = position
      } else if byte < 0x20 {
        throw error("a string holds \(found), which must be written as an escape")
      } else {
        position += 1
      }
    }
  }

  private func validated(_ decoded: [UInt8], from start: Int) throws(JSONError) -> String {
    guard let text = String(validating: decoded, as: UTF8.self) else {
      throw JSONError("a string is not valid UTF-8", at: start, in: bytes)
    }
    return text
  }

  private mutating func readEscape(into decoded: inout [UInt8]) throws(JSONError) {
    position += 1
    switch current {
    case UInt8(ascii: "\""): decoded.append(UInt8(ascii: "\""))
    case UInt8(ascii: "\\"): decoded.append(UInt8(ascii: "\\"))
    case UInt8(ascii: "/"): decoded.append(UInt8(ascii: "/"))
    case UInt8(ascii: "b"): decoded.append(0x08)
    case UInt8(ascii: "f"): decoded.append(0x0c)
    case UInt8(ascii: "n"): decoded.append(0x0a)
    case UInt8(ascii: "r"): decoded.append(0x0d)
    case UInt8(ascii: "t"): decoded.append(0x09)
    case UInt8(ascii: "u"):
      let scalar = try readCodePoint()
      decoded.append(contentsOf: UTF8.encode(scalar).map(Array.init) ?? [])
      return
    default: throw error("found \(found) after a backslash, wanted one of \" \\ / b f n r t u")
    }
    position += 1
  }

  /// Reads `uXXXX` or, for a surrogate pair, `uXXXX\uXXXX`; the current byte is the first `u`.
  private mutating func readCodePoint() throws(JSONError) -> Unicode.Scalar {
    let start = position - 1
    let first = try readCodeUnit()
    if let scalar = Unicode.Scalar(first) { return scalar }
    if first < 0xdc00, take(UInt8(ascii: "\\")), current == UInt8(ascii: "u") {
      let second = try readCodeUnit()
      if (0xdc00...0xdfff).contains(second),
        let scalar = Unicode.Scalar(0x10000 + (UInt32(first & 0x3ff) << 10 | UInt32(second & 0x3ff)))
      {
        return scalar
      }
    }
    throw JSONError("an escape is half of a surrogate pair, which is no character", at: start, in: bytes)
  }

  private mutating func readCodeUnit() throws(JSONError) -> UInt16 {
    position += 1
    var unit: UInt16 = 0
    for _ in 0..<4 {
      guard let byte = current, let digit = hexValue(byte | (byte >= UInt8(ascii: "A") ? 0x20 : 0)) else {
        throw error("found \(found), wanted four hexadecimal digits after \\u")
      }
      unit = unit << 4 | UInt16(digit)
      position += 1
    }
    return unit
  }
}
