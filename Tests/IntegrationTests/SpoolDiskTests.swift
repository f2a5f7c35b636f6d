import Foundation
import TestSupport
import Testing

@Suite("Where shared inputs are kept")
struct SpoolDiskTests {
  private static let three = """
    exports:
      - { exporter: EXPORTER, inputs: [data], config: { path: exports/a.csv } }
      - { exporter: EXPORTER, inputs: [data], config: { path: exports/b.csv } }
      - { exporter: EXPORTER, inputs: [data], config: { path: exports/c.csv } }

    """

  /// Two batches of 1 MiB each, in a run root of 1.5 MiB, and nothing may stay in memory.
  @Test("a disk that is full while batches are spooled ends the run with exit code 5, says what to do, and keeps nothing")
  func full() throws {
    let pipeline = try PipelineFolder()
    let disk = pipeline.folder.file("disk")
    try FileManager.default.createDirectory(atPath: disk, withIntermediateDirectories: false)
    guard getuid() == 0, try Shell.run(["mount", "-t", "tmpfs", "-o", "size=1536k,mode=1777", "none", disk]).status == 0 else {
      try Test.cancel("needs the right to mount a tmpfs")
    }
    defer { _ = try? Shell.run(["umount", "-l", disk]) }
    try pipeline.addFixture([
      "ON_BATCH":
        "int64_t *big = calloc(131072, 8); free((void *)child->buffers[1]); child->buffers[1] = big; child->length = out->length = 131072;",
      "ON_RUN": "char p[64]; static int n; snprintf(p, 64, \"exports/%d\", n++); return put(call, p, \"\");",
    ])
    try pipeline.folder.write(
      "pipeline.yaml",
      """
      schema_version: "1.0"
      run: { name: full, as_of: "2026-01-01", output_root: disk }
      inputs: [ { name: numbers, connector: com.example.fixture/source } ]
      exports:
        - { exporter: com.example.fixture/product, inputs: [numbers] }
        - { exporter: com.example.fixture/product, inputs: [numbers] }
      limits: { buffer: 1KiB }

      """)
    let result = try CommandLineTool.run(["run", "pipeline.yaml", "--plugins", "plugins"], directory: pipeline.path)
    #expect(result.status == 5)
    #expect(result.stderr.contains("com.example.fixture/source (numbers): spool failed:"))
    #expect(result.stderr.contains("the disk is full") && result.stderr.contains("raise limits.buffer"))
    let entries = try FileManager.default.contentsOfDirectory(atPath: disk)
    #expect(entries.allSatisfy { $0.hasPrefix(".") })
    // Half a MiB is left again: the spool went with the worker.
    let free = try FileManager.default.attributesOfFileSystem(forPath: disk)[.systemFreeSize] as? Int
    #expect((free ?? 0) > 1 << 20)
  }

  @Test("where the file system has no unnamed files a spool has no name either, and nothing of it stays")
  func withoutUnnamedFiles() throws {
    let pipeline = try PipelineFolder()
    try pipeline.addFixture([
      "ON_RUN":
        "static int n; char p[64]; long long sum = 0; struct ArrowArray b; while (!inputs[0]->stream->get_next(inputs[0]->stream, &b) "
        + "&& b.release) { for (int i = 0; i < 3; i++) sum += ((const int64_t *)b.children[0]->buffers[1])[i]; b.release(&b); } "
        + "char t[64]; snprintf(t, 64, \"%lld\", sum); snprintf(p, 64, \"exports/%d\", n++); return put(call, p, t);"
    ])
    try pipeline.folder.write(
      "pipeline.yaml",
      """
      schema_version: "1.0"
      run: { name: named, as_of: "2026-01-01", output_root: runs }
      inputs: [ { name: numbers, connector: com.example.fixture/source } ]
      exports:
        - { exporter: com.example.fixture/product, inputs: [numbers] }
        - { exporter: com.example.fixture/product, inputs: [numbers] }
      limits: { buffer: 0 }

      """)
    let result = try DenyingFilter.run(without: "O_TMPFILE", ["run", "pipeline.yaml", "--plugins", "plugins"], in: pipeline)
    if result.status == DenyingFilter.isNotPossible { try Test.cancel("no seccomp filter may be set up here") }
    #expect(result.status == 0, "\(result.stderr)")
    let entries = try FileManager.default.contentsOfDirectory(atPath: pipeline.runs)
    let run = try #require(entries.first { $0.hasPrefix("run-") })
    for export in ["exports/0", "exports/1"] { #expect(try pipeline.folder.read("runs/\(run)/\(export)") == Array("15".utf8)) }
    #expect(try CommandLineTool.run(["verify", "runs/\(run)"], directory: pipeline.path).status == 0)
    #expect(!FileManager.default.fileExists(atPath: pipeline.runs + "/\(run)/.staging"))
  }

  @Test(
    "three exporters of one input take no more memory for ten times the rows, because what exceeds the buffer is on disk",
    .enabled(if: Shell.find("python3") != nil, "python3 is not installed"))
  func bounded() throws {
    let steps = "limits: { buffer: 1MiB }\n" + Self.three.replacing("EXPORTER", with: "org.omphalos.csv/table")
    let small = try MainMemoryTests.peak(rows: 20_000, steps: steps)
    let large = try MainMemoryTests.peak(rows: 200_000, steps: steps)
    #expect(large * 2 < small * 3, "\(small) KiB for 20,000 rows, \(large) KiB for 200,000")
  }
}
