import OmphalosValues

/// What could be read from a `run_manifest.json` of unknown origin.
///
/// Reading never stops at the first problem: the files that are listed properly can be checked even where something
/// else is wrong. A file record with a path that is hostile or doubtful is left out and named in `problems`.
public struct ManifestReading: Sendable {
  /// The first of them; more than `JSONReader.keptProblems` are only counted.
  public internal(set) var problems: [ManifestProblem] = []
  public internal(set) var problemCount = 0

  public internal(set) var runID: RunID?
  public internal(set) var createdAt: Timestamp?
  public internal(set) var payloadRoot: SHA256Digest?
  /// The records that could be read.
  public var table = FileTable()
  public internal(set) var config: JSONObject?
  /// No file record was left out.
  public internal(set) var listsAreWhole = true
  /// False where there is no manifest, or one that is no JSON: then nothing is known of the files.
  public internal(set) var isReadable = true

  var inputs: [RunManifest.Input] = []
  public internal(set) var reports: RunManifest.Reports?
  public internal(set) var lineage: ArtifactPath?
  public internal(set) var warehouse: ArtifactPath?
  var exports: [String: PathList] = [:]

  /// Nothing of the manifest is missing or malformed.
  public var isWellFormed: Bool { problemCount == 0 && isReadable && payloadRoot != nil }

  /// The records in the manifest's order.
  public var files: [FileRecord] { table.records(isPayload: true) }
  public var controlFiles: [FileRecord] { table.records(isPayload: false) }

  /// Of a manifest that is not there or is no JSON.
  public static func nothing(_ problems: [ManifestProblem] = []) -> ManifestReading {
    var reading = ManifestReading()
    (reading.problems, reading.problemCount) = (problems, problems.count)
    (reading.listsAreWhole, reading.isReadable) = (false, false)
    return reading
  }

  /// The paths that the manifest points to under `exports`: with the key, one after the other.
  public func forEachExport(_ body: (_ key: String, _ path: String) -> Void) {
    for key in ManifestReader<MemoryBytes>.exportKeys {
      guard let paths = exports[key] else { continue }
      for index in 0..<paths.count { body(key, paths[index]) }
    }
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

extension ManifestReading {
  /// The whole manifest in memory; nil where a part of it is missing or malformed.
  public var manifest: RunManifest? {
    guard isWellFormed, let runID, let createdAt, let config, let payloadRoot, let reports, let lineage, let warehouse
    else { return nil }
    func paths(_ key: String) -> [ArtifactPath] {
      guard let list = exports[key] else { return [] }
      // What was put in had a path by these rules.
      return (0..<list.count).map { try! ArtifactPath(list[$0]) }
    }
    return RunManifest(
      runID: runID, createdAt: createdAt, config: config, inputs: inputs, payloadRoot: payloadRoot, files: files,
      controlFiles: controlFiles, reports: reports, lineage: lineage, warehouse: warehouse,
      exports: RunManifest.Exports(
        briefingTables: paths("briefing_tables"), packets: paths("packets"), narratives: paths("narratives")))
  }
}

extension RunManifest {
  /// No manifest is longer.
  public static let greatestBytes = 4 << 30

  /// Reads a manifest by the rules of format 1.0. Works on any bytes: there is no input on which it traps.
  public static func parse(_ bytes: [UInt8]) -> ManifestReading {
    do {
      return try read(MemoryBytes(bytes, name: RunLayout.manifest.text))
    } catch {
      return .nothing([ManifestProblem(place: "", message: "\(error)")])
    }
  }

  /// Reads a manifest of any length, with memory for its records and not for its text.
  ///
  /// - Throws: what the source throws. What is wrong with the text is in the reading.
  public static func read(_ source: some ByteSource) throws -> ManifestReading {
    guard source.byteCount <= greatestBytes else {
      return .nothing([
        ManifestProblem(
          place: "", message: "the text has \(source.byteCount) bytes, at most \(greatestBytes) are accepted")
      ])
    }
    do {
      var reader = ManifestReader(stream: try JSONStream(source))
      return try reader.read()
    } catch let error as JSONError {
      return .nothing([ManifestProblem(place: "", message: error.message)])
    }
  }
}
