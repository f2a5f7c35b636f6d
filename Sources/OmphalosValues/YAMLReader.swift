import Yams

extension YAMLNode {
  /// Reads a file that holds one YAML document.
  ///
  /// Scalars are resolved by the core schema of YAML 1.2; a plain scalar that YAML 1.1 reads otherwise is refused.
  /// Keys are texts and distinct. Tags other than the core schema's, merge keys and anchors on keys are refused.
  ///
  /// - Parameter file: The file's name, as errors show it.
  /// - Throws: `ConfigurationError` with the place of the first problem.
  public static func parse(bytes: [UInt8], file: String) throws(ConfigurationError) -> YAMLNode {
    let text = try YAMLText(bytes: bytes, file: file)
    let parser: Parser
    let root: Node?
    do {
      // The encoding is given because the default asks the environment; without rules nothing is resolved by 1.1.
      parser = try Parser(yaml: text.string, resolver: .basic, encoding: .utf8)
      root = try parser.singleRoot()
    } catch let error as YamlError {
      throw YAMLSyntaxError(error).configurationError(in: text)
    } catch {
      throw ConfigurationError(mark: nil, message: "\(file) cannot be read as YAML: \(error)")
    }
    guard let root else {
      throw ConfigurationError(mark: text.mark(line: 1, column: 1), message: "the file is empty")
    }
    var reader = YAMLReader(text: text)
    // The parser owns the anchors that the nodes refer to weakly.
    defer { withExtendedLifetime(parser) {} }
    return try reader.read(root, depth: 0)
  }
}

/// Turns the parser's nodes into ours.
private struct YAMLReader {
  /// Aliases are shared until they are written out here; a few lines can stand for billions of nodes.
  private static let greatestNodeCount = 100_000
  private static let greatestDepth = 64
  private static let tagPrefix = "tag:yaml.org,2002:"

  let text: YAMLText
  private var nodeCount = 0

  init(text: YAMLText) {
    self.text = text
  }

  mutating func read(_ node: Node, depth: Int) throws(ConfigurationError) -> YAMLNode {
    let mark = place(of: node)
    nodeCount += 1
    guard nodeCount <= Self.greatestNodeCount else {
      throw ConfigurationError(
        mark: mark, message: "with its aliases written out, the file has more than \(Self.greatestNodeCount) values")
    }
    guard depth <= Self.greatestDepth else {
      throw ConfigurationError(
        mark: mark, message: "sequences and mappings stand more than \(Self.greatestDepth) deep in each other")
    }
    switch node {
    case .scalar(let scalar):
      return YAMLNode(mark: mark, content: .scalar(try read(scalar, at: mark)))
    case .sequence(let sequence):
      try checkTag(sequence.tag, wanted: "seq", at: mark)
      var elements: [YAMLNode] = []
      for element in sequence { elements.append(try read(element, depth: depth + 1)) }
      return YAMLNode(mark: mark, content: .sequence(elements))
    case .mapping(let mapping):
      try checkTag(mapping.tag, wanted: "map", at: mark)
      return YAMLNode(mark: mark, content: .mapping(try read(mapping, depth: depth)))
    case .alias:
      throw ConfigurationError(mark: mark, message: "an alias could not be followed")
    }
  }

  private mutating func read(_ mapping: Node.Mapping, depth: Int) throws(ConfigurationError) -> [YAMLMember] {
    var members: [YAMLMember] = []
    var places: [UTF8String: SourceMark] = [:]
    for (key, value) in mapping {
      let keyMark = place(of: key)
      let name = try readKey(key, at: keyMark)
      if let first = places.updateValue(keyMark, forKey: UTF8String(name)) {
        throw DuplicateKey(key: name, first: first, second: keyMark).error
      }
      members.append(YAMLMember(key: name, keyMark: keyMark, value: try read(value, depth: depth + 1)))
    }
    return members
  }

  private func readKey(_ key: Node, at mark: SourceMark) throws(ConfigurationError) -> String {
    guard case .scalar(let scalar) = key else {
      throw ConfigurationError(mark: mark, message: "a key must be a text; sequences and mappings are not supported")
    }
    guard scalar.anchor == nil else {
      throw ConfigurationError(mark: mark, message: "an anchor on a key is not supported: put it on the value")
    }
    // Comparing the keys has resolved their tags already, so that a plain key shows the tag of a text.
    let isPlain = scalar.style == .plain
    let key = isPlain ? try readPlain(scalar.string, at: mark) : try read(scalar, at: mark)
    guard let name = key.value.stringValue else {
      let found = YAMLNode(mark: mark, content: .scalar(key)).foundForMessage
      throw ConfigurationError(mark: mark, message: "a key must be a text, found \(found): put it in quotes")
    }
    return name
  }

  private func read(_ scalar: Node.Scalar, at mark: SourceMark) throws(ConfigurationError) -> YAMLScalar {
    let tag = scalar.tag.rawValue
    if scalar.style == .plain && tag.isEmpty { return try readPlain(scalar.string, at: mark) }
    do throws(YAMLScalar.Problem) {
      return YAMLScalar(text: scalar.string, isPlain: false, value: try value(of: scalar.string, tag: tag))
    } catch {
      throw ConfigurationError(mark: mark, message: error.message)
    }
  }

  private func readPlain(_ text: String, at mark: SourceMark) throws(ConfigurationError) -> YAMLScalar {
    do throws(YAMLScalar.Problem) {
      return YAMLScalar(text: text, isPlain: true, value: try YAMLScalar.resolvePlain(text))
    } catch {
      throw ConfigurationError(mark: mark, message: error.message)
    }
  }

  private func value(of text: String, tag: String) throws(YAMLScalar.Problem) -> JSONValue {
    if tag.isEmpty || tag == "!" { return .string(text) }
    let name = tag.hasPrefix(Self.tagPrefix) ? String(tag.dropFirst(Self.tagPrefix.count)) : ""
    guard ["str", "null", "bool", "int", "float"].contains(name) else { throw unsupported(tag) }
    return try YAMLScalar.resolve(text, coreTag: name)
  }

  private func checkTag(_ tag: Tag, wanted: String, at mark: SourceMark) throws(ConfigurationError) {
    let name = tag.rawValue
    guard name.isEmpty || name == "!" || name == Self.tagPrefix + wanted else {
      throw ConfigurationError(mark: mark, message: unsupported(name).message)
    }
  }

  private func unsupported(_ tag: String) -> YAMLScalar.Problem {
    YAMLScalar.Problem(
      message: "the tag \(quotedForMessage(tag)) is not supported here: wanted none, or one of "
        + "!!str, !!int, !!float, !!bool, !!null, !!seq, !!map")
  }

  private func place(of node: Node) -> SourceMark {
    text.mark(line: node.mark?.line ?? 1, column: node.mark?.column ?? 1)
  }
}

extension YAMLSyntaxError {
  fileprivate init(_ error: YamlError) {
    switch error {
    case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
      .composer(let context, let problem, let mark, _):
      let context = context.map { Context(text: $0.text, line: $0.mark.line, column: $0.mark.column) }
      self.init(problem: problem, context: context, line: mark.line, column: mark.column)
    case .duplicatedKeysInMapping(let duplicates, let context):
      self.init(duplicateKey: duplicates.sorted().first ?? "", line: context.mark.line, column: context.mark.column)
    case .reader(let problem, _, _, _):
      self.init(problem: problem, context: nil, line: 1, column: 1)
    default:
      self.init(problem: "\(error)", context: nil, line: 1, column: 1)
    }
  }
}
