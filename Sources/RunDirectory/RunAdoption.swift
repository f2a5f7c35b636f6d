import LinuxCalls
import OmphalosValues
import RunRecord

/// Puts runs into the ledger of their root that are not there: the host was killed between the rename and the entry, the
/// run was copied from elsewhere, or it is older than the ledger.
public enum RunAdoption {
  public struct Outcome: Sendable {
    public let verification: VerifyReport
    /// Nil where the run is not whole, and so was not recorded.
    public let recording: RunLedger.Recording?
  }

  /// Verifies the run and records it as adopted unless it is recorded already.
  public static func adopt(run path: String) throws -> Outcome {
    let path = RunListing.withoutSlash(path)
    let subject = try subject(of: path)
    let report = try Verification.verify(path)
    guard report.isWhole, let root = report.statedRoot else { return Outcome(verification: report, recording: nil) }
    guard try manifestDigest(of: path) == subject.manifest, root == subject.payloadRoot else {
      throw RunDirectoryError.notARun(
        path: path, cause: "its manifest changed while it was verified", remedy: "Let nobody write there, and adopt it again")
    }
    let recording = try RunLedger(root: splitPath(path).folder).record(.adopted, subject)
    return Outcome(verification: report, recording: recording)
  }

  /// What an entry would say of the run as it lies there. Nothing but the manifest is read.
  static func subject(of path: String) throws(RunDirectoryError) -> LedgerEntry.Subject {
    let (parent, name) = splitPath(path)
    guard let entry = RunListing.entry(name, in: try RunListing.openRoot(parent), root: parent) else {
      throw .notARun(
        path: path, cause: "it is not named by a run id",
        remedy: "Give the run directory with its path, and under the name that it got when it was finalized")
    }
    switch entry.state {
    case .finalized: break
    case .unusable(let reason):
      throw .notARun(path: path, cause: "it is no finalized run: \(reason)", remedy: "See `omphalos verify`")
    default:
      throw .notARun(
        path: path, cause: "it is no finalized run but a partial one (\(entry.state.name))",
        remedy: "Make the run again")
    }
    guard let root = entry.payloadRoot else { throw .noManifest(path: path, cause: "it states no payload root") }
    return LedgerEntry.Subject(runID: entry.runID, manifest: try manifestDigest(of: path), payloadRoot: root)
  }

  /// SHA-256 of the run's `run_manifest.json` as it lies there.
  public static func manifestDigest(of path: String) throws(RunDirectoryError) -> SHA256Digest {
    let file = try FinalizedRun.openManifest(in: try FinalizedRun.openDirectory(path), path: path)
    do {
      return try file.digest().digest
    } catch {
      throw .noManifest(path: path, cause: error.cause)
    }
  }
}
