import OmphalosValues

/// Every file by which the host describes a run, ready to be written.
public struct RunRecord: Sendable {
  /// Payload that the host itself writes: the lineage, and the warehouse index where no exporter made a warehouse.
  public let payloadFiles: [RecordFile]
  public let controlFiles: [RecordFile]
  public let manifest: RunManifest

  /// - Parameters:
  ///   - logs: control files that are already in the run directory, hashed after the worker was gone.
  /// - Returns: the same bytes for the same facts, apart from what the manifest says of `logs`.
  public static func build(_ facts: RunFacts, logs: [FileRecord] = []) -> RunRecord {
    let warehouse = facts.artifacts.filter { $0.role == .warehouse }.map(\.record.path).min()
    var hostFiles = [RecordFile(path: RunLayout.lineage, content: facts.lineage.flatMap(\.line))]
    if warehouse == nil { hostFiles.append(WarehouseIndex.file(facts.inputs)) }

    let payload = (facts.artifacts.map(\.record) + hostFiles.map(\.record)).sortedByPath()
    let reports = Reports(
      facts: facts, runID: facts.identity.runID, payload: payload, payloadRoot: PayloadRoot.compute(payload))
    let controlFiles = [
      reports.quality, reports.determinism, reports.publishability, reports.plugins, reports.attribution,
      reports.softwareBill,
    ]
    let manifest = manifest(
      reports, controlFiles: controlFiles.map(\.record) + logs, warehouse: warehouse ?? RunLayout.warehouseIndex)
    return RunRecord(payloadFiles: hostFiles, controlFiles: controlFiles, manifest: manifest)
  }

  private static func manifest(
    _ reports: Reports, controlFiles: [FileRecord], warehouse: ArtifactPath
  ) -> RunManifest {
    let facts = reports.facts
    func paths(_ role: ArtifactRole) -> [ArtifactPath] {
      facts.artifacts.filter { $0.role == role }.map(\.record.path).sorted()
    }
    return RunManifest(
      runID: reports.runID,
      createdAt: DeterministicClock.time(seed: reports.payloadRoot.hex, salt: "manifest"),
      config: config(facts),
      inputs: facts.inputs.map {
        RunManifest.Input(name: $0.name.text, fingerprint: $0.fingerprint, rowCount: $0.rowCount)
      },
      payloadRoot: reports.payloadRoot, files: reports.payload, controlFiles: controlFiles.sortedByPath(),
      reports: RunManifest.Reports(
        quality: RunLayout.qualityReport, determinism: RunLayout.determinismReport,
        publishability: RunLayout.publishabilityReport, sbom: RunLayout.softwareBill),
      lineage: RunLayout.lineage, warehouse: warehouse,
      exports: RunManifest.Exports(
        briefingTables: paths(.briefingTable), packets: paths(.packet), narratives: paths(.narrative)))
  }

  /// `config` of the manifest, the one object in which format 1.0 leaves room for what is ours.
  private static func config(_ facts: RunFacts) -> JSONObject {
    var host: JSONObject = ["name": "omphalos", "version": .string(facts.host.version)]
    if let digest = facts.host.sha256 { host["sha256"] = .string(digest.hex) }
    var inputs = JSONObject()
    for input in facts.inputs { inputs[input.name.text] = input.sourceJSON }
    return [
      "fingerprint": .string(facts.identity.fingerprint.hex),
      "payload": facts.identity.configPayload,
      "source": ["name": .string(facts.pipeline.name), "sha256": .string(facts.pipeline.sha256.hex)],
      "identity": facts.identity.identity,
      "host": .object(host),
      "hermetic": .bool(facts.hermetic),
      "inputs": .object(inputs),
      "relaxations": .array(facts.relaxations.map(JSONValue.string)),
    ]
  }
}

extension InputFacts {
  /// Where the rows came from, and whether the bytes are known.
  fileprivate var sourceJSON: JSONValue {
    var source: JSONObject = ["connector": .string(connector.text), "pinned": .bool(isPinned)]
    if let asOf { source["as_of"] = .string(asOf) }
    source["files"] = .array(
      files.sorted { bytesPrecede($0.name, $1.name) }.map {
        [
          "name": .string($0.name), "file": .string($0.fileName), "sha256": .string($0.sha256.hex),
          "bytes": .integer(Int64(clamping: $0.bytes)),
        ]
      })
    return .object(source)
  }
}
