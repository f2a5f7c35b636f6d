import Foundation
import TestSupport
import Testing

@Suite("The ledger of the runs")
struct LedgerRunTests {
  private func omphalos(_ arguments: String..., in pipeline: PipelineFolder) throws -> Shell.Result {
    try CommandLineTool.run(arguments, directory: pipeline.path)
  }

  private func fixture() throws -> PipelineFolder {
    let pipeline = try PipelineFolder()
    try pipeline.addFixture()
    try pipeline.writeFixturePipeline()
    return pipeline
  }

  /// Kind and run id of each entry.
  private func entries(_ pipeline: PipelineFolder) throws -> [String] {
    try pipeline.folder.read("runs/ledger.jsonl").split(separator: UInt8(ascii: "\n")).map { line in
      let entry = try #require(try JSONSerialization.jsonObject(with: Data(line)) as? [String: Any])
      return "\(entry["kind"] ?? "") \(entry["run_id"] ?? "")"
    }
  }

  /// Runs a command under strace, which kills it at a system call.
  private func killed(at call: String, _ arguments: [String], in pipeline: PipelineFolder) throws -> Shell.Result {
    try Shell.run(
      ["strace", "-f", "-o", "/dev/null", "-e", "trace=\(call)", "-e", "inject=\(call):signal=SIGKILL:when=1", CommandLineTool.path]
        + arguments, directory: pipeline.path)
  }

  @Test("a run that is made gets an entry, one that is made again gets none, and a new one the next")
  func finalized() throws {
    let pipeline = try fixture()
    let first = try #require(try pipeline.run().finalized.first)
    #expect(try pipeline.run().status == 0)
    #expect(try entries(pipeline) == ["finalized \(first)"])
    try pipeline.addFixture(["ON_RUN": "mark(\"/dev/null\");"])
    let both = try pipeline.run().finalized
    let second = try #require(both.first { $0 != first })
    #expect(try entries(pipeline) == ["finalized \(first)", "finalized \(second)"])
    let all = try omphalos("verify", "--all", "runs", in: pipeline)
    #expect(all.status == 0, "\(all.stdout)")
    #expect(all.stdout.contains("whole  \(first)  entry 1\n") && all.stdout.contains("whole  \(second)  entry 2\n"))
    #expect(try omphalos("verify", "--all", "runs", "--quiet", in: pipeline).stdout == "")
  }

  @Test(
    "a host that was killed between the name and the entry leaves a whole run that is told to be unrecorded, and adopted when it is made again",
    .enabled(if: Shell.find("strace") != nil, "strace is not installed"))
  func killedBeforeEntry() throws {
    let pipeline = try fixture()
    // The first fsync is that of the run root, after the rename.
    _ = try killed(at: "fsync", ["run", "pipeline.yaml", "--plugins", "plugins"], in: pipeline)
    let found = try FileManager.default.contentsOfDirectory(atPath: pipeline.runs)
    let run = try #require(found.first { $0.hasPrefix("run-") }, "\(found)")
    try #require(found == [run], "the kill came too late")
    #expect(try omphalos("verify", "runs/\(run)", in: pipeline).status == 0)
    let all = try omphalos("verify", "--all", "runs", in: pipeline)
    #expect(all.status == 2)
    #expect(all.stdout.contains("unrecorded  \(run)\n"), "\(all.stdout)")
    let list = try omphalos("runs", "list", in: pipeline)
    #expect(list.stdout.contains("           not in the ledger; record it with: omphalos runs adopt runs/\(run)\n"))
    let shown = try omphalos("runs", "show", run, in: pipeline)
    #expect(shown.stdout.contains("  ledger        not in the ledger; record it with: omphalos runs adopt runs/\(run)\n"))
    let json = try omphalos("runs", "list", "--format", "json", in: pipeline)
    #expect(json.stdout.contains("\"recorded\": false"))
    let again = try pipeline.run()
    #expect(again.status == 0, "\(again.stderr)")
    #expect(try entries(pipeline) == ["adopted \(run)"])
    #expect(try omphalos("verify", "--all", "runs", in: pipeline).status == 0)
    #expect(try omphalos("runs", "list", in: pipeline).stdout.split(separator: "\n").count == 1)
  }

  @Test("adopt verifies a run, records it once, and prints the head")
  func adopt() throws {
    let pipeline = try fixture()
    let run = try #require(try pipeline.run().finalized.first)
    try FileManager.default.removeItem(atPath: "\(pipeline.runs)/ledger.jsonl")
    let adopted = try omphalos("runs", "adopt", "runs/\(run)/", in: pipeline)
    #expect(adopted.status == 0)
    #expect(adopted.stdout.wholeMatch(of: /adopted   runs\/run-[0-9a-f-]+\/: entry 1, head [0-9a-f]{64}\n/) != nil, "\(adopted.stdout)")
    let again = try omphalos("runs", "adopt", "runs/\(run)", in: pipeline)
    #expect(again.stdout.hasPrefix("recorded  runs/\(run): entry 1 (adopted at 2"))
    #expect(try entries(pipeline) == ["adopted \(run)"])
    // Under another name it is not the run that an entry would name.
    #expect(try Shell.run(["cp", "-r", run, "copy"], directory: pipeline.runs).status == 0)
    let copy = try omphalos("runs", "adopt", "runs/copy", in: pipeline)
    #expect(copy.status == 65 && copy.stderr.contains("it is not named by a run id"))
    #expect(try Shell.run(["bash", "-c", "chmod -R u+w . && rm exports/count.txt"], directory: "\(pipeline.runs)/\(run)").status == 0)
    let damaged = try omphalos("runs", "adopt", "runs/\(run)", in: pipeline)
    #expect(damaged.status == 2 && damaged.stdout == "")
    #expect(damaged.stderr.contains("\"exports/count.txt\" is missing"), "\(damaged.stderr)")
  }

  @Test(
    "a ledger that takes no entry leaves the run finalized, with exit code 5, the cause and the remedy",
    arguments: [
      ("echo rubbish > runs/ledger.jsonl", "is broken: its last line is no JSON"),
      ("mkdir runs/ledger.jsonl", "it is a directory, wanted a regular file"),
      ("ln -s /dev/null runs/ledger.jsonl", "it is a symbolic link, wanted a regular file"),
      ("mkfifo runs/ledger.jsonl", "it is a fifo, wanted a regular file"),
    ])
  func unusable(_ script: String, _ cause: String) throws {
    let pipeline = try fixture()
    #expect(try Shell.run(["bash", "-ec", "mkdir runs; \(script)"], directory: pipeline.path).status == 0)
    let outcome = try pipeline.run()
    #expect(outcome.status == 5)
    let run = try #require(outcome.finalized.first)
    #expect(outcome.partials == [])
    #expect(outcome.stderr.hasPrefix("omphalos: The run \(run) stands finalized at runs/\(run), but it was not recorded: The ledger "))
    #expect(outcome.stderr.contains(cause), "\(outcome.stderr)")
    #expect(outcome.stderr.hasSuffix("\nOnce that is mended, record it with: omphalos runs adopt runs/\(run)\n"))
    #expect(try omphalos("verify", "runs/\(run)", in: pipeline).status == 0)
    let list = try omphalos("runs", "list", in: pipeline)
    #expect(list.status == 0 && list.stdout.hasPrefix("finalized  \(run)"))
    // Of a ledger that is broken at its end the lines before may still be asked; of one that is no file nothing is known.
    let isFile = script.contains("rubbish")
    #expect(list.stdout.contains("not in the ledger") == isFile && list.stderr.isEmpty == isFile, "\(list.stderr)")
    let shown = try omphalos("runs", "show", run, in: pipeline)
    #expect(shown.stdout.contains("  ledger        cannot be read: see omphalos verify --all runs\n") != isFile, "\(shown.stdout)")
    let removal = try omphalos("runs", "rm", "runs/\(run)", in: pipeline)
    #expect(removal.status == 5 && removal.stdout == "")
    #expect(try omphalos("verify", "runs/\(run)", in: pipeline).status == 0)
  }

  @Test("a ledger that is not ours to write is told, and a run that cannot be renamed keeps its entry", .enabled(if: getuid() == 0, "needs root"))
  func foreign() throws {
    let pipeline = try fixture()
    let run = try #require(try pipeline.run().finalized.first)
    let user = 65534
    let denied = try CommandLineTool.run(["runs", "rm", "runs/\(run)"], directory: pipeline.path, user: user)
    #expect(denied.status == 5)
    #expect(denied.stderr.contains("The ledger \"runs/ledger.jsonl\" cannot be used: Permission denied."), "\(denied.stderr)")
    // The ledger may be written, the root may not.
    #expect(try Shell.run(["chown", "\(user)", "\(pipeline.runs)/ledger.jsonl"]).status == 0)
    let failed = try CommandLineTool.run(["runs", "rm", "runs/\(run)"], directory: pipeline.path, user: user)
    #expect(failed.status == 5 && failed.stderr.contains("could not be removed: Permission denied"), "\(failed.stderr)")
    #expect(try entries(pipeline) == ["finalized \(run)", "removed \(run)", "adopted \(run)"])
    #expect(try omphalos("verify", "--all", "runs", in: pipeline).status == 0)
  }

  @Test(
    "a removal that was killed leaves a run that is whole and told as removed, or a dead one, and the same command ends it",
    .enabled(if: Shell.find("strace") != nil, "strace is not installed"), arguments: ["fsync", "renameat2", "unlinkat"])
  func killedRemoval(_ call: String) throws {
    let pipeline = try fixture()
    let run = try #require(try pipeline.run().finalized.first)
    _ = try killed(at: call, ["runs", "rm", "runs/\(run)"], in: pipeline)
    let list = try omphalos("runs", "list", in: pipeline).stdout
    let all = try omphalos("verify", "--all", "runs", in: pipeline)
    if FileManager.default.fileExists(atPath: "\(pipeline.runs)/\(run)") {
      #expect(try omphalos("verify", "runs/\(run)", in: pipeline).status == 0)
      #expect(list.contains("removed at 2") && list.contains("finish that with: omphalos runs rm runs/\(run)\n"), "\(list)")
      #expect(all.status == 2 && all.stdout.contains("not-removed  \(run)  entry 2\n"), "\(all.stdout)")
      #expect(try omphalos("runs", "rm", "runs/\(run)", in: pipeline).status == 0)
    } else {
      #expect(all.status == 0 && all.stdout.contains("Note: .\(run)."), "\(all.stdout)")
    }
    #expect(try entries(pipeline) == ["finalized \(run)", "removed \(run)"])
    let end = try omphalos("verify", "--all", "runs", in: pipeline)
    #expect(end.status == 0 && end.stdout.contains("0 runs, 1 removed"), "\(end.stdout)")
  }

  @Test("--head goes with --all and is a digest; anything else is a wrong command line")
  func usage() throws {
    let pipeline = try fixture()
    let run = try #require(try pipeline.run().finalized.first)
    let alone = try omphalos("verify", "runs/\(run)", "--head", String(repeating: "0", count: 64), in: pipeline)
    #expect(alone.status == 64 && alone.stderr.contains("--head is the head of a ledger: it goes with --all."))
    let short = try omphalos("verify", "--all", "runs", "--head", "abc", in: pipeline)
    #expect(short.status == 64 && short.stderr.contains("found \"abc\", wanted 64 lower-case hexadecimal digits"))
    let nowhere = try omphalos("verify", "--all", "nowhere", in: pipeline)
    #expect(nowhere.status == 65 && nowhere.stderr.contains("\"nowhere\" cannot be looked into for runs"))
  }

  @Test(
    "an entry that the disk refuses is not there afterwards, and the run that was to be recorded stands",
    .enabled(if: Shell.find("strace") != nil, "strace is not installed"),
    arguments: ["write:error=ENOSPC", "write:error=EIO", "write:error=EDQUOT", "fsync:error=EIO"])
  func refusingDisk(_ fault: String) throws {
    let pipeline = try fixture()
    let run = try #require(try pipeline.run().finalized.first)
    let ledger = "\(pipeline.runs)/ledger.jsonl"
    let before = try Data(contentsOf: URL(fileURLWithPath: ledger))
    let result = try Shell.run(
      ["strace", "-f", "-o", "/dev/null", "-P", ledger, "-e", "inject=\(fault)", CommandLineTool.path, "runs", "rm", "runs/\(run)"],
      directory: pipeline.path)
    #expect(result.status == 5)
    #expect(result.stderr.contains("The ledger \"runs/ledger.jsonl\" did not take an entry: "), "\(result.stderr)")
    #expect(try Data(contentsOf: URL(fileURLWithPath: ledger)) == before)
    #expect(try omphalos("verify", "--all", "runs", in: pipeline).status == 0)
  }

  @Test("what verify --all finds, in text and in JSON")
  func golden() throws {
    let pipeline = try fixture()
    let run = try #require(try pipeline.run().finalized.first)
    #expect(try omphalos("runs", "rm", "runs/\(run)", in: pipeline).status == 0)
    #expect(try pipeline.run().status == 0)
    let damage = "chmod -R u+w \(run) && rm \(run)/exports/count.txt && sed -i '1s/finalized/adopted/' ledger.jsonl"
    #expect(try Shell.run(["bash", "-c", damage], directory: pipeline.runs).status == 0)
    for format in ["text", "json"] {
      let result = try omphalos("verify", "--all", "runs", "--format", format, in: pipeline)
      #expect(result.status == 2 && result.stderr == "")
      let masked = Golden.masked(result.stdout).replacingOccurrences(
        of: "20[0-9]{2}(-[0-9]{2}){2}T[0-9:]{8}Z", with: "<time>", options: .regularExpression)
      try Golden.check(masked, is: "verify-all.\(format == "text" ? "txt" : "json")")
    }
  }
}
