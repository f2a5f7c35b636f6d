import Admission
import OmphalosValues
import PluginHost

/// What policies say of plugins, for people and for programs. The JSON's schema is docs/schemas/policy-explanation.schema.json.
struct PolicyExplanation {
  let terms: AdmissionTerms
  let candidates: [PluginCandidate]

  var text: String {
    if candidates.isEmpty { return "No plugin files (*.so) were found." }
    return candidates.map { lines($0).joined(separator: "\n") }.joined(separator: "\n\n")
  }

  private func lines(_ candidate: PluginCandidate) -> [String] {
    let identity = candidate.declaration.map { "  \($0.id) \($0.version)" } ?? ""
    var lines = ["\(candidate.isAdmissible ? "admissible" : "refused   ")  \(printable(candidate.path))\(identity)"]
    guard let decision = candidate.decision, candidate.declaration != nil else {
      lines.append("  No policy was asked: the file does not say what it is.")
      return lines + outcome(candidate)
    }
    for verdict in decision.verdicts { lines += self.lines(verdict) }
    lines += findings(decision.findings)
    return lines + outcome(candidate)
  }

  private func lines(_ verdict: PolicyVerdict) -> [String] {
    let decision =
      verdict.decider.map { "\($0.action.rawValue), by the rule in line \($0.mark.line): \(printable($0.reason))" }
      ?? "\(verdict.action.rawValue), by default\(verdict.tried.isEmpty ? "" : ": no rule matches")"
    var lines = ["  \(verdict.policy.description): \(decision)"]
    for tried in verdict.tried {
      let rule = "line \(tried.rule.mark.line)  \(tried.rule.action.rawValue)  \(printable(tried.rule.conditionText))"
      lines.append("    \(tried.matches ? "matches" : "passed ")  \(rule)")
      for result in tried.results where !result.holds {
        lines.append("             \(result.condition.key) is \(quotedForMessage(result.found))")
      }
    }
    return lines
  }

  /// Those that somebody said something about.
  private func findings(_ judged: [JudgedFinding]) -> [String] {
    judged.filter { $0.action != .allow }.map {
      "  \($0.action.rawValue == "warn" ? "warning" : "denied "): \($0.finding.sentence), \($0.decidedBy)"
    }
  }

  private func outcome(_ candidate: PluginCandidate) -> [String] {
    guard !candidate.isAdmissible else { return ["  Every policy admits it."] }
    return ["  Refused, because:"] + candidate.refusals.map { "    - \($0.sentence)." } + nearMisses(candidate)
  }

  /// Where no rule allows a plugin, the rule that came closest.
  private func nearMisses(_ candidate: PluginCandidate) -> [String] {
    (candidate.decision?.verdicts ?? []).filter { $0.action == .deny && $0.decider == nil }.compactMap { verdict in
      guard let nearest = verdict.nearMiss else { return nil }
      let missing = nearest.results.filter { !$0.holds }.map { "\($0.condition.key) were \($0.condition.wanted)" }
      return "    The rule in line \(nearest.rule.mark.line) of \(verdict.policy.description) would allow it if "
        + missing.joined(separator: " and ") + "."
    }
  }

  var json: JSONValue {
    [
      "schema_version": "1.0", "hermetic": .bool(terms.hermetic),
      "relaxations": .array(terms.relaxations.sorted().map { .string($0.rawValue) }),
      "policies": .array(terms.policies.policies.map(\.json)),
      "plugins": .array(candidates.map(json)),
    ]
  }

  private func json(_ candidate: PluginCandidate) -> JSONValue {
    [
      "path": .string(candidate.path), "id": candidate.id.map { .string($0.text) } ?? .null,
      "version": candidate.declaration.map { .string($0.version.description) } ?? .null,
      "sha256": candidate.contentsDigest.map { .string($0.hex) } ?? .null,
      "outcome": .string(candidate.isAdmissible ? "admissible" : "refused"),
      "reasons": .array(candidate.refusals.map(\.json)),
      "policies": .array((candidate.decision?.verdicts ?? []).map(\.json)),
      "findings": .array((candidate.decision?.findings ?? []).map(\.json)),
    ]
  }
}
