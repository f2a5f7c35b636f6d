import OmphalosValues

/// The reports that format 1.0 asks for, but the bill of materials.
struct Reports {
  let facts: RunFacts
  let runID: RunID
  let payload: [FileRecord]
  let payloadRoot: SHA256Digest

  /// The keys that begin our reports. The salt of the clock is the key by which the manifest names the report.
  func heading(salt: String) -> JSONObject {
    [
      "created_at": .string(DeterministicClock.time(seed: payloadRoot.hex, salt: salt).description),
      "run_id": .string(runID.text), "schema_version": .string(RunLayout.formatVersion),
    ]
  }

  var quality: RecordFile {
    let checks = QualityChecks.of(facts)
    var report = heading(salt: "quality")
    report["status"] = checks.contains { $0.status == .fail } ? "FAIL" : "PASS"
    report["checks"] = .array(checks.map(\.json))
    return RecordFile(path: RunLayout.qualityReport, json: .object(report))
  }

  var determinism: RecordFile {
    var inputs = JSONObject()
    for input in facts.inputs { inputs[input.name.text] = .string(input.fingerprint.hex) }
    var exports = JSONObject()
    for file in payload where file.path.isUnder("exports") { exports[file.path.text] = .string(file.sha256.hex) }
    var report = heading(salt: "determinism")
    // A statement of fingerprints to compare with; a comparison itself is made by running again.
    report["status"] = "PASS"
    report["fingerprints"] = [
      "config": .string(facts.identity.fingerprint.hex), "inputs": .object(inputs), "exports": .object(exports),
      "root": .string(payloadRoot.hex),
    ]
    return RecordFile(path: RunLayout.determinismReport, json: .object(report))
  }

  var publishability: RecordFile {
    var report = heading(salt: "publishability")
    report["run_id"] = nil
    report["target"] = .string(runID.text)
    report["status"] = "PASS"
    // The format has no word for "not examined", so a finding says it: PASS alone would claim that something was.
    report["findings"] = [
      [
        "path": .string(RunLayout.manifest.text), "rule": "no-rules-configured", "severity": "LOW", "offset": 0,
        "excerpt": "No publishability rule was configured for this run: no file was examined.",
      ]
    ]
    return RecordFile(path: RunLayout.publishabilityReport, json: .object(report))
  }
}
