import OmphalosValues

/// `run_manifest.json`: the index of a finalized run.
///
/// The keys are those of the published format 1.0, which allows no further ones at the top; what is ours stands under
/// `config`.
public struct RunManifest: Sendable {
  public var runID: RunID
  /// By the deterministic clock: seed is the payload root, salt `manifest`.
  public var createdAt: Timestamp
  /// `fingerprint`, and in our own runs `payload`, `source`, `identity`, `host`, `hermetic`, `inputs`, `relaxations`.
  public var config: JSONObject
  public var inputs: [Input]
  public var payloadRoot: SHA256Digest
  /// The payload, in byte order of path.
  public var files: [FileRecord]
  /// All other files but the manifest itself, in byte order of path.
  public var controlFiles: [FileRecord]
  public var reports: Reports
  public var lineage: ArtifactPath
  public var warehouse: ArtifactPath
  public var exports: Exports

  public struct Input: Hashable, Sendable {
    public let name: String
    public let fingerprint: SHA256Digest
    /// Format 1.0 does not insist on it; our own runs have it.
    public let rowCount: UInt64?

    public init(name: String, fingerprint: SHA256Digest, rowCount: UInt64?) {
      self.name = name
      self.fingerprint = fingerprint
      self.rowCount = rowCount
    }
  }

  public struct Reports: Hashable, Sendable {
    public let quality: ArtifactPath
    public let determinism: ArtifactPath
    public let publishability: ArtifactPath
    public let sbom: ArtifactPath

    public init(
      quality: ArtifactPath, determinism: ArtifactPath, publishability: ArtifactPath, sbom: ArtifactPath
    ) {
      self.quality = quality
      self.determinism = determinism
      self.publishability = publishability
      self.sbom = sbom
    }
  }

  /// The artifacts that have one of these roles.
  public struct Exports: Hashable, Sendable {
    public let briefingTables: [ArtifactPath]
    public let packets: [ArtifactPath]
    public let narratives: [ArtifactPath]

    public init(briefingTables: [ArtifactPath], packets: [ArtifactPath], narratives: [ArtifactPath]) {
      self.briefingTables = briefingTables
      self.packets = packets
      self.narratives = narratives
    }
  }

  public init(
    runID: RunID, createdAt: Timestamp, config: JSONObject, inputs: [Input], payloadRoot: SHA256Digest,
    files: [FileRecord], controlFiles: [FileRecord], reports: Reports, lineage: ArtifactPath,
    warehouse: ArtifactPath, exports: Exports
  ) {
    self.runID = runID
    self.createdAt = createdAt
    self.config = config
    self.inputs = inputs
    self.payloadRoot = payloadRoot
    self.files = files
    self.controlFiles = controlFiles
    self.reports = reports
    self.lineage = lineage
    self.warehouse = warehouse
    self.exports = exports
  }

  /// The whole file: keys sorted, two-space indent, a line feed at the end.
  public var bytes: [UInt8] { json.prettyBytes }

  /// The defaults that someone switched off for this run, each a sentence.
  public var relaxations: [String] { (config["relaxations"]?.arrayValue ?? []).compactMap(\.stringValue) }
}

extension RunManifest {
  var json: JSONValue {
    [
      "schema_version": .string(RunLayout.formatVersion),
      "run_id": .string(runID.text),
      "created_at": .string(createdAt.description),
      "config": .object(config),
      "inputs": .array(inputs.map(\.json)),
      "artifacts": [
        "root_hash": .string(payloadRoot.hex),
        "files": .array(files.map(\.json)),
        "control_files": .array(controlFiles.map(\.json)),
      ],
      "reports": [
        "quality": .string(reports.quality.text), "determinism": .string(reports.determinism.text),
        "publishability": .string(reports.publishability.text), "sbom": .string(reports.sbom.text),
      ],
      "lineage": .string(lineage.text),
      "warehouse": .string(warehouse.text),
      "exports": [
        "briefing_tables": Self.json(exports.briefingTables), "packets": Self.json(exports.packets),
        "narratives": Self.json(exports.narratives),
      ],
    ]
  }

  private static func json(_ paths: [ArtifactPath]) -> JSONValue { .array(paths.map { .string($0.text) }) }
}

extension RunManifest.Input {
  var json: JSONValue {
    var object: JSONObject = ["fingerprint": .string(fingerprint.hex), "name": .string(name)]
    if let rowCount { object["row_count"] = .integer(Int64(clamping: rowCount)) }
    return .object(object)
  }
}
