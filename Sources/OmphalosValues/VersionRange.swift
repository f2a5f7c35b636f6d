/// A set of versions: alternatives separated by `||`, each of them comparisons that all hold, separated by spaces or
/// commas.
///
/// A comparison is a version, which stands for itself, or `=`, `>`, `>=`, `<`, `<=` and a version; `^1.4.0` stands for
/// `>=1.4.0 <2.0.0-0` (`^0.4.1` for `>=0.4.1 <0.5.0-0`, `^0.0.3` for `>=0.0.3 <0.0.4-0`), `~1.4.0` for
/// `>=1.4.0 <1.5.0-0`, and `*` for every version.
///
/// Versions are compared by the precedence of Semantic Versioning 2.0.0, and by nothing else: build metadata does not
/// count, and a pre-release comes before its release, so `<2.0.0` holds for `2.0.0-rc.1`. `<2.0.0-0` leaves it out.
public struct VersionRange: Hashable, Sendable, CustomStringConvertible {
  private enum Relation: String, CaseIterable {
    // The longer ones first: they are looked for in this order.
    case atLeast = ">="
    case atMost = "<="
    case above = ">"
    case below = "<"
    case equal = "="
  }

  /// Stands for two comparisons.
  private enum Shorthand: String, CaseIterable {
    case caret = "^"
    case tilde = "~"
  }

  private struct Comparison: Hashable {
    let relation: Relation
    let version: SemanticVersion

    func holds(for other: SemanticVersion) -> Bool {
      switch relation {
      case .atLeast: other >= version
      case .atMost: other <= version
      case .above: other > version
      case .below: other < version
      case .equal: other == version
      }
    }
  }

  public let text: String
  private let alternatives: [[Comparison]]

  public init(_ text: String) throws(ValueError) {
    guard text.utf8.count <= 1024 else {
      throw ValueError(what: "range of versions", found: text, wanted: "at most 1024 bytes")
    }
    var alternatives: [[Comparison]] = []
    for alternative in text.split(separator: "||", omittingEmptySubsequences: false) {
      let words = alternative.split { $0 == " " || $0 == "," }
      guard !words.isEmpty else {
        throw ValueError(
          what: "range of versions", found: text, wanted: "comparisons with versions, as in \">=1.4.0 <2.0.0\"")
      }
      var comparisons: [Comparison] = []
      for word in words where word != "*" { comparisons += try Self.comparisons(word, in: text) }
      alternatives.append(comparisons)
    }
    self.text = text
    self.alternatives = alternatives
  }

  public var description: String { text }

  public func contains(_ version: SemanticVersion) -> Bool {
    let version = version.withoutBuild
    return alternatives.contains { $0.allSatisfy { $0.holds(for: version) } }
  }

  private static func comparisons(_ word: Substring, in text: String) throws(ValueError) -> [Comparison] {
    let shorthand = Shorthand.allCases.first { word.hasPrefix($0.rawValue) }
    let relation = Relation.allCases.first { word.hasPrefix($0.rawValue) }
    let number = word.dropFirst(shorthand?.rawValue.count ?? relation?.rawValue.count ?? 0)
    guard !number.isEmpty else {
      throw ValueError(
        what: "range of versions", found: text, wanted: "a version right after \(word), as in \(word)1.4.0, without a space")
    }
    let version = try SemanticVersion(String(number)).withoutBuild
    guard let shorthand else {
      return [Comparison(relation: relation ?? .equal, version: version)]
    }
    return [
      Comparison(relation: .atLeast, version: version),
      Comparison(relation: .below, version: bound(of: shorthand, version)),
    ]
  }

  /// The first version that is left out: the lowest pre-release of the next one.
  private static func bound(of shorthand: Shorthand, _ version: SemanticVersion) -> SemanticVersion {
    let (major, minor, patch) = (version.major, version.minor, version.patch)
    if shorthand == .tilde { return .lowest(major, minor &+ 1, 0) }
    if major > 0 { return .lowest(major &+ 1, 0, 0) }
    return minor > 0 ? .lowest(0, minor &+ 1, 0) : .lowest(0, 0, patch &+ 1)
  }
}
