import OmphalosValues

/// Parts of JSON Schemas of files that people write, for editors: they complete keys, show what they mean, and mark
/// mistakes. In the vocabulary of configurations, so that our own validator applies them as well.
public enum EditorSchema {
  public typealias Member = (key: String, schema: JSONValue)

  /// The schema of a whole file.
  public static func file(_ mapping: JSONObject, definitions: JSONObject = [:]) -> JSONValue {
    var schema = mapping
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    if !definitions.isEmpty { schema["$defs"] = .object(definitions) }
    return .object(schema)
  }

  public static func reference(_ name: String, _ description: String? = nil) -> JSONValue {
    var schema: JSONObject = ["$ref": .string("#/$defs/\(name)")]
    if let description { schema["description"] = .string(description) }
    return .object(schema)
  }

  public static func text(_ description: String, pattern: String? = nil) -> JSONValue {
    var schema: JSONObject = ["description": .string(description), "type": "string"]
    if let pattern { schema["pattern"] = .string(pattern) }
    return .object(schema)
  }

  /// One of these words.
  public static func word(_ description: String, _ words: [String]) -> JSONValue {
    ["description": .string(description), "enum": .array(words.map(JSONValue.string))]
  }

  public static func flag(_ description: String) -> JSONValue {
    ["description": .string(description), "type": "boolean"]
  }

  /// A mapping with these keys and no others. An optional key may stand there without a value.
  public static func mapping(
    _ description: String, required: [Member] = [], optional: [Member] = []
  ) -> JSONObject {
    var properties = JSONObject()
    for member in required { properties[member.key] = member.schema }
    for member in optional { properties[member.key] = orNothing(member.schema) }
    var schema: JSONObject = [
      "description": .string(description), "type": "object", "additionalProperties": false, "properties": .object(properties),
    ]
    if !required.isEmpty { schema["required"] = .array(required.map { .string($0.key) }) }
    return schema
  }

  private static func orNothing(_ schema: JSONValue) -> JSONValue {
    guard var object = schema.objectValue else { return schema }
    if let type = object["type"]?.stringValue, object["enum"] == nil {
      object["type"] = [.string(type), "null"]
      return .object(object)
    }
    if let accepted = object["enum"]?.arrayValue {
      object["enum"] = .array(accepted + [.null])
      return .object(object)
    }
    // What an editor shows stays where it looks for it.
    var choice: JSONObject = ["anyOf": [schema, ["type": "null"]]]
    if let description = object["description"] { choice["description"] = description }
    return .object(choice)
  }
}
