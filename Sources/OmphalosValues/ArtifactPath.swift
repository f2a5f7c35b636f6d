/// The path of an artifact inside a run directory.
///
/// Relative, in UTF-8 and in normalization form C, `/` between its parts; no part is empty, `.` or `..`; no control
/// characters; at most 255 bytes a part and 1,024 in all. Equal and ordered by bytes.
public struct ArtifactPath: Hashable, Comparable, Sendable, CustomStringConvertible {
  public static let greatestPartBytes = 255
  public static let greatestBytes = 1024

  public let text: String

  /// - Throws: `ValueError` naming the rule that is broken.
  public init(utf8 bytes: [UInt8]) throws(ValueError) {
    guard bytes.count <= Self.greatestBytes else {
      let start = String(decoding: bytes.prefix(64), as: UTF8.self) + "…"
      throw Self.refusal(start, "at most \(Self.greatestBytes) bytes in all, found \(bytes.count)")
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw Self.refusal(String(decoding: bytes, as: UTF8.self), "valid UTF-8")
    }
    try self.init(text)
  }

  /// - Throws: `ValueError` naming the rule that is broken.
  public init(_ text: String) throws(ValueError) {
    guard text.utf8.count <= Self.greatestBytes else {
      throw Self.refusal(text, "at most \(Self.greatestBytes) bytes in all, found \(text.utf8.count)")
    }
    guard !text.isEmpty else { throw Self.refusal(text, "a path with at least one part") }
    guard text.utf8.first != UInt8(ascii: "/") else {
      throw Self.refusal(text, "a relative path, without '/' at its start")
    }
    for part in text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
      try Self.check(part, in: text)
    }
    self.text = text
    // Most paths are: their bytes have one form, and the two rules below need tables.
    if text.utf8.allSatisfy({ 0x20...0x7e ~= $0 }) { return }
    if let control = text.unicodeScalars.first(where: { $0.properties.generalCategory == .control }) {
      let code = String(control.value, radix: 16, uppercase: true)
      throw Self.refusal(text, "no control characters, found U+" + String(repeating: "0", count: 4 - code.count) + code)
    }
    guard haveEqualBytes(text, text.inNormalizationFormC) else {
      throw Self.refusal(text, "Unicode normalization form C (composed characters)")
    }
  }

  /// The parts between the `/`.
  public var parts: [String] { text.split(separator: "/").map(String.init) }

  /// Equal for paths that a file system without case would take for one. See `String.caseFolded` for the folding.
  public var foldedKey: UTF8String { UTF8String(text.caseFolded) }

  /// Whether the path lies below a folder, that is: its first part is that folder and there is more.
  public func isUnder(_ folder: String) -> Bool {
    let bytes = text.utf8
    return bytes.count > folder.utf8.count + 1 && bytes.starts(with: folder.utf8)
      && bytes.dropFirst(folder.utf8.count).first == UInt8(ascii: "/")
  }

  public var description: String { text }

  public static func == (left: ArtifactPath, right: ArtifactPath) -> Bool {
    haveEqualBytes(left.text, right.text)
  }

  public static func < (left: ArtifactPath, right: ArtifactPath) -> Bool {
    bytesPrecede(left.text, right.text)
  }

  private static func check(_ part: Substring.UTF8View, in text: String) throws(ValueError) {
    if part.isEmpty { throw refusal(text, "no empty part between, before or after its '/'") }
    if part.elementsEqual(".".utf8) || part.elementsEqual("..".utf8) { throw refusal(text, "no part '.' or '..'") }
    guard part.count <= greatestPartBytes else {
      throw refusal(text, "at most \(greatestPartBytes) bytes a part, found \(part.count)")
    }
  }

  private static func refusal(_ found: String, _ wanted: String) -> ValueError {
    ValueError(what: "artifact path", found: found, wanted: wanted)
  }
}
