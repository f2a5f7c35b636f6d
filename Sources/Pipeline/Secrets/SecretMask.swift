import OmphalosValues

/// Puts `[secret NAME]` in the place of the values of secrets, in texts that are kept or shown.
///
/// A value is found as it is, as JSON and our own messages escape it, percent-encoded, and line by line; where a text was
/// cut in the middle of it, the part of it before the cut. It is not found in other encodings, or cut up by whoever has it.
public struct SecretMask: Sendable {
  struct Pattern: Sendable {
    let bytes: [UInt8]
    let label: String

    var placeholder: [UInt8] { Array("[secret \(label)]".utf8) }
  }

  /// How a text ends.
  enum Ending {
    case whole
    /// In the middle of something, perhaps of a value.
    case cut
    /// More follows.
    case open
  }

  enum Match {
    case found(Pattern, length: Int)
    /// What follows may make it one.
    case open
    case none
  }

  /// By their first byte, the longest first.
  private var patterns: [[Pattern]] = Array(repeating: [], count: 256)
  public let isEmpty: Bool
  /// What stands at the end of a text that was cut, and in the place of half a character.
  private static let cuts = ["…", "\u{fffd}"].map { Array($0.utf8) }

  public static let none = SecretMask([])

  /// - Parameter values: the values with the names that stand for them.
  public init(_ values: [(label: String, value: String)]) {
    isEmpty = values.isEmpty
    var seen: Set<[UInt8]> = []
    for (label, value) in values {
      for form in SecretForms.all(of: value) where seen.insert(form).inserted {
        patterns[Int(form[0])].append(Pattern(bytes: form, label: label))
      }
    }
    for index in patterns.indices { patterns[index].sort { $0.bytes.count > $1.bytes.count } }
  }

  /// The text without the values.
  public func masked(_ text: String) -> String {
    guard !isEmpty else { return text }
    return String(decoding: masked(Array(text.utf8)), as: UTF8.self)
  }

  func masked(_ bytes: [UInt8]) -> [UInt8] { replace(in: bytes, ending: .whole).output }

  /// The name of the first secret whose value stands in a text.
  public func label(in text: String) -> String? {
    guard !isEmpty else { return nil }
    let bytes = Array(text.utf8)
    for index in bytes.indices {
      if case .found(let pattern, _) = match(bytes, at: index, ending: .whole) { return pattern.label }
    }
    return nil
  }

  /// - Parameter ending: of an open text, what may be the beginning of a value is left over.
  /// - Returns: how many bytes the output stands for.
  func replace(in bytes: [UInt8], ending: Ending) -> (output: [UInt8], consumed: Int) {
    var output: [UInt8] = []
    output.reserveCapacity(bytes.count)
    var index = 0
    while index < bytes.count {
      switch match(bytes, at: index, ending: ending) {
      case .found(let pattern, let length):
        output += pattern.placeholder
        index += length
      case .open: return (output, index)
      case .none:
        output.append(bytes[index])
        index += 1
      }
    }
    return (output, index)
  }

  private func match(_ bytes: [UInt8], at start: Int, ending: Ending) -> Match {
    let candidates = patterns[Int(bytes[start])]
    if candidates.isEmpty { return .none }
    var cut: (pattern: Pattern, length: Int)?
    for pattern in candidates {
      let length = Self.commonLength(bytes, start, pattern.bytes)
      if length == pattern.bytes.count { return .found(pattern, length: length) }
      let end = start + length
      if end == bytes.count, ending == .open { return .open }
      let isCut = end == bytes.count ? ending == .cut : Self.cuts.contains { bytes[end...].starts(with: $0) }
      if isCut, length >= SecretForms.leastBytes, length > cut?.length ?? 0 {
        cut = (pattern, length)
      }
    }
    return cut.map { .found($0.pattern, length: $0.length) } ?? .none
  }

  private static func commonLength(_ bytes: [UInt8], _ start: Int, _ pattern: [UInt8]) -> Int {
    let most = min(pattern.count, bytes.count - start)
    var length = 1
    while length < most, bytes[start + length] == pattern[length] { length += 1 }
    return length
  }
}

/// The same for a stream that comes in parts, however they are cut.
public struct SecretStreamMask: Sendable {
  private let mask: SecretMask
  private var pending: [UInt8] = []

  public init(_ mask: SecretMask) { self.mask = mask }

  /// What is certain of the stream so far.
  public mutating func add(_ bytes: [UInt8]) -> [UInt8] {
    guard !mask.isEmpty else { return bytes }
    let all = pending + bytes
    let (output, consumed) = mask.replace(in: all, ending: .open)
    pending = Array(all[consumed...])
    return output
  }

  /// The rest. The stream may have ended in the middle of a value.
  public mutating func finish() -> [UInt8] {
    defer { pending = [] }
    return mask.replace(in: pending, ending: .cut).output
  }
}
