import ConfigurationSchema
import OmphalosValues
import Testing

@Suite("what is said of a value that does not fit")
struct SchemaViolationTests {
  private func violations(_ schema: String, _ value: String) throws -> [SchemaViolation] {
    try ConfigurationSchema(json(schema)).validate(json(value))
  }

  @Test(
    "the message names the path, what was found and what was wanted",
    arguments: [
      (
        #"{"properties": {"batch_rows": {"minimum": 1}}}"#, #"{"batch_rows": 0}"#,
        "config.batch_rows: found 0, wanted at least 1"
      ),
      (#"{"maximum": 2.5}"#, "3", "config: found 3, wanted at most 2.5"),
      (#"{"exclusiveMaximum": 3}"#, "3", "config: found 3, wanted less than 3"),
      (#"{"type": "string"}"#, "true", "config: found true, wanted a string"),
      (#"{"type": ["string", "null", "array"]}"#, "{}", "config: found an object, wanted a string, null or an array"),
      (#"{"items": {"type": "integer"}}"#, "[1, \"x\"]", "config[1]: found \"x\", wanted an integer"),
      (
        #"{"enum": ["comma", "tab"]}"#, "\"coma\"",
        "config: found \"coma\", wanted \"comma\" or \"tab\"; did you mean \"comma\"?"
      ),
      (#"{"const": 1}"#, "2", "config: found 2, wanted 1"),
      (#"{"minLength": 1}"#, "\"\"", "config: found 0 characters, wanted at least 1 character"),
      (#"{"maxItems": 1}"#, "[1,2]", "config: found 2 elements, wanted at most 1 element"),
      (#"{"minProperties": 2}"#, "{\"a\":1}", "config: found 1 property, wanted at least 2 properties"),
      (#"{"pattern": "^[a-z]+$"}"#, "\"A1\"", "config: found \"A1\", wanted a text with the pattern ^[a-z]+$"),
      (#"{"required": ["path"]}"#, "{}", "config: the property \"path\" is missing"),
      (
        #"{"properties": {"delimiter": {}, "quote": {}}, "additionalProperties": false}"#, #"{"delimeter": 1}"#,
        "config: the property \"delimeter\" is not known; did you mean \"delimiter\"?"
      ),
      (
        #"{"properties": {"a": {}, "b": {}}, "additionalProperties": false}"#, #"{"zzzz": 1}"#,
        "config: the property \"zzzz\" is not known; known are a, b"
      ),
      (#"{"properties": {"a": false}}"#, #"{"a": 1}"#, "config.a: found 1, wanted nothing here"),
      (#"{"not": {"const": 0}}"#, "0", "config: found 0, which the schema excludes"),
      (
        #"{"oneOf": [{"type": "integer"}, {"minimum": 0}]}"#, "1",
        "config: found 1, which fits alternatives 1 and 2, wanted exactly one"
      ),
      (
        #"{"anyOf": [{"type": "string"}, {"type": "null"}]}"#, "1",
        "config: fits none of the alternatives: found 1, wanted a string; or found 1, wanted null"
      ),
    ])
  func messages(schema: String, value: String, message: String) throws {
    #expect(try violations(schema, value).map(\.message) == [message])
  }

  @Test("a violation carries its path into the value and into the schema")
  func paths() throws {
    let schema =
      ##"{"$defs": {"row": {"properties": {"n/a": {"type": "integer"}}}}, "items": {"$ref": "#/$defs/row"}}"##
    let violation = try #require(try violations(schema, #"[{}, {"n/a": "x"}]"#).first)
    #expect(violation.instancePath == [.index(1), .key("n/a")])
    #expect(violation.schemaPath == "#/$defs/row/properties/n~1a/type")
    #expect(violation.message.hasPrefix(#"config[1]["n/a"]: "#))
  }

  @Test("every violation is listed, in the order of the value, up to a hundred")
  func several() throws {
    let schema = #"{"properties": {"a": {"type": "string"}, "b": {"minimum": 1}}, "required": ["c"]}"#
    #expect(try violations(schema, #"{"b": 0, "a": 1}"#).map(\.instancePath.pathText) == ["", "b", "a"])
    let many = "[" + Array(repeating: "1", count: 500).joined(separator: ",") + "]"
    #expect(try violations(#"{"items": {"type": "string"}}"#, many).count == 100)
  }

  @Test("where one alternative fits down to a part, its complaint about that part is the one told")
  func alternatives() throws {
    let schema = #"""
      {"oneOf": [{"type": "string"},
                 {"type": "object", "properties": {"path": {"minLength": 1}}, "additionalProperties": false}]}
      """#
    #expect(
      try violations(schema, #"{"path": ""}"#).map(\.message) == [
        "config.path: found 0 characters, wanted at least 1 character"
      ])
  }

  @Test("the caller may name the value otherwise")
  func names() throws {
    let schema = try ConfigurationSchema(["type": "object", "additionalProperties": false])
    #expect(
      schema.validate(["x": 1], name: "exports[0].config").map(\.message).first?.hasPrefix("exports[0].config") == true)
  }

  @Test("a secret value is in no message, however the schema comes to it")
  func secrets() throws {
    let schemas = [
      #"{"properties": {"key": {"x-omphalos-secret": true, "type": "integer", "enum": [1], "pattern": "^x$"}}}"#,
      ##"{"$defs":{"s":{"x-omphalos-secret":true}}, "properties": {"key": {"$ref": "#/$defs/s", "minLength": 9}}}"##,
      #"{"properties": {"key": {"allOf": [{"x-omphalos-secret": true}], "not": {"type": "string"}}}}"#,
      #"{"properties": {"key": {"x-omphalos-secret": true, "anyOf": [{"not": {"const": "hunter2"}}, false]}}}"#,
      #"{"x-omphalos-secret": true, "properties": {"key": {"type": "integer"}}}"#,
      #"{"properties": {"key": {"x-omphalos-secret": true, "anyOf": [{"type": "integer"}, {"const": "x"}]}}}"#,
    ]
    for schema in schemas {
      let found = try violations(schema, #"{"key": "hunter2"}"#)
      #expect(!found.isEmpty)
      for violation in found { #expect(!violation.message.contains("hunter2"), "\(violation.message)") }
    }
  }

  @Test("a violation becomes an error at its line; an unknown property at its key")
  func marks() throws {
    let node = try YAMLNode.parse(bytes: Array("delimeter: ','\nrows:\n  - 0\n".utf8), file: "p.yaml")
    let schema = try ConfigurationSchema(
      json(#"{"properties": {"delimiter": {}, "rows": {"items": {"minimum": 1}}}, "additionalProperties": false}"#))
    #expect(
      schema.validate(node.json).map { $0.error(in: node).description } == [
        "p.yaml:1:1: config: the property \"delimeter\" is not known; did you mean \"delimiter\"?",
        "p.yaml:3:5: config.rows[0]: found 0, wanted at least 1",
      ])
  }

  @Test("a schema that multiplies alternatives is stopped and never taken as fitting")
  func explosions() throws {
    let levels = (0..<30).map { level in
      "\"d\(level)\": {\"anyOf\": [{\"$ref\": \"#/$defs/d\(level + 1)\"}, {\"$ref\": \"#/$defs/d\(level + 1)\"}]}"
    }
    let schema =
      "{\"$defs\": {\(levels.joined(separator: ",")), \"d30\": {\"type\": \"string\"}}, \"$ref\": \"#/$defs/d0\"}"
    #expect(try violations(schema, "1").map(\.message).first?.contains("takes too long") == true)
    let negated = "{\"not\": \(schema.replacing("#/$defs", with: "#/not/$defs"))}"
    #expect(try violations(negated, "1").map(\.message).first?.contains("takes too long") == true)
  }
}
