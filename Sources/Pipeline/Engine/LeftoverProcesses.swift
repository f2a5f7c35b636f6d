import LinuxCalls
import OmphalosValues

/// Processes that a plugin's function left running. Looked for after each call, so that the name is the right one.
struct LeftoverProcesses {
  private let worker = Processes.currentPID
  private let supervisor: Int32

  init() { supervisor = Processes.parentPID }

  /// Children of this process, and orphans below it, which the supervisor inherits as child subreaper.
  func find() -> [String] {
    let own = Processes.children(of: "self") ?? []
    let orphans = (Processes.children(of: "\(supervisor)") ?? []).filter { $0 != worker }
    return (own + orphans).map { "\($0) (\(Processes.name(of: $0) ?? "ended"))" }
  }
}
