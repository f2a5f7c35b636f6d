import Foundation
import TestSupport
import Testing

private let canMount: Bool = {
  guard getuid() == 0, let folder = try? TemporaryFolder() else { return false }
  guard (try? Shell.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", folder.path]).status) == 0 else { return false }
  _ = try? Shell.run(["umount", folder.path])
  return true
}()

@Suite("A disk that is full or may not be written", .enabled(if: canMount, "needs the right to mount a tmpfs"))
struct DiskTests {
  /// Runs the fixture with its run root on a small file system of its own.
  private func onSmallDisk(
    _ defines: [String: String], options: String, user: Int? = nil
  ) throws -> (result: Shell.Result, entries: [String]) {
    let pipeline = try PipelineFolder()
    try pipeline.addFixture(defines)
    try pipeline.writeFixturePipeline()
    let disk = pipeline.folder.file("disk")
    try FileManager.default.createDirectory(atPath: disk, withIntermediateDirectories: false)
    #expect(try Shell.run(["mount", "-t", "tmpfs", "-o", options, "none", disk]).status == 0)
    defer { _ = try? Shell.run(["umount", "-l", disk]) }
    let result = try CommandLineTool.run(
      ["run", "pipeline.yaml", "--plugins", "plugins", "--output-root", "disk"], directory: pipeline.path, user: user)
    return (result, (try? FileManager.default.contentsOfDirectory(atPath: disk)) ?? [])
  }

  private static let big =
    "static char big[1 << 20]; for (int i = 0; i < 8; i++) { char path[32]; snprintf(path, 32, \"exports/%d\", i); "
    + "int32_t s = call->store->put(call->handle, path, strlen(path), NULL, big, sizeof big); if (s && STOP) return s; } return 0;"

  @Test("a full disk ends the run with exit code 5, names plugin and path, and finalizes nothing")
  func full() throws {
    let (result, entries) = try onSmallDisk(["STOP": "1", "ON_RUN": Self.big], options: "size=2m,mode=1777", user: 65534)
    #expect(result.status == 5)
    #expect(result.stderr.contains("com.example.fixture/product (exports[0]): run failed: writing exports/"))
    #expect(result.stderr.contains("the disk is full"))
    #expect(entries.allSatisfy { $0.hasPrefix(".") })
  }

  @Test("a plugin that ignores a full disk does not get a finalized run")
  func ignored() throws {
    let (result, entries) = try onSmallDisk(["STOP": "0", "ON_RUN": Self.big], options: "size=2m,mode=1777", user: 65534)
    #expect(result.status == 5)
    #expect(result.stderr.contains("the disk is full"))
    #expect(entries.allSatisfy { $0.hasPrefix(".") })
  }

  @Test("a read-only run root is an error that names it")
  func readOnly() throws {
    let (result, entries) = try onSmallDisk([:], options: "size=2m,ro")
    #expect(result.status == 5)
    #expect(result.stderr.contains("disk"))
    #expect(entries == [])
  }
}

@Suite("A run root that cannot be one")
struct RunRootTests {
  @Test("a file in the run root's place is named")
  func file() throws {
    let pipeline = try PipelineFolder()
    try pipeline.addFixture()
    try pipeline.writeFixturePipeline()
    try pipeline.folder.write("runs", "a file")
    let outcome = try pipeline.run()
    #expect(outcome.status == 5)
    #expect(outcome.stderr.contains("runs"))
  }
}
