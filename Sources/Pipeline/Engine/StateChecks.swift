import LinuxCalls
import OmphalosValues
import PluginABI

/// Notices what a plugin changed for everyone in the process, after loading and after each call. Floating-point control
/// is put back, because the next plugin computes with it; the rest stays and is reported once for each plugin.
final class StateChecks {
  private var last = ProcessState.current()
  private var ledger = ResourceLedger()
  private let messages: MessageWriter
  private var reported: Set<[String]> = []

  init(_ messages: MessageWriter) { self.messages = messages }

  /// - Parameter function: what has just returned.
  func check(_ identity: CallIdentity, after function: String) {
    let now = ProcessState.current()
    let changes = last.changes(to: now)
    guard !changes.isEmpty else { return }
    last.restoreFloatingPoint()
    last = ProcessState.current()
    for change in changes {
      report(identity, change, "\(identity): \(function) changed the \(change) of the process\(suffix(change)).")
    }
  }

  /// Runs `body`, tells when it ran, and counts the descriptors and threads that come of it for somebody. Several bodies
  /// add up.
  func counting<Result>(for identity: CallIdentity, _ body: () throws -> Result) rethrows -> Result {
    let mark = ledger.mark()
    let began = WallClock.now()
    defer {
      ledger.account(identity, since: mark)
      messages.send(.interval(CallInterval(identity, began: began, ended: WallClock.now())))
    }
    return try body()
  }

  /// What was counted for somebody is over, and nothing of it should be left.
  ///
  /// - Parameter what: what left it, for a sentence.
  func settle(_ identity: CallIdentity, _ what: String) {
    let left = ledger.settle(identity)
    if left.descriptors > 0 {
      report(identity, "descriptors", "\(identity): \(what) left \(counted(left.descriptors, "descriptor")) open.")
    }
    if left.threads > 0 {
      report(identity, "threads", "\(identity): \(what) left \(counted(left.threads, "thread")) running.")
    }
  }

  /// Objects that the dynamic linker loaded after the decision; nothing of them was decided on.
  func report(_ identity: CallIdentity, loaded objects: [String], by function: String) {
    report(
      identity, "loaded libraries",
      "\(identity): \(function) loaded what was not decided on: \(objects.joined(separator: ", ")).")
  }

  private func suffix(_ change: String) -> String {
    change == "floating-point control" || change == "rounding mode" ? "; it was put back" : ""
  }

  private func report(_ identity: CallIdentity, _ subject: String, _ text: String) {
    guard reported.insert([identity.plugin, subject]).inserted else { return }
    messages.send(.finding(plugin: identity.plugin, subject: subject, text: text))
  }
}
