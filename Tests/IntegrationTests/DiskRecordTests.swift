import Foundation
import TestSupport
import Testing

private let canMount: Bool = {
  guard getuid() == 0, Shell.find("setpriv") != nil, let folder = try? TemporaryFolder() else { return false }
  guard (try? Shell.run(["mount", "-t", "tmpfs", "none", folder.path]).status) == 0 else { return false }
  _ = try? Shell.run(["umount", folder.path])
  return true
}()

@Suite(
  "A disk that fills up at every point of a run",
  .enabled(if: canMount, "needs root, setpriv and the right to mount a tmpfs"))
struct DiskRecordTests {
  /// Runs the fixture as an ordinary user with its run root on a file system of so many inodes or pages; the disk's
  /// folder is handed to `look` before it goes.
  private func run(_ options: String, _ look: (Shell.Result, String) throws -> Void) throws {
    let pipeline = try PipelineFolder()
    try pipeline.addFixture()
    try pipeline.writeFixturePipeline()
    let disk = pipeline.folder.file("disk")
    try FileManager.default.createDirectory(atPath: disk, withIntermediateDirectories: false)
    try #require(try Shell.run(["mount", "-t", "tmpfs", "-o", "mode=1777,\(options)", "none", disk]).status == 0)
    defer { _ = try? Shell.run(["umount", "-l", disk]) }
    let result = try CommandLineTool.run(
      ["run", "pipeline.yaml", "--plugins", "plugins", "--output-root", "disk", "--quiet"], directory: pipeline.path,
      user: 65534)
    try look(result, disk)
  }

  /// A run is whole or not there, and a reason is given.
  private func check(_ options: String) throws -> Bool {
    var isWhole = false
    try run(options) { result, disk in
      let finalized = try FileManager.default.contentsOfDirectory(atPath: disk).filter { $0.hasPrefix("run-") }
      isWhole = result.status == 0
      if isWhole {
        #expect(
          try CommandLineTool.run(["verify", "\(disk)/\(try #require(finalized.first))"]).status == 0, "\(options)")
      } else {
        #expect(result.status == 5, "\(options): \(result.stderr)")
        #expect(result.stderr.contains("isk is full"), "\(options): \(result.stderr)")
        // Where only the entry of the ledger had no room, the run stands, and the way to record it is told.
        if let run = finalized.first {
          #expect(try CommandLineTool.run(["verify", "\(disk)/\(run)"]).status == 0, "\(options)")
          #expect(result.stderr.contains("Once that is mended, record it with: omphalos runs adopt disk/\(run)"))
        }
        #expect(result.stdout == "")
      }
    }
    return isWhole
  }

  @Test("has no room for one file more: the run ends with exit code 5 and says that the disk is full, or is whole")
  func inodes() throws {
    let outcomes = try (2...36).map { try check("nr_inodes=\($0)") }
    #expect(outcomes.first == false && outcomes.last == true)
    // More room never makes it worse.
    #expect(outcomes == outcomes.sorted { !$0 && $1 })
  }

  @Test("has no room for one page more: the same")
  func pages() throws {
    let outcomes = try (1...24).map { try check("size=\($0 * 4)k") }
    #expect(outcomes.first == false && outcomes.last == true)
    #expect(outcomes == outcomes.sorted { !$0 && $1 })
  }
}

@Suite("A run root that may not be written")
struct DiskRootTests {
  @Test(
    "is named with the reason and the way out",
    .enabled(if: getuid() == 0 && Shell.find("setpriv") != nil, "needs root and setpriv"))
  func denied() throws {
    let pipeline = try PipelineFolder()
    try pipeline.addFixture()
    try pipeline.writeFixturePipeline()
    let outcome = try pipeline.run(user: 65534)
    #expect(outcome.status == 5)
    #expect(
      outcome.stderr
        == "omphalos: No run directory can be made in \"runs\": Permission denied. Choose another place with "
        + "--output-root.\n")
  }

  @Test("or is a file, or lies below one", arguments: ["pipeline.yaml", "pipeline.yaml/runs"])
  func file(_ root: String) throws {
    let pipeline = try PipelineFolder()
    try pipeline.addFixture()
    try pipeline.writeFixturePipeline()
    let outcome = try pipeline.run(["--output-root", root])
    #expect(outcome.status == 5)
    #expect(
      outcome.stderr
        == "omphalos: No run directory can be made in \"\(root)\": Not a directory. Choose another place with "
        + "--output-root.\n")
  }
}
