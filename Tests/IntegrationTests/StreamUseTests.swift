import Foundation
import TestSupport
import Testing

@Suite("What a call may ask of streams and of the host")
struct StreamUseTests {
  @Test("an exporter gets its inputs by name in the pipeline's order, and may read them in turns")
  func twoInputs() throws {
    let pipeline = try PipelineFolder()
    try pipeline.addFixture([
      "ON_RUN":
        "char t[200]; int n = 0; long long rows[2] = {0, 0}; if (count != 2) return 1; "
        + "for (int going = 2; going > 0;) { going = 0; for (int i = 0; i < 2; i++) { struct ArrowArray b; "
        + "struct ArrowArrayStream *s = inputs[i]->stream; if (s->get_next(s, &b)) return 2; if (!b.release) continue; "
        + "going++; rows[i] += b.length; b.release(&b); } } "
        // At its end a stream stays at its end.
        + "struct ArrowArray b; if (inputs[0]->stream->get_next(inputs[0]->stream, &b) || b.release) return 3; "
        + "snprintf(t, 200, \"%.*s %lld %.*s %lld\", (int)inputs[0]->name_len, inputs[0]->name, rows[0], "
        + "(int)inputs[1]->name_len, inputs[1]->name, rows[1]); return put(call, \"exports/x\", t);"
    ])
    try pipeline.folder.write(
      "pipeline.yaml",
      """
      schema_version: "1.0"
      run: { name: two, as_of: "2026-01-01", output_root: runs }
      inputs:
        - { name: a, connector: com.example.fixture/source }
        - { name: b, connector: com.example.fixture/source }
        - { name: unread, connector: com.example.fixture/source }
      exports:
        - { exporter: com.example.fixture/product, inputs: [b, a] }

      """)
    let outcome = try pipeline.run()
    #expect(outcome.status == 0, "\(outcome.stderr)")
    #expect(try pipeline.text(outcome, "exports/x") == "b 6 a 6")
    // An input that no exporter reads is part of the record all the same.
    let index = try pipeline.text(outcome, "warehouse/index.jsonl")
    #expect(index.contains("\"unread\""))
  }

  @Test("an error in the part that the exporter left unread fails the run in the producer's name")
  func errorInTheRest() throws {
    let (outcome, _) = try PipelineFolder.runFixture([
      "ON_NEXT": "if (*batch == 1) return EIO;", "LAST_ERROR": "\"row 4 is torn\"",
      "ON_RUN":
        "struct ArrowArray b; if (inputs[0]->stream->get_next(inputs[0]->stream, &b)) return 1; b.release(&b); "
        + "inputs[0]->stream->release(inputs[0]->stream); return put(call, \"exports/x\", \"\");",
    ])
    #expect(outcome.status == 65)
    #expect(outcome.stderr.contains("com.example.fixture/source (numbers): get_next failed: row 4 is torn [E_DATA]"))
    #expect(outcome.finalized == [])
  }

  @Test("a producer that broke keeps its error for the consumer to read, and hands out nothing more")
  func afterAnError() throws {
    let (outcome, folder) = try PipelineFolder.runFixture([
      "GLOBALS": "static int entered;", "ON_NEXT": "entered++; return EIO;", "LAST_ERROR": "\"torn\"",
      "ON_RUN":
        "struct ArrowArray b; struct ArrowArrayStream *s = inputs[0]->stream; int one = s->get_next(s, &b), two = s->get_next(s, &b); "
        + "char t[300]; snprintf(t, 300, \"%d %d entered %d: %s\", one != 0, two != 0, entered, s->get_last_error(s)); say(t);",
    ])
    #expect(outcome.status == 65)
    #expect(try folder.text(outcome, "logs/run.jsonl").contains("1 1 entered 1: "))
    #expect(outcome.stderr.contains("get_next failed: torn"))
  }

  @Test("a failed open leaves nothing to release; after a failed exporter everything is released and the sink is told")
  func releasesAfterFailures() throws {
    let closing = "char t[64]; snprintf(t, 64, \"outcome %u\", outcome); say(t);"
    let (open, first) = try PipelineFolder.runFixture(
      ["ON_OPEN": "return OMPHALOS_E_IO;", "ON_RELEASE": "say(\"released\");", "ON_SINK_CLOSE": closing], sink: true)
    #expect(open.status == 5)
    let early = try first.text(open, "logs/run.jsonl")
    #expect(!early.contains("released") && early.contains("outcome 1"))
    let (run, second) = try PipelineFolder.runFixture(
      ["ON_RUN": "return OMPHALOS_E_DATA;", "ON_RELEASE": "say(\"released\");", "ON_SINK_CLOSE": closing], sink: true)
    #expect(run.status == 65)
    let late = try second.text(run, "logs/run.jsonl")
    #expect(late.components(separatedBy: "\"released\"").count == 2 && late.contains("outcome 1"))
  }

  @Test("a sink's own code comes with its own words, and a failed sink is closed as failed")
  func sinkWords() throws {
    let (outcome, folder) = try PipelineFolder.runFixture(
      [
        "ON_EMIT": "return fail(call, 7, \"the ledger is full\");",
        "ON_SINK_CLOSE": "char t[64]; snprintf(t, 64, \"outcome %u\", outcome); say(t);",
      ], sink: true)
    #expect(outcome.status == 4)
    #expect(outcome.stderr.contains("com.example.fixture/sink (lineage[0]): emit failed: the ledger is full [status 7]"))
    #expect(try folder.text(outcome, "logs/run.jsonl").contains("outcome 1"))
  }

  private static let random =
    "unsigned char r[4][16]; char t[200]; int n = 0; call->random_at(call->handle, \"l\", 1, 0, r[0], 16); "
    + "call->random_at(call->handle, \"l\", 1, 1, r[1], 16); call->random_at(call->handle, \"m\", 1, 0, r[2], 16); "
    + "call->random_at(call->handle, \"l\", 1, 0, r[3], 16); "
    + "for (int i = 0; i < 4; i++) { for (int k = 0; k < 16; k++) n += snprintf(t + n, 3, \"%02x\", r[i][k]); t[n++] = ' '; } "
    + "t[n] = 0; return put(call, \"exports/x\", t);"

  @Test("hermetic randomness depends on label and index, and on nothing of where and when a run is made")
  func hermeticRandomness() throws {
    let (one, first) = try PipelineFolder.runFixture(["ON_RUN": Self.random], hermetic: true)
    // The same plugin in another place: compilers leave names of temporary files in what they make.
    let second = try PipelineFolder()
    try FileManager.default.copyItem(atPath: first.plugins + "/fixture.so", toPath: second.plugins + "/fixture.so")
    try second.writeFixturePipeline(hermetic: true)
    let other = try second.run()
    #expect(one.status == 0 && one.finalized == other.finalized)
    let text = try first.text(one, "exports/x")
    #expect(try text == second.text(other, "exports/x"))
    let parts = text.split(separator: " ")
    #expect(parts.count == 4 && parts[0] == parts[3] && Set(parts).count == 3)
  }

  @Test("a run that is not hermetic and uses the system's randomness comes out different, and the first one stands")
  func otherRandomness() throws {
    let (one, folder) = try PipelineFolder.runFixture(["ON_RUN": Self.random])
    #expect(one.status == 0)
    let text = try folder.text(one, "exports/x")
    let again = try folder.run()
    #expect(again.status == 2)
    #expect(again.stderr.contains("was made again and came out different"))
    #expect(again.stderr.contains("exports/x"))
    #expect(again.finalized == one.finalized)
    #expect(try folder.text(again, "exports/x") == text)
  }

  @Test("an input file is handed over read-only, from its start each time, and by the pipeline's names alone")
  func inputFiles() throws {
    let pipeline = try PipelineFolder()
    try pipeline.addFixture([
      "ON_OPEN":
        "int32_t a, b; uint64_t l; char x[5] = \"\", y[5] = \"\", t[200]; if (call->input_open(call->handle, \"data\", 4, &a, &l)) return 1; "
        + "if (call->input_open(call->handle, \"data\", 4, &b, &l)) return 2; read(a, x, 4); read(b, y, 4); "
        + "snprintf(t, 200, \"%s %s %llu write %d\", x, y, (unsigned long long)l, (int)write(a, \"z\", 1)); say(t); close(a); close(b);"
    ])
    try pipeline.folder.write("table.txt", "abcdef")
    try pipeline.folder.write(
      "pipeline.yaml",
      """
      schema_version: "1.0"
      run: { name: files, output_root: runs }
      inputs:
        - { name: numbers, connector: com.example.fixture/source, files: { data: table.txt } }
      exports:
        - { exporter: com.example.fixture/product, inputs: [numbers] }

      """)
    let outcome = try pipeline.run()
    #expect(outcome.status == 0, "\(outcome.stderr)")
    #expect(try pipeline.text(outcome, "logs/run.jsonl").contains("abcd abcd 6 write -1"))
    #expect(try pipeline.folder.read("table.txt") == Array("abcdef".utf8))
  }

  @Test("a thread that is still in the store when its call returns leaves its artifact whole or not at all")
  func ownThread() throws {
    let (outcome, folder) = try PipelineFolder.runFixture([
      "GLOBALS":
        "static const omphalos_call *mine; static volatile int begun; static char big[8 << 20]; static void *work(void *x) { "
        + "begun = 1; mine->store->put(mine->handle, \"exports/big\", 11, NULL, big, sizeof big); return x; }",
      "ON_RUN":
        "mine = call; pthread_t t; pthread_create(&t, NULL, work, NULL); while (!begun) usleep(10); usleep(1000); "
        + "pthread_detach(t); return put(call, \"exports/x\", \"\");",
    ])
    // Four where the disk was slow: the call waits for a second, and is then ended as busy.
    #expect([0, 4].contains(outcome.status), "\(outcome.stderr)")
    if outcome.status == 0 {
      let path = folder.runs + "/\(outcome.finalized[0])/exports/big"
      if let size = try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int { #expect(size == 8 << 20) }
    }
  }
}
