// What ThreadSanitizer has to tell apart: `seeded_race guarded` counts under a Mutex, `seeded_race bare` beside one.
import Glibc
import Synchronization

final class Counters: @unchecked Sendable {
  let guarded = Mutex(0)
  var bare = 0
}

let counters = Counters()
let isBare = CommandLine.arguments.last == "bare"

let threads = (0..<4).map { _ in
  var thread = pthread_t()
  pthread_create(&thread, nil, { _ in
    for _ in 0..<20_000 {
      counters.guarded.withLock { $0 += 1 }
      if isBare { counters.bare += 1 }
    }
    return nil
  }, nil)
  return thread
}
for thread in threads { pthread_join(thread, nil) }
print(counters.guarded.withLock { $0 })
