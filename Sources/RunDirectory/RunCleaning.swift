import LinuxCalls
import OmphalosValues

/// Removes runs from a run root.
public enum RunCleaning {
  public struct Outcome: Sendable {
    /// The dead partial runs that were removed, or that would be.
    public var removed: [RunEntry] = []
    public var failures: [(entry: RunEntry, error: any Diagnosable)] = []
    /// Partial runs that were left: they are running, too young to tell, or cannot be looked at.
    public var kept: [RunEntry] = []
  }

  /// Removes the partial runs that nobody makes any more. Never one that is running, never a finalized run.
  ///
  /// - Parameter isTrial: only tell what would be removed.
  public static func clean(root: String, isTrial: Bool) throws(RunDirectoryError) -> Outcome {
    let listing = try RunListing.read(root: root)
    let directory = try RunListing.openRoot(listing.root)
    var outcome = Outcome()
    for entry in listing.entries where entry.name.hasPrefix(".") {
      // Looked at again: others may clean as well.
      guard let now = RunListing.entry(entry.name, in: directory, root: listing.root), now.isDead else {
        if (try? directory.status(of: entry.name)) != nil { outcome.kept.append(entry) }
        continue
      }
      do {
        if !isTrial { try remove(now.name, in: directory, path: now.path) }
        outcome.removed.append(now)
      } catch {
        outcome.failures.append((now, error))
      }
    }
    return outcome
  }

  /// Removes a finalized run.
  ///
  /// First the ledger says so, then the run loses its name, then it goes. Stopped in between it is a whole run of which
  /// the ledger says that it was given up, which `verify --all` and `runs list` tell, or a dead partial one: never one
  /// that is gone without a word. And a directory with a run id for a name stays whole.
  public static func remove(run path: String) throws -> (entry: RunEntry, recording: RunLedger.Recording) {
    let path = RunListing.withoutSlash(path)
    let (parent, name) = splitPath(path)
    let root = try RunListing.openRoot(parent)
    let entry = try removable(name, in: root, parent: parent, path: path)
    let ledger = RunLedger(root: parent)
    let subject = try RunAdoption.subject(of: path)
    let recording = try ledger.record(.removed, subject)
    let last = ".\(entry.runID.text).\(PartialRun.randomDigits()).partial"
    do {
      try root.renameWithoutReplacing(name, to: last)
    } catch {
      // It stays, so it is not given up.
      if case .appended = recording { _ = try? ledger.append(.adopted, subject) }
      throw RunDirectoryError.notRemovable(path: path, cause: error.cause)
    }
    try remove(last, in: root, path: parent == "/" ? "/\(last)" : "\(parent)/\(last)")
    return (entry, recording)
  }

  private static func removable(
    _ name: String, in root: File, parent: String, path: String
  ) throws(RunDirectoryError) -> RunEntry {
    guard let entry = RunListing.entry(name, in: root, root: parent) else {
      throw .notARun(path: path, cause: "it is no run directory", remedy: "Give the directory of a finalized run")
    }
    switch entry.state {
    case .finalized: return entry
    case .unusable(let reason):
      throw .notARun(path: path, cause: "it is no finalized run: \(reason)", remedy: "Remove it by hand")
    default:
      throw .notARun(
        path: path, cause: "it is no finalized run but a partial one (\(entry.state.name))",
        remedy: "Dead ones are removed by `omphalos runs clean --root \(parent)`")
    }
  }

  private static func remove(_ name: String, in root: File, path: String) throws(RunDirectoryError) {
    do throws(SystemCallError) {
      try TreeRemoval.remove(name, in: root)
    } catch {
      // Somebody else removed it meanwhile: that was the wish.
      if (try? root.status(of: name)) == nil { return }
      throw .notRemovable(path: path, cause: "\(error.subject): \(error.cause)")
    }
  }
}
