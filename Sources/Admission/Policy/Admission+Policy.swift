import OmphalosValues

extension Admission {
  /// One reason for each policy that does not admit the plugin.
  static func policyReasons(_ verdicts: [PolicyVerdict]) -> [AdmissionReason] {
    verdicts.filter { $0.action == .deny }.map { verdict in
      let policy = verdict.policy
      guard let rule = verdict.decider else {
        return AdmissionReason(
          .policy, field: "the plugin", found: "in no allow rule of \(policy.description(at: policy.defaultMark)), which denies by default",
          wanted: "a plugin that a rule there allows",
          remedy: "have a rule added that allows it, with the reason; `omphalos policy explain` shows which rules were tried")
      }
      return AdmissionReason(
        .policy, field: "the plugin", found: "denied by \(policy.description(at: rule.mark)) (\(rule.conditionText)): \(rule.reason)",
        wanted: "a plugin that no rule denies",
        remedy: "whoever keeps that policy can change the rule, or put an allow rule before it")
    }
  }

  /// Policies that want every plugin signed.
  static func signatureReasons(_ policies: PolicyStack, _ evidence: PluginEvidence) -> [AdmissionReason] {
    policies.policies.compactMap { policy in
      guard let signers = policy.requirements.signers else { return nil }
      let state = evidence.signature(signers)
      guard let required = policy.requirements.signature else {
        // Nobody has to sign; but a signature that was made for something else is a warning sign in any case.
        return state.isBroken ? reason(state, "none, or one that is good", policy.description) : nil
      }
      return state.isGood ? nil : reason(state, "a good one by a signer of \(signers.file)", policy.description(at: required))
    }
  }

  private static func reason(_ state: SignatureState, _ wanted: String, _ policy: String) -> AdmissionReason {
    AdmissionReason(
      .signature, field: "the signature", found: state.description, wanted: "\(wanted), as \(policy) asks",
      remedy: state.remedy)
  }
}
