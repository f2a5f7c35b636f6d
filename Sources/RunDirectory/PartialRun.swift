import LinuxCalls
import OmphalosValues
import RunRecord

/// A run that is being made: `.<run_id>.<8 hex>.partial/` beside the directory that it will become.
///
/// Its lock is a POSIX lock of this process, which no child inherits: held, the run is being made by that process; not
/// held, the run is dead, and `state.json` has the reason unless the process was killed. **Closing any descriptor of
/// the lock file in this process would drop the lock**, so nothing here opens that file a second time.
public final class PartialRun: Sendable {
  public static let lockName = ".lock"
  private static let nextLockName = ".lock.next"
  /// What the host keeps in a partial directory besides the run's files.
  public static let hostFiles = [lockName, RunState.fileName, RunLayout.log.text]

  public let runID: RunID
  /// The partial directory.
  public let path: String
  public let directory: File
  /// The directory in which the finalized run will stand.
  let root: File
  let rootPath: String
  let name: String
  let state: RunState
  private let lock: File

  private init(
    runID: RunID, rootPath: String, root: File, name: String, directory: File, lock: File, state: RunState
  ) {
    self.runID = runID
    self.rootPath = rootPath
    self.root = root
    self.name = name
    self.directory = directory
    self.lock = lock
    self.state = state
    path = "\(rootPath)/\(name)"
  }

  /// Makes the partial directory with its folders, its lock and its state, and `root` if it is not there.
  ///
  /// - Parameter pipeline: the name of the run's pipeline, for those who look at `state.json`.
  public static func create(root rootPath: String, runID: RunID, pipeline: String) throws -> PartialRun {
    let rootPath = rootPath.count > 1 && rootPath.hasSuffix("/") ? String(rootPath.dropLast()) : rootPath
    do {
      return try make(rootPath, runID, pipeline)
    } catch let error as SystemCallError {
      throw RunDirectoryError.rootUnusable(path: rootPath, cause: error.cause)
    }
  }

  private static func make(_ rootPath: String, _ runID: RunID, _ pipeline: String) throws -> PartialRun {
    try Path.makeDirectories(rootPath)
    let root = try File.open(rootPath, .directory)
    let name = ".\(runID.text).\(randomDigits()).partial"
    try root.makeDirectory(name)
    do {
      let directory = try root.openBeneath(name, [.directory, .noFollow], mode: 0)
      let lock = try directory.openBeneath(nextLockName, .createNew, mode: 0o644)
      guard try lock.tryLock() else { throw RunDirectoryError.lockTaken(path: "\(rootPath)/\(name)") }
      // Nobody sees it before it is held: one that is not held is that of a dead run.
      try directory.rename(nextLockName, replacing: lockName)
      for folder in RunLayout.folders { try directory.makeDirectory(folder) }
      let state = RunState(
        runID: runID, pipeline: pipeline, pid: Processes.currentPID,
        startedAt: Timestamp(secondsSince1970: WallClock.now() / 1_000_000_000))
      try RunState.write(state.running, in: directory)
      return PartialRun(
        runID: runID, rootPath: rootPath, root: root, name: name, directory: directory, lock: lock, state: state)
    } catch {
      try? TreeRemoval.remove(name, in: root)
      throw error
    }
  }

  /// All that lies in the directory, hashed from disk; of the host's own files, which may be in use, only their kind.
  public func walk() throws(SystemCallError) -> TreeWalk {
    let unread = Set(Self.hostFiles.map { UTF8String($0) })
    let walk = try TreeWalk.walk(directory, leases: true) { !unread.contains(UTF8String($0)) }
    // What the disk did is not told as something that somebody wrote.
    if let failure = walk.problems.compactMap(\.failure).first(where: \.isFailureOfSystem) { throw failure }
    return walk
  }

  /// Digest and size of a file that the host itself wrote, for instance the log.
  public func record(of file: ArtifactPath) throws(SystemCallError) -> FileRecord {
    let (digest, byteCount) = try directory.openBeneath(file.text, [.read, .noFollow], mode: 0).digest()
    return FileRecord(path: file, sha256: digest, bytes: byteCount)
  }

  /// Where the partial directory can be found; nil once it has its final name, was removed, or went with its root.
  public var reachablePath: String? {
    guard let there = try? File.open(path, [.directory, .noFollow]).status(), let own = try? directory.status(),
      there.isSameFile(as: own)
    else { return nil }
    return path
  }

  /// Writes the reason into `state.json` and leaves the directory for inspection. One that has its final name already is
  /// whole, and is left as it is.
  public func fail(reason: String, exitCode: ExitCode) throws {
    guard isStillPartial else { return }
    try RunState.write(state.failed(reason, exitCode: exitCode), in: directory)
  }

  /// Somebody removed the directory: it has no name any more, not even in another place.
  public var wasRemoved: Bool { (try? directory.status())?.links == 0 }

  private var isStillPartial: Bool {
    guard let there = try? root.status(of: name), let own = try? directory.status() else { return false }
    return there.isSameFile(as: own)
  }

  /// Removes the directory and all that is in it.
  public func discard() throws {
    let found = try root.status(of: name)
    let own = try directory.status()
    guard found.isSameFile(as: own) else {
      throw RunDirectoryError.notRemovable(path: path, cause: "another directory stands in its place")
    }
    try TreeRemoval.remove(name, in: root)
  }

  static func randomDigits() -> String {
    SystemRandom.hexDigits(bytes: 4)
  }
}
