import Admission
import OmphalosValues

/// What becomes of a lock.
struct LockChange {
  let file: String
  /// nil where there was none.
  let before: PluginLock?
  let now: PluginLock
  let isWritten: Bool

  private var drift: [LockDrift] { before?.drift(to: now.plugins) ?? [] }

  var text: String {
    let count = counted(now.plugins.count, "plugin")
    guard before != nil else { return "Wrote \(printable(file)): \(count). Review it, and keep it with the pipeline." }
    if drift.isEmpty { return "\(printable(file)) is up to date: \(count)." }
    let head = isWritten ? "Wrote \(printable(file)); what changed:" : "The plugins differ from \(printable(file)):"
    return ([head] + drift.map { "  - \($0)." }).joined(separator: "\n")
  }

  var json: JSONValue {
    [
      "lock": .string(file), "scope": .string(now.scope.rawValue), "written": .bool(isWritten),
      "plugins": .array(now.plugins.map { .string($0.id.text) }), "drift": .array(drift.map(\.json)),
    ]
  }
}
