import OmphalosValues

/// Reads a manifest from its text in one go. Members may come in any order; problems are told in that of the format.
struct ManifestReader<Source: ByteSource> {
  static var exportKeys: [String] { ["briefing_tables", "packets", "narratives"] }
  private static var keys: [String] {
    [
      "schema_version", "run_id", "created_at", "config", "inputs", "artifacts", "reports", "lineage", "warehouse",
      "exports",
    ]
  }

  private var stream: JSONStream<Source>
  private var reading = ManifestReading()

  init(stream: JSONStream<Source>) { self.stream = stream }

  mutating func read() throws -> ManifestReading {
    var top = JSONReader()
    var parts: [String: JSONReader] = [:]
    if try stream.beginObject() {
      var found: [String] = []
      while let key = try stream.nextKey() {
        found.append(key)
        parts[key] = try readMember(key)
      }
      top.checkKeys(found, at: "", required: Self.keys)
    } else {
      _ = top.object(try stream.value(), at: "", required: [])
    }
    try stream.end()
    if parts["artifacts"] == nil { reading.listsAreWhole = false }
    for reader in [top] + Self.keys.compactMap({ parts[$0] }) {
      reading.problems += reader.problems.prefix(JSONReader.keptProblems - reading.problems.count)
      reading.problemCount += reader.problemCount
    }
    return reading
  }

  /// - Returns: what was wrong with it; nil for a key that the format does not have.
  private mutating func readMember(_ key: String) throws -> JSONReader? {
    var json = JSONReader()
    switch key {
    case "schema_version": json.check(try stream.value(), at: key, is: RunLayout.formatVersion)
    case "run_id":
      reading.runID = json.value(try stream.value(), at: key) { text throws(ValueError) in try RunID(text) }
    case "created_at":
      reading.createdAt = json.value(try stream.value(), at: key) { text throws(ValueError) in try Timestamp(text) }
    case "config": readConfig(try stream.value(), &json)
    case "inputs": try readInputs(&json)
    case "artifacts": try readArtifacts(&json)
    case "reports": reading.reports = json.reports(try stream.value())
    case "lineage": reading.lineage = json.path(try stream.value(), at: key)
    case "warehouse": reading.warehouse = json.path(try stream.value(), at: key)
    case "exports": try readExports(&json)
    default:
      _ = try stream.value()
      return nil
    }
    return json
  }

  /// Format 1.0 asks for `fingerprint` and lets anything stand beside it. A `config` with an `identity` is ours, and
  /// then its `source` must be what ours is.
  private mutating func readConfig(_ value: JSONValue, _ json: inout JSONReader) {
    let object = json.object(value, at: "config", required: ["fingerprint"], allowsFurther: true)
    _ = json.digest(object["fingerprint"], at: "config.fingerprint")
    if let source = object["source"], object["identity"] != nil {
      let members = json.object(source, at: "config.source", required: ["name", "sha256"])
      _ = json.string(members["name"], at: "config.source.name")
      _ = json.digest(members["sha256"], at: "config.source.sha256")
    }
    reading.config = value.objectValue
  }

  private mutating func readInputs(_ json: inout JSONReader) throws {
    guard try beginArray("inputs", &json) else { return }
    var index = 0
    while try stream.nextElement() {
      if let input = json.input(try stream.value(), at: "inputs[\(index)]") { reading.inputs.append(input) }
      index += 1
    }
  }

  private mutating func readArtifacts(_ json: inout JSONReader) throws {
    guard try stream.beginObject() else {
      reading.listsAreWhole = false
      _ = json.object(try stream.value(), at: "artifacts", required: [])
      return
    }
    var found: [String] = []
    var parts: [String: JSONReader] = [:]
    while let key = try stream.nextKey() {
      found.append(key)
      var part = JSONReader()
      switch key {
      case "root_hash": reading.payloadRoot = part.digest(try stream.value(), at: "artifacts.root_hash")
      case "root_dir": _ = part.string(try stream.value(), at: "artifacts.root_dir")
      case "files": try readFiles(&part, at: "artifacts.files", isPayload: true)
      case "control_files": try readFiles(&part, at: "artifacts.control_files", isPayload: false)
      default: _ = try stream.value()
      }
      parts[key] = part
    }
    let required = ["root_hash", "files", "control_files"]
    json.checkKeys(found, at: "artifacts", required: required, optional: ["root_dir"])
    if parts["files"] == nil || parts["control_files"] == nil { reading.listsAreWhole = false }
    for key in ["root_hash", "root_dir", "files", "control_files"] { json.add(parts[key]) }
  }

  private mutating func readFiles(_ json: inout JSONReader, at place: String, isPayload: Bool) throws {
    guard try beginArray(place, &json) else {
      reading.listsAreWhole = false
      return
    }
    var index = 0
    while try stream.nextElement() {
      let value = try stream.value()
      if let record = json.file(value, at: { "\(place)[\(index)]" }) {
        if reading.table.insert(record, isPayload: isPayload) {
          index += 1
          continue
        }
        json.report("\(place)[\(index)].path", "\(quotedForMessage(record.path.text)) is listed a second time")
      }
      reading.listsAreWhole = false
      index += 1
    }
  }

  private mutating func readExports(_ json: inout JSONReader) throws {
    guard try stream.beginObject() else {
      _ = json.object(try stream.value(), at: "exports", required: [])
      return
    }
    var found: [String] = []
    var parts: [String: JSONReader] = [:]
    while let key = try stream.nextKey() {
      found.append(key)
      guard Self.exportKeys.contains(where: { haveEqualBytes($0, key) }) else {
        _ = try stream.value()
        continue
      }
      var part = JSONReader()
      reading.exports[key] = try readPaths(&part, at: "exports.\(key)")
      parts[key] = part
    }
    json.checkKeys(found, at: "exports", required: Self.exportKeys)
    for key in Self.exportKeys { json.add(parts[key]) }
  }

  private mutating func readPaths(_ json: inout JSONReader, at place: String) throws -> PathList {
    var paths = PathList()
    guard try beginArray(place, &json) else { return paths }
    var index = 0
    while try stream.nextElement() {
      let value = try stream.value()
      if let path = json.path(value, at: "\(place)[\(index)]") { paths.append(path.text) }
      index += 1
    }
    return paths
  }

  /// Enters the next value, or reports that it is no list.
  private mutating func beginArray(_ place: String, _ json: inout JSONReader) throws -> Bool {
    if try stream.beginArray() { return true }
    _ = json.array(try stream.value(), at: place)
    return false
  }
}

extension JSONReader {
  /// - Parameter place: asked for only where something is wrong.
  fileprivate mutating func file(_ value: JSONValue, at place: () -> String) -> FileRecord? {
    // Of a million records as good as all are in order.
    if let object = value.objectValue, object.count == 3, let path = object["path"]?.stringValue,
      let path = try? ArtifactPath(path), let digest = object["sha256"]?.stringValue.flatMap({ SHA256Digest(hex: $0) }),
      let bytes = object["bytes"]?.integerValue.flatMap({ UInt64(exactly: $0) }), path != RunLayout.manifest
    {
      return FileRecord(path: path, sha256: digest, bytes: bytes)
    }
    let place = place()
    let object = object(value, at: place, required: ["path", "sha256", "bytes"])
    let path = path(object["path"], at: "\(place).path")
    let digest = digest(object["sha256"], at: "\(place).sha256")
    let bytes = object["bytes"].flatMap { count($0, at: "\(place).bytes") }
    guard let path, let digest, let bytes else { return nil }
    guard path != RunLayout.manifest else {
      report("\(place).path", "the manifest cannot list itself")
      return nil
    }
    return FileRecord(path: path, sha256: digest, bytes: bytes)
  }

  fileprivate mutating func input(_ value: JSONValue, at place: String) -> RunManifest.Input? {
    let object = object(value, at: place, required: ["name", "fingerprint"], optional: ["row_count"])
    let rowCount = object["row_count"].flatMap { count($0, at: "\(place).row_count") }
    guard let name = string(object["name"], at: "\(place).name"),
      let fingerprint = digest(object["fingerprint"], at: "\(place).fingerprint")
    else { return nil }
    return RunManifest.Input(name: name, fingerprint: fingerprint, rowCount: rowCount)
  }

  fileprivate mutating func reports(_ value: JSONValue) -> RunManifest.Reports? {
    let keys = ["quality", "determinism", "publishability", "sbom"]
    let object = object(value, at: "reports", required: keys)
    let paths = keys.map { path(object[$0], at: "reports.\($0)") }
    guard let quality = paths[0], let determinism = paths[1], let publishability = paths[2], let sbom = paths[3]
    else { return nil }
    return RunManifest.Reports(quality: quality, determinism: determinism, publishability: publishability, sbom: sbom)
  }
}
