import OmphalosValues

/// `{ secret: { env: NAME } }` or `{ secret: { file: PATH } }` in a configuration: stands for a text that the plugin
/// gets and the record does not have.
public struct SecretReference: Sendable {
  public let source: SecretSource
  /// From the configuration to the reference.
  public let path: [PathStep]
  public let mark: SourceMark
  /// What it is called in messages: `exports[0].config.token`.
  public let what: String
}

/// Where the value of a secret comes from.
public enum SecretSource: Sendable, Hashable {
  /// A variable of the caller's environment.
  case variable(String)
  /// A file, as the pipeline names it.
  case file(UTF8String)

  /// What stands for the value in whatever is recorded. Where a file lies does not make another run.
  public var placeholder: JSONValue {
    switch self {
    case .variable(let name): ["secret": ["env": .string(name)]]
    case .file(let path): ["secret": ["file": .string(fileName(of: path.string))]]
    }
  }

  /// For people: "the variable API_TOKEN of the environment".
  public var origin: String {
    switch self {
    case .variable(let name): "the variable \(name) of the environment"
    case .file(let path): "the file \(quotedForMessage(path.string))"
    }
  }

  /// The name that a placeholder in a text has.
  public var label: String {
    switch self {
    case .variable(let name): name
    case .file(let path): printable(fileName(of: path.string))
    }
  }
}

extension SecretSource {
  private static let key = "secret"
  private static let kinds = ["env", "file"]

  /// - Parameters:
  ///   - node: any value below a configuration.
  ///   - what: its name, for messages.
  /// - Returns: nil for a value that is no reference.
  /// - Throws: where it can only be meant as one and is none.
  init?(_ node: YAMLNode, _ what: String) throws(ConfigurationError) {
    guard case .mapping(let members) = node.content,
      let inner = members.first(where: { haveEqualBytes($0.key, Self.key) })?.value, case .mapping(let kinds) = inner.content
    else { return nil }
    guard members.count == 1 else {
      // A plugin may have a property of that name; only what looks like a reference is one.
      guard kinds.count == 1, Self.kinds.contains(where: { haveEqualBytes($0, kinds[0].key) }) else { return nil }
      throw ConfigurationError(
        mark: node.mark,
        message: "\(what): a secret stands alone in its mapping, and here are other keys beside it; if the plugin's own key "
          + "is called secret, write secret: { secret: { \(kinds[0].key): … } }")
    }
    // A mapping whose only key, of that name, holds a reference.
    if kinds.count == 1, haveEqualBytes(kinds[0].key, Self.key) { return nil }
    let mapping = try YAMLMapping(inner, what: "\(what).secret")
    try mapping.finish(known: Self.kinds)
    guard mapping.members.count == 1 else {
      throw ConfigurationError(
        mark: inner.mark, message: "\(what).secret: found \(mapping.members.count) keys, wanted one of env and file")
    }
    if haveEqualBytes(mapping.members[0].key, "env") {
      self = .variable(try Self.variable(mapping.require("env"), "\(what).secret.env"))
    } else {
      let path = try mapping.require("file")
      let text = try path.string("\(what).secret.file")
      guard !text.isEmpty, !text.utf8.contains(0) else {
        throw ConfigurationError(mark: path.mark, message: "\(what).secret.file: wanted the path of a file")
      }
      self = .file(UTF8String(text))
    }
  }

  private static func variable(_ node: YAMLNode, _ what: String) throws(ConfigurationError) -> String {
    let name = try node.string(what)
    guard isVariableName(name) else {
      throw ConfigurationError(mark: node.mark, message: "\(what): \(quotedForMessage(name)) is no name of a variable")
    }
    return name
  }
}

/// The configuration of a step with what stands for secrets in it.
struct SecretScan {
  private(set) var references: [SecretReference] = []

  /// - Parameters:
  ///   - configuration: a mapping.
  ///   - what: its name, for messages.
  init(_ configuration: YAMLNode, what: String) throws(ConfigurationError) {
    if case .mapping(let members) = configuration.content, members.count == 1,
      try SecretSource(configuration, what) != nil
    {
      throw ConfigurationError(
        mark: configuration.mark,
        message: "\(what): a secret stands for one text in a configuration, not for the whole of it; write it under the "
          + "key that the plugin wants it under")
    }
    try scan(configuration, at: [], what)
  }

  private mutating func scan(_ node: YAMLNode, at path: [PathStep], _ what: String) throws(ConfigurationError) {
    let name = path.isEmpty ? what : Self.name(path, in: what)
    if !path.isEmpty, let source = try SecretSource(node, name) {
      references.append(SecretReference(source: source, path: path, mark: node.mark, what: name))
      return
    }
    switch node.content {
    case .scalar: break
    case .sequence(let nodes):
      for (index, element) in nodes.enumerated() { try scan(element, at: path + [.index(index)], what) }
    case .mapping(let members):
      for member in members { try scan(member.value, at: path + [.key(member.key)], what) }
    }
  }

  private static func name(_ path: [PathStep], in what: String) -> String {
    let text = path.pathText
    return text.hasPrefix("[") ? what + text : "\(what).\(text)"
  }
}

extension YAMLNode {
  /// The value as JSON, with `value` in the places of `references`.
  func json(
    replacing references: [SecretReference], with value: (SecretReference) -> JSONValue
  ) -> JSONValue {
    guard !references.isEmpty else { return json }
    var values: [[PathStep]: JSONValue] = [:]
    for reference in references { values[reference.path] = value(reference) }
    return json(at: [], values)
  }

  private func json(at path: [PathStep], _ values: [[PathStep]: JSONValue]) -> JSONValue {
    if let value = values[path] { return value }
    switch content {
    case .scalar(let scalar): return scalar.value
    case .sequence(let nodes):
      return .array(nodes.enumerated().map { $1.json(at: path + [.index($0)], values) })
    case .mapping(let members):
      var object = JSONObject()
      for member in members { object[member.key] = member.value.json(at: path + [.key(member.key)], values) }
      return .object(object)
    }
  }
}
