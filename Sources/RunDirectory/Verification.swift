import LinuxCalls
import OmphalosValues
import RunRecord

/// Recomputes what a run directory says of itself, from the bytes on disk.
///
/// Runs made by other programs of the published format are verified too: what only our own runs have (a payload of the
/// configuration, an identity) is checked where it is there.
public enum Verification {
  /// How many listed files of how many were read, and how many bytes. Called on any thread, one call at a time.
  public typealias Progress = @Sendable (_ files: Int, _ total: Int, _ bytes: UInt64) -> Void

  /// Needs memory for the records of the manifest, about 150 bytes for each, whatever lies in the directory.
  ///
  /// - Parameter threads: the greatest number to read files on; by default as many as there are cores.
  /// - Throws: where there is no directory to verify. All else that is wrong is in the report.
  public static func verify(
    _ path: String, threads: Int = .max, progress: @escaping Progress = { _, _, _ in }
  ) throws -> VerifyReport {
    let directory = try FinalizedRun.openDirectory(path)
    let (read, manifest) = readManifest(in: directory, path: path)
    var reading = read
    // Before the tree is looked at: what is found there takes the place of what is stated.
    let consistency = ManifestConsistency.problems(reading)
    var files = FileComparison()
    if reading.isReadable {
      try files.compare(&reading.table, with: directory, threads: threads, progress: progress)
    }
    let name = nameProblems(path: path, runID: reading.runID)
    return VerifyReport(
      path: path, runID: reading.runID, statedRoot: reading.payloadRoot,
      foundRoot: reading.table.payloadRoot(ofFilesRead: true), payloadFileCount: reading.table.payloadCount,
      controlFileCount: reading.table.controlCount, byteCount: files.byteCount,
      problems: manifest + files.problems.first + consistency.first + name,
      problemCount: max(reading.problemCount, manifest.count) + files.problems.count + consistency.count + name.count,
      notes: nameNotes(path: path, runID: reading.runID) + linkNotes(files), relaxations: relaxations(reading))
  }

  private static func readManifest(
    in directory: File, path: String
  ) -> (reading: ManifestReading, problems: [VerifyReport.Problem]) {
    let name = RunLayout.manifest.text
    do {
      let reading = try FinalizedRun.reading(in: directory, path: path)
      return (reading, reading.problems.map { VerifyReport.Problem(.manifest, name, "\($0).") })
    } catch {
      return (.nothing(), [VerifyReport.Problem(.manifest, name, error.message)])
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

  private static func linkNotes(_ files: FileComparison) -> [String] {
    guard let first = files.firstLinked else { return [] }
    return [
      "\(files.linkedCount) of the files have another name elsewhere, through which they can be changed; the first is "
        + quotedForMessage(first)
    ]
  }
}
