/// A moment to the second, in UTC, by the proleptic Gregorian calendar without leap seconds.
public struct Timestamp: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// Seconds since 1970-01-01T00:00:00Z; before it, negative.
  public let secondsSince1970: Int64

  public init(secondsSince1970: Int64) {
    self.secondsSince1970 = secondsSince1970
  }

  /// Reads `YYYY-MM-DDThh:mm:ssZ`, and no other form.
  public init(_ text: String) throws(ValueError) {
    guard let seconds = Self.seconds(of: Array(text.utf8)) else {
      throw ValueError(what: "time", found: text, wanted: "a moment in UTC as in 2026-03-01T12:00:00Z")
    }
    self.secondsSince1970 = seconds
  }

  /// `YYYY-MM-DDThh:mm:ssZ`; years outside 0...9999 take the digits and the sign they need.
  public var description: String {
    let (days, second) = secondsSince1970.dividedRoundingDown(by: 86_400)
    let date = Self.civilDate(daysSince1970: days)
    return Self.padded(date.year, 4) + "-" + Self.padded(date.month, 2) + "-" + Self.padded(date.day, 2)
      + "T" + Self.padded(second / 3600, 2) + ":" + Self.padded(second / 60 % 60, 2)
      + ":" + Self.padded(second % 60, 2) + "Z"
  }

  public static func < (left: Timestamp, right: Timestamp) -> Bool {
    left.secondsSince1970 < right.secondsSince1970
  }

  private static func padded(_ number: Int64, _ width: Int) -> String {
    let digits = String(number.magnitude)
    return (number < 0 ? "-" : "") + String(repeating: "0", count: max(0, width - digits.count)) + digits
  }

  // Years are counted from March, so that the leap day is a year's last; 400 years have 146,097 days.
  private static let daysFromMarchYear0To1970: Int64 = 719_468

  private static func civilDate(daysSince1970: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let (era, dayOfEra) = (daysSince1970 + daysFromMarchYear0To1970).dividedRoundingDown(by: 146_097)
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
  }

  private static func daysSince1970(year: Int64, month: Int64, day: Int64) -> Int64 {
    let marchYear = month <= 2 ? year - 1 : year
    let (era, yearOfEra) = marchYear.dividedRoundingDown(by: 400)
    let monthFromMarch = month > 2 ? month - 3 : month + 9
    let dayOfYear = (153 * monthFromMarch + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - daysFromMarchYear0To1970
  }

  private static func seconds(of text: [UInt8]) -> Int64? {
    let pattern = Array("dddd-dd-ddTdd:dd:ddZ".utf8)
    guard text.count == pattern.count else { return nil }
    var fields: [Int64] = [0]
    for (byte, wanted) in zip(text, pattern) {
      if wanted == UInt8(ascii: "d") {
        guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
        fields[fields.count - 1] = fields[fields.count - 1] * 10 + Int64(byte - UInt8(ascii: "0"))
      } else {
        guard byte == wanted else { return nil }
        fields.append(0)
      }
    }
    guard (1...12).contains(fields[1]), fields[3] < 24, fields[4] < 60, fields[5] < 60 else { return nil }
    let days = daysSince1970(year: fields[0], month: fields[1], day: fields[2])
    // A day that the month does not have comes back as another date.
    guard civilDate(daysSince1970: days) == (fields[0], fields[1], fields[2]) else { return nil }
    return days * 86_400 + fields[3] * 3600 + fields[4] * 60 + fields[5]
  }
}

extension Int64 {
  fileprivate func dividedRoundingDown(by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
  }
}
