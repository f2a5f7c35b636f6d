import Admission
import ELFInspection
import OmphalosValues

/// A sealed plugin that was decided on and may be loaded. There is no other way to make one, so that what was not
/// admitted cannot be loaded.
public struct AdmittedPlugin: Sendable {
  public let sealed: SealedPlugin
  public let declaration: Declaration
  public let decision: AdmissionDecision
  /// The plugin's libraries on paper; nil in the worker.
  public let closure: LibraryClosure?

  /// Decides about the sealed bytes.
  ///
  /// - Parameters:
  ///   - used: the capabilities that the pipeline names.
  ///   - closure: the libraries of the sealed bytes on paper; nil in the worker, where that was done before.
  public init(
    _ sealed: SealedPlugin, under terms: AdmissionTerms = AdmissionTerms(), used: [CapabilityName], closure: LibraryClosure?
  ) throws(PluginRefused) {
    self.closure = closure
    let decision = Admission.decide(
      sealed.plugin, under: terms, usedCapabilities: used, own: sealed.own, closure: closure, evidence: sealed.evidence)
    guard decision.outcome == .admissible, let declaration = try? sealed.plugin.declaration?.get() else {
      throw PluginRefused(
        file: sealed.path, id: try? sealed.plugin.declaration?.get().id, refusals: decision.reasons.map(Refusal.admission))
    }
    self.sealed = sealed
    self.declaration = declaration
    self.decision = decision
  }

  public var id: PluginID { declaration.id }
}

/// A plugin that the pipeline names and that is not loaded. None of its code has run.
public struct PluginRefused: Error, Diagnosable, Sendable {
  public let file: String
  public let id: PluginID?
  public let refusals: [Refusal]

  public init(file: String, id: PluginID?, refusals: [Refusal]) {
    self.file = file
    self.id = id
    self.refusals = refusals
  }

  public var message: String {
    let who = id.map { " (\($0))" } ?? ""
    let lines = refusals.map { "  - \($0.sentence)." }.joined(separator: "\n")
    return "The plugin \(printable(file))\(who) is refused; it was not loaded, and none of its code ran:\n\(lines)"
  }
  public var exitCode: ExitCode { .pluginRefused }
}

/// Several plugins that the pipeline names and that are not loaded.
public struct SeveralRefused: Error, Diagnosable, Sendable {
  public let plugins: [PluginRefused]

  public init(plugins: [PluginRefused]) { self.plugins = plugins }

  public var message: String { plugins.map(\.message).joined(separator: "\n") }
  public var exitCode: ExitCode { .pluginRefused }
}
