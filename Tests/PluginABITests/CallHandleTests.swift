import COmphalos
import Glibc
import LinuxCalls
import Synchronization
import TestSupport
import Testing

@testable import PluginABI

@Suite("Handles of calls")
struct CallHandleTests {
  @Test("a call's own handle reaches its store; one bit off, zero and all ones are refused as invented")
  func inventedHandles() {
    let fixture = CallFixture()
    let store = StoreTable.shared.pointer.pointee
    #expect(store.put(fixture.handle, "a", 1, nil, "x", 1) == 0)
    for bit in 0..<64 {
      let invented = fixture.handle ^ (1 << bit)
      #expect(store.put(invented, "a", 1, nil, "x", 1) == ABIStatus.handle.rawValue, "bit \(bit)")
    }
    for invented in [0, .max, 1, UInt64(Int64.max)] {
      #expect(store.commit(invented, 1) == ABIStatus.handle.rawValue)
    }
    #expect(fixture.store.asked.count == 1)
  }

  @Test("two calls never get the same handle, and one call's handle never reaches the other's store")
  func otherCalls() {
    let first = CallFixture()
    let second = CallFixture()
    let store = StoreTable.shared.pointer.pointee
    #expect(first.handle != second.handle)
    #expect(store.put(second.handle, "b", 1, nil, nil, 0) == 0)
    #expect(first.store.asked.isEmpty)
    #expect(second.store.asked.map(\.path) == [[98]])
    _ = first.call.end()
    #expect(store.put(first.handle, "b", 1, nil, nil, 0) == ABIStatus.ended.rawValue)
    #expect(store.put(second.handle, "c", 1, nil, nil, 0) == 0)
  }

  @Test("after the call ended every function of the store and of the call says E_ENDED")
  func endedCall() {
    let fixture = CallFixture()
    #expect(fixture.call.end())
    #expect(fixture.store.timesEnded == 1)
    let store = StoreTable.shared.pointer.pointee
    let block = fixture.call.block.pointer.pointee
    let handle = block.handle
    var artifact: UInt64 = 0
    var count = 0
    var descriptor: Int32 = 0
    var byte: UInt8 = 0
    let results: [Int64] = [
      Int64(store.put(handle, "a", 1, nil, nil, 0)), Int64(store.create(handle, "a", 1, nil, &artifact)),
      Int64(store.write(handle, 1, "x", 1)), Int64(store.commit(handle, 1)), Int64(store.discard(handle, 1)),
      Int64(store.open(handle, "a", 1, &artifact, nil)), Int64(store.read(handle, 1, 0, &byte, 1, &count)),
      Int64(store.close(handle, 1)), Int64(block.set_error(handle, 1, "x", 1)), Int64(block.is_cancelled(handle)),
      Int64(block.progress(handle, 1, 2)), Int64(block.metric(handle, "m", 1, 1)), block.now_ns(handle),
      Int64(block.random_at(handle, "l", 1, 0, &byte, 1)),
      Int64(block.input_open(handle, "data", 4, &descriptor, nil)),
    ]
    #expect(results == [Int64](repeating: Int64(ABIStatus.ended.rawValue), count: 15))
    #expect(fixture.store.asked.isEmpty)
    #expect(artifact == 0 && count == 0 && descriptor == 0 && byte == 0)
  }

  @Test("a handle stays known as ended after the host has forgotten the call, and its block stays readable")
  func forgottenCall() throws {
    var block: UnsafeMutablePointer<omphalos_call>?
    do {
      let fixture = CallFixture(configuration: #"{"a":1}"#)
      block = fixture.call.block.pointer
      _ = fixture.call.end()
    }
    let late = try #require(block).pointee
    #expect(late.set_error(late.handle, 1, "x", 1) == ABIStatus.ended.rawValue)
    #expect(String(cString: late.config) == #"{"a":1}"#)
    #expect(late.store.pointee.put(late.handle, "a", 1, nil, nil, 0) == ABIStatus.ended.rawValue)
  }

  @Test("a call whose own store call still runs a second after it returned ends as busy, and refuses what comes after")
  func busyCall() throws {
    let gate = Pipes()
    let fixture = CallFixture(store: RecordingStore { gate.entered(); gate.waitUntilOpened() })
    let handle = fixture.handle
    let done = Mutex(false)
    onThreads(2) { index in
      if index == 0 {
        _ = StoreTable.shared.pointer.pointee.put(handle, "a", 1, nil, nil, 0)
        done.withLock { $0 = true }
      } else {
        gate.waitUntilEntered()
        let before = MonotonicClock.now()
        #expect(!fixture.call.end())
        #expect(MonotonicClock.now() - before >= 1_000_000_000)
        #expect(StoreTable.shared.pointer.pointee.put(handle, "b", 1, nil, nil, 0) == ABIStatus.ended.rawValue)
        #expect(!done.withLock { $0 })
        gate.open()
      }
    }
    #expect(fixture.store.asked.map(\.path) == [[97]])
  }

  @Test("a call waits for its own store calls that end in time")
  func waitsForItsOwn() throws {
    let gate = Pipes()
    let fixture = CallFixture(store: RecordingStore { gate.entered(); gate.waitUntilOpened() })
    let handle = fixture.handle
    onThreads(3) { index in
      switch index {
      case 0: _ = StoreTable.shared.pointer.pointee.put(handle, "a", 1, nil, nil, 0)
      case 1:
        gate.waitUntilEntered()
        #expect(fixture.call.end())
        #expect(fixture.store.asked.count == 1)
      default:
        gate.waitUntilEntered2()
        Pause.milliseconds(50)
        gate.open()
      }
    }
  }

  @Test("calls made, used and ended by eight threads at once stay apart")
  func manyThreads() throws {
    onThreads(8) { index in
      for round in 0..<50 {
        let fixture = CallFixture()
        let path = Array("\(index)/\(round)".utf8)
        let status = path.withUnsafeBytes {
          StoreTable.shared.pointer.pointee.put(
            fixture.handle, $0.baseAddress?.assumingMemoryBound(to: CChar.self), path.count, nil, nil, 0)
        }
        #expect(status == 0)
        #expect(fixture.call.end())
        #expect(fixture.store.asked.map(\.path) == [path])
      }
    }
  }
}

/// Gates between threads, as pipes: whoever reads waits.
final class Pipes: Sendable {
  private let ends: [Int32]
  init() {
    var ends: [Int32] = []
    for _ in 0..<3 {
      var pair: [Int32] = [0, 0]
      pipe(&pair)
      ends += pair
    }
    self.ends = ends
  }
  deinit { for end in ends { close(end) } }

  private func send(_ gate: Int) {
    var byte: UInt8 = 1
    _ = Glibc.write(ends[gate * 2 + 1], &byte, 1)
  }
  private func wait(_ gate: Int) {
    var byte: UInt8 = 0
    while read(ends[gate * 2], &byte, 1) < 0 {}
  }
  func entered() { send(0); send(2) }
  func waitUntilEntered() { wait(0) }
  func waitUntilEntered2() { wait(2) }
  func open() { send(1) }
  func waitUntilOpened() { wait(1) }
}
