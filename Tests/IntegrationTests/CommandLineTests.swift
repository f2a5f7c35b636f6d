import Foundation
import TestSupport
import Testing

/// No plugins directory of the caller's gets in the way.
private let alone = ["HOME": "/nonexistent", "XDG_DATA_HOME": "", "OMPHALOS_PLUGIN_PATH": ""]

@Suite("The command line")
struct CommandLineTests {
  private func omphalos(
    _ arguments: String..., in pipeline: PipelineFolder, environment: [String: String] = [:]
  ) throws -> Shell.Result {
    try CommandLineTool.run(arguments, environment: alone.merging(environment) { $1 }, directory: pipeline.path)
  }

  /// A pipeline over a table of two rows, with plugins of which one is refused.
  private func example() throws -> PipelineFolder {
    let pipeline = try PipelineFolder()
    try pipeline.addExamples("csv", "jsonl")
    try pipeline.folder.write("people.csv", "id,name\n1,Ada\n2,\"Grace, Hopper\"\n")
    try pipeline.folder.write(
      "pipeline.yaml",
      """
      schema_version: "1.0"
      run: { name: people, seed: 5, hermetic: true, output_root: runs }
      inputs:
        - { name: people, connector: org.omphalos.csv/csv, files: { data: people.csv } }
      exports:
        - { exporter: org.omphalos.csv/table, inputs: [people] }
        - { exporter: org.omphalos.jsonl/records, inputs: [people] }

      """)
    return pipeline
  }

  private func isJSON(_ text: String) -> Bool {
    (try? JSONSerialization.jsonObject(with: Data(text.utf8))) != nil
  }

  @Test("the version is one line; the help names every command and every exit code")
  func help() throws {
    let version = try CommandLineTool.run(["--version"])
    #expect(version.status == 0)
    #expect(version.stdout.wholeMatch(of: /omphalos \d+\.\d+\.\d+\n/) != nil)
    let help = try CommandLineTool.run(["--help"])
    #expect(help.status == 0 && help.stderr == "")
    for command in ["run", "plan", "verify", "plugins", "plugin", "doctor"] {
      #expect(help.stdout.contains("\n  \(command) "), "\(command)")
    }
    let words = help.stdout.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    #expect(
      words.contains(
        "Exit codes: 0 done, 2 a check failed, 3 a plugin was refused or failed to load, 4 a plugin's call failed, "
          + "crashed or timed out, 5 the artifact store or the disk failed, 64 the command line is wrong, 65 bad "
          + "configuration or data, 70 a bug in omphalos, 130 interrupted, 143 terminated."))
    for command in [
      ["run"], ["plan"], ["verify"], ["plugins", "list"], ["plugin", "inspect"], ["plugin", "declare"],
    ] {
      #expect(
        try CommandLineTool.run(command + ["--help"]).stdout.contains(
          "USAGE: omphalos \(command.joined(separator: " "))"))
    }
  }

  @Test(
    "a wrong command line ends with 64, says what is wrong and how it is used, and prints nothing to standard output",
    arguments: [
      (["run"], "Missing expected argument '<pipeline>'"), (["fly"], "Unexpected argument 'fly'"),
      (["run", "p.yaml", "--plugin", "x"], "Unknown option '--plugin'. Did you mean '--plugins'?"),
      (["run", "p.yaml", "--plugins"], "Missing value for '--plugins <directory>'"),
      (["run", "p.yaml", "q.yaml"], "Unexpected argument 'q.yaml'"),
      (["run", "p.yaml", "--format", "xml"], "The value 'xml' is invalid for '--format <format>'"),
      (["plugin", "declare", "plugin.json"], "Missing expected argument '--lang <lang>'"),
    ])
  func usage(_ arguments: [String], _ message: String) throws {
    let result = try CommandLineTool.run(arguments)
    #expect(result.status == 64)
    #expect(result.stdout == "")
    #expect(result.stderr.hasPrefix("Error: \(message)"), "\(result.stderr)")
    #expect(result.stderr.contains("\nUsage: omphalos "))
  }

  @Test("a run prints what was made, as text, as JSON, or its path alone; messages go to standard error")
  func run() throws {
    let pipeline = try example()
    let text = try omphalos("run", "pipeline.yaml", "--plugins", "plugins", in: pipeline)
    #expect(text.status == 0 && text.stderr == "")
    try Golden.check(Golden.masked(text.stdout), is: "run.txt")
    let again = try omphalos("run", "pipeline.yaml", "--plugins", "plugins", "--format", "json", in: pipeline)
    #expect(again.stderr == "" && isJSON(again.stdout))
    try Golden.check(Golden.masked(again.stdout), is: "run.json")
    let known = try omphalos("run", "pipeline.yaml", "--plugins", "plugins", "--no-rerun", in: pipeline)
    try Golden.check(Golden.masked(known.stdout), is: "run-no-rerun.txt")
    let quiet = try omphalos("run", "pipeline.yaml", "--plugins", "plugins", "--quiet", in: pipeline)
    #expect(quiet.stdout.wholeMatch(of: /runs\/run-[0-9a-f]{8}-[0-9a-f]{4}\n/) != nil)
  }

  @Test("the list of plugins, as text and as JSON")
  func list() throws {
    let pipeline = try example()
    try pipeline.folder.write("plugins/notes.so", "not a plugin\n")
    let text = try omphalos("plugins", "list", "--plugins", "plugins", "--hermetic", in: pipeline)
    #expect(text.status == 0 && text.stderr == "")
    try Golden.check(text.stdout, is: "plugins-list.txt")
    let json = try omphalos("plugins", "list", "--plugins", "plugins", "--hermetic", "--format", "json", in: pipeline)
    #expect(json.stderr == "" && isJSON(json.stdout))
    try Golden.check(Golden.masked(json.stdout), is: "plugins-list.json")
  }

  @Test("the inspection of a plugin, as text and as JSON")
  func inspect() throws {
    let pipeline = try example()
    let text = try omphalos("plugin", "inspect", "plugins/csv.so", in: pipeline)
    #expect(text.status == 0 && text.stderr == "")
    try Golden.check(Golden.masked(text.stdout), is: "inspect-csv.txt")
    let json = try omphalos("plugin", "inspect", "plugins/csv.so", "--format", "json", in: pipeline)
    #expect(json.stderr == "" && isJSON(json.stdout))
    try Golden.check(Golden.masked(json.stdout), is: "inspect-csv.json")
  }

  @Test(
    "colour is for terminals only, and not for those who say no",
    .enabled(if: Shell.find("script") != nil, "script(1) is not installed"))
  func color() throws {
    let pipeline = try example()
    let command = "'\(CommandLineTool.path)' plugin inspect plugins/csv.so"
    func onTerminal(_ environment: [String: String]) throws -> String {
      try Shell.run(
        ["script", "-qec", command, "/dev/null"], environment: ["TERM": "xterm"].merging(environment) { $1 },
        directory: pipeline.path
      ).stdout
    }
    #expect(try onTerminal(["NO_COLOR": ""]).contains("\u{1b}["))
    #expect(try !onTerminal(["NO_COLOR": "1"]).contains("\u{1b}["))
    #expect(try !onTerminal(["NO_COLOR": "", "TERM": "dumb"]).contains("\u{1b}["))
    #expect(try !omphalos("plugin", "inspect", "plugins/csv.so", in: pipeline).stdout.contains("\u{1b}["))
  }

  @Test("a reader of the output that goes away is no reason to leave the run undone")
  func brokenPipe() throws {
    let pipeline = try example()
    let command = "'\(CommandLineTool.path)' run pipeline.yaml --plugins plugins 2>&1 | true; exit ${PIPESTATUS[0]}"
    let result = try Shell.run(["bash", "-c", command], directory: pipeline.path)
    #expect(result.status == 0)
    let entries = try FileManager.default.contentsOfDirectory(atPath: pipeline.runs)
    #expect(entries.count == 2 && entries.contains("ledger.jsonl") && entries.contains { $0.hasPrefix("run-") })
  }

  @Test("the worker is no command: without its descriptors it ends, and does nothing")
  func worker() throws {
    for argument in ["0", "3", "999999", "-1"] {
      let result = try CommandLineTool.run(["worker", argument])
      #expect(result.status != 0)
    }
    #expect(try CommandLineTool.run(["worker", "x"]).status == 64)
  }
}
