/// The exit codes of every `omphalos` command. They are part of the public surface: one is never given a new meaning.
public enum ExitCode: Int32, Sendable, Hashable, CaseIterable {
  case done = 0
  /// A check ran to its end and found something: a digest differs, a re-run differs, a policy is not met.
  case checkFailed = 2
  /// A plugin was refused, or failed to load or to be confirmed.
  case pluginRefused = 3
  /// A plugin's call returned an error, crashed or ran out of time.
  case callFailed = 4
  /// The artifact store or the disk under it failed.
  case storeFailed = 5
  /// The command line is wrong.
  case usage = 64
  /// A configuration or an input file is wrong.
  case badData = 65
  /// A defect of this program.
  case bug = 70
  /// Stopped by SIGINT.
  case interrupted = 130
  /// Stopped by SIGTERM.
  case terminated = 143

  /// What the code says, as help texts and manuals print it.
  public var meaning: String {
    switch self {
    case .done: "done"
    case .checkFailed: "a check failed"
    case .pluginRefused: "a plugin was refused or failed to load"
    case .callFailed: "a plugin's call failed, crashed or timed out"
    case .storeFailed: "the artifact store or the disk failed"
    case .usage: "the command line is wrong"
    case .badData: "bad configuration or data"
    case .bug: "a bug in omphalos"
    case .interrupted: "interrupted"
    case .terminated: "terminated"
    }
  }
}
