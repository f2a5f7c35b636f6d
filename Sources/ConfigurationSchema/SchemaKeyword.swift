import OmphalosValues

/// Every keyword that a schema of a configuration may use; any other is refused by name.
///
/// The meanings are those of JSON Schema 2020-12. `$defs` is there to hold what a `$ref` points to.
enum SchemaKeyword: String, CaseIterable {
  case type, `enum`, const
  case properties, required, additionalProperties, minProperties, maxProperties
  case items, prefixItems, minItems, maxItems
  case minimum, maximum, exclusiveMinimum, exclusiveMaximum
  case minLength, maxLength, pattern
  case allOf, anyOf, oneOf, not
  case reference = "$ref"
  case definitions = "$defs"
  case `default`, description
  /// The value is never shown in a message.
  case secret = "x-omphalos-secret"
}

/// The types that the keyword `type` names.
enum SchemaType: String, CaseIterable, Sendable {
  case null, boolean, object, array, number, integer, string

  /// Whether a value has this type. A number without a fraction is an integer, however it is written.
  func includes(_ value: JSONValue) -> Bool {
    switch (self, value) {
    case (.null, .null), (.boolean, .bool), (.object, .object), (.array, .array), (.string, .string): true
    case (.number, .integer), (.number, .number), (.integer, .integer): true
    case (.integer, .number(let number)): number.value.rounded() == number.value
    default: false
    }
  }

  var withArticle: String {
    switch self {
    case .null: "null"
    case .integer, .object, .array: "an \(rawValue)"
    default: "a \(rawValue)"
    }
  }
}
