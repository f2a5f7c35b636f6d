import Admission
import OmphalosValues
import PluginHost

/// The plugins that a pipeline names, decided on under the policies that hold for it. Nothing has been mapped.
public struct PipelinePlugins: Sendable {
  public let pack: Pack
  /// What they were decided under.
  public let terms: AdmissionTerms
  /// Everything that lay in the plugin directories.
  public let discovery: Discovery
  /// In the order of the pipeline.
  public let plugins: [AdmittedPlugin]

  /// - Parameter lock: chooses the lock once the policies are known; of several files with one id, the one whose digest
  ///   it names is taken.
  /// - Throws: `ConfigurationError`, `PolicyNotMet`, `PluginDirectoryError`, `PluginRefused`, `SealingError`.
  public init(
    _ configuration: PipelineConfiguration, _ secrets: Secrets, under run: RunTerms,
    lock: (PolicyStack) throws -> LockFile? = { _ in nil }
  ) throws {
    pack = run.policies.effectivePack(configuration.pack)
    let policies = try run.policies.stack(pipelineFolder: configuration.folder, pack: pack)
    try run.checkRelaxations(policies)
    terms = AdmissionTerms(
      hermetic: run.hermetic || configuration.hermetic, policies: policies, relaxations: run.relaxations)
    discovery = Discovery(
      run.directories, under: terms, largest: configuration.limits.pluginBytes, named: try lock(policies)?.digests ?? [])
    if let problem = discovery.problems.first(where: { $0.directory.isExplicit }) { throw problem }
    let selection = PluginSelection(
      discovery: discovery, directories: run.directories, mode: run.mode, secrets: secrets)
    plugins = try selection.select(configuration, under: terms)
  }

  /// As a lock of the pipeline would have them now.
  ///
  /// - Throws: `SystemCallError` where a library cannot be read.
  public func locked() throws -> [LockedPlugin] {
    try plugins.map { try LockedPlugin($0, discovery.catalog) }
  }

  /// Whatever the lock speaks for, as it is now.
  func locked(comparedWith lock: PluginLock) throws -> [LockedPlugin] {
    lock.scope == .pipeline ? try locked() : try discovery.lockedPlugins(comparedWith: lock)
  }
}
