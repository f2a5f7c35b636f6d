import LinuxCalls
import Synchronization
import TestSupport
import Testing

@testable import PluginABI

@Suite("The page of calls in flight")
struct FlightPageTests {
  private let feed = CallIdentity(plugin: "com.example.a", capability: "table", instance: "feed")
  private let report = CallIdentity(plugin: "com.example.b", capability: "report", instance: "exports[0]")

  /// The same memory as another process would map it.
  private func otherSide(_ page: FlightPage) throws -> FlightPage {
    FlightPage(try SharedMemory.adopting(page.memory.file, size: FlightPage.size))
  }

  @Test("a function is on the page of the other process while it runs, and the last one that ended after it")
  func during() throws {
    let page = try makePage()
    let other = try otherSide(page)
    #expect(other.inFlight.isEmpty && other.lastEnded == nil)
    let before = MonotonicClock.now()
    page.during("get_next", of: feed, timeout: 5_000_000_000) {
      let entries = other.inFlight
      #expect(entries.map(\.identity) == [feed] && entries.map(\.function) == ["get_next"])
      #expect(entries[0].thread == DedicatedThread.currentID)
      #expect(entries[0].started >= before && entries[0].deadline == entries[0].started + 5_000_000_000)
      #expect(other.lastEnded == nil)
    }
    #expect(other.inFlight.isEmpty)
    #expect(other.lastEnded?.identity == feed && other.lastEnded?.function == "get_next")
  }

  @Test("nested functions are listed from the outermost, and one that throws leaves the page as well")
  func nesting() throws {
    struct Stop: Error {}
    let page = try makePage()
    #expect(throws: Stop.self) {
      try page.during("run", of: report, timeout: 0) {
        page.during("get_schema", of: feed, timeout: 0) {}
        try page.during("get_next", of: feed, timeout: 0) {
          #expect(page.inFlight.map(\.function) == ["run", "get_next"])
          #expect(page.inFlight.map(\.deadline) == [0, 0])
          throw Stop()
        }
      }
    }
    #expect(page.inFlight.isEmpty)
    #expect(page.lastEnded?.function == "run")
  }

  @Test("eight threads keep their entries apart")
  func threads() throws {
    let page = try makePage()
    onThreads(8) { index in
      let own = CallIdentity(plugin: "com.example.t\(index)", capability: "c", instance: "i\(index)")
      for round in 0..<200 {
        page.during("f\(round)", of: own, timeout: 0) {
          let mine = page.inFlight.filter { $0.thread == DedicatedThread.currentID }
          #expect(mine.map(\.identity) == [own] && mine.map(\.function) == ["f\(round)"])
        }
      }
    }
    #expect(page.inFlight.isEmpty)
  }

  @Test("beyond 64 functions at once the body still runs, and the outer 64 stay listed")
  func exhausted() throws {
    let page = try makePage()
    func nest(_ depth: Int) -> Int {
      page.during("f\(depth)", of: feed, timeout: 0) {
        depth == 70 ? page.inFlight.count : nest(depth + 1)
      }
    }
    #expect(nest(1) == 64)
    #expect(page.inFlight.isEmpty)
    page.during("again", of: feed, timeout: 0) { #expect(page.inFlight.map(\.function) == ["again"]) }
  }

  @Test("names fill their places to the last byte, and longer ones are cut between two characters")
  func longNames() throws {
    let page = try makePage()
    let whole = CallIdentity(
      plugin: String(repeating: "p", count: 255), capability: String(repeating: "c", count: 64),
      instance: String(repeating: "i", count: 128))
    page.during(String(repeating: "f", count: 64), of: whole, timeout: 0) {
      #expect(page.inFlight.map(\.identity) == [whole])
      #expect(page.inFlight.map(\.function.count) == [64])
    }
    // 63 bytes, and a character of two that does not fit any more.
    let wide = CallIdentity(plugin: "p", capability: String(repeating: "c", count: 63) + "é", instance: "x")
    page.during(String(repeating: "€", count: 30), of: wide, timeout: 0) {
      #expect(page.inFlight.map(\.identity.capability) == [String(repeating: "c", count: 63)])
      #expect(page.inFlight.map(\.identity.instance) == ["x"])
      #expect(page.inFlight.map(\.function) == [String(repeating: "€", count: 21)])
    }
  }

  @Test("a shorter name in a slot that was used before has nothing of the longer one")
  func reuse() throws {
    let page = try makePage()
    page.during(String(repeating: "f", count: 64), of: report, timeout: 0) {}
    page.during("g", of: CallIdentity(plugin: "x"), timeout: 0) {
      #expect(page.inFlight.map(\.function) == ["g"])
      #expect(page.inFlight.map(\.identity) == [CallIdentity(plugin: "x")])
    }
  }

  @Test("cancelling and the clean end are seen by the other side, each alone")
  func flags() throws {
    let page = try makePage()
    let other = try otherSide(page)
    #expect(!page.isCancelled && !other.endedCleanly)
    other.cancel()
    #expect(page.isCancelled && !other.endedCleanly)
    page.markCleanEnd()
    #expect(other.endedCleanly)
  }
}
