import LinuxCalls
import OmphalosValues
import RunRecord

/// Checks all runs of a run root against their manifests and against the ledger, and the ledger itself.
public enum RootVerification {
  /// - Parameters:
  ///   - head: the head of the ledger as somebody kept it: it must be the digest of one of the lines.
  ///   - progress: is told how many runs of how many are done, on any thread, one call at a time.
  /// - Throws: where there is no directory to look into. All else that is wrong is in the report.
  public static func verify(
    root: String, head: SHA256Digest? = nil, progress: @escaping @Sendable (_ done: Int, _ total: Int) -> Void = { _, _ in }
  ) throws -> RootReport {
    let root = RunListing.withoutSlash(root)
    // The runs first: a run that gets its name later is not looked for, and its entry not missed.
    let found = try FoundRuns(in: root)
    let ledger = readLedger(root: root, head: head)
    let checked = check(found, root: root, progress: progress)
    let late = ledger.lateEntries(of: found.runs, root: root)
    var runs = checked.map { run in
      let entry = ledger.entry(run.name) ?? late[UTF8String(run.name)]
      return RootReport.Run(
        name: run.name, entry: entry, verification: run.verification,
        findings: damage(run) + (ledger.isReadable ? findings(run, entry, root: root) : []))
    }
    let missing = missingRuns(ledger, there: Set(found.runs.map { UTF8String($0) }), root: root)
    runs += missing.runs
    return RootReport(
      root: root, ledger: ledger.report, ledgerFindings: ledger.findings,
      runs: runs.sorted { bytesPrecede($0.name, $1.name) }, removedCount: missing.removedCount,
      notes: ledger.notes + found.notes)
  }

  /// A run with what its own directory says.
  private struct Checked: Sendable {
    let name: String
    let verification: VerifyReport?
    let manifest: SHA256Digest?
    /// Why it could not be verified.
    let failure: String?
  }

  private static func check(
    _ found: FoundRuns, root: String, progress: @escaping @Sendable (Int, Int) -> Void
  ) -> [Checked] {
    let names = found.runs
    // Each run on one core, unless there are fewer of them than cores.
    let threads = max(1, Cores.count / max(1, names.count))
    let done = Counter()
    progress(0, names.count)
    return Cores.map(names.count) { index in
      let checked = check(names[index], root: root, threads: threads)
      done.increment { progress($0, names.count) }
      return checked
    }
  }

  private static func check(_ name: String, root: String, threads: Int) -> Checked {
    let path = root == "/" ? "/\(name)" : "\(root)/\(name)"
    do {
      guard try RunListing.openRoot(root).status(of: name).kind == .directory else {
        return Checked(name: name, verification: nil, manifest: nil, failure: "it is no directory")
      }
      let manifest = try? RunAdoption.manifestDigest(of: path)
      return Checked(
        name: name, verification: try Verification.verify(path, threads: threads), manifest: manifest, failure: nil)
    } catch {
      let known = error as? any Diagnosable
      return Checked(name: name, verification: nil, manifest: nil, failure: known?.message ?? "\(error)")
    }
  }

  private static func damage(_ run: Checked) -> [RootReport.Finding] {
    if let failure = run.failure {
      return [RootReport.Finding(kind: .damaged, message: "It cannot be verified: \(failure)")]
    }
    guard let verification = run.verification, !verification.isWhole else { return [] }
    return [
      RootReport.Finding(kind: .damaged, message: "It is not whole: \(counted(verification.problemCount, "problem"))")
    ]
  }

  /// What the ledger has against it.
  private static func findings(_ run: Checked, _ entry: LedgerEntry?, root: String) -> [RootReport.Finding] {
    let path = printable(root == "/" ? "/\(run.name)" : "\(root)/\(run.name)")
    guard let entry else {
      let remedy = run.verification?.isWhole ?? false ? "; record it with: omphalos runs adopt \(path)" : ""
      return [RootReport.Finding(kind: .unrecorded, message: "The ledger has no entry of it\(remedy)")]
    }
    if entry.kind == .removed {
      return [
        RootReport.Finding(
          kind: .notRemoved,
          message: "Entry \(entry.sequence) says that it was removed at \(entry.time), and it is there; finish that with: "
            + "omphalos runs rm \(path), or take it back with: omphalos runs adopt \(path)")
      ]
    }
    guard let manifest = run.manifest, manifest != entry.subject.manifest else { return [] }
    return [
      RootReport.Finding(
        kind: .otherManifest,
        message: "Its manifest has SHA-256 \(manifest.hex), entry \(entry.sequence) says \(entry.subject.manifest.hex)")
    ]
  }

  private static func missingRuns(
    _ ledger: RootLedger, there: Set<UTF8String>, root: String
  ) -> (runs: [RootReport.Run], removedCount: Int) {
    var runs: [RootReport.Run] = []
    var removedCount = 0
    let directory = try? File.open(root, .directory)
    for (name, entry) in ledger.report?.runs ?? [:] where !there.contains(name) {
      if entry.kind == .removed {
        removedCount += 1
      } else if (try? directory?.status(of: name.string)) == nil {
        // One that is there by now got its name after we looked.
        runs.append(
          RootReport.Run(
            name: name.string, entry: entry, verification: nil,
            findings: [
              RootReport.Finding(
                kind: .missing,
                message: "Entry \(entry.sequence) (\(entry.kind.rawValue) at \(entry.time)) says that it is there, and "
                  + "there is nothing; no removal is recorded")
            ]))
      }
    }
    return (runs, removedCount)
  }

  private static func readLedger(root: String, head: SHA256Digest?) -> RootLedger {
    let ledger = RunLedger(root: root)
    do throws(LedgerError) {
      let report = try LedgerFile.alone { () throws(LedgerError) -> LedgerReport? in
        guard let file = try ledger.openForReading() else { return nil }
        do throws(SystemCallError) {
          return try LedgerReport.read(file, anchor: head)
        } catch {
          throw .notUsable(path: ledger.path, cause: error.cause)
        }
      }
      return RootLedger(report, head: head)
    } catch {
      return RootLedger(unreadable: error)
    }
  }
}
