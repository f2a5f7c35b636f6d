extension PatternParser {
  /// Reads `[…]`; the current scalar is the bracket.
  mutating func parseClass() throws(PatternError) -> ScalarSet {
    position += 1
    let isNegated = take("^")
    var ranges: [ClosedRange<UInt32>] = []
    while !take("]") {
      let low = try parseClassMember()
      guard current == "-", let next = peek(1), next != "]" else {
        ranges += low.ranges
        continue
      }
      position += 1
      let high = try parseClassMember()
      guard let first = low.onlyScalar, let last = high.onlyScalar else {
        throw PatternError(problem: "a range in a class needs one character at each end")
      }
      guard first <= last else { throw PatternError(problem: "a range in a class is in the wrong order") }
      ranges.append(first...last)
    }
    let set = ScalarSet(ranges)
    return isNegated ? set.inverted : set
  }

  private mutating func parseClassMember() throws(PatternError) -> ScalarSet {
    guard let scalar = current else { throw PatternError(problem: "a '[' is not closed") }
    if scalar == "\\" { return try parseEscape(inClass: true) }
    position += 1
    return ScalarSet(scalar)
  }

  /// Reads an escape that stands for characters; the current scalar is the backslash.
  mutating func parseEscape(inClass: Bool) throws(PatternError) -> ScalarSet {
    position += 1
    guard let scalar = current else { throw PatternError(problem: "it ends in a backslash") }
    position += 1
    switch scalar {
    case "d": return .digits
    case "D": return ScalarSet.digits.inverted
    case "w": return .wordCharacters
    case "W": return ScalarSet.wordCharacters.inverted
    case "s": return .spaces
    case "S": return ScalarSet.spaces.inverted
    case "t": return ScalarSet("\t")
    case "n": return ScalarSet("\n")
    case "v": return ScalarSet("\u{b}")
    case "f": return ScalarSet("\u{c}")
    case "r": return ScalarSet("\r")
    case "b" where inClass: return ScalarSet("\u{8}")
    case "-" where inClass: return ScalarSet("-")
    case "0" where current.map(ScalarSet.digits.contains) != true: return ScalarSet("\0")
    case "x": return ScalarSet(try scalarValue(try parseHex(digits: 2)))
    case "u": return ScalarSet(try parseCodePoint())
    case "^", "$", "\\", ".", "*", "+", "?", "(", ")", "[", "]", "{", "}", "|", "/": return ScalarSet(scalar)
    case "0"..."9", "k": throw PatternError(problem: "references to a group are not supported")
    case "p", "P": throw PatternError(problem: "character properties, \\p{…}, are not supported")
    default: throw PatternError(problem: "the escape \\\(scalar) does not exist")
    }
  }

  private mutating func parseCodePoint() throws(PatternError) -> Unicode.Scalar {
    if take("{") {
      let start = position
      while current.map(\.properties.isASCIIHexDigit) == true { position += 1 }
      let value = hexValue(scalars[start..<position])
      guard take("}"), let value else { throw PatternError(problem: "\\u{…} needs 1 to 6 hexadecimal digits") }
      return try scalarValue(value)
    }
    let first = try parseHex(digits: 4)
    guard (0xd800...0xdbff).contains(first), take("\\"), take("u") else { return try scalarValue(first) }
    let second = try parseHex(digits: 4)
    guard (0xdc00...0xdfff).contains(second) else { return try scalarValue(first) }
    return try scalarValue(0x10000 + ((first & 0x3ff) << 10 | second & 0x3ff))
  }

  private mutating func parseHex(digits: Int) throws(PatternError) -> UInt32 {
    let end = min(position + digits, scalars.count)
    guard end - position == digits, let value = hexValue(scalars[position..<end]) else {
      throw PatternError(problem: "an escape needs \(digits) hexadecimal digits")
    }
    position = end
    return value
  }

  private func hexValue(_ digits: ArraySlice<Unicode.Scalar>) -> UInt32? {
    guard (1...6).contains(digits.count), digits.allSatisfy(\.properties.isASCIIHexDigit) else { return nil }
    var text = ""
    text.unicodeScalars.append(contentsOf: digits)
    return UInt32(text, radix: 16)
  }

  private func scalarValue(_ value: UInt32) throws(PatternError) -> Unicode.Scalar {
    guard let scalar = Unicode.Scalar(value) else {
      throw PatternError(problem: "U+\(String(value, radix: 16, uppercase: true)) is no character")
    }
    return scalar
  }
}

extension ScalarSet {
  fileprivate var onlyScalar: UInt32? {
    guard ranges.count == 1, let range = ranges.first, range.count == 1 else { return nil }
    return range.lowerBound
  }
}
