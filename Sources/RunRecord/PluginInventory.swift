import OmphalosValues

extension Reports {
  /// `reports/plugins.json`: which plugins made this run, what else was there, and why each was taken or not.
  var plugins: RecordFile {
    var report = heading(salt: "plugins")
    var host: JSONObject = ["name": "omphalos", "version": .string(facts.host.version)]
    if let digest = facts.host.sha256 { host["sha256"] = .string(digest.hex) }
    report["host"] = .object(host)
    report["hermetic"] = .bool(facts.hermetic)
    report["policies"] = .array(facts.policies.map(\.json))
    report["lock"] = facts.lock.map { ["sha256": .string($0.hex)] } ?? .null
    report["plugins"] = .array(facts.plugins.sorted { $0.id < $1.id }.map(\.json))
    report["other_files"] = .array(
      facts.otherFiles.sorted { bytesPrecede($0.name, $1.name) }.map(\.json))
    report["findings"] = .array(facts.findings.map(\.json))
    report["relaxations"] = .array(facts.relaxations.map(JSONValue.string))
    return RecordFile(path: RunLayout.plugins, json: .object(report))
  }
}

extension PluginFacts {
  fileprivate var json: JSONValue {
    [
      "id": .string(id.text), "version": .string(version.description), "vendor": .string(vendor),
      "license": .string(license), "summary": .string(summary), "file": file.json, "abi": abi.json,
      "hermetic": .string(hermeticWord(declaresHermetic)),
      "capabilities": .array(capabilities.map(\.json)), "decision": .string(decision.rawValue),
      "reasons": .array(reasons.map(\.json)), "policies": .array(policies.map(\.json)),
      "signature": signature?.json ?? .null, "imports": .array(imports.map(\.json)),
    ]
  }
}

extension PolicyFacts {
  fileprivate var json: JSONValue {
    ["layer": .string(layer), "name": .string(name), "sha256": .string(sha256.hex)]
  }
}

extension PolicyDecisionFacts {
  fileprivate var json: JSONValue {
    [
      "layer": .string(layer), "line": line.map { .integer(Int64($0)) } ?? .null,
      "reason": reason.map(JSONValue.string) ?? .null,
    ]
  }
}

extension SignatureFacts {
  fileprivate var json: JSONValue {
    ["principals": .string(principals), "key_type": .string(keyType), "fingerprint": .string(fingerprint)]
  }
}

extension ImportFacts {
  fileprivate var json: JSONValue {
    [
      "category": .string(category), "symbol": .string(symbol), "distance": .string(distance),
      "subject": .string(subject), "action": .string(action),
    ]
  }
}

extension PluginFile {
  fileprivate var json: JSONValue {
    [
      "name": .string(name), "sha256": .string(sha256.hex), "bytes": .integer(Int64(clamping: bytes)),
      "build_id": buildID.map(JSONValue.string) ?? .null, "soname": soname.map(JSONValue.string) ?? .null,
      "needed": .array(neededLibraries.map(JSONValue.string)),
      "own_files": .array(parts.map(\.json)), "contents_sha256": .string(contentsSHA256.hex),
      "libraries": .array(libraries.map(\.json)),
    ]
  }
}

extension PluginPart {
  fileprivate var json: JSONValue {
    [
      "path": .string(path), "kind": .string(kind.rawValue), "sha256": .string(sha256.hex),
      "bytes": .integer(Int64(clamping: bytes)),
    ]
  }
}

extension SystemLibrary {
  fileprivate var json: JSONValue {
    [
      "name": .string(name), "sha256": .string(sha256.hex), "build_id": buildID.map(JSONValue.string) ?? .null,
    ]
  }
}

extension PluginABIFacts {
  fileprivate var json: JSONValue {
    [
      "major": .integer(Int64(major)), "minor_required": .integer(Int64(minorRequired)),
      "minor_built": .integer(Int64(minorBuilt)), "draft": .integer(Int64(draft)),
    ]
  }
}

extension PluginCapabilityFacts {
  fileprivate var json: JSONValue {
    [
      "kind": .string(kind), "name": .string(name.text), "interface_version": .integer(Int64(interfaceVersion)),
      "hermetic": .string(hermeticWord(isHermetic)), "used": .bool(isUsed),
    ]
  }
}

extension DecisionReason {
  fileprivate var json: JSONValue {
    ["field": .string(field), "found": .string(found), "wanted": .string(wanted), "remedy": .string(remedy)]
  }
}

extension PluginFileFacts {
  fileprivate var json: JSONValue {
    [
      "name": .string(name), "sha256": sha256.map { .string($0.hex) } ?? .null,
      "id": id.map { .string($0.text) } ?? .null, "version": version.map { .string($0.description) } ?? .null,
      "decision": .string(decision == .admissible ? "not-used" : decision.rawValue),
      "reasons": .array(reasons.map(\.json)),
    ]
  }
}

extension FindingFacts {
  fileprivate var json: JSONValue {
    [
      "plugin": plugin.map { .string($0.text) } ?? .null, "subject": .string(subject), "message": .string(message),
    ]
  }
}

/// The word of the declaration.
func hermeticWord(_ isHermetic: Bool) -> String { isHermetic ? "compatible" : "incompatible" }
