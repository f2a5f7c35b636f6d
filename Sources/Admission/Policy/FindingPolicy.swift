import OmphalosValues

/// A finding, what becomes of it, and who said so.
public struct JudgedFinding: Sendable, Hashable {
  /// Who decided.
  public enum Source: Sendable, Hashable {
    case nobody
    case hermeticDefault
    /// "the pack strict, line 7"
    case policy(String)
  }

  public let finding: Finding
  public let action: FindingAction
  public let source: Source

  public var decidedBy: String {
    switch source {
    case .nobody: ""
    case .hermeticDefault: "the default for hermetic runs"
    case .policy(let description): description
    }
  }

  public var json: JSONValue {
    guard case .object(var object) = finding.json else { return finding.json }
    object["action"] = .string(action.rawValue)
    object["decided_by"] = .string(decidedBy)
    return .object(object)
  }
}

extension AdmissionTerms {
  /// The strictest of what the default and the policies say.
  func judge(_ finding: Finding) -> JudgedFinding {
    let isOwn: Bool
    switch finding.distance {
    case .own: isOwn = true
    case .via: isOwn = false
    // What a language's runtime imports is no more of the plugin's doing than what libc does.
    case .runtime: return JudgedFinding(finding: finding, action: .allow, source: .nobody)
    }
    var action = defaultAction(finding.category, isOwn: isOwn)
    var source = action == .allow ? JudgedFinding.Source.nobody : .hermeticDefault
    for policy in policies.policies {
      guard let limit = policy.requirements.findings[finding.category] else { continue }
      let wanted = isOwn ? limit.own : limit.via
      if wanted > action { (action, source) = (wanted, .policy(policy.description(at: limit.mark))) }
    }
    return JudgedFinding(finding: finding, action: action, source: source)
  }

  /// A plugin that promises to be hermetic has no use for the network or for other processes; the rest it may import
  /// and not use.
  private func defaultAction(_ category: FindingCategory, isOwn: Bool) -> FindingAction {
    guard hermetic else { return .allow }
    switch category {
    case .network: return isOwn && !relaxations.contains(.networkImports) ? .deny : .warn
    case .process: return isOwn && !relaxations.contains(.processImports) ? .deny : .warn
    case .clock, .environment, .randomness, .dynamicLoading, .rawSystemCalls: return isOwn ? .warn : .allow
    // What is shared with another plugin is known only once the others are.
    case .sharedState: return .allow
    }
  }
}

extension Admission {
  /// One reason for each file and category with findings that are denied.
  static func findingReasons(_ judged: [JudgedFinding]) -> [AdmissionReason] {
    var groups: [FindingGroup] = []
    for one in judged where one.action == .deny {
      if let index = groups.firstIndex(where: { $0.takes(one) }) {
        groups[index].subjects.append(one.finding.subject)
      } else {
        groups.append(FindingGroup(example: one, subjects: [one.finding.subject]))
      }
    }
    return groups.map(\.reason)
  }
}

/// Findings that are told in one sentence.
private struct FindingGroup {
  let example: JudgedFinding
  var subjects: [String]

  private var category: FindingCategory { example.finding.category }

  func takes(_ other: JudgedFinding) -> Bool {
    other.finding.distance == example.finding.distance && other.finding.category == category
      && other.source == example.source
  }

  var reason: AdmissionReason {
    let isDefault = example.source == .hermeticDefault
    return AdmissionReason(
      .finding, field: "what \(subject) imports", found: listed(subjects, atMost: 8),
      wanted: wanted(isDefault),
      remedy: isDefault ? defaultRemedy : "use a plugin that does without")
  }

  private func wanted(_ isDefault: Bool) -> String {
    let what = "nothing of the category \(category.rawValue)"
    return isDefault ? "\(what) in a hermetic run" : "\(what), as \(example.decidedBy) asks"
  }

  private var subject: String {
    guard case .via(let library, _, let user) = example.finding.distance else { return example.finding.distance.owner }
    return "the library \(library), needed by \(user),"
  }

  private var defaultRemedy: String {
    let relaxation: Relaxation? = category == .network ? .networkImports : category == .process ? .processImports : nil
    let accepting = relaxation.map { ", or accept it with --relax \($0.rawValue), which the record will show" } ?? ""
    return "use a plugin that does without, run without --hermetic\(accepting)"
  }
}
