import LinuxCalls
import OmphalosValues
import RunRecord

/// A run directory as it lies in a run root, finalized or not.
public struct RunEntry: Sendable {
  public enum State: Sendable, Hashable {
    case finalized
    /// Its lock is held. The pid is nil where this process cannot see the holder's number.
    case running(pid: Int32?)
    case failed(reason: String, exitCode: Int64?)
    /// Nobody makes it, and it left no reason.
    case killed
    /// Nobody seems to make it, but it is too young to tell: it may just be coming into being or going away.
    case unsettled
    /// It has a run's name, and is none that can be read.
    case unusable(reason: String)

    public var name: String {
      switch self {
      case .finalized: "finalized"
      case .running: "running"
      case .failed: "failed"
      case .killed: "killed"
      case .unsettled: "unsettled"
      case .unusable: "unusable"
      }
    }
  }

  /// The directory's name in its root.
  public let name: String
  public let path: String
  /// The directory that it lies in.
  public let root: String
  public let runID: RunID
  public let state: State
  /// The pipeline's name, of a finalized run the name of its file; nil where it is not known.
  public var pipeline: String?
  /// When it was begun, of a finalized run when it was finalized. Real time.
  public var time: Timestamp?
  /// Of a finalized run, as its manifest states it.
  public var payloadRoot: SHA256Digest?
  /// Of a finalized run: what the ledger of its root says of it in the end.
  public var record = Record.unknown
  /// Of one that was killed: the process that had made it.
  public var lastPID: Int32?
  /// Of one that was killed: when it was last written to.
  public var lastSeen: Timestamp?

  public enum Record: Sendable, Hashable {
    /// The ledger cannot be read, or was not asked.
    case unknown
    /// It has no entry of the run, or there is no ledger.
    case none
    case entry(LedgerEntry)
  }

  /// Nobody makes it, and it is no finalized run: `runs clean` removes it.
  public var isDead: Bool {
    switch state {
    case .failed, .killed: true
    case .finalized, .running, .unsettled, .unusable: false
    }
  }
}

/// The name of a directory in a run root.
enum RunName {
  case finalized(RunID)
  case partial(RunID)

  /// Nil for a name that no run directory bears.
  init?(_ name: String) {
    if let id = try? RunID(name) {
      self = .finalized(id)
      return
    }
    guard name.hasPrefix("."), name.hasSuffix(".partial") else { return nil }
    let inner = name.dropFirst().dropLast(".partial".count)
    let parts = inner.split(separator: ".", omittingEmptySubsequences: false)
    let digits = Set("0123456789abcdef")
    guard parts.count == 2, parts[1].utf8.count == 8, parts[1].allSatisfy(digits.contains),
      let id = try? RunID(String(parts[0]))
    else { return nil }
    self = .partial(id)
  }
}
