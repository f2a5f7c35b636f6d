import LinuxCalls
import OmphalosValues
import RunRecord
import TestSupport
import Testing

@testable import RunDirectory

/// Every judgement is made twice: by the host, and by a program that was written from the format's description.
@Suite("Verifying all runs of a root, and their ledger")
struct RootVerificationTests {
  private let sample: SampleRun
  private let run: String
  private var id: String { sample.identity.runID.text }

  @Test(
    "a ledger that was changed is judged alike by the host and by the second verifier",
    arguments: [
      "echo x >> ledger.jsonl", "printf x >> ledger.jsonl", "sed -i 's/adopted/finalized/' ledger.jsonl",
      "sed -i 's/,/, /' ledger.jsonl", "sed -i 's/\"sequence\":1/\"sequence\":2/' ledger.jsonl", "cat ledger.jsonl >> ledger.jsonl.2; "
        + "cat ledger.jsonl.2 >> ledger.jsonl", "sed -i 's/\"kind\":\"adopted\",//' ledger.jsonl", "tr -d '\\n' < ledger.jsonl > l; mv l ledger.jsonl",
      "rm ledger.jsonl; mkfifo ledger.jsonl", "rm ledger.jsonl; ln -s /etc/passwd ledger.jsonl", ": > ledger.jsonl",
    ])
  func ledgers(_ script: String) throws {
    let head = try #require(try verify().ledger?.head)
    let report = try verify(after: script, head: head)
    #expect(!report.isWell)
  }

  /// A root with one run that is recorded.
  init() throws {
    sample = try SampleRun()
    run = try sample.finalize()
    _ = try RunAdoption.adopt(run: run)
  }

  private func verify(after script: String = "true", head: SHA256Digest? = nil) throws -> RootReport {
    let result = try Shell.run(["bash", "-ec", script], environment: ["ID": id], directory: sample.root)
    try #require(result.status == 0, "\(result.stderr)")
    let report = try RootVerification.verify(root: sample.root, head: head)
    let other = try Shell.run(["python3", Self.verifier, sample.root] + (head.map { [$0.hex] } ?? []))
    #expect(other.status == report.exitCode.rawValue, "\(report.text)\nPython: \(other.stdout)\(other.stderr)")
    if let ledger = report.ledger { #expect(other.stdout.hasSuffix(", head \(ledger.head.hex)\n")) }
    return report
  }

  private static let verifier: String =
    #filePath.split(separator: "/").dropLast(2).map { "/" + $0 }.joined() + "/Verifier/verify_ledger.py"

  private func kinds(_ report: RootReport) -> [[String]] { report.runs.map { $0.findings.map(\.kind.rawValue) } }

  @Test("a root whose runs are whole and recorded is well, and the head is that of its ledger")
  func well() throws {
    let report = try verify()
    #expect(report.isWell && report.exitCode == .done)
    #expect(report.runs.map(\.name) == [id] && report.runs[0].entry?.kind == .adopted)
    let text = String(decoding: try sample.folder.read("runs/ledger.jsonl"), as: UTF8.self)
    let head = SHA256Digest(hashing: String(text.dropLast()))
    #expect(report.text.contains("Ledger: 1 entry, head \(head.hex)\n"))
    #expect(report.text.hasSuffix(" is well: 1 run, 0 removed, all whole and recorded.\n"))
    #expect(report.json["status"] == "PASS" && report.json["ledger"]?["head"] == .string(head.hex))
  }

  @Test(
    "what is wrong with a run, or with what the ledger says of it, is named by its kind",
    arguments: [
      ("chmod -R u+w $ID; echo >> $ID/exports/a.csv", ["damaged"]),
      ("chmod -R u+w $ID; echo >> $ID/run_manifest.json", ["other-manifest"]),
      ("chmod -R u+w $ID; rm -r $ID", ["missing"]), ("rm ledger.jsonl", ["unrecorded"]), (": > ledger.jsonl", ["unrecorded"]),
      ("chmod -R u+w $ID; rm -r $ID; ln -s / $ID", ["damaged"]), ("chmod -R u+w $ID; rm -r $ID; touch $ID", ["damaged"]),
      ("chmod -R u+w $ID; rm $ID/run_manifest.json", ["damaged"]),
      ("chmod -R u+w $ID; rm ledger.jsonl $ID/exports/a.csv", ["damaged", "unrecorded"]),
    ])
  func findings(_ script: String, _ wanted: [String]) throws {
    let report = try verify(after: script)
    #expect(kinds(report) == [wanted], "\(report.text)")
    #expect(report.exitCode == .checkFailed)
    #expect(report.text.contains("\(wanted.joined(separator: ", "))  \(id)"), "\(report.text)")
    #expect(report.text.contains(" is NOT well: \(counted(wanted.count, "finding")) in "), "\(report.text)")
  }

  @Test("an unrecorded run comes with the command that records it, and then the root is well")
  func adoption() throws {
    let report = try verify(after: "rm ledger.jsonl")
    #expect(report.text.contains("record it with: omphalos runs adopt \(run).\n"), "\(report.text)")
    #expect(try Shell.run([CommandLineTool.path, "runs", "adopt", run]).status == 0)
    #expect(try verify().isWell)
  }

  @Test("a run with a manifest that is not the one of its entry is not adopted, and neither is one that is not whole")
  func noAdoption() throws {
    let before = try sample.folder.read("runs/ledger.jsonl")
    try makeWritable(run)
    #expect(try Shell.run(["bash", "-c", "echo >> run_manifest.json"], directory: run).status == 0)
    let error = try #require(throws: LedgerError.self) { _ = try RunAdoption.adopt(run: run) }
    #expect(error.exitCode == .checkFailed && error.message.contains("Entry 1 of the ledger"))
    #expect(try Shell.run(["bash", "-c", "rm exports/a.csv"], directory: run).status == 0)
    #expect(try RunAdoption.adopt(run: run).recording == nil)
    #expect(try sample.folder.read("runs/ledger.jsonl") == before)
  }

  @Test("a run that the ledger says was removed, and that is there, is neither well nor missing; removing or adopting ends that")
  func notRemoved() throws {
    // As after a kill between the entry and the renaming.
    _ = try RunLedger(root: sample.root).record(.removed, RunAdoption.subject(of: run))
    let report = try verify()
    #expect(kinds(report) == [["not-removed"]])
    #expect(report.text.contains("omphalos runs rm \(run), or take it back with: omphalos runs adopt \(run)"))
    _ = try RunAdoption.adopt(run: run)
    #expect(try verify().isWell)
    _ = try RunLedger(root: sample.root).record(.removed, RunAdoption.subject(of: run))
    let (_, recording) = try RunCleaning.remove(run: run)
    // It said so already.
    #expect(recording.entry.sequence == 4)
    let gone = try verify()
    #expect(gone.isWell && gone.removedCount == 1 && gone.runs.isEmpty && gone.ledger?.lineCount == 4)
  }

  @Test("where the ledger takes no entry nothing is removed")
  func removal() throws {
    try sample.folder.write("runs/ledger.jsonl", "rubbish\n")
    #expect(throws: LedgerError.self) { _ = try RunCleaning.remove(run: run) }
    #expect(try Verification.verify(run).isWhole)
  }

  @Test("partial runs are noted and change nothing; other names are left alone")
  func others() throws {
    let report = try verify(after: "mkdir .run-00000000-0000.00000000.partial notes; touch notes.txt run-x")
    #expect(report.isWell, "\(report.text)")
    #expect(report.notes == [".run-00000000-0000.00000000.partial is a partial run (unsettled)"])
  }

  @Test("a ledger that cannot be read is one finding, and the runs are verified all the same")
  func unreadable() throws {
    let report = try verify(after: "rm ledger.jsonl; mkdir ledger.jsonl; chmod -R u+w $ID; rm $ID/exports/a.csv")
    #expect(kinds(report) == [["damaged"]])
    #expect(report.ledgerFindings.count == 1 && report.ledgerFindings[0].contains("it is a directory, wanted a regular file"))
  }

  @Test("without the head that was kept the ledger was cut or written anew; with it the entries since are counted")
  func heads() throws {
    let head = try #require(try verify().ledger?.head)
    _ = try RunLedger(root: sample.root).append(.removed, LedgerRoot.subject(1))
    let found = try verify(head: head)
    #expect(found.isWell && found.notes == ["the head that was given is that of entry 1; 1 entry came after it"])
    #expect(try Shell.run(["rm", "ledger.jsonl"], directory: sample.root).status == 0)
    _ = try RunLedger(root: sample.root).append(.removed, LedgerRoot.subject(2))
    _ = try RunAdoption.adopt(run: run)
    let anew = try verify(head: head)
    #expect(anew.ledger?.problemCount == 0 && kinds(anew) == [[]])
    #expect(anew.ledgerFindings.count == 1 && !anew.isWell)
    let none = try verify(after: "rm ledger.jsonl", head: head)
    #expect(none.ledgerFindings.first?.contains("the ledger was cut or written anew since that head was kept") == true)
  }

  @Test("an entry for another manifest without a removal in between is noted: the run was replaced")
  func replaced() throws {
    _ = try RunLedger(root: sample.root).append(.finalized, LedgerRoot.subject(1))
    _ = try RunLedger(root: sample.root).append(.finalized, LedgerRoot.subject(1, manifest: "another"))
    let report = try verify()
    #expect(report.notes == ["entry 3 of run run-00000001-0000 is of another manifest than entry 2, and no removal is recorded in between"])
    #expect(kinds(report) == [["missing"], []])
  }

  @Test("names in a root cannot steer a terminal")
  func terminal() throws {
    let report = try verify(after: "chmod -R u+w $ID; touch $ID/exports/$'\\e[2J'")
    #expect(kinds(report) == [["damaged"]])
    #expect(!report.text.utf8.contains(0x1b))
  }
}
