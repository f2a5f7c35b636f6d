import OmphalosValues

extension Reports {
  /// `reports/sbom.cdx.json`: host and plugins as a CycloneDX 1.6 bill of materials, the same bytes for the same run.
  ///
  /// The files that no part of the pipeline used are not in it: they are no component of what the run made.
  var softwareBill: RecordFile {
    let components = ([hostComponent] + facts.plugins.map(\.component))
      .sorted { bytesPrecede($0.reference, $1.reference) }
    let bill: JSONValue = [
      "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "serialNumber": .string(serialNumber),
      "metadata": [
        "timestamp": .string(DeterministicClock.time(seed: payloadRoot.hex, salt: "sbom").description),
        "tools": ["components": [hostTool]],
        "component": ["type": "application", "bom-ref": "run", "name": .string(runID.text)],
      ],
      "components": .array(components.map(\.json)),
      "dependencies": .array(
        [["ref": "run", "dependsOn": .array(components.map { .string($0.reference) })]]
          + components.map { ["ref": .string($0.reference)] }),
    ]
    return RecordFile(path: RunLayout.softwareBill, json: bill)
  }

  private var hostReference: String { "omphalos@\(facts.host.version)" }

  private var hostTool: JSONValue {
    ["type": "application", "name": "omphalos", "version": .string(facts.host.version)]
  }

  private var hostComponent: BillComponent {
    var object: JSONObject = [
      "type": "application", "bom-ref": .string(hostReference), "name": "omphalos",
      "version": .string(facts.host.version), "licenses": [["license": ["id": "Apache-2.0"]]],
    ]
    if let digest = facts.host.sha256 { object["hashes"] = sha256Hashes(digest) }
    return BillComponent(reference: hostReference, json: .object(object))
  }

  /// A UUID of version 8 whose bytes are a digest of run id and payload root (RFC 9562, section 5.8).
  private var serialNumber: String {
    var bytes = Array(SHA256Digest(hashing: "omphalos sbom\0\(runID.text)\0\(payloadRoot.hex)").bytes.prefix(16))
    bytes[6] = bytes[6] & 0x0f | 0x80
    bytes[8] = bytes[8] & 0x3f | 0x80
    var text = "urn:uuid:"
    for (index, byte) in bytes.enumerated() {
      if [4, 6, 8, 10].contains(index) { text += "-" }
      text += (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }
    return text
  }
}

/// A component with its `bom-ref`.
private struct BillComponent {
  let reference: String
  let json: JSONValue
}

extension PluginFacts {
  fileprivate var component: BillComponent {
    let reference = "\(id.text)@\(version)"
    var object: JSONObject = [
      "type": "library", "bom-ref": .string(reference), "name": .string(id.text),
      "version": .string(version.description), "hashes": sha256Hashes(file.sha256),
      "purl": .string("pkg:generic/\(id.text)@\(purlEscaped(version.description))"),
      "properties": .array(properties), "evidence": ["occurrences": [["location": .string(file.name)]]],
    ]
    if !vendor.isEmpty { object["supplier"] = ["name": .string(vendor)] }
    if !file.parts.isEmpty {
      object["components"] = .array(
        file.parts.map {
          [
            "type": $0.kind == .library ? "library" : "file", "bom-ref": .string("\(reference)/\($0.path)"),
            "name": .string($0.path), "hashes": sha256Hashes($0.sha256),
          ]
        })
    }
    if !summary.isEmpty { object["description"] = .string(summary) }
    if !license.isEmpty { object["licenses"] = [BillLicense(license).json] }
    return BillComponent(reference: reference, json: .object(object))
  }

  /// Sorted by name, then value.
  private var properties: [JSONValue] {
    var pairs = [("omphalos:hermetic", hermeticWord(declaresHermetic))]
    if let buildID = file.buildID { pairs.append(("omphalos:build-id", buildID)) }
    pairs += capabilities.map { ("omphalos:capability", "\($0.kind) \($0.name.text)") }
    pairs += file.neededLibraries.map { ("omphalos:needed", $0) }
    pairs.sort { ($0.0, UTF8String($0.1)) < ($1.0, UTF8String($1.1)) }
    return pairs.map { ["name": .string($0.0), "value": .string($0.1)] }
  }
}

private func sha256Hashes(_ digest: SHA256Digest) -> JSONValue {
  [["alg": "SHA-256", "content": .string(digest.hex)]]
}

/// A semantic version has one character that a package URL must escape.
private func purlEscaped(_ version: String) -> String {
  version.split(separator: "+", omittingEmptySubsequences: false).joined(separator: "%2B")
}
