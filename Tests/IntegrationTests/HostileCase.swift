import Foundation
import TestSupport
import Testing

/// What is to become of a plugin or file of the hostile corpus.
enum HostileOutcome: Sendable {
  /// The file's bytes tell no identity, so that a run does not find the plugin. The sentences are what is wrong with the
  /// file; `%` stands for its path.
  case unusable([String])
  /// Refused by name; nothing of it is mapped.
  case refused([String])
  /// Mapped, and found to be something else than what it promised.
  case failedToLoad([String])
  case failedConfirmation([String])
  /// Its own function ended it; the sentence names which.
  case ended(String)
  /// A run with it succeeds.
  case admitted

  /// The exit code of `omphalos run`.
  var status: Int32 {
    switch self {
    case .unusable: 65
    case .refused, .failedToLoad, .failedConfirmation: 3
    case .ended: 4
    case .admitted: 0
    }
  }

  /// Everything that `omphalos plugins list` says against the file.
  var sentences: [String] {
    switch self {
    case .unusable(let sentences), .refused(let sentences): sentences
    default: []
    }
  }

  var isRefusedBeforeMapping: Bool {
    switch self {
    case .unusable, .refused: true
    default: false
    }
  }
}

/// One member of the corpus: how it is made and what becomes of it.
struct HostileCase: Sendable, CustomTestStringConvertible {
  let name: String
  let file: HostileFile
  /// Of the made file's bytes: messages name offsets that linkers choose.
  let outcome: @Sendable (ELFImage) throws -> HostileOutcome

  init(_ name: String, _ file: HostileFile, _ outcome: HostileOutcome) {
    self.init(name, file) { _ in outcome }
  }

  init(_ name: String, _ file: HostileFile, _ outcome: @escaping @Sendable (ELFImage) throws -> HostileOutcome) {
    self.name = name
    self.file = file
    self.outcome = outcome
  }

  var testDescription: String { name }
}

/// Runs a pipeline over one member of the corpus.
enum HostileTrial {
  static let path = "plugins/hostile.so"

  /// What differs from what is to become of it, exit code and every word on standard error; empty when nothing does.
  static func differences(_ example: HostileCase) throws -> [String] {
    let (pipeline, outcome) = try prepare(example)
    let result = try CommandLineTool.run(arguments, directory: pipeline.path)
    var differences: [String] = []
    if result.status != outcome.status { differences.append("exit \(result.status), wanted \(outcome.status)") }
    let said = withoutPartial(result.stderr)
    if said != message(outcome) { differences.append("said:\n\(said)wanted:\n\(message(outcome))") }
    return differences
  }

  /// The lines of a trace of the same run.
  static func trace(_ example: HostileCase) throws -> [String] {
    try trace(arguments, in: prepare(example).pipeline).lines
  }

  private static let arguments = ["run", "pipeline.yaml", "--plugins", "plugins"]

  private static func prepare(_ example: HostileCase) throws -> (pipeline: PipelineFolder, outcome: HostileOutcome) {
    let image = try HostileWorkshop.image(example.file)
    let pipeline = try PipelineFolder()
    try pipeline.folder.write(path, image.bytes)
    try pipeline.folder.write("pipeline.yaml", pipelineText)
    return (pipeline, try example.outcome(image))
  }

  private static let pipelineText = """
    schema_version: "1.0"
    run: { name: hostile, seed: 7, hermetic: true, as_of: "2026-01-01", output_root: runs }
    inputs:
      - { name: nothing, connector: com.example.hostile/source }
    exports:
      - { exporter: com.example.hostile/product, inputs: [nothing] }

    """

  /// Runs the command under strace.
  static func trace(
    _ arguments: [String], in pipeline: PipelineFolder
  ) throws -> (result: Shell.Result, lines: [String]) {
    let file = pipeline.folder.file("trace")
    let result = try Shell.run(
      ["strace", "-f", "--seccomp-bpf", "-yy", "-e", "trace=mmap,mprotect", "-o", file, CommandLineTool.path] + arguments,
      directory: pipeline.path)
    let lines = try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n").map(String.init)
    return (result, lines)
  }

  /// What is on standard error, word for word.
  private static func message(_ outcome: HostileOutcome) -> String {
    func named(_ text: String, _ sentences: [String]) -> String {
      "omphalos: The plugin \(path) (com.example.hostile) \(text):\n" + list(sentences)
    }
    switch outcome {
    case .unusable(let sentences):
      return "omphalos: pipeline.yaml:4:33: there is no plugin com.example.hostile in plugins; these files were found "
        + "and are not usable:\n" + list([sentences[0]].map { "\(path): \($0)" })
    case .refused(let sentences):
      return named("is refused; it was not loaded, and none of its code ran", sentences)
    case .failedToLoad(let sentences): return named("failed to load; code of it may have run", sentences)
    case .failedConfirmation(let sentences): return named("failed confirmation; code of it may have run", sentences)
    case .ended(let sentence): return "omphalos: \(sentence)\n"
    case .admitted: return ""
    }
  }

  private static func list(_ sentences: [String]) -> String {
    sentences.map { "  - \($0.replacing("%", with: path)).\n" }.joined()
  }

  /// The last line names the partial run, differently each time.
  private static func withoutPartial(_ text: String) -> String {
    var lines = text.components(separatedBy: "\n")
    lines.removeAll { $0.hasPrefix("The run was not finalized. What was made so far, with its log, is in runs/.run-") }
    return lines.joined(separator: "\n")
  }
}
