import OmphalosValues

/// Patterns with commas between them, as OpenSSH has them for principals and namespaces: `*` stands for any bytes, `?`
/// for one, and one after `!` that matches forbids, wherever it stands. Source: ssh_config(5), PATTERNS.
struct PatternList: Sendable, Hashable {
  /// A longer one never matches with ssh-keygen either.
  static let largestPattern = 1022

  private struct Pattern: Sendable, Hashable {
    let bytes: [UInt8]
    let isNegated: Bool
  }

  private let patterns: [Pattern]
  /// As it was written.
  let text: String

  init(_ text: String) {
    self.text = text
    // A list that ends with a comma has no empty pattern behind it.
    var parts = text.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)[...]
    if parts.last?.isEmpty == true { parts = parts.dropLast() }
    patterns = parts.map { part in
      let isNegated = part.first == UInt8(ascii: "!")
      return Pattern(bytes: Array(isNegated ? part.dropFirst() : part), isNegated: isNegated)
    }
  }

  var isEmpty: Bool { patterns.isEmpty }
  var hasTooLongPattern: Bool { patterns.contains { $0.bytes.count > Self.largestPattern } }

  func matches(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    guard !hasTooLongPattern else { return false }
    let matching = patterns.filter {
      matchesGlob(bytes, $0.bytes, any: UInt8(ascii: "*"), one: UInt8(ascii: "?"))
    }
    return !matching.isEmpty && !matching.contains(where: \.isNegated)
  }
}
