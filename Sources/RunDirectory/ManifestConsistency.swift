import OmphalosValues
import RunRecord

/// What must follow from what inside a manifest.
enum ManifestConsistency {
  static func problems(_ reading: ManifestReading) -> [VerifyReport.Problem] {
    root(reading) + (reading.config.map { configuration($0, reading) } ?? []) + references(reading)
  }

  private static func root(_ reading: ManifestReading) -> [VerifyReport.Problem] {
    // Where a record was left out the root cannot match; its own problem was reported.
    guard reading.listsAreWhole, let stated = reading.payloadRoot else { return [] }
    let computed = PayloadRoot.compute(reading.files)
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
    if let manifest = reading.manifest {
      let wanted = DeterministicClock.time(seed: manifest.payloadRoot.hex, salt: "manifest")
      if manifest.createdAt != wanted {
        problems.append(
          problem(.identity, "created_at: found \(manifest.createdAt), but the payload root makes \(wanted)"))
      }
    }
    return problems
  }

  /// The files that the manifest points to must be among those that it lists.
  private static func references(_ reading: ManifestReading) -> [VerifyReport.Problem] {
    guard let manifest = reading.manifest else { return [] }
    let listed = manifest.files + manifest.controlFiles
    let paths = Set(listed.map(\.path))
    func isListed(_ path: ArtifactPath) -> Bool {
      paths.contains(path) || listed.contains { $0.path.isUnder(path.text) }
    }
    let reports = manifest.reports
    let named: [(String, ArtifactPath)] =
      [
        ("reports.quality", reports.quality), ("reports.determinism", reports.determinism),
        ("reports.publishability", reports.publishability), ("reports.sbom", reports.sbom),
        ("lineage", manifest.lineage), ("warehouse", manifest.warehouse),
      ] + manifest.exports.briefingTables.map { ("exports.briefing_tables", $0) }
      + manifest.exports.packets.map { ("exports.packets", $0) }
      + manifest.exports.narratives.map { ("exports.narratives", $0) }
    return named.filter { !isListed($0.1) }.map {
      problem(.manifest, "\($0.0): \(quotedForMessage($0.1.text)) is not among the listed files")
    }
  }

  private static func problem(_ kind: VerifyReport.Problem.Kind, _ message: String) -> VerifyReport.Problem {
    VerifyReport.Problem(kind, RunLayout.manifest.text, "\(RunLayout.manifest.text), \(message).")
  }

  private static func shown(_ text: String?) -> String { text.map { quotedForMessage($0) } ?? "nothing" }
}
