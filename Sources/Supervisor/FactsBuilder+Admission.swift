import Admission
import OmphalosValues
import Pipeline
import PluginHost
import RunRecord
import Signatures

/// What was decided, and by whom, as the record has it.
extension FactsBuilder {
  var policies: [PolicyFacts] {
    plan.admission.policies.policies.map {
      PolicyFacts(layer: $0.layer.rawValue, name: fileName(of: $0.file), sha256: $0.digest)
    }
  }

  static func policies(of decision: AdmissionDecision) -> [PolicyDecisionFacts] {
    decision.verdicts.map { verdict in
      PolicyDecisionFacts(
        layer: verdict.policy.layer.rawValue, line: (verdict.decider?.mark ?? verdict.policy.defaultMark)?.line,
        reason: verdict.decider?.reason)
    }
  }

  static func signature(of decision: AdmissionDecision) -> SignatureFacts? {
    for state in decision.signatures {
      guard case .checked(let check) = state, case .good(let signer) = check.outcome else { continue }
      return SignatureFacts(
        principals: signer.principals, keyType: check.signature.key.type, fingerprint: check.signature.key.fingerprint)
    }
    return nil
  }

  /// Of libraries of the system only what somebody wants to be warned of: they import hundreds of functions.
  static func imports(of decision: AdmissionDecision) -> [ImportFacts] {
    decision.findings.filter { $0.action != .allow || $0.finding.distance.word != "via" }.map { judged in
      ImportFacts(
        category: judged.finding.category.rawValue, symbol: judged.finding.subject,
        distance: judged.finding.distance.word, subject: judged.finding.distance.owner, action: judged.action.rawValue)
    }
  }

  /// One for each category and file of a plugin that a policy, or the default, wants to be told.
  static func warnings(_ plugins: [AdmittedPlugin]) -> [FindingFacts] {
    plugins.flatMap { plugin -> [FindingFacts] in
      var symbols: [(key: (FindingCategory, String), names: [String])] = []
      for judged in plugin.decision.findings where judged.action == .warn {
        let key = (judged.finding.category, judged.finding.distance.owner)
        if let last = symbols.indices.last(where: { symbols[$0].key == key }) {
          symbols[last].names.append(judged.finding.subject)
        } else {
          symbols.append((key, [judged.finding.subject]))
        }
      }
      return symbols.map { key, names in
        FindingFacts(
          plugin: plugin.id, subject: "import \(key.0.rawValue)",
          message: "\(plugin.id): \(key.1) imports \(listed(names, atMost: 5)) (\(key.0.rawValue)).")
      }
    }
  }
}
