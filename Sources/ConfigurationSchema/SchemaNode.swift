import OmphalosValues

/// One schema with its keywords checked; the schemas inside it are named by their number in the table.
struct SchemaNode: Sendable {
  /// The place as a JSON pointer after `#`.
  let path: String
  /// Of the schemas `true` and `false`, which one this is.
  var constantAnswer: Bool?

  var types: [SchemaType]?
  var enumeration: [JSONValue]?
  var constant: JSONValue?

  var properties: [UTF8String: Int] = [:]
  var required: [String] = []
  var additionalProperties: Int?
  var prefixItems: [Int] = []
  var items: Int?

  var bounds: [Bound] = []
  var counts: [CountBound] = []
  var pattern: SchemaPattern?

  var allOf: [Int] = []
  var anyOf: [Int] = []
  var oneOf: [Int] = []
  var not: Int?
  var reference: Int?

  /// `default` and `description`, which say nothing about a value.
  var defaultValue: JSONValue?
  var summary: String?

  /// Whether values are kept out of messages: by the keyword here or in a schema that this one applies in place.
  var isSecret = false

  init(path: String) {
    self.path = path
  }

  /// The schemas that apply to the same value as this one.
  var inPlaceSchemas: [Int] {
    allOf + anyOf + oneOf + [not, reference].compactMap { $0 }
  }
}

/// `minimum`, `maximum` and their exclusive forms.
struct Bound: Sendable {
  let keyword: SchemaKeyword
  /// An integer or a number.
  let limit: JSONValue

  func admits(_ value: JSONValue) -> Bool {
    guard let order = numericOrder(value, limit) else { return true }
    return switch keyword {
    case .minimum: order != .less
    case .maximum: order != .greater
    case .exclusiveMinimum: order == .greater
    default: order == .less
    }
  }

  var wanted: String {
    let limit = limit.canonicalText
    return switch keyword {
    case .minimum: "at least \(limit)"
    case .maximum: "at most \(limit)"
    case .exclusiveMinimum: "more than \(limit)"
    default: "less than \(limit)"
    }
  }
}

/// `minLength`, `maxLength` and their kin for elements and properties.
struct CountBound: Sendable {
  let keyword: SchemaKeyword
  let limit: Int

  /// What is counted in a value; nil if the keyword does not apply to it.
  func count(in value: JSONValue) -> Int? {
    switch (keyword, value) {
    case (.minLength, .string(let text)), (.maxLength, .string(let text)): text.unicodeScalars.count
    case (.minItems, .array(let elements)), (.maxItems, .array(let elements)): elements.count
    case (.minProperties, .object(let object)), (.maxProperties, .object(let object)): object.count
    default: nil
    }
  }

  func admits(_ count: Int) -> Bool {
    isMinimum ? count >= limit : count <= limit
  }

  /// What is counted, in the plural or not as the number wants: `1 element`, `3 characters`.
  func text(_ count: Int) -> String {
    switch keyword {
    case .minLength, .maxLength: "\(count) character\(count == 1 ? "" : "s")"
    case .minItems, .maxItems: "\(count) element\(count == 1 ? "" : "s")"
    default: "\(count) propert\(count == 1 ? "y" : "ies")"
    }
  }

  var wanted: String { (isMinimum ? "at least " : "at most ") + text(limit) }

  private var isMinimum: Bool { keyword == .minLength || keyword == .minItems || keyword == .minProperties }
}
