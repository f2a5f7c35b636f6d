import LinuxCalls
import OmphalosValues

/// What a partial run's `state.json` says. Plugins can write there, and so can anybody with the rights.
struct RecordedState: Sendable {
  let hasFailed: Bool
  let pipeline: String?
  let pid: Int32?
  let startedAt: Timestamp?
  let reason: String
  let exitCode: Int64?
}

extension RunState {
  private static let longest = 1 << 20

  /// Nil where there is none, or none that this program would write.
  static func read(in directory: File) -> RecordedState? {
    guard let file = try? directory.openBeneath(fileName, [.read, .noFollow, .nonBlocking], mode: 0),
      (try? file.status())?.kind == .regular, let bytes = try? file.readAll(limit: longest),
      let state = try? JSONValue.parse(bytes), let word = state["state"]?.stringValue,
      word == "running" || word == "failed"
    else { return nil }
    return RecordedState(
      hasFailed: word == "failed", pipeline: state["pipeline"]?.stringValue,
      pid: state["pid"]?.integerValue.flatMap { Int32(exactly: $0) },
      startedAt: state["started_at"]?.stringValue.flatMap { try? Timestamp($0) },
      reason: state["reason"]?.stringValue ?? "no reason is given", exitCode: state["exit_code"]?.integerValue)
  }
}
