import Foundation
import TestSupport
import Testing

@Suite("Runs in a directory")
struct RunsTests {
  private func runs(_ arguments: String..., in folder: PipelineFolder) throws -> Shell.Result {
    try CommandLineTool.run(["runs"] + arguments, directory: folder.path)
  }

  private func listed(_ folder: PipelineFolder) throws -> [[String: Any]] {
    let result = try runs("list", "--format", "json", in: folder)
    #expect(result.status == 0, "\(result.stderr)")
    let object = try #require(try JSONSerialization.jsonObject(with: Data(result.stdout.utf8)) as? [String: Any])
    #expect(object["root"] as? String == "runs")
    return try #require(object["runs"] as? [[String: Any]])
  }

  /// Kills the supervisor of a run once its exporter runs.
  private func killed(_ folder: PipelineFolder) throws -> Shell.Result {
    try killed(folder, meanwhile: "true")
  }

  private func killed(_ folder: PipelineFolder, meanwhile command: String) throws -> Shell.Result {
    let marker = folder.folder.file("running")
    try folder.addFixture(["ON_RUN": "mark(\"\(marker)\"); for (;;) sleep(1000);"])
    try folder.writeFixturePipeline()
    return try Shell.run(
      [
        "bash", "-c",
        "'\(CommandLineTool.path)' run pipeline.yaml --plugins plugins >/dev/null 2>&1 & pid=$!; "
          + "until [ -e '\(marker)' ]; do sleep 0.02; done; \(command); kill -KILL $pid; wait $pid 2>/dev/null; echo $pid",
      ], directory: folder.path)
  }

  @Test("a finalized run is listed as that, with its pipeline and when it was finalized")
  func finalized() throws {
    let (outcome, folder) = try PipelineFolder.runFixture([:])
    let entries = try listed(folder)
    let entry = try #require(entries.first)
    #expect(entries.count == 1 && entry["state"] as? String == "finalized")
    #expect(entry["run_id"] as? String == outcome.finalized.first && entry["name"] as? String == outcome.finalized.first)
    #expect(entry["pipeline"] as? String == "pipeline.yaml")
    let time = try #require(ISO8601DateFormatter().date(from: entry["time"] as? String ?? ""))
    #expect(abs(time.timeIntervalSinceNow) < 3600)
    let text = try runs("list", in: folder).stdout
    #expect(text == "finalized  \(outcome.finalized[0])  \(entry["time"] as? String ?? "")  pipeline.yaml\n")
  }

  @Test("a run that failed is listed with its reason and exit code, shown with its log, and cleaned away")
  func failed() throws {
    let (outcome, folder) = try PipelineFolder.runFixture(["ON_RUN": "say(\"hm\"); return fail(call, 7, \"no luck\");"])
    let reason = "com.example.fixture/product (exports[0]): run failed: no luck [status 7]"
    let entry = try #require(try listed(folder).first)
    #expect(entry["state"] as? String == "failed" && entry["pipeline"] as? String == "fixture")
    #expect(entry["reason"] as? String == reason && entry["exit_code"] as? Int == 4)
    let partial = try #require(outcome.partials.first)
    let list = try runs("list", in: folder).stdout
    #expect(list.hasPrefix("failed     \(partial)  ") && list.hasSuffix("  fixture\n           exit code 4: \(reason)\n"))
    let shown = try runs("show", partial, in: folder)
    #expect(shown.status == 0)
    #expect(shown.stdout.contains("Failed run-") && shown.stdout.contains("  reason        \(reason)\n"))
    #expect(shown.stdout.contains(" plugin com.example.fixture info: hm\n"))
    #expect(shown.stdout.hasSuffix("with: omphalos runs clean --root runs\n"))
    let trial = try runs("clean", "--dry-run", in: folder)
    #expect(trial.stdout == "would remove  runs/\(partial)\n")
    #expect(try listed(folder).count == 1)
    let cleaned = try runs("clean", in: folder)
    #expect(cleaned.status == 0 && cleaned.stdout == "removed       runs/\(partial)\n")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.runs) == [])
    #expect(try runs("clean", in: folder).stdout == "There is nothing to remove in \"runs\".\n")
    #expect(try runs("list", in: folder).stdout == "There are no runs in \"runs\".\n")
  }

  @Test("a run whose supervisor was killed is listed as killed, with the process that is gone, and nothing is left running")
  func killedSupervisor() throws {
    let folder = try PipelineFolder()
    let pid = try #require(Int(try killed(folder).stdout.trimmingCharacters(in: .whitespacesAndNewlines)))
    #expect(folder.processes() == [])
    let entry = try #require(try listed(folder).first)
    #expect(entry["state"] as? String == "killed" && entry["last_pid"] as? Int == pid)
    #expect(entry["pipeline"] as? String == "fixture" && entry["last_seen"] as? String != nil)
    let text = try runs("list", in: folder).stdout
    #expect(text.contains("process \(pid), which made it, is gone and left no reason; last line of its log at 2"))
    #expect(try runs("clean", in: folder).status == 0)
    #expect(try listed(folder).isEmpty)
  }

  @Test("a run that is being made is listed with its process, and clean leaves it alone")
  func running() throws {
    let folder = try PipelineFolder()
    let program = CommandLineTool.path
    let result = try killed(
      folder, meanwhile: "'\(program)' runs list; '\(program)' runs clean; echo $?; '\(program)' runs list --format json")
    let pid = try #require(result.stdout.split(separator: "\n").last)
    #expect(result.stdout.contains("process \(pid) is making it"))
    #expect(result.stdout.contains(/kept          runs\/\.run-[0-9a-f-]+\.[0-9a-f]{8}\.partial: running\n0\n/))
    #expect(result.stdout.contains("\"pid\": \(pid)") && result.stdout.contains("\"state\": \"running\""))
  }

  @Test(
    "a run that is being finalized shows its lock until all is flushed and read-only, right up to its last name",
    .enabled(if: Shell.find("strace") != nil, "strace is not installed"))
  func lockUntilTheEnd() throws {
    let pipeline = try PipelineFolder()
    try pipeline.addFixture()
    try pipeline.writeFixturePipeline()
    let trace = pipeline.folder.file("trace")
    let outcome = try pipeline.run(
      prefix: ["strace", "-f", "-o", trace, "-e", "trace=unlinkat,syncfs,fchmod,renameat2"])
    #expect(outcome.status == 0, "\(outcome.stderr)")
    let calls = try String(contentsOfFile: trace, encoding: .utf8).split(separator: "\n").map { line in
      line.drop { $0 != " " }.drop { $0 == " " }
    }
    let rename = try #require(calls.firstIndex { $0.hasPrefix("renameat2(") && $0.contains("\"run-") })
    let unlink = try #require(calls.firstIndex { $0.hasPrefix("unlinkat(") && $0.contains("\".lock\"") })
    let flush = try #require(calls.firstIndex { $0.hasPrefix("syncfs(") })
    #expect(flush < unlink && unlink < rename)
    #expect(calls[flush..<unlink].contains { $0.hasPrefix("fchmod(") })
    // The directory itself, which has to allow the unlinking.
    #expect(calls[(unlink + 1)..<rename].map { $0.prefix { $0 != "(" } } == ["fchmod"])
  }

  @Test("a finalized run is shown with what it is of, by its path or by its name")
  func show() throws {
    let (outcome, folder) = try PipelineFolder.runFixture([:])
    let run = try #require(outcome.finalized.first)
    let shown = try runs("show", "runs/\(run)/", in: folder)
    #expect(shown.status == 0)
    for text in [
      "Finalized \(run)\n", "  pipeline      pipeline.yaml\n", "  input         numbers  6 rows  ",
      "  plugin        com.example.fixture  sha256 ", "  artifact      exports/count.txt  2 bytes\n",
      "Check it with: omphalos verify runs/\(run)\n",
    ] { #expect(shown.stdout.contains(text), "\(shown.stdout)") }
    #expect(try runs("show", run, in: folder).stdout == shown.stdout)
    let json = try runs("show", run, "--format", "json", in: folder)
    let object = try #require(try JSONSerialization.jsonObject(with: Data(json.stdout.utf8)) as? [String: Any])
    let manifest = try JSONSerialization.jsonObject(with: Data(try folder.folder.read("runs/\(run)/run_manifest.json")))
    let artifacts = (manifest as? [String: Any])?["artifacts"] as? [String: Any]
    #expect(object["payload_root"] as? String == artifacts?["root_hash"] as? String)
    #expect((object["inputs"] as? [[String: Any]])?.first?["rows"] as? Int == 6)
    let nothing = try runs("show", "run-00000000-0000", in: folder)
    #expect(nothing.status == 65)
    #expect(
      nothing.stderr
        == "omphalos: \"run-00000000-0000\": there is no such run in \"runs\". Name the directory of runs with --root, or give "
        + "the run's path.\n")
  }

  @Test("a finalized run is removed by its owner, though it is read-only; clean does not touch it")
  func remove() throws {
    let pipeline = try PipelineFolder()
    try pipeline.addFixture()
    try pipeline.writeFixturePipeline()
    let user = getuid() == 0 ? 65534 : nil as Int?
    if let user {
      for path in [pipeline.path, pipeline.plugins, pipeline.plugins + "/fixture.so"] {
        try FileManager.default.setAttributes([.ownerAccountID: user, .groupOwnerAccountID: user], ofItemAtPath: path)
      }
    }
    let outcome = try pipeline.run(user: user)
    let run = try #require(outcome.finalized.first, "\(outcome.stderr)")
    func omphalos(_ arguments: String...) throws -> Shell.Result {
      try CommandLineTool.run(["runs"] + arguments, directory: pipeline.path, user: user)
    }
    #expect(try omphalos("clean").stdout == "There is nothing to remove in \"runs\".\n")
    let removed = try omphalos("rm", "runs/\(run)")
    #expect(removed.status == 0 && removed.stdout == "removed  runs/\(run)\n", "\(removed.stderr)")
    #expect(try FileManager.default.contentsOfDirectory(atPath: pipeline.runs) == ["ledger.jsonl"])
    #expect(try omphalos("list").stdout == "There are no runs in \"runs\".\n")
    let ledger = try pipeline.folder.read("runs/ledger.jsonl").split(separator: UInt8(ascii: "\n")).map {
      try #require(try JSONSerialization.jsonObject(with: Data($0)) as? [String: Any])
    }
    #expect(ledger.map { $0["kind"] as? String } == ["finalized", "removed"])
    #expect(ledger.allSatisfy { $0["run_id"] as? String == run })
  }

  @Test("what is no finalized run is not removed, and the message says what it is")
  func refusals() throws {
    let (outcome, folder) = try PipelineFolder.runFixture([:])
    let run = try #require(outcome.finalized.first)
    try folder.folder.write("runs/run-aaaaaaaa-0000/precious", "x")
    try folder.folder.write("elsewhere/precious", "x")
    try FileManager.default.createSymbolicLink(atPath: folder.runs + "/run-bbbbbbbb-0000", withDestinationPath: run)
    try FileManager.default.copyItem(atPath: "\(folder.runs)/\(run)", toPath: folder.runs + "/run-cccccccc-0000")
    let partial = ".run-dddddddd-0000.00000000.partial"
    try folder.folder.write("runs/\(partial)/state.json", "{\"state\":\"failed\",\"reason\":\"r\"}")
    for (path, told) in [
      ("elsewhere", "it is no run directory"), ("/", "it is no run directory"), ("runs/..", "it is no run directory"),
      ("runs/run-aaaaaaaa-0000", "it is no finalized run: it has no readable run_manifest.json"),
      ("runs/run-bbbbbbbb-0000", "it is no finalized run: it is a symbolic link, not a directory"),
      ("runs/run-cccccccc-0000", "it is no finalized run: its manifest is that of \(run)"),
      ("runs/\(partial)", "it is no finalized run but a partial one (failed). Dead ones are removed by `omphalos runs clean"),
      ("runs/run-eeeeeeee-0000", "it is no finalized run: it cannot be opened: No such file or directory"),
      ("nowhere/\(run)", "cannot be looked into for runs: No such file or directory"),
    ] {
      let result = try runs("rm", path, in: folder)
      #expect(result.status == 65)
      #expect(result.stderr.contains(told), "\(result.stderr)")
    }
    #expect(FileManager.default.fileExists(atPath: "\(folder.runs)/run-aaaaaaaa-0000/precious"))
    #expect(FileManager.default.fileExists(atPath: folder.folder.file("elsewhere/precious")))
    #expect(try CommandLineTool.run(["verify", "runs/\(run)"], directory: folder.path).status == 0)
  }
}
