import LinuxCalls
import OmphalosValues
import RunRecord

/// What became of a run that was whole.
public enum Finalization: Sendable {
  case finalized(FinalizedRun)
  /// A run with this id stands there already. The partial is whole and writable again: compare, then discard or fail.
  case alreadyThere(path: String)
}

extension PartialRun {
  /// Makes the partial directory the finalized run.
  ///
  /// The order is what makes a directory with a run id for a name whole, whatever stops us in between: every write,
  /// the manifest last; then one flush; then read-only; then the new name, never over another directory; then a flush
  /// of the parent. The worker and all its descendants must be gone, and the tree must have been compared with the
  /// store's index.
  ///
  /// On failure the directory stays a partial whose `state.json` has the reason.
  public func finalize(_ record: RunRecord) throws -> Finalization {
    precondition(record.manifest.runID == runID, "The record is of another run.")
    let outcome: Finalization
    do {
      outcome = try writeAndRename(record)
    } catch {
      try? setPermissions(directories: 0o755, files: 0o644)
      let diagnosis = error as? any Diagnosable
      try? fail(
        reason: "The run could not be finalized: \(diagnosis?.message ?? "\(error)")",
        exitCode: diagnosis?.exitCode ?? .storeFailed)
      throw error
    }
    // From here on the directory bears its final name and is not touched any more, not even if this fails.
    guard case .finalized = outcome else { return outcome }
    do {
      try root.synchronize()
    } catch {
      throw RunDirectoryError.nameNotFlushed(path: finalPath, cause: error.cause)
    }
    return outcome
  }

  private func writeAndRename(_ record: RunRecord) throws -> Finalization {
    for file in record.payloadFiles + record.controlFiles { try write(file.content, to: file.path) }
    try write(record.manifest.bytes, to: RunLayout.manifest)
    if isTaken() { return .alreadyThere(path: finalPath) }

    try removeHostFile(RunState.fileName)
    // `directory` was opened before the first write, so an error of any write since is reported here.
    try directory.synchronizeFileSystem()
    try setPermissionsInside(directories: 0o555, files: 0o444)
    // As late as can be: by it others see that the run is being made. Only the name goes, the lock stays held.
    try removeHostFile(Self.lockName)
    try directory.setPermissions(0o555)
    try requireRootInPlace()
    do {
      try root.renameWithoutReplacing(name, to: runID.text)
    } catch {
      guard error.errno == .fileExists else { throw error }
      try setPermissions(directories: 0o755, files: 0o644)
      return .alreadyThere(path: finalPath)
    }
    return .finalized(FinalizedRun(path: finalPath, directory: directory, manifest: record.manifest))
  }

  private var finalPath: String { "\(rootPath)/\(runID.text)" }

  /// Where the root was moved meanwhile, the run would be finalized in a place that nobody is told of.
  private func requireRootInPlace() throws {
    do throws(SystemCallError) {
      if try File.open(rootPath, .directory).status().isSameFile(as: root.status()) { return }
    } catch {
      guard error.errno == .noSuchFileOrDirectory || error.errno == .notDirectory else { throw error }
    }
    throw RunDirectoryError.rootGone(path: rootPath)
  }

  private func isTaken() -> Bool { (try? root.status(of: runID.text)) != nil }

  /// A file that could not be written whole does not stay: on a full disk the reason needs its room.
  private func write(_ content: [UInt8], to path: ArtifactPath) throws(RunDirectoryError) {
    let file: File
    do {
      file = try directory.openBeneath(path.text, .createNew, mode: 0o644)
    } catch {
      throw .notWritten(path: path.text, cause: error.cause)
    }
    do {
      try file.write(content)
    } catch {
      try? remove(path)
      throw .notWritten(path: path.text, cause: error.cause)
    }
  }

  private func remove(_ path: ArtifactPath) throws(SystemCallError) {
    let folder = path.parts.dropLast().joined(separator: "/")
    let parent = folder.isEmpty ? directory : try directory.openBeneath(folder, .directory, mode: 0)
    try parent.removeFile(path.parts[path.parts.count - 1])
  }

  private func removeHostFile(_ name: String) throws(SystemCallError) {
    do {
      try directory.removeFile(name)
    } catch {
      // One that is not there need not be removed.
      if error.errno != .noSuchFileOrDirectory { throw error }
    }
  }

  /// Sets the modes of all regular files and directories.
  private func setPermissions(directories: UInt32, files: UInt32) throws(SystemCallError) {
    try setPermissionsInside(directories: directories, files: files)
    try directory.setPermissions(directories)
  }

  private func setPermissionsInside(directories: UInt32, files: UInt32) throws(SystemCallError) {
    for entry in try TreeWalk.walk(directory, wantsDigest: { _ in false }).entries {
      let wanted = entry.kind == .directory ? directories : files
      guard entry.kind == .directory || entry.kind == .regular, entry.permissions != wanted,
        entry.path != Self.lockName
      else { continue }
      try directory.openBeneath(entry.path, [.read, .noFollow, .nonBlocking], mode: 0).setPermissions(wanted)
    }
  }
}
