import Foundation
import TestSupport
import Testing

@Suite("A disk that is really full, or may only be read", .enabled(if: Faults.areWanted, Faults.reason))
struct FullDiskTests {
  /// In KiB: from no room at all to enough.
  private static let sizes: [SmallDisk.Kind: [Int]] = [
    .tmpfs: [4, 12, 20, 32, 44, 60, 76, 92, 108, 124, 140, 156, 180, 220, 1024],
    .ext4: [4, 12, 24, 36, 48, 60, 72, 88, 104, 120, 136, 160, 200, 1024],
  ]

  private func disk(_ kind: SmallDisk.Kind, _ size: Int, _ rig: Rig, options: String = "rw") throws -> SmallDisk {
    do {
      return try SmallDisk(kind, kibibytes: size, in: rig, options: options)
    } catch {
      try Test.cancel("no \(kind.rawValue) can be mounted here: \(error)")
    }
  }

  @Test("however much room there is, a run is whole or a listed partial that says why, and goes through once there is room", arguments: SmallDisk.Kind.allCases)
  func full(_ kind: SmallDisk.Kind) throws {
    if getuid() != 0 { try Test.cancel("only root can mount") }
    let maker = try RigMaker()
    var ends: Set<Int32> = []
    for size in Self.sizes[kind] ?? [] {
      let rig = try maker.make("full-\(kind.rawValue)-\(size)")
      defer { rig.remove() }
      let disk = try disk(kind, size, rig)
      defer { disk.unmount() }
      let before = Snapshot(of: rig, runID: maker.runID)
      var aftermath = Aftermath(rig, maker)
      let result = try rig.run()
      ends.insert(result.status)
      #expect([0, 5].contains(result.status), "\(size) KiB: \(result.stderr)")
      if result.status != 0 { #expect(result.stderr.contains(/[Tt]he disk is full/), "\(size) KiB: \(result.stderr)") }
      try aftermath.check(status: result.status, before: before)
      try aftermath.clean(before: before)
      try disk.makeRoom()
      try aftermath.runAgain(before: Snapshot(of: rig, runID: maker.runID))
      #expect(aftermath.problems.isEmpty, "\(size) KiB of \(kind.rawValue): \(aftermath.problems.joined(separator: "\n")) \(result.stderr)")
    }
    #expect(ends == [0, 5])
  }

  @Test("a file system that may only be read is named with its cause, and nothing is left", arguments: SmallDisk.Kind.allCases)
  func readOnly(_ kind: SmallDisk.Kind) throws {
    if getuid() != 0 { try Test.cancel("only root can mount") }
    let maker = try RigMaker()
    let rig = try maker.make("read-only")
    defer { rig.remove() }
    let disk = try disk(kind, 1024, rig, options: "ro")
    defer { disk.unmount() }
    let names = rig.names()
    let result = try rig.run()
    #expect(result.status == 5)
    #expect(result.stderr.contains("\"runs\""), "\(result.stderr)")
    #expect(result.stderr.contains("the file system may not be written"), "\(result.stderr)")
    #expect(rig.names() == names && rig.temporaryFiles() == ["of-somebody-else"])
  }
}
