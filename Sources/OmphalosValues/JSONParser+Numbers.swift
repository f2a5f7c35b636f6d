extension JSONParser {
  /// No number in use needs more digits; longer ones only cost time.
  private static let longestNumber = 1024

  /// Reads an integer, or, if there is a fraction or an exponent, a `Double`.
  mutating func parseNumber() throws(JSONError) -> JSONValue {
    let start = position
    _ = take(UInt8(ascii: "-"))
    try readIntegerPart()
    var isInteger = true
    if take(UInt8(ascii: ".")) {
      isInteger = false
      try readDigits(after: "the decimal point")
    }
    if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
      isInteger = false
      if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
      try readDigits(after: "the exponent's 'e'")
    }
    let length = position - start
    guard length <= Self.longestNumber else {
      throw JSONError(
        "a number has \(length) characters, at most \(Self.longestNumber) are accepted", at: start, in: bytes)
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    if isInteger {
      guard let integer = Int64(text) else {
        throw JSONError("the integer \(text) does not fit into 64 bits", at: start, in: bytes)
      }
      return .integer(integer)
    }
    guard let number = Double(text).flatMap(FiniteDouble.init) else {
      throw JSONError("the number \(text) is too great", at: start, in: bytes)
    }
    return .number(number)
  }

  private mutating func readIntegerPart() throws(JSONError) {
    if take(UInt8(ascii: "0")) {
      guard !isDigit else { throw error("a number begins with 0 and another digit") }
      return
    }
    try readDigits(after: "the sign")
  }

  private mutating func readDigits(after place: String) throws(JSONError) {
    guard isDigit else { throw error("found \(found), wanted a digit after \(place)") }
    while isDigit { position += 1 }
  }

  private var isDigit: Bool {
    guard let byte = current else { return false }
    return byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
  }
}
