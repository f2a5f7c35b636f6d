import LinuxCalls
import OmphalosValues
import RunRecord
import TestSupport
import Testing

@testable import RunDirectory

/// Every judgement is made twice: by the host, and by a program that was written from the format's description.
@Suite struct VerificationTests {
  private static let verifier: String =
    #filePath.split(separator: "/").dropLast(2).map { "/" + $0 }.joined() + "/Verifier/verify_run.py"

  /// Both verdicts on a sample run after `script` ran in it. `$ID` is its run id.
  private func verify(
    after script: String, sample: SampleRun? = nil, sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> VerifyReport {
    let sample = try sample ?? SampleRun()
    let path = try sample.finalize()
    try makeWritable(path)
    let result = try Shell.run(
      ["sh", "-e", "-c", script], environment: ["ID": sample.identity.runID.text], directory: path)
    #expect(result.status == 0, "\(result.stderr)", sourceLocation: sourceLocation)
    return try verifyTwice(path, sourceLocation)
  }

  private func verifyTwice(_ path: String, _ sourceLocation: SourceLocation) throws -> VerifyReport {
    let report = try Verification.verify(path)
    let other = try Shell.run(["python3", Self.verifier, path])
    #expect(
      other.status == report.exitCode.rawValue, "\(report.text)\nPython: \(other.stdout)\(other.stderr)",
      sourceLocation: sourceLocation)
    for problem in report.problems where problem.path != "run_manifest.json" {
      #expect(other.stdout.contains(problem.path), "\(other.stdout)", sourceLocation: sourceLocation)
    }
    return report
  }

  @Test("a run as it was made is whole, in the eyes of both verifiers")
  func whole() throws {
    let report = try verify(after: "true")
    #expect(report.problems == [])
    #expect(report.notes == [])
    #expect(report.foundRoot == report.statedRoot)
    #expect(report.payloadFileCount == 4)
    #expect(report.controlFileCount == 7)
    #expect(report.text.hasPrefix("run-"))
    #expect(report.text.contains(" is whole: 4 payload and 7 control files"))
    #expect(report.json["status"] == "PASS")
  }

  @Test("a run with names of many kinds is whole too")
  func manyNames() throws {
    var sample = try SampleRun()
    let long = String(repeating: "n", count: 255)
    sample.artifacts = [
      "exports/é 漢字 😀.csv": "", "exports/a-b": "1", "exports/a/b": "2", "exports/a.b": "3", "exports/\(long)": "4",
      "exports/ffi\u{FB03}": "5", "exports/quote\"back\\slash": "6",
    ]
    #expect(try verify(after: "true", sample: sample).problems == [])
  }

  @Test(
    "each missing, changed or extra file is named, payload and control files alike",
    arguments: [
      ("rm exports/a.csv", ["missing exports/a.csv"]),
      ("rm reports/plugins.json", ["missing reports/plugins.json"]),
      ("rm -r exports", ["missing exports/a.csv", "missing exports/deep/b.csv"]),
      ("printf x >> exports/a.csv", ["changed exports/a.csv"]),
      ("printf X | dd of=exports/a.csv conv=notrunc 2>/dev/null", ["changed exports/a.csv"]),
      (": > logs/run.jsonl", ["changed logs/run.jsonl"]),
      ("echo >> reports/sbom.cdx.json", ["changed reports/sbom.cdx.json"]),
      ("echo >> lineage/lineage.jsonl", ["changed lineage/lineage.jsonl"]),
      ("touch exports/x.csv state.json", ["extra exports/x.csv", "extra state.json"]),
      ("mv exports/a.csv exports/c.csv", ["missing exports/a.csv", "extra exports/c.csv"]),
      ("mv exports/a.csv ../a; ln -s ../../a exports/a.csv", ["not-a-regular-file exports/a.csv"]),
      ("rm exports/a.csv; mkfifo exports/a.csv", ["not-a-regular-file exports/a.csv"]),
      ("ln -s / exports/slash", ["extra exports/slash"]),
      (
        "cp -r exports ../e; rm -r exports; ln -s ../e exports",
        ["extra exports", "missing exports/a.csv", "missing exports/deep/b.csv"]
      ),
      ("touch \"exports/$(printf 'bad\\377')\"", ["unreadable exports/bad\\xff"]),
    ])
  func files(script: String, wanted: [String]) throws {
    let report = try verify(after: script)
    #expect(report.problems.map { "\($0.kind.rawValue) \($0.path)" } == wanted)
    #expect(!report.isWhole)
    #expect(report.exitCode == .checkFailed)
    #expect(report.text.contains(" is NOT whole: \(wanted.count) problem"))
  }

  @Test(
    "an edit of the manifest is found, whatever it is",
    arguments: [
      // As text: sed expressions.
      ("s/\"root_hash\": \"./\"root_hash\": \"x/", "artifacts.root_hash"),
      ("s/\"run_id\": \"run-/\"run_id\": \"fun-/", "run_id"),
      ("s/\"name\": \"sample\"/\"name\": \"simple\"/", "config.fingerprint"),
      ("s/\"created_at\": \"20/\"created_at\": \"19/", "created_at"),
      ("s/\"bytes\": 5/\"bytes\": 6/", "exports/a.csv"),
      ("s/\"schema_version\": \"1.0\",$/\"schema_version\": \"1.1\",/", "schema_version"),
      ("s/\"warehouse\": \"warehouse\\/index.jsonl\"/\"warehouse\": \"exports\\/none\"/", "warehouse"),
      ("s/^  \"warehouse\"/  \"warehause\"/", "warehause"),
      ("s/\"path\": \"exports\\/a.csv\"/\"path\": \"..\\/a.csv\"/", "../a.csv"),
      ("s/\"path\": \"exports\\/a.csv\"/\"path\": \"exports\\/deep\\/b.csv\"/", "exports/deep/b.csv"),
      ("s/^}$/}x/", "run_manifest.json"),
      ("/\"quality\"/d", "quality"),
      ("s/\"lineage\": \"/\"lineage\": 7, \"x\": \"/", "lineage"),
    ])
  func manifestEdits(edit: String, wanted: String) throws {
    let report = try verify(after: "sed -i '\(edit)' run_manifest.json")
    #expect(!report.isWhole)
    #expect(report.problems.contains { $0.description.contains(wanted) }, "\(report.text)")
  }

  @Test("no manifest, or a symbolic link to one, is a problem that is named")
  func noManifest() throws {
    for script in ["rm run_manifest.json", "mv run_manifest.json ..; ln -s ../run_manifest.json run_manifest.json"] {
      let report = try verify(after: script)
      #expect(report.problems.first?.kind == .manifest)
      #expect(report.problems.count == 1)
      #expect(report.runID == nil)
    }
  }

  @Test("a plugin's digest that was exchanged in the identity gives the run another id")
  func identityEdit() throws {
    let digest = SHA256Digest(hashing: "plugin").hex
    let other = SHA256Digest(hashing: "other").hex
    let report = try verify(after: "sed -i 's/\(digest)/\(other)/' run_manifest.json")
    #expect(report.problems.map(\.kind) == [.identity])
  }

  @Test("a copy under another name is whole, with a note; under the name of another run it is not")
  func renamed() throws {
    let sample = try SampleRun()
    let path = try sample.finalize()
    for (name, isWhole) in [("for review", true), ("run-00000000-0000", false)] {
      let copy = sample.folder.file(name)
      #expect(try Shell.run(["cp", "-r", path, copy]).status == 0)
      let report = try verifyTwice(copy, #_sourceLocation)
      #expect(report.isWhole == isWhole)
      #expect(report.notes.isEmpty != isWhole)
    }
  }

  @Test("relaxations of the run are shown to whoever verifies it")
  func relaxations() throws {
    var sample = try SampleRun()
    sample.relaxations = ["Plugins were loaded by path.", "\u{1b}[2J"]
    let report = try verify(after: "true", sample: sample)
    #expect(report.isWhole)
    #expect(report.relaxations == sample.relaxations)
    #expect(report.text.contains("Relaxed for this run: \"Plugins were loaded by path.\"\n"))
    #expect(!report.text.utf8.contains(0x1b))
  }

  @Test("a path that is no directory is an error and no verdict")
  func noDirectory() throws {
    let folder = try TemporaryFolder()
    let file = try folder.write("file", "x")
    for path in [file, folder.file("none"), "a\u{0}b"] {
      #expect(throws: RunDirectoryError.self) { _ = try Verification.verify(path) }
    }
  }
}
