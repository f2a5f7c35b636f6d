import Foundation
import TestSupport
import Testing

@Suite("The artifact store, misused")
struct StoreMisuseTests {
  /// Runs statements that fill `text`, which the exporter puts as exports/codes, and gives that text.
  private func codes(_ statements: String, limits: String = "") throws -> String {
    let (outcome, folder) = try PipelineFolder.runFixture(
      [
        "ON_RUN":
          "const omphalos_store *s = call->store; uint64_t h = call->handle, a = 0, b = 0, length = 0; size_t got = 0; "
          + "char text[200] = \"\", big[2000] = {0}; \(statements) return put(call, \"exports/codes\", text);"
      ], limits: limits)
    #expect(outcome.status == 0, "\(outcome.stderr)")
    return try folder.text(outcome, "exports/codes")
  }

  @Test("after a failed write an artifact can only be discarded, and then its path is free again")
  func failedWrite() throws {
    let text = try codes(
      "s->create(h, \"exports/x\", 9, NULL, &a); int w = s->write(h, a, big, 2000), c = s->commit(h, a), "
        + "w2 = s->write(h, a, \"x\", 1), p = s->put(h, \"exports/x\", 9, NULL, \"1\", 1), d = s->discard(h, a), "
        + "p2 = s->put(h, \"exports/x\", 9, NULL, \"2\", 1); "
        + "snprintf(text, 200, \"%d %d %d %d %d %d\", w, c, w2, p, d, p2);", limits: "bytes: 1000")
    // E_QUOTA, E_STATE, E_STATE, E_EXISTS.
    #expect(text == "-9 -8 -8 -3 0 0")
  }

  @Test("after commit and after discard a handle is gone for everything")
  func goneHandles() throws {
    let text = try codes(
      "s->create(h, \"exports/a\", 9, NULL, &a); s->commit(h, a); s->create(h, \"exports/b\", 9, NULL, &b); s->discard(h, b); "
        + "snprintf(text, 200, \"%d %d %d %d %d %d\", s->write(h, a, \"x\", 1), s->commit(h, a), s->discard(h, a), "
        + "s->write(h, b, \"x\", 1), s->commit(h, b), s->read(h, a, 0, big, 1, &got));")
    #expect(text == "-7 -7 -7 -7 -7 -7")
  }

  @Test("an artifact of an earlier call of the same exporter cannot be written on")
  func handleOfAnEarlierCall() throws {
    let pipeline = try PipelineFolder()
    try pipeline.addFixture([
      "GLOBALS": "static uint64_t kept, old; static int n;",
      "ON_RUN":
        "if (n++ == 0) { old = call->handle; call->store->create(old, \"exports/a\", 9, NULL, &kept); return 0; } "
        + "char t[64]; snprintf(t, 64, \"%d %d %d\", call->store->write(call->handle, kept, \"x\", 1), "
        + "call->store->commit(call->handle, kept), call->store->commit(old, kept)); return put(call, \"exports/codes\", t);",
    ])
    try pipeline.folder.write(
      "pipeline.yaml",
      """
      schema_version: "1.0"
      run: { name: twice, as_of: "2026-01-01", output_root: runs }
      inputs:
        - { name: numbers, connector: com.example.fixture/source }
      exports:
        - { exporter: com.example.fixture/product, inputs: [numbers] }
        - { exporter: com.example.fixture/product, inputs: [numbers] }

      """)
    let outcome = try pipeline.run()
    #expect(outcome.status == 0, "\(outcome.stderr)")
    #expect(try pipeline.text(outcome, "exports/codes") == "-7 -7 -6")
    #expect(!FileManager.default.fileExists(atPath: pipeline.runs + "/\(outcome.finalized[0])/exports/a"))
  }

  @Test("what is not committed, and what other capabilities wrote, cannot be opened")
  func reading() throws {
    let own = try codes(
      "s->create(h, \"exports/a\", 9, NULL, &a); snprintf(text, 200, \"%d %d %d %d\", s->open(h, \"exports/a\", 9, &b, &length), "
        + "s->open(h, \"exports/none\", 12, &b, &length), s->open(h, \"lineage/lineage.jsonl\", 21, &b, &length), "
        + "s->open(h, \"../../etc/passwd\", 16, &b, &length));")
    #expect(own == "-4 -4 -5 -2")
    let (outcome, folder) = try PipelineFolder.runFixture(
      [
        "ON_SINK_CLOSE":
          "uint64_t a, l; char t[64]; snprintf(t, 64, \"%d\", call->store->open(call->handle, \"exports/count.txt\", 17, &a, &l)); "
          + "return put(call, \"lineage/codes\", t);"
      ], sink: true)
    #expect(outcome.status == 0, "\(outcome.stderr)")
    #expect(try folder.text(outcome, "lineage/codes") == "-5")
  }

  @Test("an empty artifact is one, by put and by create and commit, with and without a pointer")
  func emptyArtifacts() throws {
    let (outcome, folder) = try PipelineFolder.runFixture([
      "ON_RUN":
        "uint64_t a; if (call->store->put(call->handle, \"exports/a\", 9, NULL, NULL, 0)) return 1; "
        + "if (call->store->create(call->handle, \"exports/b\", 9, NULL, &a)) return 2; return call->store->commit(call->handle, a);"
    ])
    #expect(outcome.status == 0, "\(outcome.stderr)")
    #expect(try folder.text(outcome, "exports/a").isEmpty && folder.text(outcome, "exports/b").isEmpty)
    let manifest = try folder.text(outcome, "run_manifest.json")
    #expect(manifest.contains("\"path\": \"exports/a\"") && manifest.contains("\"path\": \"exports/b\""))
  }

  @Test(
    "an argument that cannot be is refused with its name",
    arguments: [
      ("call->store->put(call->handle, NULL, 4, NULL, \"x\", 1)", "the path is NULL [E_PATH]"),
      ("call->store->put(call->handle, \"exports/x\", 9, NULL, NULL, 1)", "the bytes are NULL or their length (1) cannot be [E_INVALID]"),
      ("call->store->create(call->handle, \"exports/x\", 9, NULL, NULL)", "create: `artifact` is NULL [E_INVALID]"),
      (
        "call->store->put(call->handle, \"exports/x\", 9, &(omphalos_artifact_options){8}, \"x\", 1)",
        "artifact options: struct_size is 8, wanted at least 56 [E_INVALID]"
      ),
      ("call->random_at(call->handle, \"l\", 1, 0, (char[9]){0}, 2u << 20)", "random_at: wanted 0 to 1048576 bytes, found 2097152 [E_INVALID]"),
      (
        "call->input_open(call->handle, \"data\", 4, &(int32_t){0}, &(uint64_t){0})",
        "the pipeline names no file \"data\" under `files` of this input: it names none. [E_NOT_FOUND]"
      ),
    ])
  func arguments(_ expression: String, _ message: String) throws {
    let (outcome, _) = try PipelineFolder.runFixture(["ON_RUN": "return \(expression);"])
    #expect(outcome.status == 4)
    #expect(outcome.stderr.contains("com.example.fixture/product (exports[0]): run failed: \(message)"))
    #expect(outcome.finalized == [])
  }

  @Test("names that differ only in case are one beyond ASCII too, and names that only look alike are two")
  func caseFolding() throws {
    #expect(try codes("snprintf(text, 200, \"%d %d %d\", put(call, \"exports/\\xc3\\x89t\\xc3\\xa9\", \"\"), "
      + "put(call, \"exports/\\xc3\\xa9T\\xc3\\x89\", \"\"), put(call, \"exports/ete\", \"\"));") == "0 -3 0")
  }

  @Test("a sink cannot take the host's own lineage file, in any case")
  func hostsFiles() throws {
    for name in ["lineage/lineage.jsonl", "lineage/Lineage.JSONL"] {
      let (outcome, _) = try PipelineFolder.runFixture(["ON_EMIT": "return put(call, \"\(name)\", \"x\");"], sink: true)
      #expect(outcome.status == 4)
      #expect(
        outcome.stderr.contains("com.example.fixture/sink (lineage[0]): emit failed: the path \(name) is taken: the host writes"))
    }
  }

  private static let find =
    "int dir = -1; struct stat st; for (int fd = 3; fd < 64 && dir < 0; fd++) "
    + "if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode) && faccessat(fd, \"exports\", F_OK, 0) == 0) dir = fd; "

  @Test(
    "the store neither follows nor replaces what a plugin planted in the run directory, and says what is in the way",
    arguments: [
      ("symlinkat(\"/tmp\", dir, \"exports/out\");", "exports/out/x", "exports/out did not come through the store (Too many levels of"),
      ("symlinkat(\"/tmp/none\", dir, \"exports/out\");", "exports/out", "exports/out did not come through the store (File exists)"),
      ("close(openat(dir, \"exports/out\", O_CREAT | O_WRONLY, 0644));", "exports/out/x", "exports/out did not come through the store (Not a directory)"),
      ("mkdirat(dir, \"exports/out\", 0755);", "exports/out", "exports/out did not come through the store (File exists)"),
    ])
  func planted(_ statement: String, _ path: String, _ message: String) throws {
    let (outcome, _) = try PipelineFolder.runFixture(["ON_RUN": Self.find + statement + "return put(call, \"\(path)\", \"x\");"])
    #expect(outcome.status == 5)
    #expect(outcome.stderr.contains("com.example.fixture/product (exports[0]): run failed: writing \(path): what lies at"))
    #expect(outcome.stderr.contains(message))
    #expect(outcome.finalized == [])
  }

  @Test("an artifact changed through an old shared mapping is found, though no time of the file tells")
  func oldMapping() throws {
    let (outcome, _) = try PipelineFolder.runFixture([
      "GLOBALS": "extern void *mmap(void *, size_t, int, int, int, long);",
      "ON_RUN": Self.find
        + "put(call, \"exports/a\", \"one\"); int d = openat(dir, \"exports/a\", O_RDWR); if (d < 0) return 98; "
        + "char *bytes = mmap(NULL, 3, 3, 1, d, 0); close(d); bytes[0] = 'x';",
    ])
    #expect(outcome.status == 2, "\(outcome.stderr)")
    #expect(outcome.stderr.contains("\"exports/a\""))
    #expect(outcome.finalized == [])
  }
}
