import Foundation
import Synchronization
import TestSupport

/// A run whose exporter stands still in the middle until it is told to go on.
final class PausedRun: Sendable {
  let maker: RigMaker
  let rig: Rig
  private let folder: String
  private let result = Mutex<Shell.Result?>(nil)

  init() throws {
    let pipeline = try PipelineFolder()
    folder = pipeline.folder.file("signals")
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
    try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: folder)
    // The runs that the maker itself makes do not stop.
    try Faults.makeFile(folder + "/go")
    maker = try RigMaker(
      whenHalf: "mark(\"\(folder)/here\"); while (access(\"\(folder)/go\", F_OK) != 0) usleep(10000);", in: pipeline)
    for name in ["here", "go"] { try FileManager.default.removeItem(atPath: folder + "/" + name) }
    rig = try maker.make("paused")
  }

  /// Starts the run, does something while it stands still, lets it go on and waits for its end.
  func meanwhile(_ body: @escaping @Sendable () throws -> Void) throws -> Shell.Result {
    let failure = Mutex<(any Error)?>(nil)
    onThreads(2) { [self] lane in
      do {
        if lane == 0 {
          let ended = try rig.run()
          result.withLock { $0 = ended }
        } else {
          while access(folder + "/here", F_OK) != 0, result.withLock({ $0 == nil }) { usleep(10_000) }
          try body()
          try Faults.makeFile(folder + "/go")
        }
      } catch {
        try? Faults.makeFile(folder + "/go")
        failure.withLock { $0 = error }
      }
    }
    if let error = failure.withLock({ $0 }) { throw error }
    guard let ended = result.withLock({ $0 }) else { throw Faults.CannotArrange(description: "the run gave no result") }
    return ended
  }
}
