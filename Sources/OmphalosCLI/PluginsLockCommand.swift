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
      let (place, current) = try pipeline.map(pipelineLock) ?? directoriesLock()
      let known = try LockFile.read(place)
      if diff, known == nil {
        throw ConfigurationError(
          mark: nil, message: "There is no lock \(quotedForMessage(place)) to compare with; write one without --diff")
      }
      let comparable = try known.map { $0.lock.scope == current.scope ? $0.lock : try sameScope($0, current) }
      try show(LockChange(file: place, before: comparable, now: current, isWritten: !diff))
      if !diff { try LockFile.write(current, to: place) }
      if diff, known?.lock.drift(to: current.plugins).isEmpty == false {
        throw ArgumentParser.ExitCode(OmphalosValues.ExitCode.checkFailed.rawValue)
      }
    }
  }

  private func pipelineLock(_ file: String) throws -> (String, PluginLock) {
    let configuration = try PipelineConfiguration.read(file)
    let secrets = Secrets(configuration, environment: CallerEnvironment.variables)
    let chosen = try PipelinePlugins(configuration, secrets, under: look.runTerms)
    return (
      lock ?? configuration.resolve(PluginLock.fileName),
      PluginLock(scope: .pipeline, plugins: try chosen.locked(.pipeline))
    )
  }

  private func directoriesLock() throws -> (String, PluginLock) {
    let discovery = Discovery(look.plugins.searchPath, under: try look.admission())
    if let problem = discovery.problems.first(where: { $0.directory.isExplicit }) { throw problem }
    for candidate in discovery.candidates where !candidate.isAdmissible {
      Terminal.message("Not locked: \(printable(candidate.path)) is refused; see `omphalos plugins list`.")
    }
    let admissible = Set(discovery.candidates.filter(\.isAdmissible).compactMap(\.id))
    return (
      lock ?? PluginLock.fileName,
      PluginLock(scope: .directories, plugins: try discovery.lockedPlugins().filter { admissible.contains($0.id) })
    )
  }

  /// A lock of the other scope speaks of other plugins: nothing can be said about what is new or gone.
  private func sameScope(_ file: LockFile, _ current: PluginLock) throws -> PluginLock {
    guard diff else { return file.lock }
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

/// What becomes of a lock.
struct LockChange {
  let file: String
  /// nil where there was none.
  let before: PluginLock?
  let now: PluginLock
  let isWritten: Bool

  private var drift: [LockDrift] { before?.drift(to: now.plugins) ?? [] }

  var text: String {
    let count = counted(now.plugins.count, "plugin")
    guard before != nil else { return "Wrote \(printable(file)): \(count). Review it, and keep it with the pipeline." }
    if drift.isEmpty { return "\(printable(file)) is up to date: \(count)." }
    let head = isWritten ? "Wrote \(printable(file)); what changed:" : "The plugins differ from \(printable(file)):"
    return ([head] + drift.map { "  - \($0)." }).joined(separator: "\n")
  }

  var json: JSONValue {
    [
      "lock": .string(file), "scope": .string(now.scope.rawValue), "written": .bool(isWritten),
      "plugins": .array(now.plugins.map { .string($0.id.text) }), "drift": .array(drift.map(\.json)),
    ]
  }
}
