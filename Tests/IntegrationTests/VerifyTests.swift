import Foundation
import TestSupport
import Testing

@Suite("Verifying a run")
struct VerifyTests {
  struct Tampering: CustomTestStringConvertible, Sendable {
    let what: String
    /// Run by bash in the run directory, whose files are writable again.
    let command: String
    let named: [String]
    var testDescription: String { what }
  }

  static let tamperings: [Tampering] = [
    Tampering(what: "a missing file", command: "rm exports/count.txt", named: ["exports/count.txt", "missing"]),
    Tampering(what: "changed bytes of the same size", command: "printf '7\\n' > exports/count.txt", named: ["exports/count.txt"]),
    Tampering(what: "a longer file", command: "echo more >> exports/count.txt", named: ["exports/count.txt"]),
    Tampering(what: "an extra file", command: "echo x > exports/extra", named: ["exports/extra"]),
    Tampering(what: "a link in a file's place", command: "mv exports/count.txt /tmp/$$; ln -s /tmp/$$ exports/count.txt", named: ["exports/count.txt"]),
    Tampering(what: "a fifo", command: "mkfifo exports/pipe", named: ["exports/pipe"]),
    Tampering(what: "a changed report", command: "echo '{}' > reports/quality_report.json", named: ["reports/quality_report.json"]),
    Tampering(what: "a changed log", command: "echo '{}' >> logs/run.jsonl", named: ["logs/run.jsonl"]),
    Tampering(
      what: "another payload root in the manifest",
      command: "sed -i -E 's/\"root_hash\": \"[0-9a-f]{64}\"/\"root_hash\": \"\(String(repeating: "0", count: 64))\"/' run_manifest.json",
      named: []),
    Tampering(
      what: "another size in the manifest", command: "sed -i '0,/\"bytes\": /s//\"bytes\": 9/' run_manifest.json",
      named: ["logs/run.jsonl"]),
    Tampering(what: "no manifest", command: "rm run_manifest.json", named: ["run_manifest.json"]),
    Tampering(what: "a manifest that is no JSON", command: "echo '{' > run_manifest.json", named: ["run_manifest.json"]),
    Tampering(what: "a seed changed in the manifest", command: "sed -i 's/\"seed\": 7/\"seed\": 8/' run_manifest.json", named: []),
  ]

  private func finishedRun() throws -> (pipeline: PipelineFolder, path: String) {
    let pipeline = try PipelineFolder()
    try pipeline.addFixture()
    try pipeline.writeFixturePipeline()
    let outcome = try pipeline.run()
    return (pipeline, "\(pipeline.runs)/\(try #require(outcome.finalized.first))")
  }

  @Test("finds and names what was done to it, and the second verifier agrees", arguments: tamperings)
  func tampering(_ tampering: Tampering) throws {
    let (pipeline, path) = try finishedRun()
    let done = try Shell.run(["bash", "-c", "chmod -R u+w . && \(tampering.command)"], directory: path)
    #expect(done.status == 0)
    let result = try CommandLineTool.run(["verify", path])
    #expect(result.status == 2, "\(result.stdout)\(result.stderr)")
    for text in tampering.named { #expect((result.stdout + result.stderr).contains(text)) }
    if let python = Shell.find("python3") {
      let second = try Shell.run([python, Compiler.root + "/Tests/Verifier/verify_run.py", path])
      #expect(second.status == 2, "\(second.stdout)")
    }
    _ = pipeline
  }

  @Test("says PASS in JSON and nothing with --quiet where the run is whole")
  func whole() throws {
    let (pipeline, path) = try finishedRun()
    let json = try CommandLineTool.run(["verify", path, "--format", "json"])
    let root = try JSONSerialization.jsonObject(with: Data(json.stdout.utf8)) as? [String: Any]
    #expect(root?["status"] as? String == "PASS")
    #expect((root?["problems"] as? [Any])?.isEmpty == true)
    let quiet = try CommandLineTool.run(["verify", path, "--quiet"])
    #expect(quiet.status == 0 && quiet.stdout == "" && quiet.stderr == "")
    _ = pipeline
  }

  @Test("a folder that is no run, or none at all, is an error that says so")
  func noRun() throws {
    let folder = try TemporaryFolder()
    let empty = try CommandLineTool.run(["verify", folder.path])
    #expect(empty.status != 0 && !(empty.stdout + empty.stderr).isEmpty)
    let missing = try CommandLineTool.run(["verify", folder.file("nowhere")])
    #expect(missing.status != 0)
    #expect(missing.stderr.contains("nowhere"))
  }
}
