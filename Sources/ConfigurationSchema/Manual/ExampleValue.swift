import OmphalosValues

/// A value that fits a schema, as plain as the schema lets it be.
struct ExampleValue {
  let value: JSONValue
  /// Where it stands for a secret.
  let secrets: Set<[PathStep]>
}

/// Looks for values that fit. What it proposes is held against the schema itself, so it may be simple.
struct ExampleMaker {
  private static let greatestDepth = 8
  private static let greatestElements: Int64 = 50
  private static let greatestLength: Int64 = 200

  let nodes: [SchemaNode]
  /// A hostile schema could make this endless.
  private var steps = 3_000
  private var work = 10_000_000

  init(_ schema: ConfigurationSchema) { nodes = schema.nodes }

  /// A whole configuration, which is an object whatever the schema says; nil if none was found.
  mutating func configuration() -> ExampleValue? { example(for: ConfigurationSchema.root, depth: 0, only: .object) }

  /// - Returns: nil if none was found.
  mutating func example(for schema: Int, depth: Int, only wanted: SchemaType? = nil) -> ExampleValue? {
    guard depth <= Self.greatestDepth, steps > 0 else { return nil }
    steps -= 1
    let shape = SchemaShape(schema, in: nodes)
    // Choices are tried one after the other, together with what holds in any case.
    var candidates = plain(shape)
    for kind in types(of: shape, only: wanted) { candidates += made(kind, shape, depth) }
    for choice in shape.choices {
      for alternative in choice {
        let both = SchemaShape(layers: shape.layers + SchemaShape(alternative, in: nodes).layers)
        candidates += plain(both)
        for kind in types(of: both, only: wanted) { candidates += made(kind, both, depth) }
      }
    }
    for candidate in candidates where (wanted?.includes(candidate.value) ?? true) && fits(candidate.value, schema) {
      return shape.isSecret ? ExampleValue(value: candidate.value, secrets: Self.texts(in: candidate.value)) : candidate
    }
    return nil
  }

  /// A mapping that is marked as secret is so in all its texts.
  private static func texts(in value: JSONValue) -> Set<[PathStep]> {
    switch value {
    case .string: [[]]
    case .array(let elements):
      Set(elements.enumerated().flatMap { index, element in texts(in: element).map { [.index(index)] + $0 } })
    case .object(let object):
      Set(object.members.flatMap { key, member in texts(in: member).map { [.key(key)] + $0 } })
    default: []
    }
  }

  private mutating func fits(_ value: JSONValue, _ schema: Int) -> Bool {
    guard steps > 0, work > 0 else { return false }
    steps -= 1
    var evaluation = SchemaEvaluation(nodes: nodes, name: "")
    var violations: [SchemaViolation] = []
    evaluation.apply(schema, to: value, at: [], violations: &violations)
    work -= evaluation.work
    return evaluation.exhaustion == nil && violations.isEmpty
  }

  /// What the schema itself names.
  private func plain(_ shape: SchemaShape) -> [ExampleValue] {
    let named = [shape.constant, shape.defaultValue].compactMap { $0 } + (shape.enumeration ?? []).prefix(20)
    return named.map { ExampleValue(value: $0, secrets: []) }
  }

  private func types(of shape: SchemaShape, only wanted: SchemaType?) -> [SchemaType] {
    if let wanted { return [wanted] }
    if let types = shape.types { return types }
    if !shape.properties.isEmpty || shape.additionalProperties != nil { return [.object] }
    if shape.items != nil || !shape.prefixItems.isEmpty { return [.array] }
    if shape.pattern != nil || shape.counts.contains(where: { $0.keyword == .minLength }) { return [.string] }
    if !shape.bounds.isEmpty { return [.integer, .number] }
    return [.string, .boolean, .integer, .number, .object, .array, .null]
  }

  private mutating func made(_ type: SchemaType, _ shape: SchemaShape, _ depth: Int) -> [ExampleValue] {
    switch type {
    case .null: [ExampleValue(value: .null, secrets: [])]
    case .boolean: [true, false].map { ExampleValue(value: .bool($0), secrets: []) }
    case .integer, .number: numbers(shape, isWhole: type == .integer).map { ExampleValue(value: $0, secrets: []) }
    case .string: texts(shape).map { ExampleValue(value: .string($0), secrets: []) }
    case .array: lists(shape, depth)
    case .object: object(shape, depth).map { [$0] } ?? []
    }
  }

  private func numbers(_ shape: SchemaShape, isWhole: Bool) -> [JSONValue] {
    var values: [JSONValue] = [1, 0]
    for bound in shape.bounds {
      values.append(bound.limit)
      let limit = bound.limit.numberValue ?? Double(bound.limit.integerValue ?? 0)
      let upwards = bound.keyword == .minimum || bound.keyword == .exclusiveMinimum
      let (nearest, next) =
        upwards ? (limit.rounded(.up), limit.rounded(.down) + 1) : (limit.rounded(.down), limit.rounded(.up) - 1)
      values += [nearest, next].compactMap { Int64(exactly: $0).map(JSONValue.integer) }
      // A Double cannot tell all of them apart.
      if let integer = bound.limit.integerValue { values.append(.integer(upwards ? integer &+ 1 : integer &- 1)) }
    }
    guard !isWhole else { return values }
    let limits = shape.bounds.map { $0.limit.numberValue ?? Double($0.limit.integerValue ?? 0) }.sorted()
    for (low, high) in zip(limits, limits.dropFirst()) {
      if let middle = FiniteDouble(low / 2 + high / 2) { values.append(.number(middle)) }
    }
    return values + limits.flatMap { [$0 + 0.5, $0 - 0.5] }.compactMap { FiniteDouble($0).map(JSONValue.number) }
  }

  private func texts(_ shape: SchemaShape) -> [String] {
    if let pattern = shape.pattern {
      return [1, 0, 2, 4, 8, 16, 32, 64].compactMap { PatternExample.text(for: pattern, extra: $0) }
    }
    let (least, most) = bounds(shape, .minLength, .maxLength)
    guard least <= Self.greatestLength else { return [] }
    let word = "text"
    let length = max(Int(least), min(word.count, Int(most)))
    return [String((word + String(repeating: "x", count: length)).prefix(length)), ""]
  }

  private func bounds(_ shape: SchemaShape, _ low: SchemaKeyword, _ high: SchemaKeyword) -> (Int64, Int64) {
    let least = shape.counts.filter { $0.keyword == low }.map(\.limit).max() ?? 0
    let most = shape.counts.filter { $0.keyword == high }.map(\.limit).min() ?? .max
    return (Int64(least), Int64(most))
  }

  /// One with an element, where it may have one, and the shortest.
  private mutating func lists(_ shape: SchemaShape, _ depth: Int) -> [ExampleValue] {
    let (least, most) = bounds(shape, .minItems, .maxItems)
    guard least <= Self.greatestElements else { return [] }
    let wanted = min(max(least, Int64(shape.prefixItems.count), 1), most)
    return Set([wanted, least]).sorted(by: >).compactMap { list(of: Int($0), shape, depth) }
  }

  private mutating func list(of count: Int, _ shape: SchemaShape, _ depth: Int) -> ExampleValue? {
    var elements: [JSONValue] = []
    var secrets: Set<[PathStep]> = []
    for index in 0..<count {
      let schema = index < shape.prefixItems.count ? shape.prefixItems[index] : shape.items
      var element = ExampleValue(value: "text", secrets: [])
      if let schema {
        guard let made = example(for: schema, depth: depth + 1) else { return nil }
        element = made
      }
      elements.append(element.value)
      for path in element.secrets { secrets.insert([.index(index)] + path) }
    }
    return ExampleValue(value: .array(elements), secrets: secrets)
  }

  /// With the properties that must be there, and others as far as there must be some.
  private mutating func object(_ shape: SchemaShape, _ depth: Int) -> ExampleValue? {
    var object = JSONObject()
    var secrets: Set<[PathStep]> = []
    let (least, _) = bounds(shape, .minProperties, .maxProperties)
    for property in shape.properties {
      guard property.isRequired || object.count + shape.undescribed.count < least else { continue }
      guard let member = example(for: property.schema, depth: depth + 1) else {
        if property.isRequired { return nil }
        continue
      }
      object[property.name] = member.value
      for path in member.secrets { secrets.insert([.key(property.name)] + path) }
    }
    let more = max(0, min(least, Self.greatestElements) - Int64(object.count + shape.undescribed.count))
    for name in shape.undescribed + (0..<more).map({ "key\($0 + 1)" }) {
      var member = ExampleValue(value: "text", secrets: [])
      if let others = shape.additionalProperties {
        guard let made = example(for: others, depth: depth + 1) else { return nil }
        member = made
      }
      object[name] = member.value
      for path in member.secrets { secrets.insert([.key(name)] + path) }
    }
    return ExampleValue(value: .object(object), secrets: secrets)
  }
}

extension SchemaShape {
  init(layers: [SchemaNode]) { self.layers = layers }
}
