import OmphalosValues

/// All that is known of a run when it is finalized. The supervisor fills it in; `RunRecord.build` turns it into files.
///
/// Nothing here may depend on where or when the run was made, or two equal runs would leave different records. Real
/// times belong into the log.
public struct RunFacts: Sendable {
  public var identity: RunIdentity
  public var pipeline: PipelineSource
  public var hermetic: Bool
  public var host: HostFacts
  /// In the order of the pipeline.
  public var inputs: [InputFacts] = []
  /// In the order in which they were committed.
  public var artifacts: [ArtifactFacts] = []
  /// In the order in which they happened.
  public var lineage: [LineageEvent] = []
  /// The plugins that the pipeline names.
  public var plugins: [PluginFacts] = []
  /// What else lay in the plugin directories: not used, or refused.
  public var otherFiles: [PluginFileFacts] = []
  /// The policies that plugins were decided under, the system's first.
  public var policies: [PolicyFacts] = []
  /// SHA-256 of the lock that the plugins are those of; nil where there was none.
  public var lock: SHA256Digest?
  public var metrics: [MetricFacts] = []
  /// Defaults that someone switched off for this run, each a sentence. `verify` shows them.
  public var relaxations: [String] = []
  public var findings: [FindingFacts] = []
  /// The comparison of the tree on disk with the store's index; nil where it was not made.
  public var treeCheck: TreeCheckFacts?
  /// Further checks that were made, over those that the record derives from the facts above.
  public var furtherChecks: [QualityCheck] = []

  public init(identity: RunIdentity, pipeline: PipelineSource, hermetic: Bool, host: HostFacts) {
    self.identity = identity
    self.pipeline = pipeline
    self.hermetic = hermetic
    self.host = host
  }
}

/// Where the configuration came from: `config.source` of the manifest.
public struct PipelineSource: Hashable, Sendable {
  /// The file's name without its folder.
  public let name: String
  /// Of the file's bytes.
  public let sha256: SHA256Digest

  public init(name: String, sha256: SHA256Digest) {
    self.name = name
    self.sha256 = sha256
  }
}

/// A policy file, or a pack.
public struct PolicyFacts: Sendable {
  /// `system`, `user`, `run`, `pipeline` or `pack`.
  public var layer: String
  /// Without its folder: where it lay is a matter of the machine.
  public var name: String
  public var sha256: SHA256Digest

  public init(layer: String, name: String, sha256: SHA256Digest) {
    self.layer = layer
    self.name = name
    self.sha256 = sha256
  }
}

/// The program that made the run.
public struct HostFacts: Hashable, Sendable {
  public let version: String
  /// Of the executable; nil where it was not read.
  public let sha256: SHA256Digest?

  public init(version: String, sha256: SHA256Digest?) {
    self.version = version
    self.sha256 = sha256
  }
}

/// An input of the pipeline, and what came of it.
public struct InputFacts: Sendable {
  public var name: InstanceName
  public var connector: CapabilityReference
  /// Of the logical rows: schema and values, independent of batching.
  public var fingerprint: SHA256Digest
  public var rowCount: UInt64
  public var files: [InputFileFacts]
  /// Needed where the source is no file.
  public var asOf: String?
  /// The stream was read to its end, so `rowCount` and `fingerprint` cover all rows.
  public var wasReadToEnd: Bool
  /// The files were compared before and after the run; nil where that was not done.
  public var filesStayedUnchanged: Bool?

  /// Known by its bytes: it is read from files only.
  public var isPinned: Bool { !files.isEmpty }

  public init(
    name: InstanceName, connector: CapabilityReference, fingerprint: SHA256Digest, rowCount: UInt64,
    files: [InputFileFacts], asOf: String? = nil, wasReadToEnd: Bool, filesStayedUnchanged: Bool? = nil
  ) {
    self.name = name
    self.connector = connector
    self.fingerprint = fingerprint
    self.rowCount = rowCount
    self.files = files
    self.asOf = asOf
    self.wasReadToEnd = wasReadToEnd
    self.filesStayedUnchanged = filesStayedUnchanged
  }
}

/// A file that was handed to a connector.
public struct InputFileFacts: Hashable, Sendable {
  /// The name under which the connector asked for it, for instance `data`.
  public let name: String
  /// The file's own name without its folder.
  public let fileName: String
  public let sha256: SHA256Digest
  public let bytes: UInt64

  public init(name: String, fileName: String, sha256: SHA256Digest, bytes: UInt64) {
    self.name = name
    self.fileName = fileName
    self.sha256 = sha256
    self.bytes = bytes
  }
}

/// The result of comparing the tree on disk with the store's index, after the worker was gone.
public struct TreeCheckFacts: Sendable {
  public var fileCount: Int
  public var byteCount: UInt64
  /// One sentence each; a run with any is not finalized.
  public var violations: [String]

  public init(fileCount: Int, byteCount: UInt64, violations: [String]) {
    self.fileCount = fileCount
    self.byteCount = byteCount
    self.violations = violations
  }
}
