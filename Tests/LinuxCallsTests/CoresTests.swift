import LinuxCalls
import Synchronization
import TestSupport
import Testing

@Suite("Work on all cores")
struct CoresTests {
  @Test("each index is worked on once, and the results stand in the order of the indices", arguments: [0, 1, 2, 1000])
  func order(count: Int) {
    let calls = Mutex<[Int: Int]>([:])
    let results = Cores.map(count) { index in
      calls.withLock { $0[index, default: 0] += 1 }
      // The first ones end last.
      if index < 4 { Pause.milliseconds(4 - index) }
      return index * index
    }
    #expect(results == (0..<count).map { $0 * $0 })
    #expect(calls.withLock { $0 } == Dictionary(uniqueKeysWithValues: (0..<count).map { ($0, 1) }))
  }

  @Test("a result may be nil, and failures stay where they are")
  func failures() {
    struct Odd: Error {}
    let optional: [Int?] = Cores.map(5) { $0 % 2 == 0 ? $0 : nil }
    #expect(optional == [0, nil, 2, nil, 4])
    let outcomes = Cores.map(5) { index in Result<Int, Odd> { () throws(Odd) in if index % 2 == 1 { throw Odd() } else { return index } } }
    #expect(outcomes.map { (try? $0.get()) ?? -1 } == [0, -1, 2, -1, 4])
  }
}

@Suite("A thread for work")
struct WorkThreadTests {
  @Test("work is done in the order of its submission, on one thread that is not the submitter's")
  func order() throws {
    let done = Mutex<[Int]>([])
    let threads = Mutex<Set<Int32>>([])
    let finished = Atomic(false)
    let thread = try WorkThread()
    for number in 0..<1000 {
      thread.submit {
        done.withLock { $0.append(number) }
        threads.withLock { _ = $0.insert(DedicatedThread.currentID) }
      }
    }
    thread.submit { finished.store(true, ordering: .releasing) }
    while !finished.load(ordering: .acquiring) { Pause.milliseconds(1) }
    #expect(done.withLock { $0 } == Array(0..<1000))
    #expect(threads.withLock { $0.count == 1 && !$0.contains(DedicatedThread.currentID) })
  }

  @Test("work that was submitted before the last reference went is done, and then the thread ends")
  func ends() throws {
    let count = Atomic(0)
    do {
      let thread = try WorkThread()
      for _ in 0..<100 { thread.submit { count.add(1, ordering: .relaxed) } }
    }
    while count.load(ordering: .relaxed) < 100 { Pause.milliseconds(1) }
    // Other tests have threads of their own: a hundred more come and go without leaving a hundred behind.
    let before = ProcessResources.current().threads
    for _ in 0..<100 { try WorkThread().submit { count.add(1, ordering: .relaxed) } }
    while count.load(ordering: .relaxed) < 200 { Pause.milliseconds(1) }
    for _ in 0..<2000 where ProcessResources.current().threads > before + 50 { Pause.milliseconds(1) }
    #expect(ProcessResources.current().threads < before + 50)
  }

  @Test("a thread has one number, and no thread after it gets it again")
  func threadNumbers() throws {
    let numbers = Mutex<[ThreadIdentity]>([])
    for _ in 0..<20 {
      // One after the other: the system uses their stacks and kernel numbers again.
      _ = try DedicatedThread.run {
        let (first, second) = (ThreadIdentity.current, ThreadIdentity.current)
        numbers.withLock { $0 += first == second ? [first] : [] }
      }
    }
    let seen = numbers.withLock { $0 } + [ThreadIdentity.current]
    #expect(Set(seen).count == 21)
  }
}
