import Admission
import ArgumentParser
import OmphalosValues
import Pipeline
import PluginHost

/// `omphalos policy`
struct PolicyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "policy", abstract: "See what policies say of plugins, and why.", subcommands: [PolicyExplain.self])
}

/// `omphalos policy explain`
struct PolicyExplain: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Show for each plugin every rule that was tried, the one that decided, and what would change the outcome.",
    discussion: """
      Nothing is loaded: decisions are made on the bytes of the files, as for a run. The exit code is 0 whatever was \
      decided; `omphalos plan` ends as a run would.
      """)

  @Argument(help: ArgumentHelp("Ids of plugins, or their files; default: all that are found.", valueName: "plugin"))
  var plugins: [String] = []

  @OptionGroup var look: DecisionOptions

  @Option(help: ArgumentHelp("Decide as for this pipeline: its policy, its pack, hermetic or not.", valueName: "file"))
  var pipeline: String?

  @Option(help: "How the result is written.")
  var format = OutputFormat.text

  func run() throws {
    try Terminal.reporting {
      let terms = try look.admission(for: pipeline.map { try PipelineConfiguration.read($0) })
      let explanation = PolicyExplanation(terms: terms, candidates: try candidates(terms))
      switch format {
      case .text: try Terminal.result(explanation.text)
      case .json: try Terminal.result(explanation.json)
      }
    }
  }

  private func candidates(_ terms: AdmissionTerms) throws -> [PluginCandidate] {
    let ids = plugins.filter { !Self.isFile($0) }
    let discovery = Discovery(
      plugins.isEmpty || !ids.isEmpty ? look.plugins.searchPath : [], under: terms)
    if let problem = discovery.problems.first(where: { $0.directory.isExplicit }) { throw problem }
    if plugins.isEmpty { return discovery.candidates }
    return try plugins.flatMap { name in
      Self.isFile(name) ? [try NamedPlugin(name).candidate(under: terms)] : try found(name, in: discovery)
    }
  }

  /// Ids have no slash, and none ends in ".so": an id is "com.example.so" at the worst, and then "./com.example.so" is the
  /// file.
  private static func isFile(_ name: String) -> Bool { name.contains("/") || name.hasSuffix(".so") }

  private func found(_ id: String, in discovery: Discovery) throws -> [PluginCandidate] {
    let candidates = discovery.candidates.filter { $0.id.map { haveEqualBytes($0.text, id) } ?? false }
    guard candidates.isEmpty else { return candidates }
    let known = Set(discovery.candidates.compactMap(\.id?.text)).sorted()
    let nearest = nearestNames(to: id, among: known)
    let remedy =
      nearest.isEmpty
      ? (known.isEmpty ? "no plugin was found at all" : "there are \(listed(known))")
      : "did you mean \(nearest.joined(separator: " or "))?"
    throw ConfigurationError(mark: nil, message: "There is no plugin \(quotedForMessage(id)); \(remedy)")
  }
}
