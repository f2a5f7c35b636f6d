import OmphalosValues

public enum PolicyAction: String, Sendable, Hashable, CaseIterable { case allow, deny }

/// One rule of a policy: what it does with the plugins that meet all its conditions.
public struct PolicyRule: Sendable, Hashable {
  public let action: PolicyAction
  /// In the order of the file; none holds for every plugin.
  public let conditions: [PolicyCondition]
  /// Whoever wrote the rule says why it is there.
  public let reason: String
  public let mark: SourceMark

  /// `id "com.example.*", vendor "Acme*"`
  public var conditionText: String {
    conditions.isEmpty ? "every plugin" : conditions.map { "\($0.key) \($0.wanted)" }.joined(separator: ", ")
  }

  func tried(on subject: PolicySubject, _ policy: Policy) -> TriedRule {
    TriedRule(rule: self, results: conditions.map { subject.result(of: $0, for: action, policy) })
  }
}

/// A rule that was held against a plugin.
public struct TriedRule: Sendable, Hashable {
  public let rule: PolicyRule
  /// One for each condition, also after one that does not hold.
  public let results: [ConditionResult]

  public var matches: Bool { results.allSatisfy(\.holds) }

  public var json: JSONValue {
    [
      "action": .string(rule.action.rawValue), "line": .integer(Int64(rule.mark.line)), "reason": .string(rule.reason),
      "conditions": .array(results.map(\.json)), "matches": .bool(matches),
    ]
  }
}
