import OmphalosValues

/// What `verify --all` found in a run root. Values only: the command prints them.
public struct RootReport: Sendable {
  /// Something that is wrong with a run, or with what the ledger says of it.
  public struct Finding: Sendable, Hashable {
    public enum Kind: String, Sendable {
      /// Its files are not those of its manifest.
      case damaged
      /// Its manifest is not the one of its entry.
      case otherManifest = "other-manifest"
      /// The ledger has no entry of it.
      case unrecorded
      /// The ledger says that it is there, and it is not.
      case missing
      /// The ledger says that it was removed, and it is there.
      case notRemoved = "not-removed"
    }

    public let kind: Kind
    /// Without its full stop.
    public let message: String
  }

  public struct Run: Sendable {
    /// The name of its directory, which is its id.
    public let name: String
    /// What the ledger says of it in the end; nil without an entry.
    public let entry: LedgerEntry?
    /// Nil where there is nothing that could be verified.
    public let verification: VerifyReport?
    public let findings: [Finding]

    public var isWell: Bool { findings.isEmpty }
  }

  /// As it was given.
  public let root: String
  /// Nil where there is none, or none that can be read.
  public let ledger: LedgerReport?
  /// What is wrong with the ledger as a whole, each a sentence.
  public let ledgerFindings: [String]
  /// In byte order of name: those that are there, and those that should be.
  public let runs: [Run]
  /// Runs of which the ledger says that they were removed, and which are gone.
  public let removedCount: Int
  /// What a reader should know though nothing is wrong, each a sentence without its full stop.
  public let notes: [String]

  public var findingCount: Int {
    runs.reduce(ledgerFindings.count + (ledger?.problemCount ?? 0)) { $0 + $1.findings.count }
  }
  public var isWell: Bool { findingCount == 0 }
  public var exitCode: ExitCode { isWell ? .done : .checkFailed }
}

extension RootReport {
  /// Of one run only the first problems; `verify` names all of them.
  private static let shownProblems = 20

  /// For a terminal: the runs, the ledger, the verdict last.
  public var text: String {
    var lines = runs.flatMap(lines)
    lines += ledger?.problems.map { "\(RunLedger.fileName), line \($0.line) \($0.message)." } ?? []
    if let ledger, ledger.problemCount > ledger.problems.count {
      lines.append("and \(ledger.problemCount - ledger.problems.count) more broken lines.")
    }
    lines += ledgerFindings
    lines += notes.map { "Note: \($0)." }
    if let ledger { lines.append("Ledger: \(entries(ledger)), head \(ledger.head.hex)") }
    let extent = "\(counted(runs.count, "run")), \(removedCount) removed"
    lines.append(
      isWell
        ? "\(quotedForMessage(root)) is well: \(extent), all whole and recorded."
        : "\(quotedForMessage(root)) is NOT well: \(counted(findingCount, "finding")) in \(extent).")
    return lines.joined(separator: "\n") + "\n"
  }

  private func entries(_ ledger: LedgerReport) -> String { counted(ledger.lineCount, "entry", plural: "entries") }

  private func lines(_ run: Run) -> [String] {
    let words = run.isWell ? ["whole"] : run.findings.map(\.kind.rawValue)
    let entry = run.entry.map { "  entry \($0.sequence)" } ?? ""
    var lines = ["\(words.joined(separator: ", "))  \(printable(run.name))\(entry)"]
    lines += run.findings.map { "  \($0.message)." }
    let problems = run.verification?.problems ?? []
    lines += problems.prefix(Self.shownProblems).map { "  \($0.description)" }
    if problems.count > Self.shownProblems {
      lines.append("  and \(problems.count - Self.shownProblems) more: see omphalos verify \(printable(root))/\(run.name)")
    }
    let relaxations = run.verification?.relaxations ?? []
    return lines + relaxations.map { "  Relaxed for this run: \(quotedForMessage($0, limit: 500))" }
  }

  public var json: JSONValue {
    [
      "root": .string(root), "status": .string(isWell ? "PASS" : "FAIL"), "ledger": ledger.map(json) ?? .null,
      "ledger_findings": .array(ledgerFindings.map(JSONValue.string)), "runs": .array(runs.map(json)),
      "removed": .integer(Int64(removedCount)), "notes": .array(notes.map(JSONValue.string)),
    ]
  }

  private func json(_ ledger: LedgerReport) -> JSONValue {
    [
      "entries": .integer(Int64(ledger.lineCount)), "head": .string(ledger.head.hex),
      "problem_count": .integer(Int64(ledger.problemCount)),
      "problems": .array(ledger.problems.map { ["line": .integer(Int64($0.line)), "message": .string($0.message)] }),
      "anchor": ledger.anchor.map(json) ?? .null,
    ]
  }

  private func json(_ anchor: LedgerReport.Anchor) -> JSONValue {
    switch anchor {
    case .notFound: ["found": false]
    case .found(let line, let linesAfter):
      ["found": true, "entry": .integer(Int64(line)), "entries_after": .integer(Int64(linesAfter))]
    }
  }

  private func json(_ run: Run) -> JSONValue {
    [
      "name": .string(run.name), "state": .string(run.isWell ? "whole" : run.findings[0].kind.rawValue),
      "entry": run.entry?.json ?? .null,
      "findings": .array(
        run.findings.map { ["kind": .string($0.kind.rawValue), "message": .string($0.message)] }),
      "verification": run.verification?.json ?? .null,
    ]
  }
}
