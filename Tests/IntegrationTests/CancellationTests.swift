import Foundation
import TestSupport
import Testing

@Suite("Stopping a run")
struct CancellationTests {
  /// Starts a run in the background, waits until the plugin says that it runs, sends the signals, and waits for the end.
  private func stop(_ pipeline: PipelineFolder, with signals: [String]) throws -> Shell.Result {
    let marker = pipeline.folder.file("running")
    let kills = signals.map { "kill -\($0) $pid; sleep 0.3" }.joined(separator: "; ")
    let script =
      "'\(CommandLineTool.path)' run pipeline.yaml --plugins plugins & pid=$!; "
      + "until [ -e '\(marker)' ]; do sleep 0.02; done; \(kills); wait $pid"
    return try Shell.run(["bash", "-c", script], directory: pipeline.path)
  }

  private func pipeline(_ loop: String, sink: Bool = true) throws -> PipelineFolder {
    let pipeline = try PipelineFolder()
    try pipeline.addFixture([
      "ON_RUN": "mark(\"\(pipeline.folder.file("running"))\"); \(loop)",
      "ON_SINK_CLOSE": "char t[64]; snprintf(t, sizeof t, \"outcome %u\", outcome); say(t);",
    ])
    try pipeline.writeFixturePipeline(sink: sink)
    return pipeline
  }

  private static let obedient = "while (call->is_cancelled(call->handle) == 0) usleep(1000); return OMPHALOS_E_CANCELLED;"

  private func leftovers(_ pipeline: PipelineFolder) throws -> (finalized: [String], log: String) {
    let entries = try FileManager.default.contentsOfDirectory(atPath: pipeline.runs)
    let partial = try #require(entries.first { $0.hasPrefix(".") })
    let log = try pipeline.folder.read("runs/\(partial)/logs/run.jsonl")
    return (entries.filter { !$0.hasPrefix(".") }, String(decoding: log, as: UTF8.self))
  }

  @Test("SIGINT is seen by plugins, sinks are closed as cancelled, and the exit code is 130")
  func interrupted() throws {
    let pipeline = try pipeline(Self.obedient)
    let result = try stop(pipeline, with: ["INT"])
    #expect(result.status == 130)
    #expect(result.stderr.contains("The run was stopped by SIGINT."))
    let (finalized, log) = try leftovers(pipeline)
    #expect(finalized == [])
    #expect(log.contains("outcome 2"))
    #expect(pipeline.processes() == [])
  }

  @Test("SIGTERM ends with exit code 143")
  func terminated() throws {
    let pipeline = try pipeline(Self.obedient)
    let result = try stop(pipeline, with: ["TERM"])
    #expect(result.status == 143)
    #expect(try leftovers(pipeline).finalized == [])
  }

  @Test("a second signal stops a plugin that does not listen")
  func impatient() throws {
    let pipeline = try pipeline("for (;;) sleep(1000);")
    let result = try stop(pipeline, with: ["INT", "INT"])
    #expect(result.status == 130)
    #expect(try leftovers(pipeline).finalized == [])
    #expect(pipeline.processes() == [])
  }

  @Test("when the supervisor is killed the worker goes with it, and no run is finalized")
  func supervisorKilled() throws {
    let pipeline = try pipeline("for (;;) sleep(1000);")
    let result = try stop(pipeline, with: ["KILL"])
    #expect(result.status == 137)
    #expect(try leftovers(pipeline).finalized == [])
    #expect(pipeline.processes() == [])
  }
}
