import Synchronization

/// Counts the files and bytes that several threads have read, and tells.
final class ReadingCounter: Sendable {
  private let counts = Mutex<(files: Int, bytes: UInt64)>((0, 0))
  private let total: Int
  private let progress: Verification.Progress

  init(total: Int, progress: @escaping Verification.Progress) {
    self.total = total
    self.progress = progress
  }

  func add(_ bytes: UInt64) {
    counts.withLock { counts in
      counts.files += 1
      counts.bytes &+= bytes
      progress(counts.files, total, counts.bytes)
    }
  }
}
