import LinuxCalls
import OmphalosValues

/// What a ledger says, and whether its lines are a chain.
public struct LedgerReport: Sendable {
  public struct Problem: Sendable, Hashable {
    /// Counted from 1.
    public let line: Int
    /// A sentence without its full stop, that begins with the line.
    public let message: String
  }

  /// Where a head that somebody kept stands in the chain.
  public enum Anchor: Sendable, Hashable {
    /// It is the digest of this line; so many came after it.
    case found(line: Int, linesAfter: Int)
    case notFound
  }

  public private(set) var lineCount = 0
  /// SHA-256 of the last line; `LedgerEntry.origin` where there is none.
  public private(set) var head = LedgerEntry.origin
  public private(set) var problems: [Problem] = []
  /// Of `problems`, also those that were not kept.
  public private(set) var problemCount = 0
  /// Nil where no head was to be looked for.
  public private(set) var anchor: Anchor?
  /// What the ledger says of each run in the end.
  public private(set) var runs: [UTF8String: LedgerEntry] = [:]
  /// Runs that got an entry for another manifest without a removal in between, each a sentence without its full stop.
  public private(set) var replacements: [String] = []

  /// More problems than these are counted only.
  static let keptProblems = 1000
  /// How long to wait for a process that is just appending, in nanoseconds.
  private static let patience: Int64 = 5_000_000_000
  /// How many lines are read before they are judged, on all cores.
  private static let batchSize = 4096

  /// Reads all lines.
  ///
  /// - Parameter wanted: a head to look for.
  static func read(_ file: File, anchor wanted: SHA256Digest?) throws(SystemCallError) -> LedgerReport {
    var report = LedgerReport()
    report.anchor = wanted.map { $0 == LedgerEntry.origin ? .found(line: 0, linesAfter: 0) : .notFound }
    let lines = LineReader(file, longestLine: LedgerEntry.longestLine)
    let deadline = MonotonicClock.now() + patience
    var batch: [[UInt8]] = []
    reading: while true {
      let next = try lines.next()
      if case .line(let line) = next { batch.append(line) }
      if batch.count >= batchSize || !next.isLine {
        for line in JudgedLine.judge(batch) { report.add(line, anchor: wanted) }
        batch = []
      }
      switch next {
      case .line: continue
      case .tooLong: report.addTooLong()
      case .end(let remainder):
        // An entry without its line feed may be one that is just being written.
        if remainder > 0, try file.lockHolder() != nil, MonotonicClock.now() < deadline {
          Pause.milliseconds(5)
          continue
        }
        if remainder > 0 { report.addTorn(remainder) }
        break reading
      }
    }
    if case .found(let line, _) = report.anchor {
      report.anchor = .found(line: line, linesAfter: report.lineCount - line)
    }
    return report
  }

  private mutating func add(_ line: JudgedLine, anchor wanted: SHA256Digest?) {
    lineCount += 1
    let previous = head
    head = line.digest
    if head == wanted { anchor = .found(line: lineCount, linesAfter: 0) }
    switch line.entry {
    case .success(let entry):
      if entry.previous != previous { addBrokenLink(entry, previous) }
      if entry.sequence != Int64(lineCount) {
        report("has the sequence number \(entry.sequence), wanted \(lineCount)")
      }
      remember(entry)
    case .failure(let malformed): report(malformed.cause)
    }
  }

  private mutating func addBrokenLink(_ entry: LedgerEntry, _ previous: SHA256Digest) {
    report(
      lineCount == 1
        ? "is the first, but is chained to a line with SHA-256 \(entry.previous.hex): lines before it are gone"
        : "is chained to a line with SHA-256 \(entry.previous.hex), but the one before it has \(previous.hex): a line was "
          + "changed, added or taken out")
  }

  private mutating func addTooLong() {
    lineCount += 1
    report("has more than \(LedgerEntry.longestLine) bytes, too many for an entry")
  }

  private mutating func addTorn(_ byteCount: Int) {
    problemCount += 1
    guard problems.count < Self.keptProblems else { return }
    problems.append(
      Problem(
        line: lineCount + 1,
        message: "has \(counted(byteCount, "byte")) and no end: whoever wrote it was stopped. The next entry cuts it off"))
  }

  private mutating func report(_ message: String) {
    problemCount += 1
    guard problems.count < Self.keptProblems else { return }
    problems.append(Problem(line: lineCount, message: message))
  }

  private mutating func remember(_ entry: LedgerEntry) {
    let run = UTF8String(entry.subject.runID.text)
    if let before = runs.updateValue(entry, forKey: run), before.kind != .removed, entry.kind != .removed,
      before.subject.manifest != entry.subject.manifest, replacements.count < Self.keptProblems
    {
      replacements.append(
        "entry \(entry.sequence) of run \(entry.subject.runID) is of another manifest than entry \(before.sequence), and "
          + "no removal is recorded in between")
    }
  }
}

/// A line of a ledger, judged by itself: what takes long and can be done for many lines at once.
private struct JudgedLine: Sendable {
  let digest: SHA256Digest
  let entry: Result<LedgerEntry, LedgerEntry.Malformed>

  init(_ line: [UInt8]) {
    digest = SHA256Digest(hashing: line)
    do throws(LedgerEntry.Malformed) {
      entry = .success(try LedgerEntry(line: line))
    } catch {
      entry = .failure(error)
    }
  }

  static func judge(_ lines: [[UInt8]]) -> [JudgedLine] {
    let size = 128
    return Cores.map((lines.count + size - 1) / size) { piece in
      lines[(piece * size)..<min(lines.count, (piece + 1) * size)].map { JudgedLine($0) }
    }.flatMap { $0 }
  }
}
