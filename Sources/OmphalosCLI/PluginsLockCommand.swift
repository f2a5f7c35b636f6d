import Admission
import ArgumentParser
import OmphalosValues
import Pipeline
import PluginHost

/// `omphalos plugins lock`
struct PluginsLock: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lock", abstract: "Write plugins.lock, or show how the plugins differ from it.",
    discussion: """
      With a pipeline, the lock holds the plugins that it names, and lies beside it. Without one it holds all plugins of \
      the directories, and a plugin that is put there later is a difference. Plugins that are refused are not locked. \
      `omphalos run --locked` and the pack strict refuse plugins that differ.
      """)

  @Argument(help: ArgumentHelp("The pipeline whose plugins are locked.", valueName: "pipeline"))
  var pipeline: String?

  @OptionGroup var look: DecisionOptions

  @Option(help: ArgumentHelp("The lock; default: plugins.lock beside the pipeline, or in the working directory.", valueName: "file"))
  var lock: String?

  @Flag(help: "Show how the plugins differ from the lock, and leave it as it is; the exit code is 2 if they do.")
  var diff = false

  @Option(help: "How the differences are written.")
  var format = OutputFormat.text

  func run() throws {
    try Terminal.reporting {
      let configuration = try pipeline.map { try PipelineConfiguration.read($0) }
      let place = lock ?? configuration?.resolve(PluginLock.fileName) ?? PluginLock.fileName
      let known = try LockFile.read(place)
      let current = try configuration.map(pipelineLock) ?? directoriesLock(comparedWith: diff ? known?.lock : nil)
      if diff {
        try compare(current, with: known, place)
      } else {
        try show(LockChange(file: place, before: known?.lock, now: current, isWritten: true))
        try LockFile.write(current, to: place)
      }
    }
  }

  private func pipelineLock(_ configuration: PipelineConfiguration) throws -> PluginLock {
    let secrets = Secrets(configuration, environment: CallerEnvironment.variables)
    let chosen = try PipelinePlugins(configuration, secrets, under: look.runTerms)
    return PluginLock(scope: .pipeline, plugins: try chosen.locked())
  }

  private func directoriesLock(comparedWith known: PluginLock?) throws -> PluginLock {
    let discovery = Discovery(look.plugins.searchPath, under: try look.admission())
    if let problem = discovery.problems.first(where: { $0.directory.isExplicit }) { throw problem }
    for candidate in discovery.candidates where !candidate.isAdmissible {
      Terminal.message("Not locked: \(printable(candidate.path)) is refused; see `omphalos plugins list`.")
    }
    return PluginLock(scope: .directories, plugins: try discovery.lockedPlugins(comparedWith: known))
  }

  private func compare(_ current: PluginLock, with known: LockFile?, _ place: String) throws {
    guard let known else {
      throw ConfigurationError(
        mark: nil, message: "There is no lock \(quotedForMessage(place)) to compare with; write one without --diff")
    }
    try checkScope(of: known, current)
    try show(LockChange(file: place, before: known.lock, now: current, isWritten: false))
    if !known.lock.drift(to: current.plugins).isEmpty {
      throw ArgumentParser.ExitCode(OmphalosValues.ExitCode.checkFailed.rawValue)
    }
  }

  /// A lock of the other scope speaks of other plugins: nothing can be said about what is new or gone.
  private func checkScope(of file: LockFile, _ current: PluginLock) throws {
    guard file.lock.scope != current.scope else { return }
    throw ConfigurationError(
      mark: nil,
      message: "\(file.path): found scope \(file.lock.scope.rawValue), wanted \(current.scope.rawValue): "
        + (current.scope == .pipeline ? "compare it without a pipeline" : "compare it with its pipeline"))
  }

  private func show(_ change: LockChange) throws {
    switch format {
    case .text: try Terminal.result(change.text)
    case .json: try Terminal.result(change.json)
    }
  }
}
