import OmphalosValues

/// A schema for the configuration of a capability: a subset of JSON Schema 2020-12.
///
/// The keywords: `type`, `enum`, `const`, `properties`, `required`, `additionalProperties`, `minProperties`,
/// `maxProperties`, `items`, `prefixItems`, `minItems`, `maxItems`, `minimum`, `maximum`, `exclusiveMinimum`,
/// `exclusiveMaximum`, `minLength`, `maxLength`, `pattern`, `allOf`, `anyOf`, `oneOf`, `not`, `$ref` (within the same
/// schema, `#` or `#/…`) with `$defs`, `default`, `description`, `x-omphalos-secret`. `default`, `description` and
/// `$defs` say nothing about a value.
///
/// Schemas come from plugins that have not been admitted yet, so reading and applying one ends on any input.
public struct ConfigurationSchema: Sendable {
  let nodes: [SchemaNode]

  /// The number of the whole schema in the table.
  static let root = 0

  /// - Throws: `SchemaError` naming the place and the keyword.
  public init(_ json: JSONValue) throws(SchemaError) {
    var compiler = SchemaCompiler()
    _ = try compiler.compile(json, at: "#", depth: 0)
    nodes = try SchemaLinker(nodes: compiler.nodes, references: compiler.references).link()
  }

  /// Checks a value; an empty list says that it fits.
  ///
  /// - Parameters:
  ///   - name: What the value is called in messages.
  ///   - secretPaths: Where the value holds secrets. They are kept out of messages, and a text or number that the schema
  ///     marks as a secret is a violation anywhere else; nil: nobody asks.
  /// - Returns: At most 100 violations, in the order of the value's members.
  public func validate(
    _ value: JSONValue, name: String = "config", secretPaths: Set<[PathStep]>? = nil
  ) -> [SchemaViolation] {
    var evaluation = SchemaEvaluation(nodes: nodes, name: name, secretPaths: secretPaths)
    var violations: [SchemaViolation] = []
    evaluation.apply(Self.root, to: value, at: [], violations: &violations)
    if let exhaustion = evaluation.exhaustion { return [exhaustion] }
    violations += evaluation.plainSecrets
    return Array(violations.prefix(SchemaEvaluation.greatestViolations))
  }
}
