import CLinux
import Glibc
import Synchronization
import SystemPackage

/// A thread that does pieces of work one after the other, in the order in which they were submitted. It ends with its
/// last reference, after the work it has.
public final class WorkThread: Sendable {
  private let queue = Queue()

  /// - Throws: where the system has no thread for it.
  public init() throws(SystemCallError) {
    // The thread owns the reference it is started with.
    let context = unsafe Unmanaged.passRetained(queue)
    let error = unsafe clinux_start_thread(
      { context in
        guard let context = unsafe context else { return }
        unsafe Unmanaged<Queue>.fromOpaque(context).takeRetainedValue().workUntilClosed()
      }, context.toOpaque())
    guard error == 0 else {
      unsafe context.release()
      throw SystemCallError(call: "pthread_create", subject: "a thread", errno: Errno(rawValue: error))
    }
  }

  deinit { queue.close() }

  public func submit(_ work: @escaping @Sendable () -> Void) { queue.add(work) }
}

private final class Queue: Sendable {
  private struct State {
    var work: [@Sendable () -> Void] = []
    var isClosed = false
  }

  private let state = Mutex(State())
  private let hasNews = Semaphore()

  func add(_ work: @escaping @Sendable () -> Void) {
    state.withLock { $0.work.append(work) }
    hasNews.signal()
  }

  func close() {
    state.withLock { $0.isClosed = true }
    hasNews.signal()
  }

  func workUntilClosed() {
    while true {
      hasNews.wait()
      let (work, isClosed) = state.withLock { state in
        defer { state.work = [] }
        return (state.work, state.isClosed)
      }
      for piece in work { piece() }
      if isClosed { return }
    }
  }
}

/// A counting semaphore within this process. `sem_init(3)`.
@safe private final class Semaphore: @unchecked Sendable {
  // Its address must not change, so it has memory of its own; freed when nobody can wait any more.
  private let semaphore: UnsafeMutablePointer<sem_t>

  init() {
    unsafe semaphore = .allocate(capacity: 1)
    unsafe semaphore.initialize(to: sem_t())
    unsafe sem_init(semaphore, 0, 0)
  }

  deinit {
    unsafe sem_destroy(semaphore)
    unsafe semaphore.deallocate()
  }

  func signal() { unsafe sem_post(semaphore) }

  func wait() { while unsafe sem_wait(semaphore) != 0 && currentErrno() == .interrupted {} }
}
