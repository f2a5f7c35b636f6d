import Foundation
import TestSupport
import Testing

@Suite("One input, several exporters")
struct SharedInputTests {
  private static let source = "com.example.fixture/source (numbers): "

  /// A pipeline over the fixture in which each exporter reads these inputs; the fixture counts the runs in `runs`.
  private func folder(
    _ defines: [String: String], exports: [String] = ["numbers", "numbers", "numbers"], buffer: String = "", sink: Bool = false
  ) throws -> PipelineFolder {
    let pipeline = try PipelineFolder()
    let counting = "static int runs, opens, releases, batches; static void (*inner)(struct ArrowArray *); "
      + "static void counted(struct ArrowArray *a) { batches++; inner(a); } "
    try pipeline.addFixture(
      [
        "GLOBALS": counting + (defines["GLOBALS"] ?? ""),
        "ON_OPEN": "opens++; " + (defines["ON_OPEN"] ?? ""),
        "ON_BATCH": "inner = out->release; out->release = counted; " + (defines["ON_BATCH"] ?? ""),
        "ON_RELEASE": "releases++; ",
        "ON_SHUTDOWN": "{ \(defines["ON_SHUTDOWN"] ?? "") } "
          + "char t[99]; snprintf(t, 99, \"opens %d releases %d batches %d\", opens, releases, batches); say(t);",
      ].merging(defines) { own, _ in own })
    let steps = exports.map { "  - { exporter: com.example.fixture/product, inputs: [\($0)] }" }
    try pipeline.folder.write(
      "pipeline.yaml",
      """
      schema_version: "1.0"
      run: { name: shared, as_of: "2026-01-01", output_root: runs }
      inputs: [ { name: numbers, connector: com.example.fixture/source } ]
      exports:
      \(steps.joined(separator: "\n"))
      \(sink ? "lineage: [ { sink: com.example.fixture/sink } ]" : "")
      \(buffer.isEmpty ? "" : "limits: { buffer: \(buffer) }")

      """)
    return pipeline
  }

  /// Reads up to `LIMIT` batches, and puts their number and the sum of their values.
  private static let sum =
    "char p[64], t[99]; long long sum = 0; int n = 0; runs++; struct ArrowArray b; struct ArrowArrayStream *s = inputs[0]->stream; "
    + "while (n < LIMIT) { if (s->get_next(s, &b)) return fail(call, 9, s->get_last_error(s)); if (!b.release) break; n++; "
    + "for (int i = 0; i < 3; i++) sum += ((const int64_t *)b.children[0]->buffers[1])[i]; b.release(&b); } "
    + "snprintf(p, 64, \"exports/%d\", runs); snprintf(t, 99, \"%d %lld\", n, sum); return put(call, p, t);"

  private func events(_ pipeline: PipelineFolder, _ outcome: PipelineFolder.Outcome) throws -> [String] {
    try pipeline.text(outcome, "lineage/lineage.jsonl").split(separator: "\n").compactMap {
      (try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])?["kind"] as? String
    }
  }

  @Test(
    "the connector is opened and read once, every exporter reads all of it, and the run verifies",
    arguments: ["0", "1KiB", "1TiB"])
  func once(buffer: String) throws {
    let pipeline = try folder(["LIMIT": "99", "ON_RUN": Self.sum], buffer: buffer, sink: true)
    let outcome = try pipeline.run()
    #expect(outcome.status == 0, "\(outcome.stderr)")
    for export in 1...3 { #expect(try pipeline.text(outcome, "exports/\(export)") == "2 15") }
    let log = try pipeline.text(outcome, "logs/run.jsonl")
    #expect(log.contains("opens 1 releases 1 batches 2"))
    #expect(!log.contains("descriptor"))
    #expect(try events(pipeline, outcome).prefix(4) == ["INGEST", "EXPORT", "EXPORT", "EXPORT"])
    #expect(try pipeline.text(outcome, "warehouse/index.jsonl").contains("\"rows\":6"))
    let verify = try CommandLineTool.run(["verify", "runs/\(outcome.finalized[0])"], directory: pipeline.path)
    #expect(verify.status == 0, "\(verify.stderr)")
    #expect(try FileManager.default.contentsOfDirectory(atPath: pipeline.runs).allSatisfy { !$0.hasSuffix(".partial") })
  }

  @Test(
    "what an exporter leaves unread is there for the next: none, a half, all",
    arguments: ["0", "1KiB", "1TiB"])
  func unread(buffer: String) throws {
    let pipeline = try folder(["LIMIT": "runs - 1", "ON_RUN": Self.sum], buffer: buffer)
    let outcome = try pipeline.run()
    #expect(outcome.status == 0, "\(outcome.stderr)")
    #expect(try (1...3).map { try pipeline.text(outcome, "exports/\($0)") } == ["0 0", "1 3", "2 15"])
    #expect(try pipeline.text(outcome, "logs/run.jsonl").contains("opens 1 releases 1 batches 2"))
  }

  @Test("an exporter that names an input twice reads it twice, in turns", arguments: ["0", "1TiB"])
  func twice(buffer: String) throws {
    let pipeline = try folder(
      [
        "ON_RUN":
          "long long sum = 0; int same = 0; struct ArrowArray a, b; for (int n = 0; n < 3; n++) { "
          + "if (inputs[0]->stream->get_next(inputs[0]->stream, &a) || inputs[1]->stream->get_next(inputs[1]->stream, &b)) return 1; "
          + "if (!a.release && !b.release) break; if (!a.release || !b.release) return 2; "
          + "same += a.children[0]->buffers[1] == b.children[0]->buffers[1]; if (a.children[0] == b.children[0]) return 3; "
          + "for (int i = 0; i < 3; i++) sum += ((const int64_t *)b.children[0]->buffers[1])[i]; b.release(&b); a.release(&a); } "
          + "char t[99]; snprintf(t, 99, \"%lld same %d\", sum, same); return put(call, \"exports/x\", t);"
      ], exports: ["numbers, numbers"], buffer: buffer)
    let outcome = try pipeline.run()
    #expect(outcome.status == 0, "\(outcome.stderr)")
    // What is in memory is one; what is spooled comes once from the connector and once from the file.
    #expect(try pipeline.text(outcome, "exports/x") == "15 same \(buffer == "0" ? 0 : 2)")
    #expect(try pipeline.text(outcome, "logs/run.jsonl").contains("opens 1 releases 1 batches 2"))
    #expect(try events(pipeline, outcome) == ["INGEST", "EXPORT"])
  }

  @Test("in memory every exporter sees the connector's own buffers: nothing is copied")
  func noCopies() throws {
    let pipeline = try folder([
      "GLOBALS": "static const void *made;", "ON_BATCH": "if (!made) made = child->buffers[1];",
      "ON_RUN":
        "struct ArrowArray b; runs++; if (inputs[0]->stream->get_next(inputs[0]->stream, &b)) return 1; char p[64], t[64]; "
        + "snprintf(p, 64, \"exports/%d\", runs); snprintf(t, 64, \"same %d\", made == b.children[0]->buffers[1]); b.release(&b); "
        + "return put(call, p, t);",
    ])
    let outcome = try pipeline.run()
    #expect(outcome.status == 0, "\(outcome.stderr)")
    for export in 1...3 { #expect(try pipeline.text(outcome, "exports/\(export)") == "same 1") }
  }

  @Test("a column that an exporter keeps is released when it likes, after everything of the run", arguments: ["0", "1TiB"])
  func kept(buffer: String) throws {
    let pipeline = try folder(
      [
        "GLOBALS": "static struct ArrowArray kept[3];",
        "ON_RUN":
          "struct ArrowArray b; char p[64]; if (inputs[0]->stream->get_next(inputs[0]->stream, &b)) return 1; kept[runs] = *b.children[0]; "
          + "b.children[0]->release = NULL; b.release(&b); snprintf(p, 64, \"exports/%d\", ++runs); return put(call, p, \"\");",
        "ON_SHUTDOWN":
          "long long sum = 0; for (int i = 0; i < 3; i++) { sum += ((const int64_t *)kept[i].buffers[1])[2]; kept[i].release(&kept[i]); "
          + "if (kept[i].release) abort(); } char t[99]; snprintf(t, 99, \"sum %lld batches %d\", sum, batches); say(t);",
      ], buffer: buffer)
    let outcome = try pipeline.run()
    #expect(outcome.status == 0, "\(outcome.stderr)")
    #expect(try pipeline.text(outcome, "logs/run.jsonl").contains("sum 6 batches 2"))
  }

  @Test("an exporter that writes into what is shared fails the run by name, and the dataset is named")
  func written() throws {
    let pipeline = try folder([
      "ON_RUN":
        "struct ArrowArray b; char p[64]; if (inputs[0]->stream->get_next(inputs[0]->stream, &b)) return fail(call, 9, \"no batch\"); "
        + "if (++runs == 2) ((int64_t *)b.children[0]->buffers[1])[1] = 77; b.release(&b); snprintf(p, 64, \"exports/%d\", runs); "
        + "return put(call, p, \"\");"
    ])
    let outcome = try pipeline.run()
    #expect(outcome.status == 4)
    #expect(outcome.stderr.contains("com.example.fixture/product (exports[1]): run failed: the rows 1 to 3 of the dataset \"numbers\""))
    #expect(outcome.stderr.contains("Before com.example.fixture/product (exports[2]), "))
    #expect(outcome.finalized == [])
  }

  @Test("pages of the spool cannot be written: an exporter that tries crashes, and is named")
  func writtenSpool() throws {
    let pipeline = try folder(
      [
        "ON_RUN":
          "struct ArrowArray b; if (inputs[0]->stream->get_next(inputs[0]->stream, &b)) return 1; "
          + "if (++runs == 2) ((int64_t *)b.children[0]->buffers[1])[1] = 77; b.release(&b); return put(call, \"exports/x\", \"\");"
      ], buffer: "0")
    let outcome = try pipeline.run()
    #expect(outcome.status == 4)
    #expect(outcome.stderr.contains("com.example.fixture/product (exports[1])") && outcome.stderr.contains("SIGSEGV"))
    #expect(outcome.finalized == [])
  }

  @Test("a failing exporter ends the run: stream and batches are released, and nothing is finalized", arguments: ["0", "1TiB"])
  func failing(buffer: String) throws {
    let pipeline = try folder(
      [
        "LIMIT": "1", "ON_RUN": "if (runs == 1) return fail(call, 42, \"the moon is full\"); " + Self.sum,
        "ON_SINK_CLOSE": "char t[99]; snprintf(t, 99, \"opens %d releases %d batches %d outcome %u\", opens, releases, batches, outcome); say(t);",
      ], buffer: buffer, sink: true)
    let outcome = try pipeline.run()
    #expect(outcome.status == 4)
    #expect(outcome.stderr.contains("com.example.fixture/product (exports[1]): run failed: the moon is full [status 42]"))
    #expect(outcome.finalized == [] && outcome.partials.count == 1)
    #expect(try pipeline.text(outcome, "logs/run.jsonl").contains("opens 1 releases 1"))
    let left = try FileManager.default.contentsOfDirectory(atPath: pipeline.runs + "/" + outcome.partials[0])
    #expect(!left.contains { $0.contains("spool") || $0.contains(".staging") })
  }

  @Test("a connector that fails is named, whoever was reading, and also in the part that nobody read")
  func failingConnector() throws {
    for limit in ["0", "99"] {
      let pipeline = try folder(
        ["LIMIT": limit, "ON_RUN": Self.sum, "ON_NEXT": "if (*batch == 1) return EIO;", "LAST_ERROR": "\"row 4 is torn\""],
        buffer: "0")
      let outcome = try pipeline.run()
      #expect(outcome.status == 65)
      #expect(outcome.stderr.contains(Self.source + "get_next failed: row 4 is torn [E_DATA]"))
      #expect(outcome.finalized == [])
    }
  }

  @Test("a run that is cancelled while a later exporter reads what was kept stops there")
  func cancelled() throws {
    let pipeline = try folder(
      [
        "LIMIT": "99",
        "ON_RUN":
          "if (runs == 1) { kill(getppid(), SIGINT); while (call->is_cancelled(call->handle) == 0) usleep(1000); } " + Self.sum,
      ], buffer: "0")
    let outcome = try pipeline.run()
    #expect(outcome.status == 130, "\(outcome.stderr)")
    #expect(outcome.finalized == [])
    #expect(pipeline.processes() == [])
  }
}
