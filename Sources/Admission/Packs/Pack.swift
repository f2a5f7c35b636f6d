import OmphalosValues

/// A named bar for runs, shipped with the program: a policy like any other, in a file beside this one.
public enum Pack: String, Sendable, CaseIterable, Comparable {
  /// For iteration.
  case baseline
  /// For certification and release.
  case strict

  /// The policy's text.
  public var bytes: [UInt8] {
    switch self {
    case .baseline: PackageResources.baseline_yaml
    case .strict: PackageResources.strict_yaml
    }
  }

  /// - Throws: never for the packs of this version, which a test reads.
  public func policy() throws(ConfigurationError) -> Policy {
    try Policy.parse(bytes, file: rawValue, layer: .pack) { (_, mark) throws(ConfigurationError) in
      throw ConfigurationError(mark: mark, message: "a pack names no file of signers: it is the same on every machine")
    }
  }

  /// The later one asks for more.
  public static func < (left: Pack, right: Pack) -> Bool { left == .baseline && right == .strict }
}
