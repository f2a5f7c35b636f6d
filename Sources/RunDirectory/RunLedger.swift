import LinuxCalls
import OmphalosValues

/// The ledger of a run root, `ledger.jsonl`: one line for each run that was finalized, adopted or removed there, each with
/// the digest of the line before.
///
/// It shows what happened to whoever kept the digest of a later line elsewhere. It proves nothing against one who may
/// write the root and whose readers kept no such digest: that one can write all of it anew.
public struct RunLedger: Sendable {
  public static let fileName = "ledger.jsonl"

  /// The run root.
  public let root: String
  /// How long to wait for another process that holds the lock, in nanoseconds.
  let patience: Int64

  public init(root: String) { self.init(root: root, patience: 20_000_000_000) }

  init(root: String, patience: Int64) {
    self.root = RunListing.withoutSlash(root)
    self.patience = patience
  }

  public var path: String { Self.path(in: root) }

  static func path(in root: String) -> String { root == "/" ? "/\(fileName)" : "\(root)/\(fileName)" }

  /// An entry that was written.
  public struct Appended: Sendable {
    public let entry: LedgerEntry
    /// SHA-256 of its line.
    public let head: SHA256Digest
    /// How much of an unfinished entry was cut off before; 0 as a rule.
    public let cutBytes: Int
  }

  /// How a run stands in the ledger once it is recorded.
  public enum Recording: Sendable {
    case appended(Appended)
    /// It was there before.
    case standing(LedgerEntry)

    public var entry: LedgerEntry {
      switch self {
      case .appended(let appended): appended.entry
      case .standing(let entry): entry
      }
    }

    /// What people should hear of it, beyond that the run is recorded.
    public var sentences: [String] {
      guard case .appended(let appended) = self, appended.cutBytes > 0 else { return [] }
      return [
        "The ledger ended in the middle of an entry, as after a kill or a power cut: "
          + "\(counted(appended.cutBytes, "byte")) were cut off before entry \(appended.entry.sequence) was written."
      ]
    }
  }

  /// Appends an entry, whatever was said of the run before. Returns once it is flushed.
  public func append(
    _ kind: LedgerEntry.Kind, _ subject: LedgerEntry.Subject
  ) throws(LedgerError) -> Appended {
    try LedgerFile.locked(in: root, patience: patience) { ledger throws(LedgerError) in
      try ledger.append(kind, subject, after: try ledger.tail())
    }
  }

  /// Appends an entry of this kind unless the last one of the run says the same of the same run already.
  ///
  /// A run that was made anew gets an entry in any case.
  ///
  /// - Throws: `otherManifest` where a run is to be adopted whose last entry is of another manifest.
  public func record(
    _ kind: LedgerEntry.Kind, _ subject: LedgerEntry.Subject
  ) throws(LedgerError) -> Recording {
    try LedgerFile.locked(in: root, patience: patience) { ledger throws(LedgerError) in
      let tail = try ledger.tail()
      // Of a million entries the end is enough where nothing of the run's past matters.
      if kind != .finalized,
        let last = try Self.latest(of: [UTF8String(subject.runID.text)], in: ledger.file, path: path)
          .values.first, (last.kind == .removed) == (kind == .removed)
      {
        if last.subject.manifest == subject.manifest { return .standing(last) }
        if kind == .adopted { throw .otherManifest(path: path, entry: last, found: subject.manifest) }
      }
      return .appended(try ledger.append(kind, subject, after: tail))
    }
  }

  /// The last entry of each of these runs that has one. Reads the ledger once, with memory for what it returns; the chain
  /// is not checked.
  public func latest(of runs: [RunID]) throws(LedgerError) -> [UTF8String: LedgerEntry] {
    let runs = Set(runs.map { UTF8String($0.text) })
    return try LedgerFile.alone { () throws(LedgerError) in
      guard let file = try openForReading() else { return [:] }
      return try Self.latest(of: runs, in: file, path: path)
    }
  }

  /// Nil where there is none.
  func openForReading() throws(LedgerError) -> File? {
    do throws(SystemCallError) {
      return try Self.open(in: try File.open(root, .directory), .read)
    } catch {
      throw .notUsable(path: path, cause: Self.cause(error))
    }
  }

  /// Nil where there is none; `EINVAL` with its kind where there is something else.
  static func open(in root: File, _ flags: File.Flags) throws(SystemCallError) -> File? {
    do throws(SystemCallError) {
      // By kind first: opening a device may have effects.
      let kind = try root.status(of: fileName).kind
      guard kind == .regular else { throw SystemCallError(call: "open", subject: kind.rawValue, errno: .invalidArgument) }
      return try root.openBeneath(fileName, [flags, .noFollow, .nonBlocking], mode: 0)
    } catch {
      if error.errno == .noSuchFileOrDirectory { return nil }
      throw error
    }
  }

  static func cause(_ error: any Error) -> String {
    guard let error = error as? SystemCallError else { return "\(error)" }
    return error.errno == .invalidArgument ? "it is a \(error.subject), wanted a regular file" : error.cause
  }

  private static let runKey = Array(#""run_id":""#.utf8)

  private static func latest(
    of runs: Set<UTF8String>, in file: File, path: String
  ) throws(LedgerError) -> [UTF8String: LedgerEntry] {
    var found: [UTF8String: LedgerEntry] = [:]
    let lines = LineReader(file, longestLine: LedgerEntry.longestLine)
    do {
      reading: while true {
        switch try lines.next() {
        case .end: break reading
        case .tooLong: continue
        case .line(let line):
          // Most lines are of other runs and need not be read as a whole.
          guard let key = line.firstIndex(ofText: runKey) else { continue }
          let id = line[(key + runKey.count)...].prefix { $0 != UInt8(ascii: "\"") }
          let run = UTF8String(String(decoding: id, as: UTF8.self))
          if runs.contains(run), let entry = try? LedgerEntry(line: line) { found[run] = entry }
        }
      }
    } catch {
      throw .notUsable(path: path, cause: error.cause)
    }
    return found
  }
}
