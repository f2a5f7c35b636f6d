import Foundation
import TestSupport
import Testing

@Suite("What reaches the disk, and when")
struct DurabilityTests {
  private func pipeline() throws -> PipelineFolder {
    let pipeline = try PipelineFolder()
    try pipeline.addFixture([
      "ON_RUN":
        "put(call, \"exports/a/one.txt\", \"1\"); uint64_t h = 0; call->store->create(call->handle, \"exports/b.txt\", 13, NULL, &h); "
        + "call->store->write(call->handle, h, \"2\", 1); call->store->discard(call->handle, h); "
        + "call->store->create(call->handle, \"exports/c.txt\", 13, NULL, &h); call->store->write(call->handle, h, \"3\", 1);"
    ])
    try pipeline.writeFixturePipeline()
    return pipeline
  }

  /// Calls that ended well, in the order in which the kernel began them.
  private func trace(_ pipeline: PipelineFolder) throws -> [String] {
    let file = pipeline.folder.file("trace")
    let calls = "write,pwrite64,linkat,renameat,renameat2,unlinkat,syncfs,fsync,fdatasync,fchmod,ftruncate"
    let result = try Shell.run(
      [
        "strace", "-f", "-y", "-e", "trace=\(calls)", "-o", file, CommandLineTool.path, "run", "pipeline.yaml", "--plugins",
        "plugins",
      ], directory: pipeline.path)
    #expect(result.status == 0, "\(result.stderr)")
    return try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n").map(String.init)
  }

  @Test(
    "the last write comes before the flush, the flush before the rename, the rename before the flush of the parent",
    .enabled(if: Shell.find("strace") != nil, "strace is not installed"))
  func order() throws {
    let pipeline = try pipeline()
    let lines = try trace(pipeline)
    let partial = try #require(lines.firstIndex { $0.contains("renameat2(") && $0.contains(".partial") })
    let flush = try #require(lines.firstIndex { $0.contains("syncfs(") && $0.contains(".partial") })
    let parent = try #require(lines.lastIndex { $0.contains("fsync(") && $0.contains("/runs>") })
    let writes = lines.indices.filter { index in
      let line = lines[index]
      return ["write(", "pwrite64(", "linkat(", "ftruncate("].contains { line.contains(" \($0)") } && line.contains(".partial")
    }
    #expect(writes.count > 8)
    #expect(try #require(writes.last) < flush && flush < partial && partial < parent)
    // One flush for everything, not one for each file; and the modes are set before anybody sees the name. The ledger
    // comes after all of it.
    let ledger = try #require(lines.firstIndex { $0.contains("ledger.jsonl") })
    #expect(partial < ledger && lines[ledger...].contains { $0.contains("fsync(") && $0.contains("ledger.jsonl") })
    #expect(lines.filter { $0.contains("syncfs(") }.count == 1)
    #expect(lines[..<ledger].filter { $0.contains("fsync(") || $0.contains("fdatasync(") }.count == 1)
    #expect(try #require(lines[..<ledger].lastIndex { $0.contains("fchmod(") }) < partial)
  }

  @Test("where the file system has no unnamed files, runs are the same, and nothing of the passing names stays", arguments: ["O_TMPFILE", "renameat2"])
  func withoutUnnamedFiles(_ call: String) throws {
    let pipeline = try pipeline()
    let usual = try pipeline.run(["--output-root", "usual"])
    #expect(usual.status == 0, "\(usual.stderr)")
    let result = try DenyingFilter.run(without: call, ["run", "pipeline.yaml", "--plugins", "plugins"], in: pipeline)
    if result.status == DenyingFilter.isNotPossible { try Test.cancel("no seccomp filter may be set up here") }
    // The name that ends a run must not replace another: there is no second way to do that.
    guard call == "O_TMPFILE" else {
      #expect(result.status == 5)
      #expect(try FileManager.default.contentsOfDirectory(atPath: pipeline.runs).allSatisfy { $0.hasSuffix(".partial") })
      return
    }
    #expect(result.status == 0, "\(result.stderr)")
    let run = try #require(try FileManager.default.contentsOfDirectory(atPath: pipeline.runs).first { $0.hasPrefix("run-") })
    let manifests = try ["usual", "runs"].map { try pipeline.folder.read("\($0)/\(run)/run_manifest.json") }
    let roots = manifests.map { String(decoding: $0, as: UTF8.self).firstMatch(of: /"root_hash": "([0-9a-f]+)"/)?.1 }
    #expect(roots[0] != nil && roots[0] == roots[1])
    let verified = try CommandLineTool.run(["verify", "runs/\(run)"], directory: pipeline.path)
    #expect(verified.status == 0, "\(verified.stdout)")
    let doctor = try DenyingFilter.run(without: call, ["doctor"], in: pipeline)
    #expect(doctor.stdout.contains("takes no unnamed files: artifacts get a passing name first"))
  }

  @Test("a file that a plugin puts among the passing names is a violation")
  func stagingFolder() throws {
    let (outcome, _) = try PipelineFolder.runFixture([
      "ON_RUN":
        "char p[64], t[512]; for (int fd = 3; fd < 512; fd++) { snprintf(p, 64, \"/proc/self/fd/%d\", fd); "
        + "ssize_t n = readlink(p, t, 511); if (n > 8 && !strncmp(t + n - 8, \".partial\", 8)) { mkdirat(fd, \".staging\", 0700); "
        + "close(openat(fd, \".staging/x\", O_CREAT | O_WRONLY, 0600)); } }"
    ])
    #expect(outcome.status == 2)
    #expect(outcome.stderr.contains(".staging/x"), "\(outcome.stderr)")
  }
}
