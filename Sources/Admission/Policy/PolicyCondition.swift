import OmphalosValues

/// What a rule may ask of a plugin. Of several values in one condition one is enough; of several conditions in one rule
/// all have to hold.
///
/// Where a plugin has several things of a kind, a rule sees to it that nothing slips through: an `allow` rule holds only
/// if all of them are covered by the condition, a `deny` rule as soon as one of them cannot be avoided.
public enum PolicyCondition: Sendable, Hashable {
  case id([GlobPattern])
  case vendor([GlobPattern])
  case version(VersionRange)
  case sha256([SHA256Digest])
  case license([GlobPattern])
  case capabilities([CapabilityKind])
  case signedBy([String])
  case hermetic(HermeticClaim)

  /// The key in the file.
  public var key: String {
    switch self {
    case .id: "id"
    case .vendor: "vendor"
    case .version: "version"
    case .sha256: "sha256"
    case .license: "license"
    case .capabilities: "capabilities"
    case .signedBy: "signed_by"
    case .hermetic: "hermetic"
    }
  }

  /// Every key that a rule knows beside `reason`.
  static let keys = ["id", "vendor", "version", "sha256", "license", "capabilities", "signed_by", "hermetic"]

  /// What it asks for, for messages.
  public var wanted: String {
    func any(_ texts: [String]) -> String { listed(texts.map { quotedForMessage($0) }, atMost: 5) }
    return switch self {
    case .id(let patterns), .vendor(let patterns), .license(let patterns): any(patterns.map(\.text))
    case .version(let range): any([range.text])
    case .sha256(let digests): any(digests.map(\.hex))
    case .capabilities(let kinds): any(kinds.map(\.text))
    case .signedBy(let principals): any(principals)
    case .hermetic(let claim): any([claim.rawValue])
    }
  }
}

/// What came of a condition for one plugin.
public struct ConditionResult: Sendable, Hashable {
  public let condition: PolicyCondition
  /// What the plugin has there, not escaped.
  public let found: String
  public let holds: Bool

  public var json: JSONValue {
    [
      "field": .string(condition.key), "wanted": .string(condition.wanted), "found": .string(found), "holds": .bool(holds),
    ]
  }
}
