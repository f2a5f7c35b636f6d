import OmphalosValues
import RunRecord

/// What must follow from what inside a manifest.
enum ManifestConsistency {
  /// - Parameter reading: as it was read, before its files were compared.
  static func problems(_ reading: ManifestReading) -> (first: [VerifyReport.Problem], count: Int) {
    let single = root(reading) + (reading.config.map { configuration($0, reading) } ?? [])
    let references = references(reading)
    return (single + references.first, single.count + references.count)
  }

  private static func root(_ reading: ManifestReading) -> [VerifyReport.Problem] {
    // Where a record was left out the root cannot match; its own problem was reported.
    guard reading.listsAreWhole, let stated = reading.payloadRoot else { return [] }
    let computed = reading.table.payloadRoot(ofFilesRead: false)
    guard computed != stated else { return [] }
    return [
      problem(
        .payloadRoot,
        "artifacts.root_hash: found \(stated.hex), but the listed files make \(computed.hex)")
    ]
  }

  private static func configuration(
    _ config: JSONObject, _ reading: ManifestReading
  ) -> [VerifyReport.Problem] {
    var problems: [VerifyReport.Problem] = []
    let fingerprint = config["fingerprint"]?.stringValue
    if let payload = config["payload"] {
      let computed = SHA256Digest(hashing: payload.canonicalBytes).hex
      if fingerprint != computed {
        problems.append(
          problem(.identity, "config.fingerprint: found \(shown(fingerprint)), but config.payload makes \(computed)"))
      }
    }
    guard let identity = config["identity"] else { return problems }
    if identity["config"]?.stringValue != fingerprint {
      problems.append(
        problem(
          .identity,
          "config.identity.config: found \(shown(identity["config"]?.stringValue)), wanted the config.fingerprint "
            + shown(fingerprint)))
    }
    let derived = RunIdentity.runID(of: identity)
    if let runID = reading.runID, runID != derived {
      problems.append(problem(.identity, "run_id: found \(runID.text), but config.identity makes \(derived.text)"))
    }
    if reading.isWellFormed, let root = reading.payloadRoot, let createdAt = reading.createdAt {
      let wanted = DeterministicClock.time(seed: root.hex, salt: "manifest")
      if createdAt != wanted {
        problems.append(
          problem(.identity, "created_at: found \(createdAt), but the payload root makes \(wanted)"))
      }
    }
    return problems
  }

  /// The files that the manifest points to must be among those that it lists.
  private static func references(_ reading: ManifestReading) -> (first: [VerifyReport.Problem], count: Int) {
    guard reading.isWellFormed, let reports = reading.reports, let lineage = reading.lineage,
      let warehouse = reading.warehouse
    else { return ([], 0) }
    var problems: [VerifyReport.Problem] = []
    var count = 0
    // Made once, where it is needed at all.
    var order: [UInt32]?
    func check(_ place: String, _ path: String) {
      if reading.table.index(of: path) != nil { return }
      // A folder with listed files in it is fine.
      if order == nil { order = reading.table.inOrder() }
      if reading.table.hasPath(below: path, in: order ?? []) { return }
      count += 1
      guard problems.count < ProblemList.kept else { return }
      problems.append(problem(.manifest, "\(place): \(quotedForMessage(path)) is not among the listed files"))
    }
    check("reports.quality", reports.quality.text)
    check("reports.determinism", reports.determinism.text)
    check("reports.publishability", reports.publishability.text)
    check("reports.sbom", reports.sbom.text)
    check("lineage", lineage.text)
    check("warehouse", warehouse.text)
    reading.forEachExport { key, path in check("exports.\(key)", path) }
    return (problems, count)
  }

  private static func problem(_ kind: VerifyReport.Problem.Kind, _ message: String) -> VerifyReport.Problem {
    VerifyReport.Problem(kind, RunLayout.manifest.text, "\(RunLayout.manifest.text), \(message).")
  }

  private static func shown(_ text: String?) -> String { text.map { quotedForMessage($0) } ?? "nothing" }
}
