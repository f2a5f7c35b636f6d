import Foundation
import TestSupport
import Testing

@Suite("The artifact store, as plugins meet it")
struct StoreTests {
  /// An exporter that returns the status of one `put`.
  private func putting(_ path: String, length: Int? = nil) throws -> PipelineFolder.Outcome {
    let count = length.map(String.init) ?? "strlen(path)"
    return try PipelineFolder.runFixture([
      "ON_RUN": "const char *path = \(path); return call->store->put(call->handle, path, \(count), NULL, \"x\", 1);"
    ]).outcome
  }

  @Test(
    "a path that is not an artifact path is refused, and the exporter is named",
    arguments: [
      (#""exports/../x""#, nil, "wanted no part '.' or '..'"),
      (#""/etc/x""#, nil, "wanted a relative path, without '/' at its start"),
      (#""exports//x""#, nil, "wanted no empty part"),
      (#""""#, nil, "wanted a path with at least one part"),
      (#""exports/a\nb""#, nil, "wanted no control characters"),
      (#""exports/a\0b""#, 11, "wanted no control characters"),
      (#""exports/\xff""#, nil, "wanted valid UTF-8"),
      (#""exports/e\xcc\x81""#, nil, "wanted Unicode normalization form C"),
    ] as [(String, Int?, String)])
  func badPaths(_ path: String, _ length: Int?, _ message: String) throws {
    let outcome = try putting(path, length: length)
    #expect(outcome.status == 4)
    #expect(outcome.stderr.contains("com.example.fixture/product (exports[0]): run failed:"))
    #expect(outcome.stderr.contains(message))
    #expect(outcome.stderr.contains("[E_PATH]"))
    #expect(outcome.finalized == [])
  }

  @Test("a name of 300 bytes is refused with the limit")
  func longName() throws {
    let outcome = try putting("\"exports/\(String(repeating: "n", count: 300))\"")
    #expect(outcome.status == 4)
    #expect(outcome.stderr.contains("at most 255 bytes a part, found 300"))
  }

  @Test("an exporter writes below exports/ and warehouse/ only", arguments: ["lineage/x", "reports/x", "x", "run_manifest.json"])
  func scope(_ path: String) throws {
    let outcome = try putting("\"\(path)\"")
    #expect(outcome.status == 4)
    #expect(outcome.stderr.contains("is not granted: this capability may write below exports/ and warehouse/"))
    #expect(outcome.stderr.contains("[E_DENIED]"))
  }

  @Test("a connector writes nowhere, a sink below lineage/ only")
  func scopesOfOthers() throws {
    let connector = try PipelineFolder.runFixture(["ON_OPEN": "return put(call, \"exports/x\", \"x\");"]).outcome
    #expect(connector.status == 4)
    #expect(connector.stderr.contains("com.example.fixture/source (numbers): open failed:"))
    #expect(connector.stderr.contains("this capability may write nothing"))
    let sink = try PipelineFolder.runFixture(["ON_EMIT": "return put(call, \"exports/x\", \"x\");"], sink: true).outcome
    #expect(sink.status == 4)
    #expect(sink.stderr.contains("this capability may write below lineage/"))
  }

  @Test(
    "a path is written once",
    arguments: [
      ("exports/a", "exports/a", "an artifact is written once"),
      ("exports/a", "exports/A", "exports/a is an artifact already"),
      ("exports/a", "exports/a/b", "exports/a is an artifact already"),
      ("exports/a/b", "exports/a", "exports/a/ is a folder already"),
      ("exports/a/b", "exports/A/c", "exports/a/ is a folder already"),
      ("exports/x", "warehouse/index.jsonl", "the host writes this file itself"),
    ])
  func writtenOnce(_ first: String, _ second: String, _ message: String) throws {
    let (outcome, _) = try PipelineFolder.runFixture([
      "ON_RUN": "int32_t first = put(call, \"\(first)\", \"1\"); if (first) return first; return put(call, \"\(second)\", \"2\");"
    ])
    #expect(outcome.status == 4)
    #expect(outcome.stderr.contains(message))
    #expect(outcome.stderr.contains("[E_EXISTS]"))
  }

  @Test("what is neither committed nor discarded is not there; a discarded path is free again")
  func discard() throws {
    let (outcome, folder) = try PipelineFolder.runFixture([
      "ON_RUN":
        "uint64_t a, b; call->store->create(call->handle, \"exports/left\", 12, NULL, &a); "
        + "call->store->write(call->handle, a, \"x\", 1); "
        + "call->store->create(call->handle, \"exports/again\", 13, NULL, &b); call->store->discard(call->handle, b); "
        + "return put(call, \"exports/again\", \"second\");"
    ])
    #expect(outcome.status == 0)
    #expect(try folder.text(outcome, "exports/again") == "second")
    #expect(!FileManager.default.fileExists(atPath: folder.runs + "/\(outcome.finalized[0])/exports/left"))
  }

  @Test("many small writes are one artifact, and the plugin reads back what it committed")
  func writeAndRead() throws {
    let (outcome, folder) = try PipelineFolder.runFixture([
      "ON_RUN":
        "uint64_t a, length; size_t got; char text[64]; const omphalos_store *s = call->store; "
        + "s->create(call->handle, \"exports/many\", 12, NULL, &a); "
        + "for (int i = 0; i < 10000; i++) s->write(call->handle, a, \"0123456789\", 10); "
        + "int32_t status = s->commit(call->handle, a); if (status) return status; "
        + "if (s->open(call->handle, \"exports/many\", 12, &a, &length) || length != 100000) return 1; "
        + "if (s->read(call->handle, a, 99995, text, 64, &got) || got != 5 || memcmp(text, \"56789\", 5)) return 2; "
        + "if (s->read(call->handle, a, 100000, text, 64, &got) || got != 0) return 3; "
        + "if (s->close(call->handle, a)) return 4; if (s->close(call->handle, a) != OMPHALOS_E_HANDLE) return 5; return 0;"
    ])
    #expect(outcome.status == 0, "\(outcome.stderr)")
    #expect(try folder.text(outcome, "exports/many").utf8.count == 100_000)
  }

  @Test("a quota of bytes or artifacts is named with its limit")
  func quotas() throws {
    let bytes = try PipelineFolder.runFixture(
      ["ON_RUN": "static char big[2000]; return call->store->put(call->handle, \"exports/x\", 9, NULL, big, sizeof big);"],
      limits: "bytes: 1000").outcome
    #expect(bytes.status == 4)
    #expect(bytes.stderr.contains("the limit of 1000 bytes (limits.bytes) is reached"))
    let count = try PipelineFolder.runFixture(
      ["ON_RUN": "put(call, \"exports/1\", \"\"); put(call, \"exports/2\", \"\"); return put(call, \"exports/3\", \"\");"],
      limits: "artifacts: 2").outcome
    #expect(count.status == 4)
    #expect(count.stderr.contains("the limit of 2 artifacts (limits.artifacts) is reached"))
  }

  @Test("a call after the call has ended is refused as E_ENDED, also from a thread that it left")
  func afterTheEnd() throws {
    let (outcome, folder) = try PipelineFolder.runFixture(
      [
        "GLOBALS":
          "static uint64_t old; static const omphalos_store *kept; static const omphalos_call *old_call; "
          + "static int32_t later; static void *try_it(void *x) { later = kept->put(old, \"exports/late\", 12, NULL, \"x\", 1); return x; }",
        "ON_RUN": "old = call->handle; kept = call->store; old_call = call;",
        "ON_SINK_CLOSE":
          "pthread_t t; pthread_create(&t, NULL, try_it, NULL); pthread_join(t, NULL); char text[64]; "
          + "snprintf(text, sizeof text, \"late %d now %d field %d\", later, (int)old_call->now_ns(old), old_call->handle == old); "
          + "put(call, \"lineage/late\", text);",
      ], sink: true)
    #expect(outcome.status == 0, "\(outcome.stderr)")
    #expect(try folder.text(outcome, "lineage/late") == "late -6 now -6 field 1")
  }

  @Test("an invented handle is refused as E_HANDLE")
  func inventedHandle() throws {
    let (outcome, folder) = try PipelineFolder.runFixture([
      "ON_RUN":
        "char text[64]; snprintf(text, sizeof text, \"%d %d %d\", call->store->put(12345, \"exports/x\", 9, NULL, \"x\", 1), "
        + "call->store->commit(call->handle, 99), call->store->put(call->handle ^ (1ull << 40), \"exports/x\", 9, NULL, \"x\", 1)); "
        + "return put(call, \"exports/codes\", text);"
    ])
    #expect(outcome.status == 0)
    #expect(try folder.text(outcome, "exports/codes") == "-7 -7 -7")
  }

  @Test("roles fill the manifest's lists, and a role that is none is refused")
  func roles() throws {
    let options =
      "omphalos_artifact_options o = {sizeof o, 0, \"text/plain\", 10, ROLE, sizeof ROLE - 1, \"A note\", 6}; "
      + "return call->store->put(call->handle, \"exports/note\", 12, &o, \"x\", 1);"
    let (good, folder) = try PipelineFolder.runFixture(["ROLE": "\"narrative\"", "ON_RUN": options])
    #expect(good.status == 0)
    let manifest = try JSONSerialization.jsonObject(
      with: Data(try folder.text(good, "run_manifest.json").utf8)) as? [String: Any]
    let exports = manifest?["exports"] as? [String: [String]]
    #expect(exports?["narratives"] == ["exports/note"])
    let (bad, _) = try PipelineFolder.runFixture(["ROLE": "\"poem\"", "ON_RUN": options])
    #expect(bad.status == 4)
    #expect(bad.stderr.contains("role: found \"poem\", wanted one of briefing_table, packet, narrative, warehouse, other"))
  }

  @Test(
    "what is written around the store is found, named and not finalized",
    arguments: [
      ("int d = openat(dir, \"exports/extra\", O_CREAT | O_WRONLY, 0644); write(d, \"x\", 1); close(d);", "exports/extra"),
      ("put(call, \"exports/a\", \"one\"); int d = openat(dir, \"exports/a\", O_WRONLY); write(d, \"two\", 3); close(d);", "exports/a"),
      ("put(call, \"exports/a\", \"one\"); unlinkat(dir, \"exports/a\", 0);", "exports/a"),
      ("symlinkat(\"/etc/passwd\", dir, \"exports/link\");", "exports/link"),
      ("mkdirat(dir, \"exports/empty\", 0755);", "exports/empty"),
      ("mkfifoat(dir, \"exports/pipe\", 0644);", "exports/pipe"),
      ("put(call, \"exports/a\", \"one\"); linkat(dir, \"exports/a\", dir, \"exports/b\", 0);", "exports/b"),
      ("int d = openat(dir, \"reports/quality_report.json\", O_CREAT | O_WRONLY, 0644); close(d);", "reports/quality_report.json"),
    ])
  func writeAround(_ statement: String, _ path: String) throws {
    // The plugin finds the run directory among the worker's descriptors: it is trusted code, and this is what detection is for.
    let find =
      "int dir = -1; struct stat st; for (int fd = 3; fd < 64 && dir < 0; fd++) "
      + "if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode) && faccessat(fd, \"exports\", F_OK, 0) == 0) dir = fd; "
      + "if (dir < 0) return 99; "
    let (outcome, _) = try PipelineFolder.runFixture(["ON_RUN": find + statement])
    #expect(outcome.status == 2, "\(outcome.stderr)")
    #expect(outcome.stderr.contains("around the artifact store, so the run is not finalized"))
    #expect(outcome.stderr.contains("\"\(path)\""))
    #expect(outcome.finalized == [])
  }

  @Test("a symbolic link that a plugin planted is not followed by the store")
  func plantedLink() throws {
    let target = try TemporaryFolder()
    let find =
      "int dir = -1; struct stat st; for (int fd = 3; fd < 64 && dir < 0; fd++) "
      + "if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode) && faccessat(fd, \"exports\", F_OK, 0) == 0) dir = fd; "
    let (outcome, _) = try PipelineFolder.runFixture([
      "ON_RUN": find + "symlinkat(\"\(target.path)\", dir, \"exports/out\"); return put(call, \"exports/out/x\", \"x\");"
    ])
    #expect(outcome.status == 5)
    #expect(try FileManager.default.contentsOfDirectory(atPath: target.path) == [])
    #expect(outcome.finalized == [])
  }
}
