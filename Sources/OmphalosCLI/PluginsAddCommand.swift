import Admission
import ArgumentParser
import OmphalosValues
import Pipeline
import PluginHost

/// `omphalos plugins add`
struct PluginsAdd: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "add", abstract: "Decide about a plugin, explain it, and copy it into a plugins directory.",
    discussion: """
      The file is looked at as in its own directory, with its signature NAME.so.sig and its folder NAME.d beside it. If \
      it is refused, nothing is copied and the exit code is 3. It appears in the directory whole or not at all.
      """)

  @Argument(help: "The plugin's file.")
  var file: String

  @Option(
    help: ArgumentHelp(
      "The plugins directory; default: the user's, ~/.local/share/omphalos/plugins.", valueName: "directory"))
  var to: String?

  @OptionGroup var policy: PolicyOptions

  @OptionGroup var relaxation: RelaxationOptions

  @Flag(help: "Decide as for a hermetic run.")
  var hermetic = false

  @Flag(help: "Take away another plugin of the same file name.")
  var replace = false

  @Option(help: ArgumentHelp("Write the plugin into this lock, and show what changes in it.", valueName: "lock"))
  var lock: String?

  func run() throws {
    try Terminal.reporting {
      let terms = AdmissionTerms(
        hermetic: hermetic, policies: try policy.sources.stack(pipelineFolder: nil),
        relaxations: relaxation.relaxations)
      let candidate = try NamedPlugin(file).candidate(under: terms)
      try Terminal.result(PolicyExplanation(terms: terms, candidates: [candidate]).text)
      guard candidate.isAdmissible else { throw ArgumentParser.ExitCode(OmphalosValues.ExitCode.pluginRefused.rawValue) }
      let target = try to ?? userDirectory()
      let known = try lock.map { try LockFile.read($0) }
      let outcome = try PluginInstallation(candidate, into: target, under: terms, replaces: replace).add()
      switch outcome {
      case .added(let path): try Terminal.result("Added \(printable(path)).")
      case .alreadyThere(let path): try Terminal.result("\(printable(path)) is there already, with the same bytes.")
      }
      try updateLock(known.flatMap { $0 }, target, terms)
    }
  }

  private func userDirectory() throws -> String {
    guard let place = PluginDirectory.usersPath(environment: CallerEnvironment.variables) else {
      throw ConfigurationError(
        mark: nil, message: "There is no directory for this user's plugins: HOME is not set. Name one with --to.")
    }
    return place
  }

  private func updateLock(_ known: LockFile?, _ target: String, _ terms: AdmissionTerms) throws {
    guard let lock else {
      try Terminal.result(
        "A lock that this directory is covered by has to be written anew: give it as --lock FILE, or use `omphalos plugins lock`.")
      return
    }
    let discovery = Discovery([PluginDirectory(path: target, isExplicit: true)], under: terms)
    let name = splitPath(file).name
    guard let added = discovery.candidates.first(where: { haveEqualBytes($0.name, name) }),
      let entry = try LockedPlugin(added, discovery.catalog)
    else { return }
    if let known, known.lock.scope == .pipeline, known.lock.plugin(entry.id) == nil {
      try Terminal.result(
        "\(printable(lock)) speaks for a pipeline that does not name \(entry.id): it stays as it is. Once the pipeline names it, use "
          + "`omphalos plugins lock PIPELINE`.")
      return
    }
    let others = (known?.lock.plugins ?? []).filter { $0.id != entry.id }
    let now = PluginLock(scope: known?.lock.scope ?? .directories, plugins: others + [entry])
    try Terminal.result(LockChange(file: lock, before: known?.lock, now: now, isWritten: true).text)
    try LockFile.write(now, to: lock)
  }
}
