import OmphalosValues

/// A configuration ready to be pasted into a pipeline: what must be there with values that fit, the rest commented out
/// with its defaults.
public struct ConfigurationExample: Sendable {
  /// Lines of YAML.
  public let lines: [String]
  /// What the lines say, with texts in the places of secrets.
  let value: JSONValue

  private static let longestComment = 50

  /// - Returns: nil if no value was found that fits.
  public init?(_ schema: ConfigurationSchema) {
    var maker = ExampleMaker(schema)
    guard let example = maker.configuration(), case .object(let object) = example.value else {
      return nil
    }
    value = example.value
    var lines: [String] = []
    for (key, member) in object.members {
      let secrets = example.secrets.filter { $0.first == .key(key) }
      lines.append("  \(yamlScalar(key)): " + member.replacing(secrets, at: [.key(key)]).yamlText)
    }
    let optional = SchemaShape(ConfigurationSchema.root, in: schema.nodes).properties.filter { object[$0.name] == nil }
    for property in optional.prefix(Self.longestComment) {
      guard let member = Self.optional(property.schema, &maker) else { continue }
      lines.append("  # \(yamlScalar(property.name)): " + member.value.replacing(member.secrets, at: [], named: property.name).yamlText)
    }
    if optional.count > Self.longestComment { lines.append("  # and \(optional.count - Self.longestComment) more") }
    self.lines = lines.isEmpty ? ["config: {}"] : ["config:"] + lines
  }

  /// The default where there is one: it need not fit.
  private static func optional(_ schema: Int, _ maker: inout ExampleMaker) -> ExampleValue? {
    let shape = SchemaShape(schema, in: maker.nodes)
    if let value = shape.defaultValue, !shape.isSecret { return ExampleValue(value: value, secrets: []) }
    return maker.example(for: schema, depth: 1)
  }
}

extension JSONValue {
  /// With references in the places of secrets.
  ///
  /// - Parameters:
  ///   - path: of this value.
  ///   - name: of the member that it is, where the path does not say it.
  fileprivate func replacing(_ secrets: Set<[PathStep]>, at path: [PathStep], named name: String = "") -> JSONValue {
    if secrets.isEmpty { return self }
    if secrets.contains(path) { return ["secret": ["env": .string(variable(for: path, name))]] }
    switch self {
    case .array(let elements):
      return .array(elements.enumerated().map { $1.replacing(secrets, at: path + [.index($0)], named: name) })
    case .object(let object):
      var result = JSONObject()
      for (key, member) in object.members { result[key] = member.replacing(secrets, at: path + [.key(key)], named: name) }
      return .object(result)
    default: return self
    }
  }

  /// The innermost key, as a name of a variable: "API_TOKEN" for "api-token".
  private func variable(for path: [PathStep], _ name: String) -> String {
    let key = path.reversed().lazy.compactMap { step in if case .key(let key) = step { key } else { nil } }.first ?? name
    let letters = key.unicodeScalars.map { scalar in
      scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)) ? String(scalar).uppercased() : "_"
    }.joined()
    let isName = letters.unicodeScalars.first.map { !("0"..."9").contains($0) } ?? false
    return isName ? letters : "SECRET_\(letters)"
  }
}
