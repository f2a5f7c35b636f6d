/// What YAML 1.1 makes of a plain scalar that the core schema of YAML 1.2 reads otherwise.
///
/// The forms are those of the type pages at yaml.org/type: bool, int, float, timestamp, merge, value.
struct YAML11Reading {
  /// What it is in YAML 1.2.
  let here: String
  /// What it is in YAML 1.1.
  let there: String
  let remedy: String

  /// - Returns: nil if both versions agree.
  init?(of text: String) {
    let quoted = "put it in quotes, \"\(text)\", if it is a text"
    switch text {
    case "y", "Y", "yes", "Yes", "YES", "on", "On", "ON":
      self.init(here: "text", there: "the boolean true", remedy: quoted + ", or write true")
      return
    case "n", "N", "no", "No", "NO", "off", "Off", "OFF":
      self.init(here: "text", there: "the boolean false", remedy: quoted + ", or write false")
      return
    case "<<":
      self.init(here: "text", there: "a merge key", remedy: "write the members out")
      return
    case "=":
      self.init(here: "text", there: "a default value", remedy: quoted)
      return
    default:
      break
    }
    // All other forms begin with a digit, a sign or a point, and nobody writes them longer.
    guard let first = text.utf8.first, first < 0x40, text.utf8.count <= 128 else { return nil }
    let scanner = FormScanner(text)
    let decimal = ", or write the number in decimal digits"
    if scanner.isTimestamp {
      self.init(here: "text", there: "a date", remedy: quoted)
    } else if scanner.isZeroLed {
      self.init(
        here: text.utf8.contains(UInt8(ascii: "_")) ? "text" : "a decimal number",
        there: "an octal number (or text, if it holds an 8 or 9)",
        remedy: quoted + ", or write the number without its leading 0")
    } else if scanner.isNewOctal {
      self.init(here: "an octal number", there: "text", remedy: quoted + decimal)
    } else if scanner.isBinary || scanner.isOldHexadecimal || scanner.isBase60 || scanner.isUnderscored {
      self.init(here: "text", there: "a number", remedy: quoted + decimal)
    } else {
      return nil
    }
  }

  private init(here: String, there: String, remedy: String) {
    self.here = here
    self.there = there
    self.remedy = remedy
  }
}

/// Recognizes the forms; each property starts afresh on a copy.
private struct FormScanner {
  private var rest: ArraySlice<UInt8>

  init(_ text: String) {
    rest = Array(text.utf8)[...]
  }

  /// `2026-03-01`, `2026-3-1 12:00:00.5 +01:00`.
  var isTimestamp: Bool {
    var scan = self
    guard scan.takeDigits(4...4) == 4, scan.take("-") else { return false }
    let monthDigits = scan.takeDigits(1...2)
    guard monthDigits > 0, scan.take("-") else { return false }
    let dayDigits = scan.takeDigits(1...2)
    if scan.rest.isEmpty { return monthDigits == 2 && dayDigits == 2 }
    guard dayDigits > 0, scan.takeOne("Tt") || scan.takeRun(" \t") > 0 else { return false }
    guard scan.takeDigits(1...2) > 0, scan.take(":"), scan.takeDigits(2...2) == 2, scan.take(":"),
      scan.takeDigits(2...2) == 2
    else { return false }
    if scan.take(".") { _ = scan.takeRun("0123456789") }
    _ = scan.takeRun(" \t")
    if scan.rest.isEmpty || scan.take("Z") { return scan.rest.isEmpty }
    guard scan.takeOne("+-"), scan.takeDigits(1...2) > 0 else { return false }
    return scan.rest.isEmpty || (scan.take(":") && scan.takeDigits(2...2) == 2 && scan.rest.isEmpty)
  }

  /// `010121`, `-07`, `0_1`.
  var isZeroLed: Bool {
    var scan = self
    _ = scan.takeOne("+-")
    return scan.take("0") && scan.takeRun("0123456789_") > 0 && scan.rest.isEmpty
  }

  /// `0o17`.
  var isNewOctal: Bool {
    var scan = self
    return scan.take("0") && scan.take("o") && scan.takeRun("01234567") > 0 && scan.rest.isEmpty
  }

  /// `0b101`.
  var isBinary: Bool {
    var scan = self
    _ = scan.takeOne("+-")
    return scan.take("0") && scan.take("b") && scan.takeRun("01_") > 0 && scan.rest.isEmpty
  }

  /// Hexadecimal digits with a sign or an underscore; without them both versions agree.
  var isOldHexadecimal: Bool {
    var scan = self
    let isSigned = scan.takeOne("+-")
    return scan.take("0") && scan.take("x") && scan.takeRun("0123456789abcdefABCDEF_") > 0 && scan.rest.isEmpty
      && (isSigned || rest.contains(UInt8(ascii: "_")))
  }

  /// `1:30`, `190:20:30.15`.
  var isBase60: Bool {
    var scan = self
    _ = scan.takeOne("+-")
    guard scan.takeDigits(1...1) == 1 else { return false }
    _ = scan.takeRun("0123456789_")
    var groups = 0
    while scan.take(":") {
      // One digit, or two of which the first is below 6.
      let isLow = scan.takeOne("012345")
      guard scan.takeDigits(1...1) == 1 || isLow else { return false }
      groups += 1
    }
    if groups > 0, scan.take(".") { _ = scan.takeRun("0123456789_") }
    return groups > 0 && scan.rest.isEmpty
  }

  /// `1_000`, `1_000.5e3`.
  var isUnderscored: Bool {
    guard rest.contains(UInt8(ascii: "_")) else { return false }
    var scan = self
    _ = scan.takeOne("+-")
    let whole = scan.takeDigits(1...1)
    if whole == 1 { _ = scan.takeRun("0123456789_") }
    if scan.take(".") {
      if whole == 0, scan.takeDigits(1...1) == 0 { return false }
      _ = scan.takeRun("0123456789_")
    } else if whole == 0 {
      return false
    }
    if scan.takeOne("eE") {
      _ = scan.takeOne("+-")
      guard scan.takeRun("0123456789") > 0 else { return false }
    }
    return scan.rest.isEmpty
  }

  private mutating func take(_ character: StaticString) -> Bool { takeOne(character) }

  private mutating func takeOne(_ set: StaticString) -> Bool {
    guard let byte = rest.first, set.description.utf8.contains(byte) else { return false }
    rest = rest.dropFirst()
    return true
  }

  private mutating func takeRun(_ set: StaticString) -> Int {
    let accepted = set.description.utf8
    let run = rest.prefix { accepted.contains($0) }
    rest = rest.dropFirst(run.count)
    return run.count
  }

  /// Takes up to the upper bound; takes none, and returns 0, if there are fewer than the lower one.
  private mutating func takeDigits(_ count: ClosedRange<Int>) -> Int {
    let run = rest.prefix(count.upperBound).prefix { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
    guard run.count >= count.lowerBound else { return 0 }
    rest = rest.dropFirst(run.count)
    return run.count
  }
}
