import LinuxCalls
import PluginABI

/// Notices what a plugin changed for everyone in the process, after loading and after each call. Floating-point control
/// is put back, because the next plugin computes with it; the rest stays and is reported once for each plugin.
final class StateChecks {
  private var last = ProcessState.current()
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

  /// Descriptors and threads that a whole step left behind.
  func check(_ identity: CallIdentity, after function: String, from before: ProcessResources) {
    let now = ProcessResources.current()
    if now.descriptors > before.descriptors {
      report(
        identity, "descriptors",
        "\(identity): \(function), with the connectors it read from, left \(now.descriptors - before.descriptors) "
          + "descriptors open.")
    }
    if now.threads > before.threads {
      report(
        identity, "threads",
        "\(identity): \(function), with the connectors it read from, left \(now.threads - before.threads) threads "
          + "running.")
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
