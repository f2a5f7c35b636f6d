import Synchronization

/// How many bytes of batches a run keeps in memory for consumers that come later, over all its inputs.
public final class BufferBudget: Sendable {
  /// In bytes.
  public let limit: UInt64
  private let used = Mutex<UInt64>(0)

  public init(limit: UInt64) { self.limit = limit }

  /// False, and nothing is taken, where they do not fit.
  func take(_ bytes: Int) -> Bool {
    used.withLock { used in
      let (sum, overflow) = used.addingReportingOverflow(UInt64(bytes))
      guard !overflow, sum <= limit else { return false }
      used = sum
      return true
    }
  }

  func giveBack(_ bytes: Int) { used.withLock { $0 -= UInt64(bytes) } }

  /// What is taken at the moment.
  var bytesUsed: UInt64 { used.withLock { $0 } }
}
