import Synchronization

/// Counts what several threads get done.
final class Counter: Sendable {
  private let count = Mutex(0)

  /// - Parameter tell: is given the new number; one call at a time.
  func increment(_ tell: (Int) -> Void) {
    count.withLock { count in
      count += 1
      tell(count)
    }
  }
}
