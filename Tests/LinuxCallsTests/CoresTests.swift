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
