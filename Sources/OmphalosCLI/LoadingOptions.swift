import ArgumentParser
import LinuxCalls
import PluginHost

/// How plugins are brought out of reach before they are decided on; the same for `run` and `plan`.
struct LoadingOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "How plugins are loaded: memory or path.",
      discussion: """
        memory: from sealed memory files, which nobody can change after the decision. path: from copies in a private \
        folder under TMPDIR, for systems that have no memory files, or that do not let them be executed, and for tools \
        that want files. path is a relaxation: it is recorded, and `verify` shows it.
        """,
      valueName: "mode"))
  var loadMode = LoadMode.Name.memory

  /// Copies lie under TMPDIR for as long as the mode lives.
  func mode() throws -> LoadMode {
    switch loadMode {
    case .memory: return .sealedMemory
    case .path:
      return .copies(try PrivateFolder(in: EnvironmentVariables.temporaryPlace(in: CallerEnvironment.variables)))
    }
  }
}

extension LoadMode.Name: ExpressibleByArgument {}
