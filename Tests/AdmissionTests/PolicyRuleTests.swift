import Admission
import OmphalosValues
import Synchronization
import TestSupport
import Testing

@Suite("The rules of a policy")
struct PolicyRuleTests {
  /// The word for what one rule, in a policy that says the opposite by default, makes of the sample plugin.
  private func decides(
    _ action: String, _ conditions: String, _ change: (inout ExamplePluginSource) -> Void = { _ in }
  ) throws -> Bool {
    let opposite = action == "allow" ? "deny" : "allow"
    let policies = try PolicySamples.stack(
      "version: 1\ndefault: \(opposite)\nrules:\n  - \(action): { \(conditions), reason: \"because\" }\n")
    let decision = Admission.decide(
      try PolicySamples.plugin(change), under: AdmissionTerms(policies: policies), evidence: PolicySamples.evidence)
    #expect((decision.outcome == .admissible) == (decision.verdicts[0].action == .allow))
    return decision.verdicts[0].decider != nil
  }

  @Test(
    "id, vendor, version and hermetic mean the same in both directions",
    arguments: [
      ("id: \"com.example.*\"", true), ("id: com.example.other", false), ("id: [com.other.*, com.example.hello]", true),
      ("vendor: Example", true), ("vendor: \"E*\"", true), ("vendor: example", false), ("version: \"^1.0.0\"", true),
      ("version: \"<1.0.0\"", false), ("hermetic: compatible", true), ("hermetic: incompatible", false),
      ("id: \"com.example.*\", version: \">=2.0.0\"", false), ("id: \"com.example.*\", vendor: Example", true),
    ])
  func plain(conditions: String, matches: Bool) throws {
    #expect(try decides("allow", conditions) == matches)
    #expect(try decides("deny", conditions) == matches)
  }

  @Test("an allow rule wants all capabilities covered, a deny rule is content with one")
  func capabilities() throws {
    let both: (inout ExamplePluginSource) -> Void = {
      $0.capabilities =
        #"[{"kind":"exporter","name":"hello","interface_version":1},{"kind":"connector","name":"c","interface_version":1}]"#
    }
    #expect(try !decides("allow", "capabilities: [exporter]", both))
    #expect(try decides("allow", "capabilities: [exporter, connector, lineage_sink]", both))
    #expect(try decides("deny", "capabilities: [connector]", both))
    #expect(try !decides("deny", "capabilities: [lineage_sink]", both))
  }

  @Test(
    "an allow rule wants a license that can be chosen, a deny rule one that cannot be avoided",
    arguments: [
      ("MIT", true, true), ("MIT OR GPL-3.0-only", true, false), ("MIT AND GPL-3.0-only", false, true),
      ("GPL-3.0-only", false, false), ("mit", true, true), ("(MIT OR Apache-2.0) AND GPL-3.0-only", false, false),
      ("GPL-2.0-only WITH Classpath-exception-2.0 OR MIT", true, false), ("Apache-2.0 OR MIT AND GPL-3.0-only", false, false),
    ])
  func licenses(license: String, allowed: Bool, denied: Bool) throws {
    #expect(try decides("allow", "license: MIT") { $0.license = license } == allowed)
    #expect(try decides("deny", "license: MIT") { $0.license = license } == denied)
  }

  @Test("a pattern covers a family of licenses")
  func licensePatterns() throws {
    #expect(try decides("deny", "license: \"*GPL-*\"") { $0.license = "LGPL-2.1-only" })
    #expect(try decides("deny", "license: \"GPL-*\"") { $0.license = "GPL-2.0-only WITH Classpath-exception-2.0" })
    #expect(try !decides("deny", "license: GPL-2.0-only") { $0.license = "GPL-2.0-only WITH Classpath-exception-2.0" })
  }

  @Test("a digest is allowed for all files together, and denied for each of them")
  func digests() throws {
    let (file, part, contents) = (
      PolicySamples.digest.hex, PolicySamples.partDigest.hex, PolicySamples.contentsDigest.hex
    )
    #expect(try decides("allow", "sha256: \"\(contents)\""))
    #expect(try !decides("allow", "sha256: \"\(file)\""))
    for digest in [file, part, contents] { #expect(try decides("deny", "sha256: \"\(digest)\"")) }
    #expect(try !decides("deny", "sha256: \"\(SHA256Digest(hashing: "another").hex)\""))
  }

  @Test("a plugin's files are read once, however many rules ask for their digest")
  func readOnce() throws {
    let readings = Mutex(0)
    let evidence = PluginEvidence(
      digests: {
        readings.withLock { $0 += 1 }
        return PolicySamples.evidence.digests()
      }, signature: { _ in .absent })
    let rule = "  - deny: { sha256: \"\(SHA256Digest(hashing: "another").hex)\", reason: \"CVE\" }\n"
    let policies = try PolicySamples.stack("version: 1\nrules:\n" + String(repeating: rule, count: 500))
    let decision = Admission.decide(
      try PolicySamples.plugin(), under: AdmissionTerms(policies: policies), evidence: evidence)
    #expect(decision.verdicts[0].tried.count == 500 && readings.withLock { $0 } == 1)
  }

  @Test("the first rule that matches decides, and rules after it are not tried")
  func firstMatch() throws {
    let policies = try PolicySamples.stack(
      """
      version: 1
      default: deny
      rules:
        - deny: { id: com.example.other, reason: "contract ended" }
        - allow: { vendor: Example, reason: "audited" }
        - deny: { id: "*", reason: "never reached" }
      """)
    let verdict = Admission.decide(try PolicySamples.plugin(), under: AdmissionTerms(policies: policies)).verdicts[0]
    #expect(verdict.tried.map(\.matches) == [false, true])
    #expect(verdict.decider?.reason == "audited" && verdict.decider?.mark.line == 5)
    #expect(verdict.tried[0].results[0].found == "com.example.hello")
  }

  @Test("a refusal names policy, line, condition and reason, and so does one by default")
  func sentences() throws {
    let denied = try PolicySamples.stack("version: 1\nrules:\n  - deny: { id: \"com.*\", reason: \"contract ended\" }\n")
    #expect(
      Admission.decide(try PolicySamples.plugin(), under: AdmissionTerms(policies: denied)).reasons.map(\.sentence) == [
        "the plugin is denied by the system's policy system.yaml, line 3 (id \"com.*\"): contract ended, wanted a plugin "
          + "that no rule denies; whoever keeps that policy can change the rule, or put an allow rule before it"
      ])
    let byDefault = try PolicySamples.stack("version: 1\ndefault: deny\n")
    #expect(
      Admission.decide(try PolicySamples.plugin(), under: AdmissionTerms(policies: byDefault)).reasons.map(\.sentence) == [
        "the plugin is in no allow rule of the system's policy system.yaml, line 2, which denies by default, wanted a "
          + "plugin that a rule there allows; have a rule added that allows it, with the reason; `omphalos policy "
          + "explain` shows which rules were tried"
      ])
  }
}
