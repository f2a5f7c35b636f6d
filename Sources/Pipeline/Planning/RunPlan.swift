import Admission
import ELFInspection
import LinuxCalls
import OmphalosValues
import PluginHost
import RunRecord

/// All that is decided before anything of a plugin runs: which bytes of which plugins, which bytes of which inputs,
/// and thereby the run's identity. Nothing has been mapped.
public struct RunPlan: Sendable {
  public let configuration: PipelineConfiguration
  public let secrets: Secrets
  private let terms: RunTerms
  private let chosen: PipelinePlugins
  /// That the plugins are those of; nil where nobody asked for one.
  public let lock: LockFile?
  /// In the order of the pipeline.
  public let inputs: [PlannedInput]
  public let identity: RunIdentity
  /// The system's libraries that the plugins need, each once.
  public let systemLibraries: [ResolvedLibrary]
  /// The same, as they were hashed.
  public let libraries: [LibraryPin]
  /// The plugins that the pipeline names, in its order.
  public var plugins: [AdmittedPlugin] { chosen.plugins }
  /// Everything that lay in the plugin directories.
  public var discovery: Discovery { chosen.discovery }
  /// What plugins were decided under.
  public var admission: AdmissionTerms { chosen.terms }
  public var pack: Pack { chosen.pack }
  public var hermetic: Bool { admission.hermetic }
  /// Defaults that were switched off, each a sentence.
  public var relaxations: [String] { terms.relaxationSentences }

  /// From sealed memory files, the default.
  public var loadsFromMemory: Bool { if case .sealedMemory = terms.mode { true } else { false } }

  public var runID: RunID { identity.runID }

  /// What else lay in the plugin directories: not used, or refused.
  public var otherCandidates: [PluginCandidate] {
    let used = Set(plugins.map { UTF8String($0.sealed.path) })
    return discovery.candidates.filter { !used.contains(UTF8String($0.path)) }
  }

  /// Reads, inspects, decides, seals and hashes.
  ///
  /// - Throws: `ConfigurationError`, `PolicyNotMet`, `PluginDirectoryError`, `PluginRefused`, `SealingError`,
  ///   `LockMismatch`.
  public init(_ configuration: PipelineConfiguration, under terms: RunTerms) throws {
    let hermetic = terms.hermetic || configuration.hermetic
    if hermetic { try configuration.checkHermetic() }
    self.configuration = configuration
    self.terms = terms
    let secrets = Secrets(configuration, environment: terms.environment)
    self.secrets = secrets
    var lock: LockFile?
    chosen = try PipelinePlugins(configuration, secrets, under: terms) { policies in
      lock = try terms.lockFile(for: configuration, policies)
      return lock
    }
    self.lock = lock
    if let lock {
      try lock.check(chosen.locked(comparedWith: lock.lock), command: terms.lockCommand(lock, configuration))
    }
    let (plugins, discovery) = (chosen.plugins, chosen.discovery)
    systemLibraries = Self.systemLibraries(of: plugins)
    libraries = try systemLibraries.compactMap(discovery.catalog.pin)
    inputs = try configuration.inputs.map { step in
      PlannedInput(
        step: step,
        pins: try step.files.map { try InputPin($0, path: configuration.resolve($0.path)) })
    }
    identity = RunIdentity(
      configPayload: configuration.payload(hermetic: hermetic, pack: chosen.pack),
      inputs: Dictionary(uniqueKeysWithValues: inputs.map { ($0.step.name, RunIdentity.inputDigest(of: $0.facts)) }),
      plugins: Dictionary(uniqueKeysWithValues: plugins.map { ($0.id, $0.sealed.contentsDigest) }))
  }

  private static func systemLibraries(of plugins: [AdmittedPlugin]) -> [ResolvedLibrary] {
    var seen: Set<UTF8String> = []
    return plugins.flatMap { $0.closure?.libraries ?? [] }.filter {
      !$0.isOwn && seen.insert(UTF8String($0.path)).inserted
    }
  }
}

extension PipelineConfiguration {
  /// What a hermetic run does not give its plugins.
  fileprivate func checkHermetic() throws {
    if !environment.isEmpty {
      throw ConfigurationError(
        mark: nil, message: "\(file): run.env names variables, and a hermetic run gives plugins none; remove it.")
    }
    try uses.flatMap(\.secrets).map { reference in
      ConfigurationError(
        mark: reference.mark,
        message: "\(reference.what): a hermetic run gives plugins no secrets: its result could depend on what is not "
          + "recorded; remove it, or run without hermetic")
    }.throwIfAny()
  }
}

/// An input with its files opened and hashed.
public struct PlannedInput: Sendable {
  public let step: InputStep
  public let pins: [InputPin]

  public var facts: [InputFileFacts] {
    pins.map {
      InputFileFacts(name: $0.name, fileName: fileName(of: $0.path), sha256: $0.digest, bytes: $0.byteCount)
    }
  }
}
