import LinuxCalls
import Synchronization

/// A progress line that several threads tell how far they are. It is drawn ten times a second at most.
final class SharedProgress: Sendable {
  private struct State {
    var lastDrawn: Int64 = 0
    var isOnScreen = false
  }

  private static let interval: Int64 = 100_000_000
  private let what: String
  private let isShown: Bool
  private let state = Mutex(State())

  init(_ what: String, isShown: Bool) {
    self.what = what
    self.isShown = isShown
  }

  func show(_ done: Int, _ total: Int, bytes: UInt64? = nil) {
    guard isShown else { return }
    state.withLock { state in
      let now = MonotonicClock.now()
      guard now - state.lastDrawn >= Self.interval else { return }
      state.lastDrawn = now
      state.isOnScreen = true
      let extent = bytes.map { ", \($0 >> 20) MiB" } ?? ""
      Terminal.status("\(what): \(done) of \(total)\(extent)")
    }
  }

  func clear() {
    state.withLock { state in
      if state.isOnScreen { Terminal.status("") }
      state.isOnScreen = false
    }
  }
}
