import Foundation
import TestSupport
import Testing

@Suite("A directory of runs that goes away", .enabled(if: Faults.areWanted, Faults.reason))
struct VanishingTests {
  private let files = FileManager.default

  @Test("one that is moved while a run is made takes the partial run along; nothing is finalized out of sight")
  func moved() throws {
    let run = try PausedRun()
    let rig = run.rig
    let result = try run.meanwhile { try FileManager.default.moveItem(atPath: rig.root, toPath: rig.path + "/moved") }
    #expect(result.status == 5)
    #expect(result.stderr.contains("The directory of runs \"runs\" is no longer where it was"), "\(result.stderr)")
    // No path is told at which nothing is.
    #expect(!result.stderr.contains(".partial"), "\(result.stderr)")
    #expect(!files.fileExists(atPath: rig.root))
    let listed = try rig.tool(["runs", "list", "--root", "moved"])
    #expect(listed.stdout.contains("failed     .\(run.maker.runID)."), "\(listed.stdout)")
    #expect(listed.stdout.contains("exit code 5: "))
    #expect(try rig.tool(["verify", "moved/\(run.maker.otherRunID)"]).status == 0)
  }

  @Test("another one in its place is not written to")
  func replaced() throws {
    let run = try PausedRun()
    let rig = run.rig
    let result = try run.meanwhile {
      try FileManager.default.moveItem(atPath: rig.root, toPath: rig.path + "/moved")
      try FileManager.default.createDirectory(atPath: rig.root, withIntermediateDirectories: false)
      try Faults.handOver(rig.root)
    }
    #expect(result.status == 5)
    #expect(result.stderr.contains("it was moved, removed or replaced"), "\(result.stderr)")
    #expect(rig.names().isEmpty)
    #expect(try rig.tool(["runs", "list", "--root", "moved"]).stdout.contains("failed "))
  }

  @Test("one that is removed while a run is made ends the run with exit code 5, and nothing else is touched")
  func removed() throws {
    let run = try PausedRun()
    let rig = run.rig
    let result = try run.meanwhile { try FileManager.default.removeItem(atPath: rig.root) }
    #expect(result.status == 5)
    #expect(result.stderr.contains("exports/twelve/"), "\(result.stderr)")
    #expect(result.stderr.contains(/Somebody removed "runs\/\.run-.*\.partial" meanwhile/), "\(result.stderr)")
    #expect(!files.fileExists(atPath: rig.root))
    #expect(rig.temporaryFiles() == ["of-somebody-else"])
    #expect(try rig.run().status == 0)
  }

  @Test("a folder above it that is moved changes nothing: the run is finalized where the directory now is")
  func parentMoved() throws {
    let run = try PausedRun()
    let rig = run.rig
    let place = rig.path + "-moved"
    let result = try run.meanwhile { try FileManager.default.moveItem(atPath: rig.path, toPath: place) }
    #expect(result.status == 0, "\(result.stderr)")
    let moved = Rig(path: place, plugins: rig.plugins)
    #expect(try moved.tool(["verify", "runs/\(run.maker.runID)"]).status == 0)
  }

  @Test("a finalized run verifies and is listed wherever its directory of runs was moved to")
  func finalized() throws {
    let maker = try RigMaker()
    let rig = try maker.make("finalized")
    #expect(try rig.run().status == 0)
    let elsewhere = rig.path + "/deep/below"
    try files.createDirectory(atPath: rig.path + "/deep", withIntermediateDirectories: false)
    try files.moveItem(atPath: rig.root, toPath: elsewhere)
    #expect(try rig.tool(["verify", "deep/below/\(maker.runID)"]).status == 0)
    #expect(try rig.tool(["runs", "list", "--root", "deep/below"]).stdout.contains("finalized  \(maker.runID)"))
    let gone = try rig.tool(["verify", "runs/\(maker.runID)"])
    #expect(gone.status == 65)
    #expect(gone.stderr.contains("runs/\(maker.runID)"), "\(gone.stderr)")
  }
}
