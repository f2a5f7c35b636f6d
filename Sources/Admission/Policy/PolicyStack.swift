import OmphalosValues

/// The policies that hold for a run, the system's first. None can take back what another one asks for: a plugin is
/// admitted if each of them admits it, and of what they say about anything else the strictest counts.
public struct PolicyStack: Sendable {
  public let policies: [Policy]

  public static let none = PolicyStack([])

  public init(_ policies: [Policy]) { self.policies = policies }

  public func verdicts(on subject: PolicySubject) -> [PolicyVerdict] { policies.map { $0.verdict(on: subject) } }

  /// The first policy that asks for something, as messages name it: "the system's policy …, line 3".
  func demand(_ requirement: KeyPath<PolicyRequirements, SourceMark?>) -> String? {
    for policy in policies {
      if let mark = policy.requirements[keyPath: requirement] { return policy.description(at: mark) }
    }
    return nil
  }

  /// Who asks for a lock, for no relaxations, for no changes of the process's state; nil where nobody does.
  public var demandsLock: String? { demand(\.lock) }
  public var deniesRelaxations: String? { demand(\.noRelaxations) }
  public var deniesStateChanges: String? { demand(\.noStateChanges) }

  /// What an operator named byte for byte, in an `allow` rule. A policy that came with the pipeline has no say in it: it
  /// would choose between files that are refused without it.
  public func allowedDigests() -> Set<SHA256Digest> {
    var digests: Set<SHA256Digest> = []
    let rules = policies.filter { $0.layer != .pipeline }.flatMap(\.rules)
    for rule in rules where rule.action == .allow {
      for case .sha256(let named) in rule.conditions { digests.formUnion(named) }
    }
    return digests
  }
}
