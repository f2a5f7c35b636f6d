import Admission
import LinuxCalls
import OmphalosValues
import PluginHost

/// Finds the plugins that a pipeline names among those that were discovered, and admits them.
struct PluginSelection {
  let discovery: Discovery
  let directories: [PluginDirectory]
  let mode: LoadMode
  let secrets: Secrets

  func select(_ configuration: PipelineConfiguration, under terms: AdmissionTerms) throws -> [AdmittedPlugin] {
    // All names are looked up before anything is refused: a misspelling is the likelier cause, and cheaper to mend.
    let uses = configuration.uses
    let candidates = try configuration.pluginIDs.map { id in
      try find(id, at: uses.first { $0.reference.plugin == id })
    }
    // So are all steps, each with all that is wrong with it.
    try uses.flatMap(errors).throwIfAny()
    try refuse(
      candidates.filter { !$0.isAdmissible }.map {
        PluginRefused(file: $0.path, id: $0.id, refusals: $0.refusals)
      })
    let sealed = try seal(candidates, largest: configuration.limits.pluginBytes)
    let closures = zip(sealed, candidates).map { $1.closure(of: $0, in: discovery.catalog) }
    let capabilities = configuration.capabilitiesByPlugin
    let conflicts = SonameTable.host.conflicts(among: zip(sealed, closures).map { SonameTable.Member($0, $1) })
    var admitted: [AdmittedPlugin] = []
    var refused: [PluginRefused] = []
    for (index, candidate) in candidates.enumerated() {
      do throws(PluginRefused) {
        guard conflicts[index].isEmpty else {
          throw PluginRefused(
            file: candidate.path, id: candidate.id, refusals: conflicts[index].map(Refusal.admission))
        }
        let used = candidate.id.flatMap { capabilities[$0] } ?? []
        admitted.append(
          try AdmittedPlugin(sealed[index], under: terms, used: used, closure: closures[index]))
      } catch {
        refused.append(error)
      }
    }
    try refuse(refused)
    return admitted
  }

  /// Copying and hashing take the most time of all that comes before a run, and one plugin does not wait for another.
  private func seal(_ candidates: [PluginCandidate], largest: UInt64) throws -> [SealedPlugin] {
    let mode = mode
    let outcomes = Cores.map(candidates.count) { index in
      Result { try SealedPlugin(sealing: candidates[index], mode: mode, index: index, largest: largest) }
    }
    return try outcomes.map { try $0.get() }
  }

  /// All that were refused at once: an operator mends them in one go.
  private func refuse(_ refused: [PluginRefused]) throws {
    guard let first = refused.first else { return }
    throw refused.count == 1 ? first : SeveralRefused(plugins: refused)
  }

  private func find(_ id: PluginID, at use: @autoclosure () -> CapabilityUse?) throws -> PluginCandidate {
    if let candidate = discovery.candidate(for: id) { return candidate }
    let known = Array(Set(discovery.candidates.compactMap(\.id?.text))).sorted()
    let nearest = nearestNames(to: id.text, among: known)
    let places = directories.filter(\.isExplicit).map { printable($0.path) }.joined(separator: ", ")
    var message = "there is no plugin \(id)"
    if !places.isEmpty { message += " in \(places)" }
    if !nearest.isEmpty {
      message += "; did you mean \(nearest.joined(separator: " or "))?"
    } else if known.isEmpty {
      message += discovery.candidates.isEmpty ? "; no plugin was found at all" : ""
    } else {
      message += "; there are \(known.joined(separator: ", "))"
    }
    let unreadable = discovery.candidates.filter { $0.id == nil }
    if !unreadable.isEmpty {
      message += "; these files were found and are not usable:"
      message += unreadable.map { "\n  - \(printable($0.path)): \($0.refusals.first?.sentence ?? "")." }.joined()
    }
    // A directory that was passed over may be where it lies.
    for problem in discovery.problems { message += ". \(problem.message.dropLast(problem.message.hasSuffix(".") ? 1 : 0))" }
    throw ConfigurationError(mark: use()?.mark, message: message)
  }

  /// None, if the capability exists, is of the kind that its place in the pipeline asks for, and accepts its configuration.
  private func errors(in use: CapabilityUse) -> [ConfigurationError] {
    let unusable = secrets.errors(in: use)
    guard let declaration = discovery.candidate(for: use.reference.plugin)?.declaration else { return unusable }
    do throws(ConfigurationError) {
      try checkKind(of: use, declaration)
    } catch {
      return [error] + unusable
    }
    // Without all values the schema would complain of what the operator did not write.
    return unusable.isEmpty ? ConfigurationCheck.errors(in: use, declaration, secrets) : unusable
  }

  private func checkKind(of use: CapabilityUse, _ declaration: Declaration) throws(ConfigurationError) {
    let wanted = declaration.capabilities.filter { $0.kind.text == use.role.kind }.map(\.name.text)
    guard let capability = declaration.capability(named: use.reference.capability) else {
      let nearest = nearestNames(to: use.reference.capability.text, among: wanted)
      let remedy =
        nearest.isEmpty
        ? (wanted.isEmpty ? "it has no \(use.role.kind)" : "it has the \(use.role.kind) \(wanted.joined(separator: ", "))")
        : "did you mean \(nearest.joined(separator: " or "))?"
      throw ConfigurationError(
        mark: use.mark,
        message: "the plugin \(declaration.id) has no capability \(use.reference.capability); \(remedy)")
    }
    guard capability.kind.text == use.role.kind else {
      throw ConfigurationError(
        mark: use.mark,
        message: "\(use.reference) is \(withArticle(capability.kind.text)), wanted \(withArticle(use.role.kind))"
          + (wanted.isEmpty ? "" : "; the plugin has \(wanted.joined(separator: ", "))"))
    }
  }
}

/// "an exporter", "a connector".
private func withArticle(_ noun: String) -> String {
  let isVowel = noun.first.map { "aeiou".contains($0) } ?? false
  return (isVowel ? "an " : "a ") + noun
}
