import Admission
import OmphalosValues
import TestSupport
import Testing

@Suite("Policies on top of each other")
struct PolicyStackTests {
  private func outcome(_ policies: PolicyStack, hermetic: Bool = false) throws -> AdmissionDecision.Outcome {
    Admission.decide(try PolicySamples.plugin(), under: AdmissionTerms(hermetic: hermetic, policies: policies)).outcome
  }

  private let allowAll = "version: 1\ndefault: allow\nrules:\n  - allow: { id: \"*\", reason: \"everything\" }\n"
  private let denyAll = "version: 1\nrules:\n  - deny: { vendor: Example, reason: \"no\" }\n"
  private let denyByDefault = "version: 1\ndefault: deny\n"

  @Test("a later policy can never admit what an earlier one denies, nor an earlier one what a later one denies")
  func onlyTighter() throws {
    #expect(try outcome(PolicySamples.stack(allowAll, allowAll, allowAll)) == .admissible)
    for denial in [denyAll, denyByDefault] {
      #expect(try outcome(PolicySamples.stack(denial, allowAll, allowAll)) == .refused)
      #expect(try outcome(PolicySamples.stack(allowAll, denial, allowAll)) == .refused)
      #expect(try outcome(PolicySamples.stack(allowAll, allowAll, denial)) == .refused)
    }
  }

  @Test("every policy that denies has its reason in the refusal")
  func everyReason() throws {
    let decision = Admission.decide(
      try PolicySamples.plugin(), under: AdmissionTerms(policies: try PolicySamples.stack(denyAll, allowAll, denyByDefault)))
    #expect(decision.reasons.map(\.code) == [.policy, .policy])
    #expect(decision.verdicts.map(\.action) == [.deny, .allow, .deny])
  }

  @Test("what one policy asks of plugins and run, no other can take back")
  func requirements() throws {
    let asking = "version: 1\nrequire_hermetic: true\nrequire_lock: true\nrelaxations: deny\nstate_changes: deny\n"
    let lax = "version: 1\nrequire_hermetic: false\nrequire_lock: false\nrelaxations: allow\nstate_changes: warn\n"
    for stack in [try PolicySamples.stack(asking, lax), try PolicySamples.stack(lax, asking)] {
      #expect(stack.demandsLock != nil && stack.deniesRelaxations != nil && stack.deniesStateChanges != nil)
      let incompatible = try PolicySamples.plugin { $0.hermetic = "incompatible" }
      let decision = Admission.decide(incompatible, under: AdmissionTerms(policies: stack))
      #expect(decision.reasons.map(\.code) == [.hermeticPlugin])
      #expect(decision.reasons[0].wanted.contains("require_hermetic") || decision.reasons[0].wanted.contains("line 2"))
    }
    let none = try PolicySamples.stack(lax)
    #expect(none.demandsLock == nil && none.deniesRelaxations == nil && none.deniesStateChanges == nil)
  }

  @Test("of what policies say about imports the strictest counts, and the switch cannot lift it")
  func findings() throws {
    let plugin = try inspected(
      c: ExamplePluginSource().text + "#include <sys/socket.h>\nint reach(int s) { return connect(s, 0, 0); }\n")
    func decide(_ policies: PolicyStack, hermetic: Bool = false, relaxed: Bool = false) -> AdmissionDecision {
      Admission.decide(
        plugin,
        under: AdmissionTerms(hermetic: hermetic, policies: policies, relaxations: relaxed ? [.networkImports] : []))
    }
    let denying = "version: 1\nfindings: { network: deny }\n"
    let allowing = "version: 1\nfindings: { network: allow }\n"
    #expect(decide(.none).outcome == .admissible)
    #expect(decide(.none, hermetic: true).reasons.map(\.code) == [.finding])
    #expect(decide(.none, hermetic: true, relaxed: true).outcome == .admissible)
    #expect(decide(try PolicySamples.stack(allowing), hermetic: true).outcome == .refused)
    #expect(decide(try PolicySamples.stack(denying, allowing)).outcome == .refused)
    #expect(decide(try PolicySamples.stack(allowing, denying), hermetic: true, relaxed: true).outcome == .refused)
    #expect(decide(try PolicySamples.stack("version: 1\nfindings: { network: { via: deny } }\n")).outcome == .admissible)
  }

  @Test("a plugin without a readable declaration is refused without asking any policy")
  func undeclared() throws {
    let plugin = try inspected(c: "void *omphalos_plugin_v1(void) { return 0; }")
    let decision = Admission.decide(plugin, under: AdmissionTerms(policies: try PolicySamples.stack(allowAll)))
    #expect(decision.reasons.map(\.code) == [.noDeclaration] && decision.verdicts.isEmpty)
  }

  @Test("the packs are policies without mistakes, and strict asks for more than baseline")
  func packs() throws {
    #expect(Pack.allCases.count == 2 && Pack.baseline < Pack.strict && !(Pack.strict < Pack.baseline))
    let strict = PolicyStack([try Pack.strict.policy()])
    #expect(strict.demandsLock == "the pack strict, line 10")
    #expect(strict.deniesRelaxations != nil && strict.deniesStateChanges != nil)
    let baseline = PolicyStack([try Pack.baseline.policy()])
    #expect(baseline.demandsLock == nil && baseline.deniesRelaxations == nil)
  }
}
