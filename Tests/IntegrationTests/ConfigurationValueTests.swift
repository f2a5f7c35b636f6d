import Foundation
import TestSupport
import Testing

@Suite("A pipeline file with a wrong value")
struct ConfigurationValueTests {
  private static let good = """
    schema_version: "1.0"
    run: { name: demo, seed: 1 }
    inputs:
      - { name: a, connector: org.omphalos.csv/csv, files: { data: a.csv } }
    exports:
      - { exporter: org.omphalos.csv/table, inputs: [a] }

    """

  struct Mistake: CustomTestStringConvertible, Sendable {
    let from: String
    let to: String
    let message: String
    let more: [String]
    var testDescription: String { to }

    /// - Parameter message: all that is printed after "omphalos: ".
    init(_ from: String, _ to: String, _ message: String, _ more: String...) {
      (self.from, self.to, self.message, self.more) = (from, to, message, more)
    }
  }

  private static let duration =
    "is not a valid duration: wanted whole numbers with the units h, m, s and ms, as in 10m, 1h30m or 500ms."
  private static let size =
    "is not a valid size: wanted a whole number of bytes or one with a unit, as in 1000, 256MiB, 10GiB or 5MB."
  private static let here = "pipeline.yaml:"

  static let types: [Mistake] = [
    Mistake("run: { name: demo, seed: 1 }", "run: demo", here + "2:6: run: found the text \"demo\", wanted a mapping"),
    Mistake("name: demo", "name: 12", here + "2:14: run.name: found the number 12, wanted a text: put it in quotes"),
    Mistake("name: demo", "name: ", here + "2:8: run.name has no value"),
    Mistake(
      "name: demo", "name: \"\"",
      here
        + "2:14: run.name: \"\" is not a valid name: wanted 1 to 128 letters, digits, '_', '.' and '-', beginning "
        + "with a letter, a digit or '_'."),
    Mistake("seed: 1", "seed: -1", here + "2:26: run.seed: found -1, wanted 0 to 9007199254740991"),
    Mistake(
      "seed: 1", "seed: 99999999999999999999",
      here + "2:26: the integer 99999999999999999999 does not fit into 64 bits; put it in quotes if it is a text"),
    Mistake(
      "seed: 1", "hermetic: \"true\"", here + "2:30: run.hermetic: found the text \"true\", wanted true or false"),
    Mistake(
      "seed: 1", "as_of: 2026-05-31",
      here + "2:27: 2026-05-31 is text here and a date in YAML 1.1: put it in quotes, \"2026-05-31\", if it is a text"),
    Mistake(
      "seed: 1", "as_of: \"May\"", here + "2:27: run.as_of: found \"May\", wanted a day such as \"2026-05-31\""),
    Mistake("inputs: [a]", "inputs: a", here + "6:49: exports[0].inputs: found the text \"a\", wanted a sequence"),
    Mistake("inputs: [a]", "inputs: []", here + "6:49: exports[0].inputs: found none, wanted at least one"),
    Mistake("{ data: a.csv }", "[ a.csv ]", here + "4:56: inputs[0].files: found a sequence, wanted a mapping"),
    Mistake("a.csv }", "\"\" }", here + "4:64: inputs[0].files.data: wanted the path of a file"),
    Mistake(
      "files: { data: a.csv }", "files: { data: a.csv }, config: [ 1 ]",
      here + "4:81: inputs[0].config: found a sequence, wanted a mapping"),
  ]

  static let structure: [Mistake] = [
    Mistake("run: { name: demo, seed: 1 }\n", "", here + "1:1: the pipeline: the key \"run\" is missing"),
    Mistake("name: demo, ", "", here + "2:6: run: the key \"name\" is missing"),
    Mistake(
      "seed: 1", "seed: 1, colour: red",
      here + "2:29: run: the key \"colour\" is not known; known are as_of, env, hermetic, name, output_root, seed"),
    Mistake(
      "seed: 1", "seed: 1, seed: 2",
      here + "2:29: the key \"seed\" comes twice in this mapping, first in line 2: keep one of them"),
    Mistake(
      "exports:", "  - { name: a, connector: org.omphalos.csv/csv, files: { data: a.csv } }\nexports:",
      here + "5:27: inputs[1].name: there is an input a already"),
    Mistake(
      "seed: 1", "<<: { seed: 1 }", here + "2:20: << is text here and a merge key in YAML 1.1: write the members out"),
    Mistake(
      "name: demo", "name: *x",
      here
        + "2:14: this is not YAML: found undefined alias; an alias needs its anchor above it; put a text that begins "
        + "with '*' in quotes"),
    Mistake("\"1.0\"", "\"1.0", here + "1:17: this is not YAML: a quote or a bracket is not closed"),
    Mistake(
      "exports:", "---\nexports:",
      here + "5:1: found another document; a configuration is one document: remove the second '---'"),
    Mistake(
      "name: demo", "name: \"de\u{7}mo\"",
      here + "2:17: the file holds the control character U+0007, which YAML does not allow"),
    Mistake(
      "schema_version", "\u{feff}schema_version",
      here + "1:1: the file begins with a byte order mark (ef bb bf): save it as UTF-8 without one"),
  ]

  static let references: [Mistake] = [
    Mistake(
      "csv/table", "csv/Table",
      here + "6:17: exports[0].exporter: \"Table\" is not a valid capability name: wanted 1 to 64 lower-case letters, "
        + "digits, '_' and '-', beginning with a letter."),
    Mistake(
      "org.omphalos.csv/table", "csv/table",
      here + "6:17: exports[0].exporter: \"csv\" is not a valid plugin id: wanted a reverse domain name of at most 255 "
        + "bytes such as com.example.acme: two or more labels, each a lower-case letter followed by lower-case letters, "
        + "digits and '-', not ending in '-'."),
    Mistake(
      "org.omphalos.csv/table", "com.acme.foo/table",
      here + "6:17: there is no plugin com.acme.foo in plugins; there are org.omphalos.csv, org.omphalos.jsonl"),
    Mistake(
      "csv/table", "csv/zzz",
      here + "6:17: the plugin org.omphalos.csv has no capability zzz; it has the exporter table"),
    Mistake(
      "csv/table", "jsonl/jsonl",
      here + "6:17: org.omphalos.jsonl/jsonl is a lineage_sink, wanted an exporter; the plugin has records"),
    Mistake(
      "exports:", "lineage: [ { sink: org.omphalos.csv/table } ]\nexports:",
      here + "5:20: org.omphalos.csv/table is an exporter, wanted a lineage_sink"),
  ]

  static let amounts: [Mistake] = [
    limit("artifacts: -1", "artifacts: found -1, wanted 0 to 1000000000", column: 22),
    limit("bytes: 5 parsecs", "bytes: \"5 parsecs\" " + size, column: 18),
    limit("call_timeout: ten minutes", "call_timeout: \"ten minutes\" " + duration, column: 25),
    limit("call_timeout: -10m", "call_timeout: \"-10m\" " + duration, column: 25),
    limit("call_timeout: 10m5", "call_timeout: \"10m5\" " + duration, column: 25),
    limit("call_timeout: 0s", "call_timeout: wanted more than 0 and at most 11 days", column: 25),
  ]

  static let configurations: [Mistake] = [
    configuration(
      "delimiter: \";;\"", column: 94, "delimiter: found \";;\", wanted a text with the pattern ^[\\t !#-~]$"),
    configuration(
      "columns: [ { name: id, type: int65 } ]", column: 112,
      "columns[0].type: found \"int65\", wanted \"string\", \"int64\", \"float64\", \"bool\" or \"date\"; did you mean "
        + "\"int64\"?"),
    configuration("header: 1", column: 91, "header: found 1, wanted a boolean"),
  ]

  static let environments: [Mistake] = [
    Mistake(
      "seed: 1", "env: [LD_PRELOAD]",
      here + "2:26: run.env[0]: LD_PRELOAD changes how plugins are loaded and is never passed on; remove it"),
    Mistake("seed: 1", "env: [\"9x\"]", here + "2:26: run.env[0]: \"9x\" is no name of a variable"),
    Mistake(
      "seed: 1", "env: [COLUMNS]",
      "pipeline.yaml: run.env names variables, and a hermetic run gives plugins none; remove it.", "--hermetic"),
  ]

  private static func limit(_ text: String, _ message: String, column: Int) -> Mistake {
    Mistake("exports:", "limits: { \(text) }\nexports:", here + "5:\(column): limits." + message)
  }

  private static func configuration(_ text: String, column: Int, _ message: String) -> Mistake {
    Mistake("a.csv }", "a.csv }, config: { \(text) }", here + "4:\(column): a: config." + message)
  }

  private func check(_ mistake: Mistake) throws {
    let pipeline = try PipelineFolder()
    try pipeline.addExamples("csv", "jsonl")
    try pipeline.folder.write("a.csv", "id,name\n1,x\n")
    let place = try #require(Self.good.range(of: mistake.from))
    try pipeline.folder.write("pipeline.yaml", Self.good.replacingCharacters(in: place, with: mistake.to))
    let outcome = try pipeline.run(mistake.more)
    #expect(outcome.stderr == "omphalos: \(mistake.message)\n")
    #expect(outcome.status == 65)
    #expect(outcome.stdout == "")
    #expect(outcome.finalized == [] && outcome.partials == [])
  }

  @Test("is told the type that was found and the one that was wanted, at its place", arguments: types)
  func wrongType(_ mistake: Mistake) throws { try check(mistake) }

  @Test("is told which key is missing, doubled or unknown, or why it is no YAML", arguments: structure)
  func wrongStructure(_ mistake: Mistake) throws { try check(mistake) }

  @Test("is told which plugin or capability there is instead", arguments: references)
  func wrongReference(_ mistake: Mistake) throws { try check(mistake) }

  @Test("is told how durations, sizes and counts are written", arguments: amounts)
  func wrongAmount(_ mistake: Mistake) throws { try check(mistake) }

  @Test("is held against the plugin's schema before the plugin is mapped", arguments: configurations)
  func wrongConfiguration(_ mistake: Mistake) throws { try check(mistake) }

  @Test("is told which variables plugins may have", arguments: environments)
  func wrongVariable(_ mistake: Mistake) throws { try check(mistake) }

  @Test("is refused when it is far too large, a pipe or unreadable, without being read to its end")
  func files() throws {
    let pipeline = try PipelineFolder()
    func message(_ file: String, user: Int? = nil) throws -> String {
      let result = try CommandLineTool.run(["run", file], directory: pipeline.path, user: user)
      #expect(result.status == 65)
      return result.stderr
    }
    try pipeline.folder.write("huge.yaml", Self.good + "#" + String(repeating: "x", count: 1 << 20))
    #expect(
      try message("huge.yaml")
        == "omphalos: The pipeline \"huge.yaml\": it has more than 1048576 bytes, which no pipeline needs.\n")
    mkfifo(pipeline.folder.file("pipe.yaml"), 0o644)
    #expect(
      try message("pipe.yaml") == "omphalos: The pipeline \"pipe.yaml\": found a fifo, wanted a regular file.\n")
    try pipeline.folder.write("anchors.yaml", "k0: &k0 [x, x]\n" + aliases())
    #expect(try message("anchors.yaml").contains("with its aliases written out, the file has more than 100000 values"))
    guard getuid() == 0, Shell.find("setpriv") != nil else { return }
    chmod(try pipeline.folder.write("secret.yaml", Self.good), 0o600)
    #expect(
      try message("secret.yaml", user: 65534)
        == "omphalos: The pipeline \"secret.yaml\": it may not be read (permission denied).\n")
  }

  /// Each line doubles the one before: a few hundred bytes that stand for billions of values.
  private func aliases() -> String {
    (0..<25).map { "k\($0 + 1): &k\($0 + 1) [*k\($0), *k\($0)]\n" }.joined()
  }

  @Test("is read the same with the line ends of other systems")
  func lineEnds() throws {
    let pipeline = try PipelineFolder()
    try pipeline.addExamples("csv")
    try pipeline.folder.write("a.csv", "id,name\n1,x\n")
    try pipeline.folder.write("pipeline.yaml", Self.good)
    let first = try pipeline.run(["--quiet"])
    #expect(first.status == 0, "\(first.stderr)")
    try pipeline.folder.write("pipeline.yaml", Self.good.replacing("\n", with: "\r\n"))
    let second = try pipeline.run()
    #expect(second.stdout.hasPrefix("Reproduced \(first.finalized.first ?? "-")"))
  }
}
