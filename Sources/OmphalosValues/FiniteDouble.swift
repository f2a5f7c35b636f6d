/// A floating-point number that JSON can write: neither infinite nor not-a-number.
///
/// Equal values have equal canonical bytes: `0.0` and `-0.0` are written differently and are therefore not equal.
public struct FiniteDouble: Hashable, Sendable, CustomStringConvertible {
  public let value: Double

  /// - Returns: nil for an infinite value and for not-a-number.
  public init?(_ value: Double) {
    guard value.isFinite else { return nil }
    self.value = value
  }

  public static func == (left: FiniteDouble, right: FiniteDouble) -> Bool {
    left.value.bitPattern == right.value.bitPattern
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(value.bitPattern)
  }

  /// The text that Python's `repr` gives: the shortest digits that read back as the same number, `1.0`, `1e+16`,
  /// `1e-05`.
  ///
  /// Swift finds the same digits but changes to an exponent elsewhere, so only the digits are taken from it.
  public var description: String {
    let (digits, pointPosition) = shortestDigits
    let sign = value.sign == .minus ? "-" : ""
    if pointPosition > 16 || pointPosition < -3 {
      return sign + Self.exponential(digits, exponent: pointPosition - 1)
    }
    return sign + Self.positional(digits, pointPosition: pointPosition)
  }

  /// The significant digits without zeros at either end, and the place of the decimal point counted from their start.
  private var shortestDigits: (digits: [UInt8], pointPosition: Int) {
    var digits: [UInt8] = []
    var digitsBeforePoint: Int?
    var exponent = 0
    let text = Array(value.magnitude.description.utf8)
    for (index, byte) in text.enumerated() {
      if byte == UInt8(ascii: ".") {
        digitsBeforePoint = digits.count
      } else if byte == UInt8(ascii: "e") {
        exponent = Int(String(decoding: text[(index + 1)...], as: UTF8.self)) ?? 0
        break
      } else {
        digits.append(byte)
      }
    }
    var point = (digitsBeforePoint ?? digits.count) + exponent
    let zero = UInt8(ascii: "0")
    let leadingZeros = digits.prefix { $0 == zero }.count
    digits.removeFirst(leadingZeros)
    point -= leadingZeros
    while digits.last == zero { digits.removeLast() }
    return digits.isEmpty ? ([zero], 1) : (digits, point)
  }

  private static func exponential(_ digits: [UInt8], exponent: Int) -> String {
    var text = String(decoding: digits.prefix(1), as: UTF8.self)
    if digits.count > 1 { text += "." + String(decoding: digits.dropFirst(), as: UTF8.self) }
    let magnitude = exponent.magnitude
    return text + (exponent < 0 ? "e-" : "e+") + (magnitude < 10 ? "0" : "") + String(magnitude)
  }

  private static func positional(_ digits: [UInt8], pointPosition: Int) -> String {
    func zeros(_ count: Int) -> String { String(repeating: "0", count: count) }
    let text = String(decoding: digits, as: UTF8.self)
    if pointPosition <= 0 { return "0." + zeros(-pointPosition) + text }
    if pointPosition >= digits.count { return text + zeros(pointPosition - digits.count) + ".0" }
    return String(decoding: digits.prefix(pointPosition), as: UTF8.self) + "."
      + String(decoding: digits.dropFirst(pointPosition), as: UTF8.self)
  }
}

extension FiniteDouble: ExpressibleByFloatLiteral {
  /// A literal is written by the programmer: one that is not finite is a mistake in the source.
  public init(floatLiteral value: Double) {
    guard let finite = FiniteDouble(value) else { preconditionFailure("the literal \(value) is not finite") }
    self = finite
  }
}
