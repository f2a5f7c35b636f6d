import Foundation
import TestSupport
import Testing

@Suite("What the pipeline grants")
struct StoreGrantTests {
  private static let opening = """
    static int32_t can_read(const omphalos_call *call, const char *path) {
      uint64_t artifact;
      int32_t status = call->store->open(call->handle, path, strlen(path), &artifact, NULL);
      return status != 0 ? status : call->store->close(call->handle, artifact);
    }
    """

  @Test("a connector writes where it was granted to, and its artifact is in the manifest under its name")
  func connector() throws {
    let (outcome, folder) = try PipelineFolder.runFixture(
      ["ON_OPEN": #"int32_t s = put(call, "warehouse/raw/feed", "raw"); if (s != 0) return s;"#],
      rights: ["inputs": "grants: { write: [warehouse/raw] }"])
    #expect(outcome.status == 0, "\(outcome.stderr)")
    #expect(try folder.text(outcome, "warehouse/raw/feed") == "raw")
    #expect(try folder.text(outcome, "run_manifest.json").contains(#""path": "warehouse/raw/feed""#))
    let outside = try PipelineFolder.runFixture(
      ["ON_OPEN": #"return put(call, "warehouse/other", "raw");"#], rights: ["inputs": "grants: { write: [warehouse/raw] }"])
    #expect(outside.outcome.status == 4)
    #expect(outside.outcome.stderr.contains("this capability may write below warehouse/raw/."))
  }

  @Test("who may only read cannot write there, and lists what it may read")
  func readOnly() throws {
    let body = """
      uint64_t cursor; char path[1024]; size_t count; int32_t status;
      if ((status = can_read(call, "exports/count.txt")) != 0) return status;
      if ((status = call->store->list_open(call->handle, "", 0, &cursor)) != 0) return status;
      if ((status = call->store->list_next(call->handle, cursor, path, sizeof path, &count, NULL)) != 0) return status;
      if (count != 17 || memcmp(path, "exports/count.txt", 17) != 0) return 1;
      if (put(call, "exports/mine", "x") != OMPHALOS_E_DENIED) return 2;
      """
    let defines = ["GLOBALS": Self.opening, "ON_SINK_CLOSE": body]
    let granted = try PipelineFolder.runFixture(defines, sink: true, rights: ["lineage": "grants: { read: [exports] }"])
    #expect(granted.outcome.status == 0, "\(granted.outcome.stderr)")
    let without = try PipelineFolder.runFixture(defines, sink: true)
    #expect(without.outcome.status == 4)
    #expect(without.outcome.stderr.contains("this capability may read below lineage/."))
  }

  @Test("a grant is part of what makes two runs the same, and plan shows it")
  func identity() throws {
    let folder = try PipelineFolder()
    try folder.addFixture()
    try folder.writeFixturePipeline()
    let plain = try CommandLineTool.run(["plan", "pipeline.yaml", "--plugins", "plugins"], directory: folder.path)
    try folder.writeFixturePipeline(rights: ["exports": "grants: { write: [lineage/extra], read: [lineage] }, limits: { bytes: 1MiB }"])
    let granted = try CommandLineTool.run(["plan", "pipeline.yaml", "--plugins", "plugins"], directory: folder.path)
    #expect(granted.stdout.contains("by com.example.fixture/product, granted to write lineage/extra and to read lineage\n"))
    #expect(plain.stdout.split(separator: "\n").first != granted.stdout.split(separator: "\n").first)
    // Limits do not: they change no bytes of a run that succeeds.
    try folder.writeFixturePipeline(rights: ["exports": "limits: { bytes: 1MiB }"])
    let limited = try CommandLineTool.run(["plan", "pipeline.yaml", "--plugins", "plugins"], directory: folder.path)
    #expect(plain.stdout.split(separator: "\n").first == limited.stdout.split(separator: "\n").first)
  }

  @Test("a step's own limits hold for this use, and the message says which limit it was")
  func stepLimits() throws {
    let body = #"int32_t s = put(call, "exports/a", "12345"); return s != 0 ? s : put(call, "exports/b", "1");"#
    let few = try PipelineFolder.runFixture(["ON_RUN": body], rights: ["exports": "limits: { artifacts: 1 }"])
    #expect(few.outcome.status == 4)
    #expect(few.outcome.stderr.contains("the limit of 1 artifacts (exports[0]: limits.artifacts) is reached."))
    let small = try PipelineFolder.runFixture(["ON_RUN": body], rights: ["exports": "limits: { bytes: 5 }"])
    #expect(small.outcome.stderr.contains("the limit of 5 bytes (exports[0]: limits.bytes) is reached: 5 written, 1 more asked."))
    let all = try PipelineFolder.runFixture(["ON_RUN": body], limits: "bytes: 4", rights: ["exports": "limits: { bytes: 5 }"])
    #expect(all.outcome.stderr.contains("the limit of 4 bytes (limits.bytes) is reached"))
  }
}
