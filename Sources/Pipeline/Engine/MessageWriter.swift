import LinuxCalls
import OmphalosValues
import Synchronization

/// The worker's end of the pipe to the supervisor. Safe from any thread; messages are never mixed.
final class MessageWriter: Sendable {
  let file: File
  private let lock = Mutex(())

  init(_ file: File) { self.file = file }

  func send(_ message: WorkerMessage) {
    let line = message.json.canonicalBytes + [UInt8(ascii: "\n")]
    // If the supervisor is gone there is nobody to tell, and the kernel is about to end this process too.
    lock.withLock { _ in try? file.write(line) }
  }
}
