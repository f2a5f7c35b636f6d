import Foundation
import TestSupport

/// A small file system in the place of a rig's directory of runs. Only root can mount.
struct SmallDisk: Sendable {
  enum Kind: String, CaseIterable, Sendable { case tmpfs, ext4 }

  private let rig: Rig
  private let kind: Kind

  /// - Parameter kibibytes: how much room there is.
  init(_ kind: Kind, kibibytes: Int, in rig: Rig, options: String = "rw") throws {
    self.rig = rig
    self.kind = kind
    switch kind {
    case .tmpfs: try Self.must(["mount", "-t", "tmpfs", "-o", "\(options),mode=1777,size=\(kibibytes)k", "none", rig.root])
    case .ext4:
      let image = rig.path + ".image"
      try Self.must(["truncate", "-s", "4M", image])
      try Self.must(["mkfs.ext4", "-q", "-m", "0", "-E", "root_owner=\(Faults.user ?? 0):\(Faults.user ?? 0)", image])
      try Self.must(["mount", "-o", "loop,\(options)", image, rig.root])
      if options == "rw" { try fill(leaving: kibibytes) }
    }
  }

  private var filler: String { rig.root + "/filler" }

  private func fill(leaving kibibytes: Int) throws {
    var facts = statvfs()
    guard statvfs(rig.root, &facts) == 0 else { throw Faults.CannotArrange(description: "statvfs") }
    let free = Int(facts.f_bavail) * Int(facts.f_frsize) / 1024
    try Self.must(["fallocate", "-l", "\(free - kibibytes)KiB", filler])
  }

  /// As somebody makes room.
  func makeRoom() throws {
    switch kind {
    case .tmpfs: try Self.must(["mount", "-o", "remount,size=8m", rig.root])
    case .ext4: try FileManager.default.removeItem(atPath: filler)
    }
  }

  func unmount() { _ = try? Shell.run(["umount", "-l", rig.root]) }

  private static func must(_ command: [String]) throws {
    let result = try Shell.run(command)
    guard result.status == 0 else {
      throw Faults.CannotArrange(description: "\(command.joined(separator: " ")): \(result.stderr)")
    }
  }
}
