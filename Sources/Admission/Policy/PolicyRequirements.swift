import OmphalosValues
import Signatures

/// What a policy asks of plugins and runs beside its rules.
public struct PolicyRequirements: Sendable {
  /// Where each of them stands in the file; nil for those that it does not ask for.
  public var hermetic: SourceMark?
  public var lock: SourceMark?
  public var noRelaxations: SourceMark?
  public var noStateChanges: SourceMark?
  public var signature: SourceMark?
  /// The file named by `signatures.allowed_signers`, read; nil where none is named.
  public var signers: AllowedSigners?
  public var findings: [FindingCategory: FindingLimit] = [:]

  public init() {}
}

/// What becomes of a plugin with a finding.
public enum FindingAction: String, Sendable, Hashable, Comparable, CaseIterable {
  case allow, warn, deny

  private var rank: Int { self == .allow ? 0 : self == .warn ? 1 : 2 }

  public static func < (left: FindingAction, right: FindingAction) -> Bool { left.rank < right.rank }
}

/// What a policy says of one category of findings.
public struct FindingLimit: Sendable, Hashable {
  /// In the plugin's own files.
  public let own: FindingAction
  /// In a library of the system that it brings along.
  public let via: FindingAction
  public let mark: SourceMark
}
