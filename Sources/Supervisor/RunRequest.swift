import OmphalosValues
import Pipeline

/// A run that an operator asks for.
public struct RunRequest: Sendable {
  public var pipeline: String
  public var terms: RunTerms
  /// Relative to the caller's directory; nil: what the pipeline says, relative to the pipeline.
  public var outputRoot: String?
  /// Where a finalized run with the same id stands already, make it again and compare.
  public var makesAgain: Bool

  public init(pipeline: String, terms: RunTerms, outputRoot: String?, makesAgain: Bool) {
    self.pipeline = pipeline
    self.terms = terms
    self.outputRoot = outputRoot
    self.makesAgain = makesAgain
  }
}

/// What became of it.
public struct RunOutcome: Sendable {
  public enum Status: String, Sendable {
    case finalized
    /// Made again with the same payload; the finalized run stands untouched.
    case reproduced
    /// It stood there already and was not made again.
    case alreadyMade = "already-made"
  }

  public let status: Status
  public let runID: RunID
  public let path: String
  public let summary: RunSummary?
}

/// Numbers and names for people, after a run.
public struct RunSummary: Sendable {
  public let payloadRoot: SHA256Digest
  public let inputs: [(name: String, rows: UInt64)]
  public let artifacts: [(path: String, bytes: UInt64, producer: String)]
  public let plugins: [(id: String, version: String, digest: SHA256Digest)]
}

/// A run that was not finalized.
public struct RunFailure: Error, Diagnosable, Sendable {
  public let message: String
  public let exitCode: ExitCode
  /// What was built so far, kept for a look; nil if nothing was.
  public let partial: String?
}

/// Where a run tells how it goes. Called on the thread that runs it.
public struct RunObserver {
  /// A sentence for people.
  public var note: (String) -> Void
  /// Whose call, how far, of how much (0: unknown); units are the plugin's own, for datasets rows.
  public var progress: (_ what: String, _ done: UInt64, _ total: UInt64) -> Void

  public init(note: @escaping (String) -> Void, progress: @escaping (String, UInt64, UInt64) -> Void) {
    self.note = note
    self.progress = progress
  }

  /// The same, and without the values of secrets.
  func masked(by mask: SecretMask) -> RunObserver {
    if mask.isEmpty { return self }
    return RunObserver(
      note: { note(mask.masked($0)) }, progress: { progress(mask.masked($0), $1, $2) })
  }
}
