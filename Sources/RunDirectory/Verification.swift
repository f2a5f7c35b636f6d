import LinuxCalls
import OmphalosValues
import RunRecord

/// Recomputes what a run directory says of itself, from the bytes on disk.
///
/// Runs made by other programs of the published format are verified too: what only our own runs have (a payload of the
/// configuration, an identity) is checked where it is there.
public enum Verification {
  /// - Throws: where there is no directory to verify. All else that is wrong is in the report.
  public static func verify(_ path: String) throws -> VerifyReport {
    let directory = try FinalizedRun.openDirectory(path)
    var problems: [VerifyReport.Problem] = []
    let reading = readManifest(in: directory, path: path, &problems)

    let listed = Dictionary((reading.files + reading.controlFiles).map { (UTF8String($0.path.text), $0) }) { a, _ in a }
    let walked = try TreeWalk.walk(directory) { listed[UTF8String($0)] != nil }
    // Without a manifest every file would be extra; one problem says more than a thousand.
    if reading.isReadable { problems += FileComparison.problems(listed: listed, walked: walked) }

    let found = Dictionary(
      walked.entries.compactMap { entry in entry.digest.map { (UTF8String(entry.path), ($0, entry.size)) } }
    ) { a, _ in a }
    let payloadOnDisk = reading.files.compactMap { file in
      found[UTF8String(file.path.text)].map { FileRecord(path: file.path, sha256: $0.0, bytes: $0.1) }
    }
    problems += ManifestConsistency.problems(reading)
    return VerifyReport(
      path: path, runID: reading.runID, statedRoot: reading.payloadRoot,
      foundRoot: PayloadRoot.compute(payloadOnDisk), payloadFileCount: reading.files.count,
      controlFileCount: reading.controlFiles.count, byteCount: found.values.reduce(0) { $0 &+ $1.1 },
      problems: problems + nameProblems(path: path, runID: reading.runID),
      notes: nameNotes(path: path, runID: reading.runID) + linkNotes(walked), relaxations: relaxations(reading))
  }

  private static func readManifest(
    in directory: File, path: String, _ problems: inout [VerifyReport.Problem]
  ) -> ManifestReading {
    let name = RunLayout.manifest.text
    do {
      let reading = RunManifest.parse(try FinalizedRun.manifestBytes(in: directory, path: path))
      problems += reading.problems.map { VerifyReport.Problem(.manifest, name, "\($0).") }
      return reading
    } catch {
      problems.append(VerifyReport.Problem(.manifest, name, error.message))
      return .nothing()
    }
  }

  private static func relaxations(_ reading: ManifestReading) -> [String] {
    (reading.config?["relaxations"]?.arrayValue ?? []).compactMap(\.stringValue)
  }

  // A run keeps its content wherever it is copied, so another name is worth a note only. But a name that has the form
  // of our run ids claims to be that run: then it is a problem.
  private static func nameProblems(path: String, runID: RunID?) -> [VerifyReport.Problem] {
    guard let runID, let name = directoryName(path), name != runID.text, isDerivedRunID(name) else { return [] }
    return [
      VerifyReport.Problem(
        .identity, RunLayout.manifest.text,
        "The directory is named \(name), but its manifest is of run \(runID.text).")
    ]
  }

  private static func nameNotes(path: String, runID: RunID?) -> [String] {
    guard let runID, let name = directoryName(path), name != runID.text, !isDerivedRunID(name) else { return [] }
    return ["the directory is named \(quotedForMessage(name)), not by its run id \(runID.text)"]
  }

  private static func directoryName(_ path: String) -> String? {
    (try? Path.resolved(path))?.split(separator: "/").last.map(String.init)
  }

  /// `run-` + 8 + `-` + 4 hexadecimal digits.
  private static func isDerivedRunID(_ name: String) -> Bool {
    let parts = name.split(separator: "-", omittingEmptySubsequences: false)
    return parts.count == 3 && parts[0] == "run" && parts[1].utf8.count == 8 && parts[2].utf8.count == 4
      && (parts[1] + parts[2]).utf8.allSatisfy {
        ($0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9")) || ($0 >= UInt8(ascii: "a") && $0 <= UInt8(ascii: "f"))
      }
  }

  private static func linkNotes(_ walked: TreeWalk) -> [String] {
    let linked = walked.entries.filter { $0.kind == .regular && $0.links > 1 }
    guard let first = linked.first else { return [] }
    return [
      "\(linked.count) of the files have another name elsewhere, through which they can be changed; the first is "
        + quotedForMessage(first.path)
    ]
  }
}
