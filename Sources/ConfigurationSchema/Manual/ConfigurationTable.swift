import OmphalosValues

/// The keys of a configuration for people: one row for each, also for those inside lists and mappings.
public struct ConfigurationTable: Sendable {
  public struct Row: Sendable, Hashable {
    /// "columns[].name"
    public let key: String
    public let type: String
    /// "required", the default, or nothing.
    public let need: String
    public let constraint: String
    public let description: String
  }

  private static let greatestDepth = 4
  private static let greatestRows = 200

  public private(set) var rows: [Row] = []
  /// What the rows do not tell, each a sentence without its full stop.
  public private(set) var remarks: [String] = []
  private let nodes: [SchemaNode]

  public init(_ schema: ConfigurationSchema) {
    nodes = schema.nodes
    let shape = SchemaShape(ConfigurationSchema.root, in: nodes)
    addMembers(of: shape, at: "", depth: 1)
    if rows.isEmpty && remarks.isEmpty {
      let takesAny = shape.additionalProperties.map { nodes[$0].constantAnswer != false } ?? !shape.answers.contains(false)
      remarks.append(takesAny ? "it takes any keys" : "it takes no keys")
    }
  }

  private mutating func remark(_ text: String) {
    if !remarks.contains(where: { haveEqualBytes($0, text) }) { remarks.append(text) }
  }

  private mutating func addMembers(of shape: SchemaShape, at path: String, depth: Int) {
    let choices = shape.choices.count
    if choices > 0 || shape.excludes {
      let what = path.isEmpty ? "the whole" : quotedForMessage(path)
      remark("\(what) has alternatives or exclusions, which only the schema itself tells")
    }
    let prefix = path.isEmpty ? "" : "\(path)."
    for property in shape.properties {
      add(prefix + yamlScalar(property.name), property.schema, property.isRequired, depth)
    }
    for name in shape.undescribed {
      append(Row(key: prefix + yamlScalar(name), type: "any", need: "required", constraint: "", description: ""))
    }
    guard let others = shape.additionalProperties, nodes[others].constantAnswer == nil else { return }
    add("\(prefix)*", others, false, depth)
  }

  private mutating func add(_ key: String, _ schema: Int, _ isRequired: Bool, _ depth: Int) {
    let shape = SchemaShape(schema, in: nodes)
    // A property that is not allowed at all is none to tell of.
    if shape.answers.contains(false) && !isRequired { return }
    let row = Row(
      key: key, type: type(of: shape), need: need(shape, isRequired), constraint: constraint(of: shape),
      description: shape.description ?? "")
    // Of the mappings in a list the keys say enough.
    let goesWithoutSaying = key.hasSuffix("[]") && row.constraint.isEmpty && row.description.isEmpty
    if !goesWithoutSaying || shape.properties.isEmpty { append(row) }
    guard rows.count < Self.greatestRows else { return }
    guard depth < Self.greatestDepth else {
      if shape.items != nil || !shape.properties.isEmpty || !shape.prefixItems.isEmpty {
        remark("what stands more than \(Self.greatestDepth) levels deep, only the schema itself tells")
      }
      return
    }
    let isOpen = !shape.choices.isEmpty || shape.excludes
    if isOpen || !shape.properties.isEmpty || shape.additionalProperties != nil {
      addMembers(of: shape, at: key, depth: depth + 1)
    }
    for (index, element) in shape.prefixItems.enumerated() { add("\(key)[\(index)]", element, false, depth + 1) }
    if let items = shape.items, nodes[items].constantAnswer == nil, isWorthARow(items) {
      add("\(key)[]", items, false, depth + 1)
    }
  }

  private mutating func append(_ row: Row) {
    guard rows.count < Self.greatestRows else {
      return remark("there are more than \(Self.greatestRows) keys, and only the schema itself has the rest")
    }
    rows.append(row)
  }

  /// A list of texts says all in its own row.
  private func isWorthARow(_ items: Int) -> Bool {
    let shape = SchemaShape(items, in: nodes)
    let hasMore = !shape.properties.isEmpty || shape.items != nil || !shape.choices.isEmpty || shape.description != nil
    return hasMore || !constraint(of: shape).isEmpty || shape.additionalProperties.map { nodes[$0].constantAnswer == nil } ?? false
  }

  private func type(of shape: SchemaShape) -> String {
    if shape.isSecret { return "secret" }
    guard let text = shape.typeText else {
      return shape.choices.isEmpty ? "any" : "one of several"
    }
    guard text == "array", let items = shape.items, let element = SchemaShape(items, in: nodes).typeText else { return text }
    return "list of \(element)"
  }

  private func need(_ shape: SchemaShape, _ isRequired: Bool) -> String {
    if isRequired { return "required" }
    return shape.defaultValue.map { Self.short($0.yamlText) } ?? ""
  }

  private func constraint(of shape: SchemaShape) -> String {
    var parts: [String] = []
    if let constant = shape.constant { parts.append("always \(Self.short(constant.yamlText))") }
    if let accepted = shape.enumeration {
      parts.append("one of " + listed(accepted.map { Self.short($0.yamlText) }, atMost: 12))
    }
    parts += (shape.bounds.map(\.wanted) + shape.counts.map(\.wanted)).sorted { $0.hasPrefix("at least") && !$1.hasPrefix("at least") }
    if let pattern = shape.pattern { parts.append("pattern \(Self.short(pattern.source))") }
    return parts.joined(separator: ", ")
  }

  private static func short(_ text: String) -> String {
    let limit = 60
    return text.unicodeScalars.count > limit ? String(text.unicodeScalars.prefix(limit)) + "…" : text
  }
}

extension ConfigurationTable {
  /// The table with its columns under each other; each row's description is the last of them.
  public var lines: [String] {
    guard !rows.isEmpty else { return [] }
    let head = ["key", "type", "default", "constraint", "description"]
    let cells = [head] + rows.map { [$0.key, $0.type, $0.need, $0.constraint, $0.description].map { printable($0) } }
    // A column without a word is left out, and one long cell does not push all others aside.
    let columns = head.indices.filter { column in cells.dropFirst().contains { !$0[column].isEmpty } }
    let widths = columns.map { column in min(30, cells.map { $0[column].count }.max() ?? 0) }
    return cells.map { row in
      let line = zip(columns, widths).map { column, width in
        row[column] + String(repeating: " ", count: max(0, width - row[column].count))
      }.joined(separator: "  ")
      return String(line.reversed().drop { $0 == " " }.reversed())
    }
  }
}
