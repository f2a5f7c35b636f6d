import Foundation
import TestSupport
import Testing

/// What all fault tests have in common.
enum Faults {
  /// They take minutes, so `make test-faults` runs them and `make test` does not.
  static let areWanted = ProcessInfo.processInfo.environment["OMPHALOS_FAULTS"] == "1"
  static let reason: Comment = "takes minutes: make test-faults sets OMPHALOS_FAULTS=1"

  /// Something that a test needs could not be made.
  struct CannotArrange: Error, CustomStringConvertible { let description: String }

  /// A file that is a sign for another process.
  static func makeFile(_ path: String) throws {
    guard FileManager.default.createFile(atPath: path, contents: nil) else {
      throw CannotArrange(description: "\(path) cannot be made")
    }
  }

  /// Modes and ownership mean nothing to root, so the tool runs as somebody else where that can be had.
  static let user: Int? = getuid() == 0 ? 65534 : nil

  /// Makes a folder and all in it that user's.
  static func handOver(_ path: String) throws {
    guard let user else { return }
    let result = try Shell.run(["chown", "-h", "-R", "\(user):\(user)", path])
    guard result.status == 0 else { throw Faults.CannotArrange(description: result.stderr) }
  }

  /// Does the work on two threads, and gives the results in order.
  static func onTwoThreads<Item: Sendable, Result: Sendable>(
    _ items: [Item], _ work: @escaping @Sendable (Int, Item) -> Result
  ) -> [Result] {
    let results = Collected<Result>()
    onThreads(2) { lane in
      for index in stride(from: lane, to: items.count, by: 2) { results.add(work(index, items[index]), at: index) }
    }
    return results.inOrder
  }
}
