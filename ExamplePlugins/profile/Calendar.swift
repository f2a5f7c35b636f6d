/// YYYY-MM-DD for a count of days since 1970-01-01, in the proleptic Gregorian calendar.
///
/// Years begin in March, so that the leap day is the last of its year, and are counted in eras of 400, which all have
/// 146,097 days. Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
func dateText(days: Int64) -> String {
  let (era, dayOfEra) = floorDivide(days + 719_468, by: 146_097)
  let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
  let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
  let monthFromMarch = (5 * dayOfYear + 2) / 153
  let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
  let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
  let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  return (year < 0 ? "-" : "") + "\(padded(abs(year), 4))-\(padded(month, 2))-\(padded(day, 2))"
}

/// ISO 8601 without a zone, with as many digits of a second as the unit has.
func timestampText(_ value: Int64, unitsPerSecond: Int64) -> String {
  let (seconds, fraction) = floorDivide(value, by: unitsPerSecond)
  let (days, clock) = floorDivide(seconds, by: 86_400)
  let time = "\(padded(clock / 3600, 2)):\(padded(clock / 60 % 60, 2)):\(padded(clock % 60, 2))"
  let digits = String(unitsPerSecond).utf8.count - 1
  return dateText(days: days) + "T" + time + (digits == 0 ? "" : "." + padded(fraction, digits))
}

/// Division that rounds down, as a clock does; the remainder is never negative.
private func floorDivide(_ value: Int64, by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
  let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
  return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
}

private func padded(_ value: Int64, _ width: Int) -> String {
  let digits = String(value)
  return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
}
