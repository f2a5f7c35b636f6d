/// Amounts with a unit, as configurations and command lines write them.
public enum Quantity {
  private static let durationUnits: [(name: String, milliseconds: Int64)] = [
    ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1),
  ]
  private static let byteUnits: [(name: String, bytes: Int64)] = [
    ("", 1), ("B", 1), ("kB", 1000), ("MB", 1_000_000), ("GB", 1_000_000_000), ("TB", 1_000_000_000_000),
    ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("TiB", 1 << 40),
  ]

  /// Reads a duration: whole numbers with the units `h`, `m`, `s` and `ms`, the greater units first, each once:
  /// `10m`, `1h30m`, `500ms`.
  public static func duration(_ text: String) throws(ValueError) -> Duration {
    let error = ValueError(
      what: "duration", found: text, wanted: "whole numbers with the units h, m, s and ms, as in 10m, 1h30m or 500ms")
    var rest = Array(text.utf8)[...]
    var units = durationUnits[...]
    var total: Int64 = 0
    guard !rest.isEmpty else { throw error }
    while !rest.isEmpty {
      guard let (number, unit) = takePart(&rest), let index = units.firstIndex(where: { $0.name == unit }) else {
        throw error
      }
      let (product, productOverflows) = number.multipliedReportingOverflow(by: units[index].milliseconds)
      let (sum, sumOverflows) = total.addingReportingOverflow(product)
      guard !productOverflows, !sumOverflows else { throw error }
      total = sum
      units = units[(index + 1)...]
    }
    return .milliseconds(total)
  }

  /// Reads a number of bytes: a whole number with no unit, a binary one (`KiB`, `MiB`, `GiB`, `TiB`) or a decimal one
  /// (`B`, `kB`, `MB`, `GB`, `TB`).
  public static func byteSize(_ text: String) throws(ValueError) -> Int64 {
    var rest = Array(text.utf8)[...]
    if let (number, unit) = takePart(&rest), rest.isEmpty, let factor = byteUnits.first(where: { $0.name == unit }) {
      let (bytes, overflows) = number.multipliedReportingOverflow(by: factor.bytes)
      if !overflows { return bytes }
    }
    throw ValueError(
      what: "size", found: text, wanted: "a whole number of bytes or one with a unit, as in 1000, 256MiB, 10GiB or 5MB")
  }

  /// Takes digits, a space or none, and letters.
  private static func takePart(_ rest: inout ArraySlice<UInt8>) -> (number: Int64, unit: String)? {
    let digits = rest.prefix { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
    guard let number = Int64(String(decoding: digits, as: UTF8.self)) else { return nil }
    rest = rest.dropFirst(digits.count)
    if rest.first == 0x20, rest.count > 1 { rest = rest.dropFirst() }
    let letters = rest.prefix { $0 | 0x20 >= UInt8(ascii: "a") && $0 | 0x20 <= UInt8(ascii: "z") }
    rest = rest.dropFirst(letters.count)
    return (number, String(decoding: letters, as: UTF8.self))
  }
}
