import Glibc

/// Runs `body` on so many threads at once, and waits for all.
public func onThreads(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
  final class Work: Sendable {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }
  let threads: [pthread_t] = (0..<count).map { index in
    let work = Unmanaged.passRetained(Work { body(index) }).toOpaque()
    var thread = pthread_t()
    let error = pthread_create(&thread, nil, { context in
      Unmanaged<Work>.fromOpaque(context!).takeRetainedValue().run()
      return nil
    }, work)
    precondition(error == 0)
    return thread
  }
  for thread in threads { pthread_join(thread, nil) }
}
