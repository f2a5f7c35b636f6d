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
    let matching = patterns.filter { Self.matches(bytes, $0.bytes) }
    return !matching.isEmpty && !matching.contains(where: \.isNegated)
  }

  /// In time proportional to the product of the lengths, whatever the pattern: only the last `*` has to be tried again.
  private static func matches(_ text: [UInt8], _ pattern: [UInt8]) -> Bool {
    var (place, at) = (0, 0)
    var retry: (place: Int, at: Int)?
    while place < text.count {
      if at < pattern.count, pattern[at] == UInt8(ascii: "*") {
        retry = (place, at + 1)
        at += 1
      } else if at < pattern.count, pattern[at] == UInt8(ascii: "?") || pattern[at] == text[place] {
        (place, at) = (place + 1, at + 1)
      } else if let last = retry {
        retry = (last.place + 1, last.at)
        (place, at) = (last.place + 1, last.at)
      } else {
        return false
      }
    }
    return pattern[at...].allSatisfy { $0 == UInt8(ascii: "*") }
  }
}
