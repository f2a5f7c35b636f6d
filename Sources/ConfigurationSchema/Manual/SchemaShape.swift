import OmphalosValues

/// What certainly holds for a value: a schema with those that it refers to and those in its `allOf`, taken together.
struct SchemaShape {
  /// The schema itself first.
  let layers: [SchemaNode]

  init(_ index: Int, in nodes: [SchemaNode]) {
    var layers: [SchemaNode] = []
    Self.add(index, nodes, &layers)
    self.layers = layers
  }

  /// The linker keeps schemas that apply in place from leading back to themselves; many of them still take time.
  private static func add(_ index: Int, _ nodes: [SchemaNode], _ layers: inout [SchemaNode]) {
    guard layers.count < 100 else { return }
    let node = nodes[index]
    layers.append(node)
    for inner in [node.reference].compactMap({ $0 }) + node.allOf { add(inner, nodes, &layers) }
  }

  var description: String? { layers.lazy.compactMap(\.summary).first }
  var defaultValue: JSONValue? { layers.lazy.compactMap(\.defaultValue).first }
  var constant: JSONValue? { layers.lazy.compactMap(\.constant).first }
  var enumeration: [JSONValue]? { layers.lazy.compactMap(\.enumeration).first }
  var pattern: SchemaPattern? { layers.lazy.compactMap(\.pattern).first }
  var items: Int? { layers.lazy.compactMap(\.items).first }
  var prefixItems: [Int] { layers.map(\.prefixItems).first { !$0.isEmpty } ?? [] }
  var additionalProperties: Int? { layers.lazy.compactMap(\.additionalProperties).first }
  var bounds: [Bound] { layers.flatMap(\.bounds) }
  var counts: [CountBound] { layers.flatMap(\.counts) }
  var isSecret: Bool { layers.contains(where: \.isSecret) }
  var answers: [Bool] { layers.compactMap(\.constantAnswer) }

  /// Each of these is a choice between schemas.
  var choices: [[Int]] { layers.flatMap { [$0.anyOf, $0.oneOf] }.filter { !$0.isEmpty } }
  var excludes: Bool { layers.contains { $0.not != nil } }

  /// Those that all layers leave; nil where none says anything.
  var types: [SchemaType]? {
    var types: [SchemaType]?
    for layer in layers {
      guard let named = layer.types else { continue }
      types = types.map { $0.filter { named.contains($0) || $0 == .integer && named.contains(.number) } } ?? named
    }
    return types
  }

  /// Those that must be there first, then by name.
  var properties: [(name: String, schema: Int, isRequired: Bool)] {
    var schemas: [UTF8String: Int] = [:]
    for layer in layers { schemas.merge(layer.properties) { first, _ in first } }
    let required = Set(layers.flatMap(\.required).map { UTF8String($0) })
    return schemas.sorted { left, right in
      let (first, second) = (required.contains(left.key), required.contains(right.key))
      return first == second ? left.key < right.key : first
    }.map { ($0.key.string, $0.value, required.contains($0.key)) }
  }

  /// Keys that must be there and are not described.
  var undescribed: [String] {
    let known = Set(layers.flatMap(\.properties.keys))
    var seen = known
    return layers.flatMap(\.required).filter { seen.insert(UTF8String($0)).inserted }
  }

  /// What a value is, in a word or two; nil where the schema leaves it open.
  var typeText: String? {
    if let types { return types.map(\.rawValue).joined(separator: " or ") }
    if let constant { return SchemaType.name(of: constant) }
    if let enumeration {
      let names = Set(enumeration.map { SchemaType.name(of: $0) }).sorted()
      return names.joined(separator: " or ")
    }
    return nil
  }
}

extension SchemaType {
  static func name(of value: JSONValue) -> String {
    switch value {
    case .null: "null"
    case .bool: "boolean"
    case .integer: "integer"
    case .number: "number"
    case .string: "string"
    case .array: "array"
    case .object: "object"
    }
  }
}
