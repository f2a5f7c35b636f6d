import OmphalosValues

/// The ledger of a run root as `verify --all` sees it, with what it finds wrong.
struct RootLedger {
  /// Nil where there is none, or none that can be read.
  let report: LedgerReport?
  /// False where there is something that cannot be read: then nothing is known of any run.
  let isReadable: Bool
  /// Each a sentence.
  let findings: [String]
  /// Each a sentence without its full stop.
  let notes: [String]

  init(unreadable error: LedgerError) {
    report = nil
    isReadable = false
    findings = [error.message]
    notes = []
  }

  init(_ report: LedgerReport?, head: SHA256Digest?) {
    self.report = report
    isReadable = true
    var findings: [String] = []
    var notes = report?.replacements ?? []
    if report == nil { notes.append("there is no ledger; the first run that is made or adopted begins one") }
    switch report?.anchor ?? (head == nil || head == LedgerEntry.origin ? nil : .notFound) {
    case .notFound:
      findings.append(
        "No entry has the SHA-256 \(head?.hex ?? ""): the ledger was cut or written anew since that head was kept, or it is "
          + "the head of another ledger.")
    case .found(let line, let linesAfter):
      let after = counted(linesAfter, "entry", plural: "entries")
      let place = line == 0 ? "a ledger without entries" : "entry \(line)"
      notes.append("the head that was given is that of \(place); \(after) came after it")
    case nil: break
    }
    self.findings = findings
    self.notes = notes
  }

  func entry(_ run: String) -> LedgerEntry? { report?.runs[UTF8String(run)] }

  /// Of those of these runs that had no entry when the ledger was read: an entry may have been written since.
  func lateEntries(of runs: [String], root: String) -> [UTF8String: LedgerEntry] {
    let unrecorded = runs.filter { entry($0) == nil }.compactMap { try? RunID($0) }
    return unrecorded.isEmpty ? [:] : (try? RunLedger(root: root).latest(of: unrecorded)) ?? [:]
  }
}
