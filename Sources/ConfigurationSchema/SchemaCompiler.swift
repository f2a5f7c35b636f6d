import OmphalosValues

/// Turns a JSON value into a table of schemas, without following references.
struct SchemaCompiler {
  private static let greatestDepth = 64

  private(set) var nodes: [SchemaNode] = []
  /// Where each `$ref` stands, and what it says.
  private(set) var references: [(node: Int, target: String)] = []

  /// - Returns: the schema's number in the table.
  mutating func compile(_ json: JSONValue, at path: String, depth: Int) throws(SchemaError) -> Int {
    guard depth <= Self.greatestDepth else {
      throw SchemaError(schemaPath: path, problem: "schemas stand more than \(Self.greatestDepth) deep in each other")
    }
    let index = nodes.count
    nodes.append(SchemaNode(path: path))
    switch json {
    case .bool(let answer):
      nodes[index].constantAnswer = answer
    case .object(let object):
      for (key, value) in object.sortedMembers {
        let keyword = try Self.keyword(key, at: path)
        let place = Place(index: index, path: path + "/" + jsonPointerToken(key), depth: depth)
        try read(keyword, value, at: place)
      }
    default:
      throw SchemaError(
        schemaPath: path, problem: "found \(json.kindForMessage), wanted a schema: an object, true or false")
    }
    return index
  }

  /// Where a keyword stands.
  struct Place {
    /// The number of the schema that has the keyword.
    let index: Int
    let path: String
    let depth: Int

    func wanted(_ wanted: String, found value: JSONValue) -> SchemaError {
      SchemaError(schemaPath: path, problem: "found \(value.kindForMessage), wanted \(wanted)")
    }
  }

  private static func keyword(_ key: String, at path: String) throws(SchemaError) -> SchemaKeyword {
    if let keyword = SchemaKeyword(rawValue: key) { return keyword }
    let known = SchemaKeyword.allCases.map(\.rawValue)
    let nearest = nearestNames(to: key, among: known, limit: 1).first
    throw SchemaError(
      schemaPath: path + "/" + jsonPointerToken(key),
      problem: "the keyword \(quotedForMessage(key)) is not supported; "
        + (nearest.map { "did you mean \"\($0)\"?" } ?? "supported are \(known.joined(separator: ", "))"))
  }

  private mutating func read(_ keyword: SchemaKeyword, _ value: JSONValue, at place: Place) throws(SchemaError) {
    switch keyword {
    case .type: nodes[place.index].types = try types(value, at: place)
    case .enum: nodes[place.index].enumeration = try nonEmptyArray(value, "an array of the accepted values", at: place)
    case .const: nodes[place.index].constant = value
    case .required: nodes[place.index].required = try names(value, at: place)
    case .properties: nodes[place.index].properties = try schemas(value, at: place)
    case .definitions: _ = try schemas(value, at: place)
    case .additionalProperties: nodes[place.index].additionalProperties = try schema(value, at: place)
    case .items: nodes[place.index].items = try schema(value, at: place)
    case .prefixItems: nodes[place.index].prefixItems = try schemaList(value, at: place)
    case .allOf: nodes[place.index].allOf = try schemaList(value, at: place)
    case .anyOf: nodes[place.index].anyOf = try schemaList(value, at: place)
    case .oneOf: nodes[place.index].oneOf = try schemaList(value, at: place)
    case .not: nodes[place.index].not = try schema(value, at: place)
    case .minimum, .maximum, .exclusiveMinimum, .exclusiveMaximum:
      guard SchemaType.number.includes(value) else { throw place.wanted("a number", found: value) }
      nodes[place.index].bounds.append(Bound(keyword: keyword, limit: value))
    case .minLength, .maxLength, .minItems, .maxItems, .minProperties, .maxProperties:
      nodes[place.index].counts.append(CountBound(keyword: keyword, limit: try count(value, at: place)))
    case .pattern: nodes[place.index].pattern = try pattern(value, at: place)
    case .reference: references.append((place.index, try text(value, at: place)))
    case .default: nodes[place.index].defaultValue = value
    case .description: nodes[place.index].summary = try text(value, at: place)
    case .secret:
      guard let isSecret = value.boolValue else { throw place.wanted("true or false", found: value) }
      nodes[place.index].isSecret = isSecret
    }
  }
}

extension SchemaCompiler {
  private mutating func schema(_ value: JSONValue, at place: Place) throws(SchemaError) -> Int {
    try compile(value, at: place.path, depth: place.depth + 1)
  }

  private mutating func schemas(_ value: JSONValue, at place: Place) throws(SchemaError) -> [UTF8String: Int] {
    guard let object = value.objectValue else { throw place.wanted("an object of schemas", found: value) }
    var result: [UTF8String: Int] = [:]
    for (key, value) in object.members {
      result[UTF8String(key)] = try compile(
        value, at: place.path + "/" + jsonPointerToken(key), depth: place.depth + 1)
    }
    return result
  }

  private mutating func schemaList(_ value: JSONValue, at place: Place) throws(SchemaError) -> [Int] {
    var result: [Int] = []
    for (number, element) in try nonEmptyArray(value, "an array of schemas", at: place).enumerated() {
      result.append(try compile(element, at: "\(place.path)/\(number)", depth: place.depth + 1))
    }
    return result
  }

  private func nonEmptyArray(
    _ value: JSONValue, _ wanted: String, at place: Place
  ) throws(SchemaError) -> [JSONValue] {
    guard let elements = value.arrayValue else { throw place.wanted(wanted, found: value) }
    guard !elements.isEmpty else {
      throw SchemaError(schemaPath: place.path, problem: "found an empty array, wanted \(wanted)")
    }
    return elements
  }

  private func types(_ value: JSONValue, at place: Place) throws(SchemaError) -> [SchemaType] {
    let known = SchemaType.allCases.map(\.rawValue)
    let isOne = value.stringValue != nil
    let elements = isOne ? [value] : try nonEmptyArray(value, "a type or an array of types", at: place)
    var types: [SchemaType] = []
    for element in elements {
      guard let name = element.stringValue else { throw place.wanted("the name of a type", found: element) }
      guard let type = SchemaType(rawValue: name) else {
        let nearest = nearestNames(to: name, among: known, limit: 1).first
        throw SchemaError(
          schemaPath: place.path,
          problem: "the type \(quotedForMessage(name)) does not exist; "
            + (nearest.map { "did you mean \"\($0)\"?" } ?? "types are \(known.joined(separator: ", "))"))
      }
      guard !types.contains(type) else {
        throw SchemaError(schemaPath: place.path, problem: "the type \"\(name)\" comes twice")
      }
      types.append(type)
    }
    return types
  }

  private func names(_ value: JSONValue, at place: Place) throws(SchemaError) -> [String] {
    guard let elements = value.arrayValue else { throw place.wanted("an array of property names", found: value) }
    var names: [String] = []
    var seen: Set<UTF8String> = []
    for element in elements {
      guard let name = element.stringValue else { throw place.wanted("the name of a property", found: element) }
      guard seen.insert(UTF8String(name)).inserted else {
        throw SchemaError(schemaPath: place.path, problem: "the property \(quotedForMessage(name)) comes twice")
      }
      names.append(name)
    }
    return names
  }

  private func text(_ value: JSONValue, at place: Place) throws(SchemaError) -> String {
    guard let text = value.stringValue else { throw place.wanted("a string", found: value) }
    return text
  }

  private func count(_ value: JSONValue, at place: Place) throws(SchemaError) -> Int {
    let integer = value.integerValue ?? value.numberValue.flatMap { Int64(exactly: $0) }
    guard let integer, integer >= 0 else {
      throw SchemaError(
        schemaPath: place.path, problem: "found \(value.canonicalText), wanted a whole number of at least 0")
    }
    return Int(integer)
  }

  private func pattern(_ value: JSONValue, at place: Place) throws(SchemaError) -> SchemaPattern {
    let text = try text(value, at: place)
    do throws(PatternError) { return try SchemaPattern(text) } catch {
      throw SchemaError(
        schemaPath: place.path, problem: "the pattern \(quotedForMessage(text)) is not supported: \(error.problem)")
    }
  }
}

/// A key as it stands in a JSON pointer (RFC 6901).
func jsonPointerToken(_ key: String) -> String {
  var token = ""
  for scalar in key.unicodeScalars {
    switch scalar {
    case "~": token += "~0"
    case "/": token += "~1"
    default: token.unicodeScalars.append(scalar)
    }
  }
  return token
}
