import ELFInspection
import OmphalosValues

extension InspectionReport {
  /// The whole report; strings are as the plugin has them.
  public var json: JSONValue {
    var root: JSONObject = [
      "schema_version": "1.0", "file": .string(plugin.file), "object": objectJSON, "caveat": .string(Self.caveat),
      "findings": .array(findings.map(\.json)), "notable": .strings(notable),
      "package_notes": .array(plugin.packageNotes.map(\.reportJSON)),
    ]
    if let signature { root["signature"] = signature.json }
    if let sha256 { root["sha256"] = .string(sha256.hex) }
    if !own.isEmpty {
      root["own_files"] = .array(
        own.map {
          [
            "path": .string($0.path), "kind": .string($0.kind.rawValue),
            "bytes": .integer(Int64(clamping: $0.byteCount)), "sha256": .optional(digests.own[$0.path]?.hex),
          ]
        })
      root["contents_sha256"] = .optional(digests.contents?.hex)
    }
    root["declaration"] = declaration.map(\.reportJSON) ?? .null
    root["declaration_problems"] = .array(declarationProblems.map(\.json))
    if let closure {
      root["libraries"] = .array(
        closure.libraries.map {
          [
            "name": .string($0.name), "path": .string($0.path), "build_id": .optional($0.object.buildID),
            "needed_by": .string($0.neededBy), "own": .bool($0.isOwn),
            "sha256": .optional((($0.isOwn ? digests.own : digests.libraries)[$0.path])?.hex),
          ]
        })
    }
    if let decision {
      root["decision"] = [
        "outcome": .string(decision.outcome.rawValue), "reasons": .array(decision.reasons.map(\.json)),
      ]
    }
    return .object(root)
  }

  private var objectJSON: JSONValue {
    let object = plugin.object
    return [
      "bytes": .integer(Int64(object.size)), "machine": .string(object.machine.description),
      "build_id": .optional(object.buildID), "soname": .optional(object.soname), "needed": .strings(object.needed),
      "rpath": .optional(object.rpath), "runpath": .optional(object.runpath),
      "hardening": [
        "relro": .string(object.relro.rawValue), "bind_now": .bool(object.bindNow),
        "executable_stack": .bool(object.hasExecutableStack), "text_relocations": .bool(object.hasTextRelocations),
        "problems": .array(hardening.problems.map(\.json)),
      ],
      "tls": ["bytes": .integer(Int64(clamping: object.tlsBytes)), "static": .bool(object.hasStaticTLS)],
      "initializers": .integer(Int64(object.initializers)), "finalizers": .bool(object.hasFinalizers),
      "never_unloaded": .bool(object.isNeverUnloaded),
      "indirect_functions": .integer(Int64(object.indirectFunctions)),
      "unique_symbols": .integer(Int64(object.uniqueSymbols.count)),
      "notes": .array(object.notes.map(\.reportJSON)),
      "imports": .array(object.imports.map(\.reportJSON)),
      "exports": .array(object.exports.map { ["name": .string($0.name), "kind": .string($0.kind.rawValue)] }),
    ]
  }
}

extension ELFNote {
  fileprivate var reportJSON: JSONValue {
    ["owner": .string(owner), "type": .integer(Int64(type)), "bytes": .integer(Int64(content.count))]
  }
}

extension ELFSymbol {
  fileprivate var reportJSON: JSONValue {
    [
      "name": .string(name), "version": .optional(version), "library": .optional(library), "weak": .bool(isWeak),
    ]
  }
}

extension PackageNote {
  fileprivate var reportJSON: JSONValue {
    ["kind": .string(kind.rawValue), "json": json ?? .null, "text": .string(text)]
  }
}

extension Declaration {
  fileprivate var reportJSON: JSONValue {
    [
      "abi": [
        "major": .integer(Int64(abi.major)), "minor_required": .integer(Int64(abi.minorRequired)),
        "minor_built": .integer(Int64(abi.minorBuilt)), "draft": .integer(Int64(abi.draft)),
      ],
      "id": .string(id.text), "version": .string(version.description), "vendor": .string(vendor),
      "license": .string(license), "summary": .string(summary), "hermetic": .string(hermetic.rawValue),
      "flags": .integer(Int64(flags)), "concurrent": .bool(isConcurrent),
      "capabilities": .array(capabilities.map { reportJSON(of: $0) }),
      "unknown": .array(unknownMembers.map { ["path": .string($0.path), "value": $0.value] }),
    ]
  }

  private func reportJSON(of capability: CapabilityDeclaration) -> JSONValue {
    [
      "kind": .string(capability.kind.text), "name": .string(capability.name.text),
      "interface_version": .integer(Int64(capability.interfaceVersion)), "required": .bool(capability.required),
      "hermetic": .string(capability.hermetic.rawValue), "known": .bool(capability.kind.number != nil),
      "schema": schemas[capability.name] ?? .null,
    ]
  }
}

extension JSONValue {
  fileprivate static func optional(_ text: String?) -> JSONValue { text.map { .string($0) } ?? .null }
  fileprivate static func strings(_ texts: [String]) -> JSONValue { .array(texts.map { .string($0) }) }
}
