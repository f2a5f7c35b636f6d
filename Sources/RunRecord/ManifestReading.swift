import OmphalosValues

/// What could be read from a `run_manifest.json` of unknown origin.
///
/// Reading never stops at the first problem: the files that are listed properly can be checked even where something
/// else is wrong. A file record with a path that is hostile or doubtful is left out and named in `problems`.
public struct ManifestReading: Sendable {
  /// The whole manifest; nil where a part of it is missing or malformed.
  public let manifest: RunManifest?
  public let problems: [ManifestProblem]

  public let runID: RunID?
  public let payloadRoot: SHA256Digest?
  /// The records that could be read, in the manifest's order.
  public let files: [FileRecord]
  public let controlFiles: [FileRecord]
  public let config: JSONObject?
  /// No file record was left out.
  public let listsAreWhole: Bool
  /// False where there is no manifest, or one that is no JSON: then nothing is known of the files.
  public let isReadable: Bool

  /// Of a manifest that is not there or is no JSON.
  public static func nothing(_ problems: [ManifestProblem] = []) -> ManifestReading {
    ManifestReading(
      manifest: nil, problems: problems, runID: nil, payloadRoot: nil, files: [], controlFiles: [], config: nil,
      listsAreWhole: false, isReadable: false)
  }
}

/// One thing that is wrong with a manifest.
public struct ManifestProblem: Hashable, Sendable, CustomStringConvertible {
  /// For instance `artifacts.files[3].path`; empty for the whole document.
  public let place: String
  /// What was found and what was wanted.
  public let message: String

  public init(place: String, message: String) {
    self.place = place
    self.message = message
  }

  public var description: String {
    let place = place.isEmpty ? RunLayout.manifest.text : "\(RunLayout.manifest.text), \(place)"
    return "\(place): \(message)"
  }
}

extension RunManifest {
  /// Reads a manifest by the rules of format 1.0. Works on any bytes: there is no input on which it traps.
  public static func parse(_ bytes: [UInt8]) -> ManifestReading {
    let document: JSONValue
    do {
      document = try JSONValue.parse(bytes, limits: JSONLimits(bytes: 256 << 20, depth: 64))
    } catch {
      return .nothing([ManifestProblem(place: "", message: error.message)])
    }
    var reader = ManifestReader()
    return reader.read(document)
  }
}

private struct ManifestReader {
  private var json = JSONReader()
  private var listedPaths: Set<UTF8String> = []
  private var listsAreWhole = true

  mutating func read(_ document: JSONValue) -> ManifestReading {
    let top = json.object(
      document, at: "",
      required: [
        "schema_version", "run_id", "created_at", "config", "inputs", "artifacts", "reports", "lineage", "warehouse",
        "exports",
      ])
    json.check(top["schema_version"], at: "schema_version", is: RunLayout.formatVersion)
    let runID = json.value(top["run_id"], at: "run_id") { text throws(ValueError) in try RunID(text) }
    let createdAt = json.value(top["created_at"], at: "created_at") { text throws(ValueError) in try Timestamp(text) }
    let config = readConfig(top["config"])
    let inputs = readInputs(top["inputs"])
    let artifacts = readArtifacts(top["artifacts"])
    let reports = readReports(top["reports"])
    let lineage = json.path(top["lineage"], at: "lineage")
    let warehouse = json.path(top["warehouse"], at: "warehouse")
    let exports = readExports(top["exports"])

    var manifest: RunManifest?
    if json.problems.isEmpty, let runID, let createdAt, let config, let root = artifacts.root, let reports,
      let lineage, let warehouse, let exports
    {
      manifest = RunManifest(
        runID: runID, createdAt: createdAt, config: config, inputs: inputs, payloadRoot: root,
        files: artifacts.files, controlFiles: artifacts.controlFiles, reports: reports, lineage: lineage,
        warehouse: warehouse, exports: exports)
    }
    return ManifestReading(
      manifest: manifest, problems: json.problems, runID: runID, payloadRoot: artifacts.root,
      files: artifacts.files, controlFiles: artifacts.controlFiles, config: config, listsAreWhole: listsAreWhole,
      isReadable: true)
  }

  /// Format 1.0 asks for `fingerprint` and lets anything stand beside it. A `config` with an `identity` is ours, and
  /// then its `source` must be what ours is.
  private mutating func readConfig(_ value: JSONValue?) -> JSONObject? {
    guard let value else { return nil }
    let object = json.object(value, at: "config", required: ["fingerprint"], allowsFurther: true)
    _ = json.digest(object["fingerprint"], at: "config.fingerprint")
    if let source = object["source"], object["identity"] != nil {
      let members = json.object(source, at: "config.source", required: ["name", "sha256"])
      _ = json.string(members["name"], at: "config.source.name")
      _ = json.digest(members["sha256"], at: "config.source.sha256")
    }
    return value.objectValue
  }

  private mutating func readInputs(_ value: JSONValue?) -> [RunManifest.Input] {
    var inputs: [RunManifest.Input] = []
    for (index, item) in json.array(value, at: "inputs").enumerated() {
      let place = "inputs[\(index)]"
      let object = json.object(item, at: place, required: ["name", "fingerprint"], optional: ["row_count"])
      let rowCount = object["row_count"].flatMap { json.count($0, at: "\(place).row_count") }
      if let name = json.string(object["name"], at: "\(place).name"),
        let fingerprint = json.digest(object["fingerprint"], at: "\(place).fingerprint")
      {
        inputs.append(RunManifest.Input(name: name, fingerprint: fingerprint, rowCount: rowCount))
      }
    }
    return inputs
  }

  private mutating func readArtifacts(
    _ value: JSONValue?
  ) -> (root: SHA256Digest?, files: [FileRecord], controlFiles: [FileRecord]) {
    guard let value else {
      listsAreWhole = false
      return (nil, [], [])
    }
    let object = json.object(
      value, at: "artifacts", required: ["root_hash", "files", "control_files"], optional: ["root_dir"])
    let root = json.digest(object["root_hash"], at: "artifacts.root_hash")
    if let folder = object["root_dir"] { _ = json.string(folder, at: "artifacts.root_dir") }
    let files = readFiles(object["files"], at: "artifacts.files")
    return (root, files, readFiles(object["control_files"], at: "artifacts.control_files"))
  }

  private mutating func readFiles(_ value: JSONValue?, at place: String) -> [FileRecord] {
    if value?.arrayValue == nil { listsAreWhole = false }
    var records: [FileRecord] = []
    for (index, item) in json.array(value, at: place).enumerated() {
      if let record = readFile(item, at: "\(place)[\(index)]") {
        records.append(record)
      } else {
        listsAreWhole = false
      }
    }
    return records
  }

  private mutating func readFile(_ value: JSONValue, at place: String) -> FileRecord? {
    let object = json.object(value, at: place, required: ["path", "sha256", "bytes"])
    let path = json.path(object["path"], at: "\(place).path")
    let digest = json.digest(object["sha256"], at: "\(place).sha256")
    let bytes = object["bytes"].flatMap { json.count($0, at: "\(place).bytes") }
    guard let path, let digest, let bytes else { return nil }
    guard path != RunLayout.manifest else {
      json.report("\(place).path", "the manifest cannot list itself")
      return nil
    }
    guard listedPaths.insert(UTF8String(path.text)).inserted else {
      json.report("\(place).path", "\(quotedForMessage(path.text)) is listed a second time")
      return nil
    }
    return FileRecord(path: path, sha256: digest, bytes: bytes)
  }

  private mutating func readReports(_ value: JSONValue?) -> RunManifest.Reports? {
    guard let value else { return nil }
    let keys = ["quality", "determinism", "publishability", "sbom"]
    let object = json.object(value, at: "reports", required: keys)
    let paths = keys.map { json.path(object[$0], at: "reports.\($0)") }
    guard let quality = paths[0], let determinism = paths[1], let publishability = paths[2], let sbom = paths[3]
    else { return nil }
    return RunManifest.Reports(
      quality: quality, determinism: determinism, publishability: publishability, sbom: sbom)
  }

  private mutating func readExports(_ value: JSONValue?) -> RunManifest.Exports? {
    guard let value else { return nil }
    let keys = ["briefing_tables", "packets", "narratives"]
    let object = json.object(value, at: "exports", required: keys)
    let lists = keys.map { key in
      json.array(object[key], at: "exports.\(key)").enumerated().compactMap { index, item in
        json.path(item, at: "exports.\(key)[\(index)]")
      }
    }
    return RunManifest.Exports(briefingTables: lists[0], packets: lists[1], narratives: lists[2])
  }
}
