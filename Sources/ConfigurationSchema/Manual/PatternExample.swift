/// A short text that a pattern is found in, for examples. What stands around it in a pattern (`^`, `\b`) is not looked
/// at, so whoever asks holds the text against the pattern afterwards.
struct PatternExample {
  private static let longest = 1_000
  /// How often what may be repeated at will is repeated beyond the least.
  private let extra: Int
  /// Repetitions of nothing make no text and take time.
  private var steps = 20_000

  private init(extra: Int) { self.extra = extra }

  /// - Parameter extra: how often what may be repeated at will is repeated beyond the least.
  static func text(for pattern: SchemaPattern, extra: Int) -> String? {
    var parser = PatternParser(pattern.source)
    guard let tree = try? parser.parse() else { return nil }
    var example = PatternExample(extra: extra)
    var scalars = String.UnicodeScalarView()
    guard example.append(tree, &scalars) else { return nil }
    return String(scalars)
  }

  /// - Returns: false where there is no such text, or only a long one.
  private mutating func append(_ tree: PatternTree, _ text: inout String.UnicodeScalarView) -> Bool {
    steps -= 1
    guard text.count <= Self.longest, steps > 0 else { return false }
    switch tree {
    case .start, .end, .wordBoundary: return true
    case .set(let set):
      guard let scalar = Self.likeliest(in: set) else { return false }
      text.append(scalar)
      return true
    case .sequence(let parts):
      for part in parts {
        guard append(part, &text) else { return false }
      }
      return true
    case .alternatives(let alternatives):
      for alternative in alternatives {
        let before = text
        if append(alternative, &text) { return true }
        text = before
      }
      return false
    case .repetition(let part, let minimum, let maximum):
      let count = min(minimum + extra, maximum ?? .max)
      for _ in 0..<count {
        guard append(part, &text) else { return false }
      }
      return true
    }
  }

  /// A letter, else a digit, else anything that is not a control character.
  private static func likeliest(in set: ScalarSet) -> Unicode.Scalar? {
    for scalar in "axAX1,;|".unicodeScalars where set.contains(scalar) { return scalar }
    for value in UInt32(0x21)...0x7e {
      if let scalar = Unicode.Scalar(value), set.contains(scalar) { return scalar }
    }
    for range in set.ranges {
      if let scalar = Unicode.Scalar(max(range.lowerBound, min(0x20, range.upperBound))) { return scalar }
    }
    return nil
  }
}
