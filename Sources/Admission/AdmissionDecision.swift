import OmphalosValues

/// Whether a plugin may be mapped. A refused plugin never is.
public struct AdmissionDecision: Sendable {
  public enum Outcome: String, Sendable { case admissible, refused }

  /// Every reason against the plugin, not only the first.
  public let reasons: [AdmissionReason]
  /// What each policy said, the system's first; empty where there is no policy, and where the plugin has no declaration
  /// that policies could look at.
  public let verdicts: [PolicyVerdict]
  /// Its signature, as each policy sees it that looks at signatures.
  public let signatures: [SignatureState]
  /// What was found in its imports, and what becomes of each.
  public let findings: [JudgedFinding]

  public init(
    reasons: [AdmissionReason], verdicts: [PolicyVerdict] = [], signatures: [SignatureState] = [],
    findings: [JudgedFinding] = []
  ) {
    self.reasons = reasons
    self.verdicts = verdicts
    self.signatures = signatures
    self.findings = findings
  }

  public var outcome: Outcome { reasons.isEmpty ? .admissible : .refused }

  public func adding(_ more: [AdmissionReason]) -> AdmissionDecision {
    AdmissionDecision(reasons: reasons + more, verdicts: verdicts, signatures: signatures, findings: findings)
  }
}
