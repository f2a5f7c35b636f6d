/// A single value of a YAML file.
public struct YAMLScalar: Sendable, Hashable {
  /// The text without quotes and with escapes resolved.
  public let text: String
  /// Whether it stood without quotes, block indicator and tag, so that its text decided what it is.
  public let isPlain: Bool
  /// What the text means.
  public let value: JSONValue

  public init(text: String, isPlain: Bool, value: JSONValue) {
    self.text = text
    self.isPlain = isPlain
    self.value = value
  }
}

extension YAMLScalar {
  /// A problem of a scalar, still without its place.
  struct Problem: Error {
    let message: String
  }

  /// Reads a plain scalar by the core schema of YAML 1.2 (section 10.3.2 of the specification).
  ///
  /// A text that YAML 1.1, which many tools still read, takes for something else is refused: `NO` is a country here and
  /// `false` there. Left out of that are numbers with an exponent and no point (`1e-5`), which 1.1 reads as text and
  /// nobody means as text.
  static func resolvePlain(_ text: String) throws(Problem) -> JSONValue {
    switch text {
    case "", "~", "null", "Null", "NULL": return .null
    default: break
    }
    if let value = boolean(text) { return value }
    if let reading = YAML11Reading(of: text) {
      throw Problem(message: "\(text) is \(reading.here) here and \(reading.there) in YAML 1.1: \(reading.remedy)")
    }
    return try number(text) ?? .string(text)
  }

  /// Reads a scalar that carries one of the core schema's tags, in its short form such as `int`.
  static func resolve(_ text: String, coreTag: String) throws(Problem) -> JSONValue {
    let value: JSONValue? =
      switch coreTag {
      case "str": .string(text)
      case "null": ["", "~", "null", "Null", "NULL"].contains(text) ? .null : nil
      case "bool": boolean(text)
      case "int": try number(text).flatMap { $0.integerValue.map(JSONValue.integer) }
      case "float": try number(text).flatMap(asFloat)
      default: nil
      }
    guard let value else { throw Problem(message: "\(quotedForMessage(text)) cannot be read as !!\(coreTag)") }
    return value
  }

  private static func boolean(_ text: String) -> JSONValue? {
    switch text {
    case "true", "True", "TRUE": .bool(true)
    case "false", "False", "FALSE": .bool(false)
    default: nil
    }
  }

  private static func asFloat(_ value: JSONValue) -> JSONValue? {
    guard let integer = value.integerValue else { return value }
    return FiniteDouble(Double(integer)).map(JSONValue.number)
  }

  private static func number(_ text: String) throws(Problem) -> JSONValue? {
    var bytes = Array(text.utf8)[...]
    if bytes.starts(with: "0x".utf8) { return try integer(bytes.dropFirst(2), radix: 16, of: text) }
    if bytes.starts(with: "0o".utf8) { return try integer(bytes.dropFirst(2), radix: 8, of: text) }
    if let sign = bytes.first, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") { bytes = bytes.dropFirst() }
    if [".inf", ".Inf", ".INF"].contains(where: { bytes.elementsEqual($0.utf8) })
      || [".nan", ".NaN", ".NAN"].contains(text)
    {
      throw Problem(message: "\(text) has no counterpart in JSON; write a number, or put the text in quotes")
    }
    if !bytes.isEmpty, bytes.allSatisfy(isDigit) {
      guard let value = Int64(text) else {
        throw Problem(message: "the integer \(text) does not fit into 64 bits; put it in quotes if it is a text")
      }
      return .integer(value)
    }
    guard isFloat(bytes) else { return nil }
    guard let value = Double(text).flatMap(FiniteDouble.init) else {
      throw Problem(message: "the number \(text) is too great; put it in quotes if it is a text")
    }
    return .number(value)
  }

  private static func integer(_ digits: ArraySlice<UInt8>, radix: Int, of text: String) throws(Problem) -> JSONValue? {
    guard !digits.isEmpty, digits.allSatisfy({ isDigit($0, radix: radix) }) else { return nil }
    guard let value = Int64(String(decoding: digits, as: UTF8.self), radix: radix) else {
      throw Problem(message: "the integer \(text) does not fit into 64 bits; put it in quotes if it is a text")
    }
    return .integer(value)
  }

  /// `[0-9]+ ( . [0-9]* )? | . [0-9]+`, then an exponent or nothing; the sign is gone already.
  private static func isFloat(_ bytes: ArraySlice<UInt8>) -> Bool {
    let whole = bytes.prefix(while: isDigit)
    var rest = bytes.dropFirst(whole.count)
    var digitCount = whole.count
    if rest.first == UInt8(ascii: ".") {
      let fraction = rest.dropFirst().prefix(while: isDigit)
      digitCount += fraction.count
      rest = rest.dropFirst(1 + fraction.count)
    }
    guard digitCount > 0 else { return false }
    guard let exponent = rest.first else { return true }
    guard exponent == UInt8(ascii: "e") || exponent == UInt8(ascii: "E") else { return false }
    rest = rest.dropFirst()
    if rest.first == UInt8(ascii: "+") || rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
    return !rest.isEmpty && rest.allSatisfy(isDigit)
  }

  private static func isDigit(_ byte: UInt8) -> Bool { isDigit(byte, radix: 10) }

  private static func isDigit(_ byte: UInt8, radix: Int) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): Int(byte - UInt8(ascii: "0")) < radix
    case UInt8(ascii: "a")...UInt8(ascii: "f"), UInt8(ascii: "A")...UInt8(ascii: "F"): radix == 16
    default: false
    }
  }
}
