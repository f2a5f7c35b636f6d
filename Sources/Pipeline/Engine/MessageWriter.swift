import LinuxCalls
import OmphalosValues
import Synchronization

/// The worker's end of the pipe to the supervisor. Safe from any thread; messages are never mixed, and keep their order.
final class MessageWriter: Sendable {
  let file: File
  /// Messages that wait for company: nobody acts on them before the worker has said how it ended.
  private let waiting = Mutex<[UInt8]>([])
  private static let fullAt = 32 << 10

  init(_ file: File) { self.file = file }

  func send(_ message: WorkerMessage) {
    let line = message.json.canonicalBytes + [UInt8(ascii: "\n")]
    waiting.withLock { waiting in
      waiting += line
      if message.canWait, waiting.count < Self.fullAt { return }
      // If the supervisor is gone there is nobody to tell, and the kernel is about to end this process too.
      try? file.write(waiting)
      waiting.removeAll(keepingCapacity: true)
    }
  }
}

extension WorkerMessage {
  fileprivate var canWait: Bool {
    switch self {
    case .artifact, .interval: true
    default: false
    }
  }
}
