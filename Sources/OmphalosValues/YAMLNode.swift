/// A value of a YAML file, with the place where it stands.
///
/// Read by ``parse(bytes:file:)``. A value that an alias repeats carries the place of its anchor.
public struct YAMLNode: Sendable {
  public enum Content: Sendable {
    case scalar(YAMLScalar)
    case sequence([YAMLNode])
    case mapping([YAMLMember])
  }

  public let mark: SourceMark
  public let content: Content

  public init(mark: SourceMark, content: Content) {
    self.mark = mark
    self.content = content
  }

  /// The value without places and styles.
  public var json: JSONValue {
    switch content {
    case .scalar(let scalar): return scalar.value
    case .sequence(let nodes): return .array(nodes.map(\.json))
    case .mapping(let members):
      var object = JSONObject()
      for member in members { object[member.key] = member.value.json }
      return .object(object)
    }
  }

  /// Whether this is an empty value, `~` or `null`.
  public var isNull: Bool {
    if case .scalar(let scalar) = content { scalar.value.isNull } else { false }
  }

  /// The member of a mapping, or the element of a sequence.
  public subscript(step: PathStep) -> YAMLNode? {
    switch (content, step) {
    case (.mapping, .key(let key)): member(key)?.value
    case (.sequence(let nodes), .index(let index)): nodes.indices.contains(index) ? nodes[index] : nil
    default: nil
    }
  }

  func member(_ key: String) -> YAMLMember? {
    guard case .mapping(let members) = content else { return nil }
    return members.first { haveEqualBytes($0.key, key) }
  }

  /// The value as messages name it: `the number 1.0`, `a mapping`.
  public var foundForMessage: String {
    switch content {
    case .sequence: return "a sequence"
    case .mapping: return "a mapping"
    case .scalar(let scalar):
      switch scalar.value {
      case .null: return scalar.text.isEmpty ? "nothing" : "null"
      case .bool: return "the boolean \(scalar.text)"
      case .integer, .number: return "the number \(scalar.text)"
      default: return "the text \(quotedForMessage(scalar.text, limit: 60))"
      }
    }
  }
}

/// A key of a mapping with its value.
public struct YAMLMember: Sendable {
  public let key: String
  public let keyMark: SourceMark
  public let value: YAMLNode

  public init(key: String, keyMark: SourceMark, value: YAMLNode) {
    self.key = key
    self.keyMark = keyMark
    self.value = value
  }
}

extension YAMLNode {
  /// The place of the value at the end of a path, or, where the path leads to nothing, of the last value on it.
  public func mark(at path: [PathStep]) -> SourceMark {
    var node = self
    for step in path {
      guard let next = node[step] else { break }
      node = next
    }
    return node.mark
  }

  /// The place of the key that the path's last step names; for an element of a sequence, the place of its value.
  public func keyMark(at path: [PathStep]) -> SourceMark {
    guard case .key(let key) = path.last else { return mark(at: path) }
    var node = self
    for step in path.dropLast() {
      guard let next = node[step] else { return node.mark }
      node = next
    }
    return node.member(key)?.keyMark ?? node.mark
  }
}
