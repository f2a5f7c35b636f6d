import OmphalosValues

/// One line on a terminal that tells how far a run is.
final class ProgressLine {
  private let isShown: Bool
  private var isOnScreen = false

  init(isShown: Bool) { self.isShown = isShown }

  func show(_ what: String, _ done: UInt64, _ total: UInt64) {
    guard isShown else { return }
    let amount = total > 0 ? "\(done) of \(total)" : "\(done)"
    Terminal.status("\(printable(what)): \(amount)")
    isOnScreen = true
  }

  func clear() {
    guard isOnScreen else { return }
    Terminal.status("")
    isOnScreen = false
  }
}
