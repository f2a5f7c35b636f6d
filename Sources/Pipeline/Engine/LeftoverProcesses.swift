import LinuxCalls
import OmphalosValues
import PluginABI

/// Processes that a plugin left running. Looked for after each function, so that the name is the right one. What a
/// connector or a sink starts when it is opened may run until its call ends.
struct LeftoverProcesses {
  private let worker = Processes.currentPID
  private let supervisor: Int32
  /// What was there before any plugin: a shell that was replaced by the supervisor may have had children.
  private let others: Set<Int32>
  /// Processes of calls that last.
  private var lasting: [CallIdentity: Set<Int32>] = [:]

  init(supervisor: Int32 = Processes.parentPID) {
    self.supervisor = supervisor
    others = Set(Self.all(worker, supervisor))
  }

  /// A call was opened: what runs now and was not known before may run until it ends.
  mutating func begin(_ identity: CallIdentity) { lasting[identity, default: []].formUnion(running()) }

  mutating func end(_ identity: CallIdentity) { lasting[identity] = nil }

  /// "pid (name)" of each process that no call accounts for.
  func find() -> [String] { running().map { "\($0) (\(Processes.name(of: $0) ?? "ended"))" } }

  /// Children of this process, and orphans below it, which the supervisor inherits as child subreaper. One that has
  /// ended and was not waited for is not running.
  private func running() -> [Int32] {
    Self.all(worker, supervisor).filter { pid in
      !others.contains(pid) && !lasting.values.contains { $0.contains(pid) } && !Processes.hasEnded(pid)
    }
  }

  private static func all(_ worker: Int32, _ supervisor: Int32) -> [Int32] {
    // After each function of a plugin, so it has to be cheap: the usual answer to both questions is "none".
    let own = Processes.hasChildren ? Processes.children(of: "self") ?? [] : []
    return own + (Processes.orphans(of: supervisor) ?? []).filter { $0 != worker }
  }
}
