import LinuxCalls
import OmphalosValues

/// Processes that a plugin's function left running. Looked for after each call, so that the name is the right one.
struct LeftoverProcesses {
  private let worker = Processes.currentPID
  private let supervisor: Int32
  /// What was there before any plugin: a shell that was replaced by the supervisor may have had children.
  private let others: Set<Int32>

  init(supervisor: Int32 = Processes.parentPID) {
    self.supervisor = supervisor
    others = Set(Self.all(worker, supervisor))
  }

  /// Children of this process, and orphans below it, which the supervisor inherits as child subreaper. One that has
  /// ended and was not waited for is not running.
  func find() -> [String] {
    Self.all(worker, supervisor).filter { !others.contains($0) && !Processes.hasEnded($0) }
      .map { "\($0) (\(Processes.name(of: $0) ?? "ended"))" }
  }

  private static func all(_ worker: Int32, _ supervisor: Int32) -> [Int32] {
    (Processes.children(of: "self") ?? []) + (Processes.children(of: "\(supervisor)") ?? []).filter { $0 != worker }
  }
}
