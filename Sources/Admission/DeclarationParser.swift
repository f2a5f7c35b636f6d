import OmphalosValues

extension Declaration {
  /// Greatest sizes of the two notes' texts, in bytes.
  public static let declarationLimit = 64 << 10
  public static let schemasLimit = 1 << 20
  public static let capabilityLimit = 1_024
  /// Of a string in the descriptor, in bytes.
  public static let stringLimit = 4_096

  /// Parses the contents of the two notes. One NUL at the end of each is stripped: C's string literals have it.
  ///
  /// The error holds everything that is wrong, not only the first thing.
  public init(declarationNote: [UInt8], schemasNote: [UInt8]?) throws(DeclarationError) {
    let root = try Self.object(declarationNote, "the declaration note", limit: Self.declarationLimit)
    var parser = DeclarationParser(root)
    let draft = parser.parse()
    var schemas: [CapabilityName: JSONValue] = [:]
    if let schemasNote {
      do throws(DeclarationError) {
        let object = try Self.object(schemasNote, "the schemas note", limit: Self.schemasLimit)
        schemas = parser.schemas(object, declared: draft?.capabilities)
      } catch {
        parser.reasons += error.reasons
      }
    }
    guard let draft, parser.reasons.isEmpty else { throw DeclarationError(reasons: parser.reasons) }
    self.init(
      abi: draft.abi, id: draft.id, version: draft.version, vendor: draft.vendor, license: draft.license,
      summary: draft.summary, hermetic: draft.hermetic, flags: draft.flags, capabilities: draft.capabilities,
      schemas: schemas, unknownMembers: draft.unknownMembers)
  }

  private static func object(_ note: [UInt8], _ what: String, limit: Int) throws(DeclarationError) -> JSONObject {
    let text = note.last == 0 ? Array(note.dropLast()) : note
    guard text.count <= limit else {
      throw DeclarationError(what, found: "\(text.count) bytes long", wanted: "at most \(limit) bytes")
    }
    if let position = firstInvalidUTF8(text) {
      throw DeclarationError(
        what, found: "not UTF-8 (the byte 0x\(String(text[position], radix: 16)) at \(position))", wanted: "UTF-8 text")
    }
    let value: JSONValue
    do throws(JSONError) {
      value = try JSONValue.parse(text, limits: JSONLimits(bytes: limit, depth: 64))
    } catch {
      throw DeclarationError(
        what, found: "not what JSON allows (\(error.message))", wanted: "one JSON object without duplicate keys")
    }
    guard let object = value.objectValue else {
      throw DeclarationError(what, found: value.kindForMessage, wanted: "a JSON object")
    }
    return object
  }

  private static func firstInvalidUTF8(_ bytes: [UInt8]) -> Int? {
    if String(validating: bytes, as: UTF8.self) != nil { return nil }
    var position = 0
    var iterator = bytes.makeIterator()
    var decoder = UTF8()
    while true {
      switch decoder.decode(&iterator) {
      case .scalarValue(let scalar): position += UTF8.width(scalar)
      case .emptyInput, .error: return min(position, bytes.count - 1)
      }
    }
  }
}

/// The members of a declaration note that this host knows.
struct DeclarationParser {
  let root: JSONObject
  var reasons: [AdmissionReason] = []
  private var unknown: [UnknownMember] = []

  init(_ root: JSONObject) { self.root = root }

  /// nil only if there are reasons.
  mutating func parse() -> Declaration? {
    var reader = MemberReader(root, path: "")
    let note: Int? = reader.integer("note", in: 1...1)
    let abi = reader.object("abi").flatMap { parseABI($0) }
    let id = reader.value("id") { text throws(ValueError) in try PluginID(text) }
    let version = reader.value("version") { text throws(ValueError) in try SemanticVersion(text) }
    let vendor = reader.text("vendor")
    let license = reader.text("license")
    if let license, let problem = SPDXExpression.problem(of: license) {
      reader.refuse("license", found: quotedForMessage(license), wanted: "an SPDX license expression: \(problem)")
    }
    let summary = reader.text("summary")
    let hermetic = reader.hermetic(
      "hermetic", remedy: "say whether the plugin needs network, clock, randomness or environment")
    let flags: UInt32? = reader.integer("flags", in: 0...UInt32.max)
    if let flags, flags & 0xffff_0000 & ~PluginFlags.known != 0 {
      reader.refuse(
        "flags", found: hexText(flags), wanted: "no bits of 16 to 31 that this host does not know",
        remedy: "use a newer host, or a plugin that does not need what the bit stands for")
    }
    let list = reader.array("capabilities")
    finish(reader)
    let capabilities = list.map { parseCapabilities($0) } ?? []
    guard note != nil, let abi, let id, let version, let vendor, let license, let summary, let hermetic, let flags,
      reasons.isEmpty
    else { return nil }
    return Declaration(
      abi: abi, id: id, version: version, vendor: vendor, license: license, summary: summary, hermetic: hermetic,
      flags: flags, capabilities: capabilities, schemas: [:], unknownMembers: unknown)
  }

  private mutating func parseABI(_ object: JSONObject) -> ABIDeclaration? {
    var reader = MemberReader(object, path: "abi")
    let major: UInt16? = reader.integer("major", in: 0...UInt16.max)
    let required: UInt16? = reader.integer("minor_required", in: 0...UInt16.max)
    let built: UInt16? = reader.integer("minor_built", in: 0...UInt16.max)
    let draft: UInt16? = reader.integer("draft", in: 0...UInt16.max)
    if let required, let built, required > built {
      reader.refuse(
        "minor_required", found: "\(required)", wanted: "at most minor_built, which is \(built)",
        remedy: "build with the header of the version that the plugin needs")
    }
    finish(reader)
    guard let major, let required, let built, let draft else { return nil }
    return ABIDeclaration(major: major, minorRequired: required, minorBuilt: built, draft: draft)
  }

  private mutating func parseCapabilities(_ list: [JSONValue]) -> [CapabilityDeclaration] {
    guard (1...Declaration.capabilityLimit).contains(list.count) else {
      reasons.append(
        AdmissionReason(
          .badDeclaration, field: "capabilities", found: "a list of \(list.count)",
          wanted: "1 to \(Declaration.capabilityLimit) capabilities"))
      return []
    }
    var result: [CapabilityDeclaration] = []
    var names: [CapabilityName: Int] = [:]
    for (index, value) in list.enumerated() {
      let path = "capabilities[\(index)]"
      guard let object = value.objectValue else {
        reasons.append(
          AdmissionReason(.badDeclaration, field: path, found: value.kindForMessage, wanted: "an object"))
        continue
      }
      guard let capability = parseCapability(object, path: path) else { continue }
      if let first = names.updateValue(index, forKey: capability.name) {
        reasons.append(
          AdmissionReason(
            .badDeclaration, field: path + ".name",
            found: "\(quotedForMessage(capability.name.text)), the name of capabilities[\(first)] too",
            wanted: "a name of its own"))
      }
      result.append(capability)
    }
    return result
  }

  private mutating func parseCapability(_ object: JSONObject, path: String) -> CapabilityDeclaration? {
    var reader = MemberReader(object, path: path)
    let kind = reader.value("kind") { text throws(ValueError) in try CapabilityKind(text) }
    let name = reader.value("name") { text throws(ValueError) in try CapabilityName(text) }
    let interfaceVersion: UInt32? = reader.integer("interface_version", in: 1...UInt32.max)
    let required = reader.optionalBool("required") ?? false
    let hermetic = object["hermetic"] == nil ? .compatible : reader.hermetic("hermetic", remedy: "")
    if let kind, kind.number == nil, required {
      reader.refuse(
        "kind", found: "\(quotedForMessage(kind.text)), which this host does not know, and required",
        wanted: "one of \(CapabilityKind.known.map(\.text).joined(separator: ", "))",
        remedy: "use a host that knows this kind")
    }
    finish(reader, also: ["hermetic"])
    guard let kind, let name, let interfaceVersion, let hermetic else { return nil }
    return CapabilityDeclaration(
      kind: kind, name: name, interfaceVersion: interfaceVersion, required: required, hermetic: hermetic)
  }

  private mutating func finish(_ reader: MemberReader, also known: Set<String> = []) {
    reasons += reader.reasons
    unknown += reader.unknownMembers(also: known)
  }

  /// `{capability name: JSON Schema}`. `declared` is nil where the declaration itself could not be read.
  mutating func schemas(_ object: JSONObject, declared: [CapabilityDeclaration]?) -> [CapabilityName: JSONValue] {
    var result: [CapabilityName: JSONValue] = [:]
    for (key, value) in object.members {
      let path = ([.key("schemas"), .key(key)] as [PathStep]).pathText
      guard value.objectValue != nil else {
        reasons.append(
          AdmissionReason(
            .badDeclaration, field: path, found: value.kindForMessage, wanted: "a JSON Schema that is an object"))
        continue
      }
      guard let declared else { continue }
      guard let capability = declared.first(where: { $0.name.text == key }) else {
        let names = declared.map(\.name.text)
        let nearest = nearestNames(to: key, among: names)
        reasons.append(
          AdmissionReason(
            .badDeclaration, field: path, found: "the schema of a capability that is not declared",
            wanted: "the name of a declared capability",
            remedy: "did you mean \((nearest.isEmpty ? Array(names.prefix(3)) : nearest).joined(separator: ", "))?"))
        continue
      }
      result[capability.name] = value
    }
    return result
  }
}

func hexText(_ value: UInt32) -> String { "0x" + String(value, radix: 16) }
