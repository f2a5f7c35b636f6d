import Admission
import OmphalosValues

/// The members of plugin.json, arranged as the two notes have them. Only the arrangement is checked here; values are
/// checked by the parser of the notes.
struct PluginFile {
  /// The numbers of the header that a generated declaration belongs to.
  static let host = HostABI()

  private(set) var declaration: JSONValue = .null
  private(set) var schemas: JSONValue?
  private(set) var problems: [String] = []

  private static let keys = [
    "id", "version", "vendor", "license", "summary", "hermetic", "flags", "abi_minor_required", "capabilities",
  ]
  private static let capabilityKeys = ["kind", "name", "interface_version", "required", "hermetic", "schema"]

  init(_ root: JSONObject) {
    checkKeys(root, known: Self.keys, path: "")
    var note: JSONObject = ["note": 1]
    for key in ["id", "version", "vendor", "license", "summary", "hermetic"] { note[key] = root[key] }
    note["flags"] = root["flags"] ?? 0
    note["abi"] = [
      "major": .integer(Int64(Self.host.major)), "minor_required": root["abi_minor_required"] ?? 0,
      "minor_built": .integer(Int64(Self.host.minor)), "draft": .integer(Int64(Self.host.draft)),
    ]
    note["capabilities"] = root["capabilities"]
    if let list = root["capabilities"]?.arrayValue { note["capabilities"] = capabilities(list) }
    declaration = .object(note)
  }

  private mutating func capabilities(_ list: [JSONValue]) -> JSONValue {
    var schemas = JSONObject()
    var result: [JSONValue] = []
    for (index, value) in list.enumerated() {
      guard let source = value.objectValue else {
        result.append(value)
        continue
      }
      checkKeys(source, known: Self.capabilityKeys, path: "capabilities[\(index)].")
      var capability = source
      // The note states every answer, so that a reader of it need not know the defaults.
      capability["required"] = source["required"] ?? false
      capability["hermetic"] = source["hermetic"] ?? "compatible"
      if let schema = source["schema"], let name = source["name"]?.stringValue { schemas[name] = schema }
      capability["schema"] = nil
      result.append(.object(capability))
    }
    self.schemas = schemas.isEmpty ? nil : .object(schemas)
    return .array(result)
  }

  private mutating func checkKeys(_ object: JSONObject, known: [String], path: String) {
    for key in object.keys where !known.contains(where: { UTF8String($0) == UTF8String(key) }) {
      let nearest = nearestNames(to: key, among: known)
      problems.append(
        "\(path)\(quotedForMessage(key)) is not a key of plugin.json, wanted one of \(known.joined(separator: ", "))"
          + (nearest.isEmpty ? "" : "; did you mean \(nearest.joined(separator: ", "))?"))
    }
  }
}

extension Declaration {
  /// The text of the first note, canonical JSON.
  func noteText(abi: JSONValue) -> String {
    let note: JSONValue = [
      "note": 1, "abi": abi, "id": .string(id.text), "version": .string(version.description),
      "vendor": .string(vendor), "license": .string(license), "summary": .string(summary),
      "hermetic": .string(hermetic.rawValue), "flags": .integer(Int64(flags)),
      "capabilities": .array(
        capabilities.map {
          [
            "kind": .string($0.kind.text), "name": .string($0.name.text),
            "interface_version": .integer(Int64($0.interfaceVersion)), "required": .bool($0.required),
            "hermetic": .string($0.hermetic.rawValue),
          ]
        }),
    ]
    return note.canonicalText
  }

  var abiJSON: JSONValue {
    [
      "major": .integer(Int64(abi.major)), "minor_required": .integer(Int64(abi.minorRequired)),
      "minor_built": .integer(Int64(abi.minorBuilt)), "draft": .integer(Int64(abi.draft)),
    ]
  }

  /// The text of the second note; nil without schemas.
  var schemasText: String? {
    guard !schemas.isEmpty else { return nil }
    var object = JSONObject()
    for (name, schema) in schemas { object[name.text] = schema }
    return JSONValue.object(object).canonicalText
  }
}

/// Characters that source code should not hold as they are: compilers warn about invisible ones, and so should people.
func isPlainInSource(_ scalar: Unicode.Scalar) -> Bool {
  if scalar.isASCII { return scalar.value >= 0x20 && scalar.value < 0x7f }
  switch scalar.properties.generalCategory {
  case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned: return false
  default: return true
  }
}
