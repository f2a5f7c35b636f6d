/// The text of a YAML file, looked at before the parser sees it.
///
/// What is refused here would either get a worse message from the parser or cost it too much.
struct YAMLText {
  /// Configurations are written by hand: a greater file is a mistake.
  static let greatestBytes = 1 << 20

  let string: String
  let file: String
  private let bytes: [UInt8]
  private let lines: [ArraySlice<UInt8>]

  init(bytes: [UInt8], file: String) throws(ConfigurationError) {
    guard bytes.count <= Self.greatestBytes else {
      throw ConfigurationError(
        mark: nil, message: "\(file) has \(bytes.count) bytes, at most \(Self.greatestBytes) are accepted.")
    }
    self.bytes = bytes
    self.file = file
    self.lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    guard let string = String(validating: bytes, as: UTF8.self) else {
      let offset = Self.firstInvalidOffset(bytes)
      throw ConfigurationError(
        mark: Self.mark(offset, in: bytes, file: file),
        message: "the file is not valid UTF-8 from byte \(offset) on: save it as UTF-8")
    }
    self.string = string
    try checkCharacters()
    try checkAliasesInKeys()
  }

  /// The line, without its line break; lines count from 1.
  func line(_ number: Int) -> [UInt8] {
    lines.indices.contains(number - 1) ? Array(lines[number - 1]) : []
  }

  var lineCount: Int { lines.count }

  func mark(line: Int, column: Int) -> SourceMark {
    SourceMark(file: file, line: line, column: column)
  }

  private func checkCharacters() throws(ConfigurationError) {
    if bytes.starts(with: [0xef, 0xbb, 0xbf]) {
      throw error(at: 0, "the file begins with a byte order mark (ef bb bf): save it as UTF-8 without one")
    }
    var offset = 0
    for scalar in string.unicodeScalars {
      if !Self.isAllowed(scalar) {
        throw error(at: offset, "the file holds the control character U+\(hexCode(scalar)), which YAML does not allow")
      }
      if Self.breaksLinesIn11(scalar) {
        throw error(
          at: offset,
          "the file holds U+\(hexCode(scalar)), which is text here and a line break in YAML 1.1: write \\u\(hexCode(scalar)) "
            + "in double quotes if the text needs it, or else a plain line break")
      }
      offset += scalar.utf8.count
    }
  }

  /// The production `c-printable` of YAML 1.2, without the byte order mark.
  private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x09, 0x0a, 0x0d, 0x20...0x7e, 0x85, 0xa0...0xd7ff, 0xe000...0xfefe, 0xff00...0xfffd: true
    case 0x10000...: true
    default: false
    }
  }

  /// NEL, LS and PS. The parser would take the spaces around them for indent and drop them.
  private static func breaksLinesIn11(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value == 0x85 || scalar.value == 0x2028 || scalar.value == 0x2029
  }

  private func hexCode(_ scalar: Unicode.Scalar) -> String {
    let digits = String(scalar.value, radix: 16, uppercase: true)
    return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }

  private func error(at offset: Int, _ message: String) -> ConfigurationError {
    ConfigurationError(mark: Self.mark(offset, in: bytes, file: file), message: message)
  }

  private static func mark(_ offset: Int, in bytes: [UInt8], file: String) -> SourceMark {
    let place = JSONError("", at: offset, in: bytes)
    return SourceMark(file: file, line: place.line, column: place.column)
  }

  private static func firstInvalidOffset(_ bytes: [UInt8]) -> Int {
    var decoder = UTF8()
    var iterator = bytes.makeIterator()
    var offset = 0
    while case .scalarValue(let scalar) = decoder.decode(&iterator) { offset += scalar.utf8.count }
    return offset
  }
}

extension YAMLText {
  /// Refuses an alias, and a collection, as a key, where the text has anchors at all.
  ///
  /// The parser compares keys in full, with every alias in them written out, so that a few lines could keep it busy for
  /// years. Keys are texts here, so nothing of use is lost.
  private func checkAliasesInKeys() throws(ConfigurationError) {
    guard bytes.indices.contains(where: { isToken(UInt8(ascii: "&"), at: $0) }) else { return }
    for offset in bytes.indices where isComplexKey(at: offset) {
      throw error(at: offset, "a key must be a plain or quoted text; aliases, sequences and mappings are not supported")
    }
  }

  private func isComplexKey(at offset: Int) -> Bool {
    switch bytes[offset] {
    case UInt8(ascii: "?"):
      return startsToken(offset) && (offset + 1 == bytes.count || isBlank(bytes[offset + 1]))
    case UInt8(ascii: "*"):
      guard isToken(UInt8(ascii: "*"), at: offset) else { return false }
      return isKeyEnd(bytes[offset...].firstIndex { isBlank($0) || isFlowIndicator($0) } ?? bytes.count)
    case UInt8(ascii: "]"), UInt8(ascii: "}"):
      return isKeyEnd(offset + 1)
    default:
      return false
    }
  }

  /// Whether only spaces and line breaks stand between the offset and a `:`.
  private func isKeyEnd(_ offset: Int) -> Bool {
    guard offset < bytes.count else { return false }
    return bytes[offset...].first { !isBlank($0) } == UInt8(ascii: ":")
  }

  private func isToken(_ indicator: UInt8, at offset: Int) -> Bool {
    bytes[offset] == indicator && startsToken(offset) && offset + 1 < bytes.count && !isBlank(bytes[offset + 1])
  }

  private func startsToken(_ offset: Int) -> Bool {
    offset == 0 || isBlank(bytes[offset - 1]) || isFlowIndicator(bytes[offset - 1])
      || bytes[offset - 1] == UInt8(ascii: ":")
  }

  private func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0a || byte == 0x0d }

  private func isFlowIndicator(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: ","): true
    default: false
    }
  }
}
