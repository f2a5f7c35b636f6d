import Foundation
import TestSupport
import Testing

/// Writes what the host gives to plugins as time and randomness.
private let writesSynthetic =
  "unsigned char r[16]; call->random_at(call->handle, \"l\", 1, 0, r, sizeof r); char t[99]; "
  + "int n = snprintf(t, sizeof t, \"%lld \", (long long)call->now_ns(call->handle)); "
  + "for (int i = 0; i < 16; i++) n += snprintf(t + n, sizeof t - n, \"%02x\", r[i]); "
  + "return put(call, \"exports/synthetic.txt\", t);"

@Suite("What makes two runs the same run")
struct MainIdentityTests {
  /// A hermetic run whose product is nothing but time and randomness, over a file that can be changed.
  private func synthetic() throws -> PipelineFolder {
    let pipeline = try PipelineFolder()
    try pipeline.folder.write("data.bin", "0123456789")
    try pipeline.folder.write(
      "pipeline.yaml",
      """
      schema_version: "1.0"
      run: { name: synthetic, seed: 7, hermetic: true, output_root: runs }
      inputs:
        - { name: numbers, connector: com.example.fixture/source, files: { data: data.bin } }
      exports:
        - { exporter: com.example.fixture/product, inputs: [numbers] }

      """)
    try pipeline.addFixture(["ON_RUN": writesSynthetic], flags: ["-Wl,--build-id=0x11"])
    return pipeline
  }

  private func product(_ pipeline: PipelineFolder, _ run: String) throws -> String {
    String(decoding: try pipeline.folder.read("runs/\(run)/exports/synthetic.txt"), as: UTF8.self)
  }

  /// Runs and returns the path that was printed, without its folder.
  private func run(_ pipeline: PipelineFolder, _ more: [String] = []) throws -> String {
    let outcome = try pipeline.run(["--quiet"] + more)
    try #require(outcome.status == 0, "\(outcome.stderr)")
    return try #require(outcome.stdout.split(whereSeparator: { "/\n".contains($0) }).last.map(String.init))
  }

  @Test("a changed byte and a rebuilt plugin make other runs with the same synthetic data; a changed seed changes both")
  func seeds() throws {
    let pipeline = try synthetic()
    let first = try run(pipeline)
    let text = try product(pipeline, first)
    try pipeline.folder.write("data.bin", "0123456788")
    let changed = try run(pipeline)
    try pipeline.addFixture(["ON_RUN": writesSynthetic], flags: ["-Wl,--build-id=0x22"])
    let rebuilt = try run(pipeline)
    #expect(Set([first, changed, rebuilt]).count == 3)
    #expect(try product(pipeline, changed) == text)
    #expect(try product(pipeline, rebuilt) == text)
    let file = String(decoding: try pipeline.folder.read("pipeline.yaml"), as: UTF8.self)
    try pipeline.folder.write("pipeline.yaml", file.replacing("seed: 7", with: "seed: 8"))
    let reseeded = try run(pipeline)
    #expect(reseeded != rebuilt)
    #expect(try product(pipeline, reseeded) != text)
  }

  @Test("the place and name of a file, the output root and the limits are no part of a run; the order of steps is")
  func places() throws {
    let pipeline = try synthetic()
    let first = try run(pipeline)
    let file = String(decoding: try pipeline.folder.read("pipeline.yaml"), as: UTF8.self)
    try pipeline.folder.write("elsewhere/copy.bin", "0123456789")
    try pipeline.folder.write(
      "pipeline.yaml",
      file.replacing("data: data.bin", with: "data: elsewhere/copy.bin") + "limits: { call_timeout: 5m, bytes: 1GiB }\n"
    )
    let elsewhere = try run(pipeline, ["--output-root", "others/deep"])
    #expect(elsewhere == first)
    #expect(
      try pipeline.folder.read("others/deep/\(first)/exports/synthetic.txt") == Array(product(pipeline, first).utf8))
    let second = "  - { name: more, connector: com.example.fixture/source, files: { data: data.bin } }\n"
    let one = "  - { name: numbers, connector: com.example.fixture/source, files: { data: data.bin } }\n"
    try pipeline.folder.write("pipeline.yaml", file.replacing(one, with: one + second))
    let forwards = try run(pipeline)
    try pipeline.folder.write("pipeline.yaml", file.replacing(one, with: second + one))
    #expect(try run(pipeline) != forwards)
  }

  @Test("--hermetic on the command line wins over the pipeline, and the record says so")
  func hermeticWins() throws {
    let pipeline = try synthetic()
    let file = String(decoding: try pipeline.folder.read("pipeline.yaml"), as: UTF8.self)
    let wanted = try run(pipeline)
    try pipeline.folder.write("pipeline.yaml", file.replacing("hermetic: true", with: "hermetic: false"))
    #expect(try run(pipeline, ["--hermetic"]) == wanted)
    let free = try run(pipeline)
    #expect(free != wanted)
    let manifest = String(decoding: try pipeline.folder.read("runs/\(free)/run_manifest.json"), as: UTF8.self)
    #expect(manifest.contains("\"hermetic\": false"))
  }

  @Test("what differs between two makings of one run is told, and the finalized run stands as it was")
  func differs() throws {
    let pipeline = try PipelineFolder()
    try pipeline.addFixture([
      "ON_RUN":
        "struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); char x[64]; "
        + "snprintf(x, sizeof x, \"%ld %ld\", t.tv_sec, t.tv_nsec); return put(call, \"exports/now.txt\", x);"
    ])
    try pipeline.writeFixturePipeline()
    let first = try pipeline.run()
    let run = try #require(first.finalized.first)
    let before = try pipeline.folder.read("runs/\(run)/exports/now.txt")
    let second = try pipeline.run()
    #expect(second.status == 2)
    #expect(second.stdout == "")
    #expect(second.stderr.contains("was made again and came out different"))
    #expect(second.stderr.contains("exports/now.txt"))
    #expect(second.finalized == [run] && second.partials.count == 1)
    #expect(try pipeline.folder.read("runs/\(run)/exports/now.txt") == before)
    #expect(try CommandLineTool.run(["verify", "runs/\(run)"], directory: pipeline.path).status == 0)
  }

  @Test("nothing of the caller's environment, loader variables included, reaches the worker")
  func environment() throws {
    let script =
      "extern char **environ; FILE *f = fopen(\"/proc/self/maps\", \"r\"); char line[4096], t[9000]; int n = 0, lent = 0; "
      + "while (fgets(line, sizeof line, f)) lent |= strstr(line, \"preloaded\") != NULL; fclose(f); "
      + "for (char **e = environ; *e; e++) n += snprintf(t + n, sizeof t - n, \"%s\\n\", *e); "
      + "snprintf(t + n, sizeof t - n, \"preloaded %d\\n\", lent); return put(call, \"exports/environment.txt\", t);"
    let pipeline = try PipelineFolder()
    try pipeline.addFixture(["ON_RUN": script])
    try pipeline.writeFixturePipeline(hermetic: true)
    let compiler = try Compiler()
    let preloaded = try compiler.sharedObject(c: "int preloaded_by_a_test;\n", name: "preloaded.so")
    let first = try pipeline.run()
    let run = try #require(first.finalized.first)
    let text = String(decoding: try pipeline.folder.read("runs/\(run)/exports/environment.txt"), as: UTF8.self)
    #expect(
      text.split(separator: "\n").sorted() == [
        "HOME=/nonexistent", "LC_ALL=C.UTF-8", "PATH=/usr/local/bin:/usr/bin:/bin", "SWIFT_DETERMINISTIC_HASHING=1",
        "TZ=UTC", "preloaded 0",
      ])
    let second = try pipeline.run(environment: [
      "LD_PRELOAD": preloaded, "LD_LIBRARY_PATH": pipeline.path, "GLIBC_TUNABLES": "glibc.malloc.check=3",
      "SWIFT_DETERMINISTIC_HASHING": "0", "SECRET": "x", "TZ": "Asia/Tokyo", "LANG": "tr_TR.UTF-8",
      "HOME": pipeline.path,
    ])
    #expect(second.status == 0, "\(second.stderr)")
    #expect(second.stdout.hasPrefix("Reproduced \(run)"))
    withExtendedLifetime(compiler) {}
  }
}
