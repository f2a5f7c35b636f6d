import OmphalosValues

/// A bound of a signer's time. Always in UTC here; ssh-keygen reads one without `Z` in the zone of whoever verifies.
public struct SignerTime: Sendable, Hashable {
  /// As it was written.
  public let text: String
  public let time: Timestamp

  static let wanted =
    "a day or moment as in 20260301Z, 202603011200Z or 20260301120000Z, after 1970 (always read in UTC)"

  /// Nil for a text that is no such time, a day that its month does not have among them.
  init?(_ text: String) {
    var digits = Array(text.utf8)
    let ending = String(decoding: digits.suffix(3), as: UTF8.self).uppercased()
    if ending.hasSuffix("UTC") { digits.removeLast(3) } else if ending.hasSuffix("Z") { digits.removeLast() }
    guard [8, 12, 14].contains(digits.count) else { return nil }
    digits += Array(repeating: UInt8(ascii: "0"), count: 14 - digits.count)
    func part(_ range: Range<Int>) -> String { String(decoding: digits[range], as: UTF8.self) }
    let date = "\(part(0..<4))-\(part(4..<6))-\(part(6..<8))"
    guard let time = try? Timestamp("\(date)T\(part(8..<10)):\(part(10..<12)):\(part(12..<14))Z") else { return nil }
    guard time.secondsSince1970 > 0 else { return nil }
    self.text = text
    self.time = time
  }
}
