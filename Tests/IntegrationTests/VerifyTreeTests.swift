import Foundation
import TestSupport
import Testing

@Suite("Verifying a run whose tree was changed")
struct VerifyTreeTests {
  /// A finalized run over a table of one row, writable again, in a folder named by its run id.
  private func tampered(_ command: String) throws -> (pipeline: PipelineFolder, run: String) {
    let pipeline = try PipelineFolder()
    try pipeline.addExamples("csv")
    try pipeline.folder.write("data.csv", "a,b\n1,x\n")
    try pipeline.folder.write(
      "pipeline.yaml",
      """
      schema_version: "1.0"
      run: { name: tables, seed: 1, output_root: runs }
      inputs:
        - { name: data, connector: org.omphalos.csv/csv, files: { data: data.csv } }
      exports:
        - { exporter: org.omphalos.csv/table, inputs: [data] }

      """)
    let outcome = try pipeline.run()
    let run = try #require(outcome.finalized.first, "\(outcome.stderr)")
    let done = try Shell.run(["bash", "-c", "chmod -R u+w . && \(command)"], directory: "\(pipeline.runs)/\(run)")
    try #require(done.status == 0, "\(done.stderr)")
    return (pipeline, run)
  }

  private func verify(_ pipeline: PipelineFolder, _ run: String, _ more: String...) throws -> Shell.Result {
    try CommandLineTool.run(["verify", "runs/\(run)"] + more, directory: pipeline.path)
  }

  /// The exit code of the verifier in Python; nil without Python.
  private func second(_ pipeline: PipelineFolder, _ run: String) throws -> Int32? {
    guard let python = Shell.find("python3") else { return nil }
    return try Shell.run([python, Compiler.root + "/Tests/Verifier/verify_run.py", "\(pipeline.runs)/\(run)"]).status
  }

  @Test(
    "names what does not belong there, one sentence each",
    arguments: [
      (
        "mkdir -p new/deep && echo x > new/deep/f",
        ["\"new/deep/f\" is extra: a regular file that the manifest does not list."]
      ),
      ("ln -s data.csv exports/link", ["\"exports/link\" is extra: a symbolic link that the manifest does not list."]),
      (
        "mv exports/data.csv exports/b && ln -s b exports/data.csv",
        [
          "\"exports/b\" is extra: a regular file that the manifest does not list.",
          "\"exports/data.csv\" is a symbolic link, wanted a regular file.",
        ]
      ),
      (
        "rm exports/data.csv && mkdir exports/data.csv", ["\"exports/data.csv\" is a directory, wanted a regular file."]
      ),
      ("rm -r exports", ["\"exports/data.csv\" is missing: the manifest lists it with 8 bytes."]),
      ("touch $'exports/\\e[2J'", ["\"exports/\\u{1b}[2J\" is extra: a regular file that the manifest does not list."]),
      (
        "mv run_manifest.json m && ln -s m run_manifest.json",
        ["has no readable run_manifest.json: it is a symbolic link. Only a finalized run has one."]
      ),
      ("echo hello > run_manifest.json", ["run_manifest.json: line 1, column 1: found 'h', wanted a JSON value."]),
      (
        "rm run_manifest.json",
        ["has no readable run_manifest.json: No such file or directory. Only a finalized run has one."]
      ),
    ] as [(String, [String])])
  func changes(_ command: String, _ sentences: [String]) throws {
    let (pipeline, run) = try tampered(command)
    let result = try verify(pipeline, run)
    #expect(result.status == 2)
    #expect(result.stderr == "")
    for sentence in sentences { #expect(result.stdout.contains(sentence), "\(result.stdout)") }
    let count = sentences.count == 1 ? "1 problem" : "\(sentences.count) problems"
    #expect(result.stdout.contains("is NOT whole: \(count) in "), "\(result.stdout)")
    if let status = try second(pipeline, run) { #expect(status == 2) }
  }

  @Test("an empty folder more is nothing: files are what a run consists of")
  func emptyFolder() throws {
    let (pipeline, run) = try tampered("mkdir -p exports/empty")
    #expect(try verify(pipeline, run).status == 0)
    if let status = try second(pipeline, run) { #expect(status == 0) }
  }

  @Test("a run that bears another run's name is no longer whole; a copy under a name of its own is, with a note")
  func names() throws {
    let (pipeline, run) = try tampered("true")
    let other = "run-00000000-0000"
    #expect(try Shell.run(["cp", "-r", run, other], directory: pipeline.runs).status == 0)
    let renamed = try verify(pipeline, other)
    #expect(renamed.status == 2)
    #expect(renamed.stdout.hasPrefix("The directory is named \(other), but its manifest is of run \(run).\n"))
    if let status = try second(pipeline, other) { #expect(status == 2) }
    #expect(try Shell.run(["cp", "-r", run, "copy"], directory: pipeline.runs).status == 0)
    let copied = try verify(pipeline, "copy")
    #expect(copied.status == 0)
    #expect(copied.stdout.contains("Note: the directory is named \"copy\", not by its run id \(run)\n"))
    if let status = try second(pipeline, "copy") { #expect(status == 0) }
  }

  @Test("a file that can be changed through another name is noted")
  func links() throws {
    let (pipeline, run) = try tampered("ln exports/data.csv ../outside.csv")
    let result = try verify(pipeline, run)
    #expect(result.status == 0)
    #expect(result.stdout.contains("1 of the files have another name elsewhere"))
  }

  @Test("a manifest that was edited by someone who knows the file only gives itself away by its run id")
  func manifest() throws {
    let (pipeline, run) = try tampered("sed -i 's/\"seed\": 1/\"seed\": 2/' run_manifest.json")
    let result = try verify(pipeline, run)
    #expect(result.status == 2)
    #expect(result.stdout.contains("run_manifest.json, config.fingerprint: found "))
    #expect(result.stdout.contains("but config.payload makes "))
  }

  @Test("all problems of a run, in JSON")
  func json() throws {
    let (pipeline, run) = try tampered(
      "rm exports/data.csv; echo >> lineage/lineage.jsonl; touch z; mkfifo exports/pipe; : > warehouse/index.jsonl")
    let result = try verify(pipeline, run, "--format", "json")
    #expect(result.status == 2 && result.stderr == "")
    let masked = Golden.masked(result.stdout)
      .replacingOccurrences(of: "of [0-9]+( bytes)?", with: "of <size>$1", options: .regularExpression)
    try Golden.check(masked, is: "verify.json")
  }

  @Test("a directory that is none, or no run, is told, and what to give instead")
  func noRun() throws {
    let folder = try TemporaryFolder()
    let missing = try CommandLineTool.run(["verify", "nowhere"], directory: folder.path)
    #expect(missing.status == 65)
    #expect(
      missing.stderr
        == "omphalos: \"nowhere\" is not a run directory: No such file or directory. Give the directory that `omphalos "
        + "run` printed.\n")
    try folder.write("file", "x")
    let file = try CommandLineTool.run(["verify", "file"], directory: folder.path)
    #expect(file.status == 65)
    #expect(file.stderr.hasPrefix("omphalos: \"file\" is not a run directory: Not a directory."))
  }

  @Test("a run that was not finalized is not whole")
  func partial() throws {
    let (outcome, pipeline) = try PipelineFolder.runFixture(["ON_RUN": "return OMPHALOS_E_DATA;"])
    let partial = try #require(outcome.partials.first)
    let result = try verify(pipeline, partial)
    #expect(result.status == 2)
    #expect(result.stdout.contains("Only a finalized run has one."))
  }
}
