import LinuxCalls
import OmphalosValues

/// What can go wrong with a run directory as such; failing system calls are `SystemCallError`.
public enum RunDirectoryError: Diagnosable, Sendable, Hashable {
  case notADirectory(path: String, cause: String)
  /// There is no `run_manifest.json`, or none that can be read.
  case noManifest(path: String, cause: String)
  /// The place where run directories are to be made does not allow it.
  case rootUnusable(path: String, cause: String)
  /// A file of the host itself could not be written; the run stays a partial.
  case notWritten(path: String, cause: String)
  /// The lock of a directory that was made a moment ago is held by someone else.
  case lockTaken(path: String)
  /// Something in a partial directory cannot be removed by its name.
  case notRemovable(path: String, cause: String)
  /// The run has its name, and is whole; whether the name is on the disk is not known.
  case nameNotFlushed(path: String, cause: String)
  /// The directory of runs is no longer where it was when the run began.
  case rootGone(path: String)
  /// A directory in which runs were to be looked for.
  case notARoot(path: String, cause: String)
  /// What was to be removed or shown as a run.
  case notARun(path: String, cause: String, remedy: String)

  public var exitCode: ExitCode {
    switch self {
    case .notADirectory, .noManifest, .notARoot, .notARun: .badData
    case .rootUnusable, .notWritten, .lockTaken, .notRemovable, .nameNotFlushed, .rootGone: .storeFailed
    }
  }

  public var message: String {
    switch self {
    case .notADirectory(let path, let cause):
      "\(quotedForMessage(path)) is not a run directory: \(cause). Give the directory that `omphalos run` printed."
    case .noManifest(let path, let cause):
      "\(quotedForMessage(path)) has no readable run_manifest.json: \(cause). Only a finalized run has one."
    case .rootUnusable(let path, let cause):
      "No run directory can be made in \(quotedForMessage(path)): \(cause). Choose another place with --output-root."
    case .notWritten(let path, let cause):
      "\(quotedForMessage(path)) could not be written: \(cause). The run stays a partial."
    case .lockTaken(let path):
      "The lock in \(quotedForMessage(path)) was taken by another process as soon as it was made. Run again."
    case .nameNotFlushed(let path, let cause):
      "The run at \(quotedForMessage(path)) is whole, but its name could not be flushed to the disk: \(cause). After a power "
        + "failure it may be a partial run again. Once the disk is mended, record it with: omphalos runs adopt \(printable(path))"
    case .rootGone(let path):
      "The directory of runs \(quotedForMessage(path)) is no longer where it was when the run began: it was moved, removed or "
        + "replaced. The run stays a partial, wherever that directory is now. Run again."
    case .notARoot(let path, let cause):
      "\(quotedForMessage(path)) cannot be looked into for runs: \(cause). Name the directory with --root."
    case .notARun(let path, let cause, let remedy):
      "\(quotedForMessage(path)): \(cause). \(remedy)."
    case .notRemovable(let path, let cause):
      "\(quotedForMessage(path)) could not be removed: \(cause). Remove it by hand."
    }
  }
}
