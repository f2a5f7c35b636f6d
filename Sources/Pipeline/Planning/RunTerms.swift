import Admission
import OmphalosValues
import PluginHost

/// What an operator asks of a run beside the pipeline.
public struct RunTerms: Sendable {
  public var directories: [PluginDirectory]
  /// On top of what the pipeline says.
  public var hermetic: Bool
  /// Kept as long as the plan: copies of plugins are removed with it.
  public var mode: LoadMode
  public var policies: PolicySources
  public var relaxations: Set<Relaxation>
  public var lock: LockChoice
  /// Of the caller.
  public var environment: [String: String]

  public enum LockChoice: Sendable {
    /// Only where a policy asks for one.
    case ifDemanded
    /// `plugins.lock` beside the pipeline.
    case besidePipeline
    case file(String)
  }

  public init(
    directories: [PluginDirectory], hermetic: Bool = false, mode: LoadMode = .sealedMemory,
    policies: PolicySources = .none, relaxations: Set<Relaxation> = [], lock: LockChoice = .ifDemanded,
    environment: [String: String] = [:]
  ) {
    self.directories = directories
    self.hermetic = hermetic
    self.mode = mode
    self.policies = policies
    self.relaxations = relaxations
    self.lock = lock
    self.environment = environment
  }

  /// Defaults that were switched off, each a sentence for the record.
  public var relaxationSentences: [String] { mode.relaxations + relaxations.sorted().map(\.sentence) }

  /// The lock that the plugins have to be those of; nil where nobody asks for one.
  func lockFile(for configuration: PipelineConfiguration, _ policies: PolicyStack) throws -> LockFile? {
    let beside = configuration.resolve(PluginLock.fileName)
    let path: String
    let reason: String
    switch lock {
    case .file(let file): (path, reason) = (file, "--lock")
    case .besidePipeline: (path, reason) = (beside, "--locked")
    case .ifDemanded:
      guard let demand = policies.demandsLock else { return nil }
      (path, reason) = (beside, demand)
    }
    guard let file = try LockFile.read(path) else {
      throw ConfigurationError(
        mark: nil,
        message: "There is no lock \(quotedForMessage(path)), which \(reason) asks for. Write one with `omphalos plugins lock "
          + "\(printable(configuration.file))` and review it.")
    }
    return file
  }

  /// What writes a lock anew that the plugins are no longer those of.
  func lockCommand(_ file: LockFile, _ configuration: PipelineConfiguration) -> String {
    var words = ["omphalos", "plugins", "lock"]
    if file.lock.scope == .pipeline { words.append(configuration.file) }
    for directory in directories where directory.isExplicit { words += ["--plugins", directory.path] }
    if file.path != (file.lock.scope == .pipeline ? configuration.resolve(PluginLock.fileName) : PluginLock.fileName) {
      words += ["--lock", file.path]
    }
    return words.joined(separator: " ")
  }

  /// - Throws: `PolicyNotMet` where a policy wants no default switched off, and one is.
  func checkRelaxations(_ policies: PolicyStack) throws(PolicyNotMet) {
    guard let demand = policies.deniesRelaxations, !relaxationSentences.isEmpty else { return }
    let lines = relaxationSentences.map { "  - \($0)" }.joined(separator: "\n")
    throw PolicyNotMet(
      message: "Defaults were switched off for this run, and \(demand) allows none (relaxations: deny):\n\(lines)\nRun without "
        + "these switches.")
  }
}

/// A demand of a policy on the run as a whole that is not met.
public struct PolicyNotMet: Error, Diagnosable, Sendable {
  public let message: String
  public var exitCode: ExitCode { .checkFailed }

  public init(message: String) { self.message = message }
}
