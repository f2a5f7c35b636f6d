import ArgumentParser
import PluginHost

/// Where plugins are looked for; the same for every command.
struct PluginDirectoryOptions: ParsableArguments {
  @Option(
    name: .customLong("plugins"),
    help: ArgumentHelp(
      "A directory of plugins; may be given several times.",
      discussion: """
        Regular files *.so directly in it are looked at. After these, the directories in OMPHALOS_PLUGIN_PATH, \
        ~/.local/share/omphalos/plugins, /usr/local/lib/omphalos/plugins and /usr/lib/omphalos/plugins are searched.
        """,
      valueName: "directory"))
  var directories: [String] = []

  var searchPath: [PluginDirectory] {
    PluginDirectory.searchPath(explicit: directories, environment: CallerEnvironment.variables)
  }
}
