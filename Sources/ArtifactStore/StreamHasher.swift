import LinuxCalls
import OmphalosValues
import Synchronization

/// The digest of one artifact's bytes, which come in pieces. Large artifacts are hashed on another thread while the
/// next pieces are on their way to the disk: one core alone would do half of that.
final class StreamHasher: Sendable {
  /// Artifacts smaller than this are hashed as they come: waking another thread costs more.
  private static let smallBytes = 512 << 10
  /// So many pieces may wait; then whoever brings the next one hashes, too.
  private static let mostWaiting = 8

  private let thread: WorkThread?
  private let waiting = Mutex(Waiting())
  /// Held for a piece at a time, from taking it off the queue on, so that the pieces stay in order.
  private let hasher = Mutex(SHA256Hasher())

  private struct Waiting {
    var pieces: [[UInt8]] = []
    var byteCount = 0
    var isScheduled = false

    mutating func next() -> [UInt8]? {
      if pieces.isEmpty {
        isScheduled = false
        return nil
      }
      return pieces.removeFirst()
    }
  }

  /// - Parameter thread: does the work for large artifacts; nil where there is none.
  init(on thread: WorkThread?) { self.thread = thread }

  /// Adds the next piece. One thread at a time.
  func update(_ piece: [UInt8]) {
    let (count, mustSchedule) = waiting.withLock { waiting in
      waiting.pieces.append(piece)
      waiting.byteCount += piece.count
      let mustSchedule = thread != nil && waiting.byteCount > Self.smallBytes && !waiting.isScheduled
      if mustSchedule { waiting.isScheduled = true }
      return (waiting.isScheduled ? waiting.pieces.count : .max, mustSchedule)
    }
    if mustSchedule { thread?.submit { [self] in while hashOne() {} } }
    if count > Self.mostWaiting { _ = hashOne() }
  }

  /// The digest of all pieces.
  func finalize() -> SHA256Digest {
    while hashOne() {}
    return hasher.withLock { $0.finalize() }
  }

  /// False if none is waiting.
  private func hashOne() -> Bool {
    hasher.withLock { hasher in
      guard let piece = waiting.withLock({ $0.next() }) else { return false }
      hasher.update(piece)
      return true
    }
  }
}
