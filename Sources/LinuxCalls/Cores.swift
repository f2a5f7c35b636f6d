import CLinux
import Synchronization

/// Work that is spread over the cores this process may use.
public enum Cores {
  /// How many this process may use; at least 1.
  public static var count: Int { max(1, Int(clinux_cores())) }

  /// What `body` gives for each index below `count`, in the order of the indices; several calls of it run at once, on
  /// this thread and others. Returns once all of them have, also those after one that failed.
  ///
  /// - Parameter limit: the greatest number of threads, for work that is itself one of several pieces.
  public static func map<Element: Sendable>(
    _ count: Int, atMost limit: Int = .max, _ body: @escaping @Sendable (Int) -> Element
  ) -> [Element] {
    let results = Mutex<[Element?]>(Array(repeating: nil, count: count))
    let next = Atomic<Int>(0)
    let work = Work {
      while true {
        let index = next.add(1, ordering: .relaxed).oldValue
        guard index < count else { return }
        let element = body(index)
        results.withLock { $0[index] = element }
      }
    }
    withExtendedLifetime(work) {
      // `work` outlives the call, which returns after all threads have ended.
      unsafe clinux_run_on_threads(
        Int32(clamping: min(count, Self.count, max(1, limit))),
        { context in
          guard let context = unsafe context else { return }
          unsafe Unmanaged<Work>.fromOpaque(context).takeUnretainedValue().body()
        }, Unmanaged.passUnretained(work).toOpaque())
    }
    return results.withLock { $0 }.compactMap(\.self)
  }

  private final class Work: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }
}
