import OmphalosValues

/// Where a policy comes from; the later ones may only tighten what the earlier ones say.
public enum PolicyLayer: String, Sendable, Hashable, CaseIterable {
  case system, user
  /// Named by the operator for this run.
  case run
  /// Came with the pipeline, from wherever that came.
  case pipeline
  case pack

  /// Whose it is, for messages.
  var owner: String {
    switch self {
    case .system: "the system's policy"
    case .user: "the user's policy"
    case .run: "the policy of this run"
    case .pipeline: "the policy beside the pipeline,"
    case .pack: "the pack"
    }
  }
}

/// A policy file, read and checked in itself.
public struct Policy: Sendable {
  public let layer: PolicyLayer
  /// As messages show it: a path, or "strict" for the pack of that name.
  public let file: String
  /// Of the file's bytes.
  public let digest: SHA256Digest
  /// For a plugin that no rule matches.
  public let defaultAction: PolicyAction
  public let defaultMark: SourceMark?
  public let rules: [PolicyRule]
  public let requirements: PolicyRequirements

  /// "the system's policy /etc/omphalos/policy.yaml", "the pack strict".
  public var description: String { "\(layer.owner) \(printable(file))" }

  /// `description` with the line of something in it.
  func description(at mark: SourceMark?) -> String {
    mark.map { "\(description), line \($0.line)" } ?? description
  }

  /// Which policy this is.
  public var json: JSONValue { .object(members) }

  fileprivate var members: JSONObject {
    ["layer": .string(layer.rawValue), "file": .string(file), "sha256": .string(digest.hex)]
  }

  /// The first rule that matches decides, else the default does.
  public func verdict(on subject: PolicySubject) -> PolicyVerdict {
    var tried: [TriedRule] = []
    for rule in rules {
      let result = rule.tried(on: subject, self)
      tried.append(result)
      if result.matches { return PolicyVerdict(policy: self, tried: tried, decider: rule) }
    }
    return PolicyVerdict(policy: self, tried: tried, decider: nil)
  }
}

/// What one policy says of one plugin, and how it came to it.
public struct PolicyVerdict: Sendable {
  public let policy: Policy
  /// In the order of the file, up to the one that matched; all of them where none did.
  public let tried: [TriedRule]
  /// nil where the default decided.
  public let decider: PolicyRule?

  public var action: PolicyAction { decider?.action ?? policy.defaultAction }

  /// Of the rules that would have allowed the plugin the one with the fewest conditions that do not hold.
  public var nearMiss: TriedRule? {
    tried.filter { $0.rule.action == .allow && !$0.matches }
      .min { $0.results.count(where: { !$0.holds }) < $1.results.count(where: { !$0.holds }) }
  }

  public var json: JSONValue {
    var members = policy.members
    members["action"] = .string(action.rawValue)
    members["rules"] = .array(tried.map(\.json))
    members["decided_by"] = [
      "what": .string(decider == nil ? "default" : "rule"),
      "line": (decider?.mark ?? policy.defaultMark).map { .integer(Int64($0.line)) } ?? .null,
      "reason": decider.map { .string($0.reason) } ?? .null,
    ]
    return .object(members)
  }
}
