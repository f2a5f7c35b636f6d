import OmphalosValues

/// Why a ledger could not be read, or an entry not be appended. Nothing was written then.
public enum LedgerError: Diagnosable, Sendable, Hashable {
  /// Something other than a file of ours stands in its place, or it may not be read or written.
  case notUsable(path: String, cause: String)
  /// Another process held its lock for longer than we wait. The pid is nil where it cannot be seen from here.
  case busy(path: String, holder: Int32?, seconds: Int64)
  /// Its end is no chain of entries, so a further one would be chained to rubbish.
  case broken(path: String, cause: String)
  /// The disk did not take the entry.
  case notAppended(path: String, cause: String)
  /// The run is in the ledger, and it was another one.
  case otherManifest(path: String, entry: LedgerEntry, found: SHA256Digest)

  public var exitCode: ExitCode {
    if case .otherManifest = self { .checkFailed } else { .storeFailed }
  }

  public var message: String {
    switch self {
    case .notUsable(let path, let cause):
      "The ledger \(quotedForMessage(path)) cannot be used: \(cause). It is a file of whoever makes runs there."
    case .busy(let path, let holder, let seconds):
      "The ledger \(quotedForMessage(path)) has been locked for more than \(seconds) s by "
        + (holder.map { "process \($0)" } ?? "a process that cannot be seen from here")
        + ". Wait until that has ended, or end it."
    case .broken(let path, let cause):
      "The ledger \(quotedForMessage(path)) is broken: \(cause). Nothing is appended to it. `omphalos verify --all "
        + "\(printable(splitPath(path).folder))` names each broken line. Keep that file elsewhere and record the runs in a "
        + "new ledger with `omphalos runs adopt`."
    case .notAppended(let path, let cause):
      "The ledger \(quotedForMessage(path)) did not take an entry: \(cause)."
    case .otherManifest(let path, let entry, let found):
      "Entry \(entry.sequence) of the ledger \(quotedForMessage(path)) says of run \(entry.subject.runID) that its manifest "
        + "has SHA-256 \(entry.subject.manifest.hex), found \(found.hex): it was changed, or made again, since. If that is "
        + "meant, remove it with `omphalos runs rm` and make it again."
    }
  }
}
