import Foundation
import TestSupport
import Testing

@Suite("Streams between plugins")
struct StreamTests {
  private static let who = "com.example.fixture/source (numbers): "

  @Test(
    "a connector that fails is named with its own words",
    arguments: [
      (["ON_OPEN": "return fail(call, OMPHALOS_E_CONFIG, \"no such table\");"], 65, "open failed: no such table [E_CONFIG]"),
      (["ON_OPEN": "return 17;"], 4, "open failed: the plugin returned its own code 17 and no message. [status 17]"),
      (["ON_OPEN": "return OMPHALOS_E_MEMORY;"], 4, "open failed: There was not enough memory. [E_MEMORY]"),
      (["ON_OPENED": "out->release = NULL;"], 65, "open failed: open succeeded and gave no stream: its `release` is NULL. [E_DATA]"),
      (["ON_OPENED": "out->get_next = NULL;"], 65, "the stream lacks get_schema, get_next or get_last_error."),
      (["ON_SCHEMA": "return EIO;", "LAST_ERROR": "\"the server hung up\""], 65, "get_schema failed: the server hung up [E_DATA]"),
      (["ON_NEXT": "if (*batch == 1) return EIO;", "LAST_ERROR": "\"row 4 is torn\""], 65, "get_next failed: row 4 is torn [E_DATA]"),
      (["ON_NEXT": "return EIO;"], 65, "get_next failed: the stream returned errno 5 and no message. [E_DATA]"),
    ] as [([String: String], Int32, String)])
  func failures(_ defines: [String: String], _ status: Int32, _ message: String) throws {
    let (outcome, _) = try PipelineFolder.runFixture(defines)
    #expect(outcome.status == status)
    #expect(outcome.stderr.contains(Self.who))
    #expect(outcome.stderr.contains(message))
    #expect(outcome.finalized == [])
  }

  @Test(
    "a batch that breaks the Arrow rules is refused, and its producer is named",
    arguments: [
      ("out->n_children = 0;", "batch.n_children is 0, wanted 1"),
      ("out->n_buffers = 3;", "batch.n_buffers is 3, wanted 1"),
      ("out->children[0]->n_buffers = 1;", "batch.n.n_buffers is 1, wanted 2"),
      ("out->children[0]->length = 2;", "batch.n has 2 rows, wanted 3"),
      ("out->children[0]->length = -1;", "batch.n has length -1"),
      ("out->children[0]->offset = -4;", "batch.n has length 3 and offset -4"),
      ("out->children[0]->null_count = 9;", "batch.n.null_count is 9, wanted -1 to 3"),
      ("out->children[0]->null_count = 1;", "batch.n.null_count is 1, and there is no validity buffer"),
      ("out->children[0]->release = NULL;", "batch.n is a released array"),
      ("free((void *)out->children[0]->buffers[1]); out->children[0]->buffers[1] = NULL;", "batch.n.buffers[1] is NULL"),
      ("out->children = (void *)8;", "lies in unreadable memory"),
      ("out->children[0]->buffers = (void *)8;", "lies in unreadable memory"),
    ])
  func brokenBatches(_ statement: String, _ message: String) throws {
    // The broken parts are not handed back to the fixture's own release: they leak.
    let (outcome, _) = try PipelineFolder.runFixture([
      "GLOBALS": "static void leak(struct ArrowArray *a) { a->release = NULL; }",
      "ON_BATCH": "out->release = leak; \(statement)",
    ])
    #expect(outcome.status == 65)
    #expect(outcome.stderr.contains(Self.who + "get_next failed: batch after row 0: "))
    #expect(outcome.stderr.contains(message))
    #expect(outcome.finalized == [])
  }

  @Test(
    "a schema that this host cannot take is refused with its place",
    arguments: [
      ("out->format = \"l\"; out->n_children = 0;", "wanted a struct"),
      ("child->format = \"+us:0,1\";", "this host does not take columns of format \"+us:0,1\""),
      ("child->format = NULL;", "schema.children[0].format is NULL"),
      ("child->name = \"\\xff\";", "schema.children[0].name is not UTF-8"),
      ("out->n_children = 70000;", "schema.n_children is 70000"),
      ("out->children = (void *)8;", "lies in unreadable memory"),
      ("child->metadata = (const char *)8;", "schema.children[0].metadata lies in unreadable memory"),
      ("child->metadata = \"\\xff\\xff\\xff\\xff\";", "schema.children[0].metadata: the number of pairs is -1"),
    ])
  func schemas(_ statement: String, _ message: String) throws {
    // Fills the schema as the fixture does, breaks it, and leaks it.
    let schema =
      "static struct ArrowSchema columns; static struct ArrowSchema *list[1] = {&columns}; struct ArrowSchema *child = &columns; "
      + "memset(out, 0, sizeof *out); child->format = \"l\"; child->name = \"n\"; child->release = forget; out->format = \"+s\"; "
      + "out->name = \"\"; out->n_children = 1; out->children = list; out->release = forget; \(statement) return 0;"
    let (outcome, _) = try PipelineFolder.runFixture([
      "GLOBALS": "static void forget(struct ArrowSchema *s) { s->release = NULL; }", "ON_SCHEMA": schema,
    ])
    #expect(outcome.status == 65)
    #expect(outcome.stderr.contains(Self.who + "get_schema failed:"))
    #expect(outcome.stderr.contains(message))
  }

  @Test("a stream that fails names its status by set_error, and the exit code follows")
  func namedStatus() throws {
    let (outcome, _) = try PipelineFolder.runFixture([
      "GLOBALS": "static const omphalos_call *opened;", "ON_OPEN": "opened = call;",
      "ON_NEXT": "if (*batch == 1) { fail(opened, OMPHALOS_E_IO, \"the disk of the source is broken\"); return EIO; }",
    ])
    #expect(outcome.status == 5)
    #expect(outcome.stderr.contains(Self.who + "get_next failed: the disk of the source is broken [E_IO]"))
  }

  @Test("metadata and flags of columns reach the consumer, so extension types survive")
  func metadata() throws {
    let schema =
      "static struct ArrowSchema columns; static struct ArrowSchema *list[1] = {&columns}; struct ArrowSchema *child = &columns; "
      + "memset(out, 0, sizeof *out); child->format = \"l\"; child->name = \"n\"; child->flags = 2; child->release = forget; "
      + "static const char pairs[] = \"\\1\\0\\0\\0\\3\\0\\0\\0key\\5\\0\\0\\0value\"; child->metadata = pairs; "
      + "out->format = \"+s\"; out->name = \"\"; out->n_children = 1; out->children = list; out->release = forget; return 0;"
    let (outcome, folder) = try PipelineFolder.runFixture([
      "GLOBALS": "static void forget(struct ArrowSchema *s) { s->release = NULL; }", "ON_SCHEMA": schema,
      "ON_RUN":
        "struct ArrowSchema s; if (inputs[0]->stream->get_schema(inputs[0]->stream, &s)) return 1; const char *m = s.children[0]->metadata; "
        + "char t[64]; snprintf(t, sizeof t, \"%d %.3s %.5s flags %d\", *(const int *)m, m + 8, m + 15, (int)s.children[0]->flags); "
        + "s.release(&s); return put(call, \"exports/x\", t);",
    ])
    #expect(outcome.status == 0, "\(outcome.stderr)")
    #expect(try folder.text(outcome, "exports/x") == "1 key value flags 2")
  }

  @Test("an exporter that hides a stream's error does not save the run")
  func hiddenError() throws {
    let (outcome, _) = try PipelineFolder.runFixture([
      "ON_NEXT": "if (*batch == 1) return EIO;", "LAST_ERROR": "\"torn\"",
      "ON_RUN":
        "struct ArrowArray b; while (inputs[0]->stream->get_next(inputs[0]->stream, &b) == 0 && b.release) b.release(&b); "
        + "return put(call, \"exports/x\", \"all is well\");",
    ])
    #expect(outcome.status == 65)
    #expect(outcome.stderr.contains(Self.who + "get_next failed: torn"))
    #expect(outcome.finalized == [])
  }

  @Test("an exporter that stops early leaves the host to read the rest: rows and fingerprint are whole")
  func stopsEarly() throws {
    let (early, folder) = try PipelineFolder.runFixture(["ON_RUN": "return put(call, \"exports/x\", \"\");"])
    #expect(early.status == 0)
    #expect(try folder.text(early, "warehouse/index.jsonl").contains("\"rows\":6"))
  }

  @Test("an exporter's own code needs a message, and gets one where it has none")
  func ownCodes() throws {
    let said = try PipelineFolder.runFixture(["ON_RUN": "return fail(call, 42, \"the moon is full\");"]).outcome
    #expect(said.status == 4)
    #expect(said.stderr.contains("com.example.fixture/product (exports[0]): run failed: the moon is full [status 42]"))
    let silent = try PipelineFolder.runFixture(["ON_RUN": "return 42;"]).outcome
    #expect(silent.stderr.contains("the plugin returned its own code 42 and no message"))
  }

  @Test("a message cannot steer the operator's terminal")
  func escapes() throws {
    let (outcome, _) = try PipelineFolder.runFixture(["ON_RUN": "return fail(call, 1, \"\\x1b[2Jgone\\r\\nnew line\");"])
    #expect(outcome.stderr.contains("\\u{1b}[2Jgone\\u{d}"))
    #expect(!outcome.stderr.contains("\u{1b}"))
  }

  @Test("every stream and batch is released exactly once")
  func releases() throws {
    let (outcome, folder) = try PipelineFolder.runFixture([
      "GLOBALS": "static int streams, batches; static void (*inner)(struct ArrowArray *); "
        + "static void counted(struct ArrowArray *a) { batches++; inner(a); }",
      "ON_BATCH": "inner = out->release; out->release = counted;",
      "ON_RELEASE": "streams++;",
      "ON_SHUTDOWN": "char t[64]; snprintf(t, sizeof t, \"streams %d batches %d\", streams, batches); say(t);",
    ])
    #expect(outcome.status == 0)
    #expect(try folder.text(outcome, "logs/run.jsonl").contains("streams 1 batches 2"))
  }

  @Test("a batch that an exporter keeps beyond its call may be released later")
  func keptBatch() throws {
    let (outcome, _) = try PipelineFolder.runFixture([
      "GLOBALS": "static struct ArrowArray kept;",
      "ON_RUN": "inputs[0]->stream->get_next(inputs[0]->stream, &kept); return put(call, \"exports/x\", \"\");",
      "ON_SHUTDOWN": "kept.release(&kept);",
    ])
    #expect(outcome.status == 0, "\(outcome.stderr)")
  }

  @Test("an exporter reads the values that the connector wrote, in the connector's own memory")
  func noCopies() throws {
    let (outcome, folder) = try PipelineFolder.runFixture([
      "GLOBALS": "static const void *made;",
      "ON_BATCH": "made = child->buffers[1];",
      "ON_RUN":
        "struct ArrowArray b; inputs[0]->stream->get_next(inputs[0]->stream, &b); char t[64]; "
        + "snprintf(t, sizeof t, \"same %d value %lld\", made == b.children[0]->buffers[1], "
        + "(long long)((const int64_t *)b.children[0]->buffers[1])[2]); b.release(&b); return put(call, \"exports/x\", t);",
    ])
    #expect(outcome.status == 0)
    #expect(try folder.text(outcome, "exports/x") == "same 1 value 2")
  }

  @Test("sinks hear of each event, and of how the run ended")
  func sinks() throws {
    let (good, folder) = try PipelineFolder.runFixture(
      [
        "GLOBALS": "static int events;", "ON_EMIT": "events++;",
        "ON_SINK_CLOSE": "char t[64]; snprintf(t, sizeof t, \"events %d outcome %u\", events, outcome); say(t);",
      ], sink: true)
    #expect(good.status == 0)
    #expect(try folder.text(good, "logs/run.jsonl").contains("events 2 outcome 0"))
    let (failed, second) = try PipelineFolder.runFixture(
      [
        "ON_RUN": "return 9;",
        "ON_SINK_CLOSE": "char t[64]; snprintf(t, sizeof t, \"outcome %u\", outcome); say(t);",
      ], sink: true)
    #expect(failed.status == 4)
    #expect(try second.text(failed, "logs/run.jsonl").contains("outcome 1"))
  }

  @Test(
    "a sink that fails is named with its function",
    arguments: [("ON_SINK_OPEN", "open"), ("ON_EMIT", "emit"), ("ON_SINK_CLOSE", "close")])
  func failingSinks(_ place: String, _ function: String) throws {
    let (outcome, _) = try PipelineFolder.runFixture([place: "return OMPHALOS_E_IO;"], sink: true)
    #expect(outcome.status == 5)
    #expect(outcome.stderr.contains("com.example.fixture/sink (lineage[0]): \(function) failed:"))
  }

  @Test("in a hermetic run time is one constant and randomness a function of the run; otherwise they are the system's")
  func timeAndRandomness() throws {
    let run =
      "uint64_t a[2], b[2]; int64_t t1 = call->now_ns(call->handle); call->random_at(call->handle, \"l\", 1, 5, a, 16); "
      + "usleep(2000); int64_t t2 = call->now_ns(call->handle); call->random_at(call->handle, \"l\", 1, 5, b, 16); char t[160]; "
      + "snprintf(t, sizeof t, \"same time %d same random %d %llx %lld\", t1 == t2, !memcmp(a, b, 16), (unsigned long long)a[0], "
      + "(long long)t1); return put(call, \"exports/x\", t);"
    let (hermetic, folder) = try PipelineFolder.runFixture(["ON_RUN": run], hermetic: true)
    #expect(try folder.text(hermetic, "exports/x").hasPrefix("same time 1 same random 1"))
    let again = try folder.run()
    #expect(again.status == 0)
    #expect(again.stdout.hasPrefix("Reproduced "))
    let (free, other) = try PipelineFolder.runFixture(["ON_RUN": run])
    #expect(try other.text(free, "exports/x").hasPrefix("same time 0 same random 0"))
  }

  @Test("metrics are finite numbers and appear in the reports")
  func metrics() throws {
    let (outcome, folder) = try PipelineFolder.runFixture([
      "ON_RUN":
        "int32_t good = call->metric(call->handle, \"rows_seen\", 9, 42.5); int32_t bad = call->metric(call->handle, \"x\", 1, 0.0 / 0.0); "
        + "char t[64]; snprintf(t, sizeof t, \"%d %d\", good, bad); return put(call, \"exports/x\", t);"
    ])
    #expect(outcome.status == 0)
    #expect(try folder.text(outcome, "exports/x") == "0 -1")
    let reports = try folder.text(outcome, "reports/attribution.json") + folder.text(outcome, "reports/quality_report.json")
    #expect(reports.contains("rows_seen"))
  }
}
