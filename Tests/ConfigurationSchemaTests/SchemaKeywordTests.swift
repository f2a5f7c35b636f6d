import OmphalosValues
import Testing

@testable import ConfigurationSchema

/// Cases after the topics of the official JSON Schema test suite, draft 2020-12, written anew.
@Suite("keywords of a schema")
struct SchemaKeywordTests {
  /// Which of the values, in JSON, a schema accepts.
  private func accepted(_ schema: String, _ values: [String]) throws -> [String] {
    let schema = try ConfigurationSchema(json(schema))
    return try values.filter { try schema.validate(json($0)).isEmpty }
  }

  private let samples = ["null", "true", "0", "1.0", "1.5", "\"\"", "[]", "{}"]

  @Test(
    "type",
    arguments: [
      ("null", ["null"]), ("boolean", ["true"]), ("integer", ["0", "1.0"]), ("number", ["0", "1.0", "1.5"]),
      ("string", ["\"\""]), ("array", ["[]"]), ("object", ["{}"]),
    ])
  func type(name: String, expected: [String]) throws {
    #expect(try accepted(#"{"type": "\#(name)"}"#, samples) == expected)
  }

  @Test("type may name several types")
  func severalTypes() throws {
    #expect(try accepted(#"{"type": ["integer", "string", "null"]}"#, samples) == ["null", "0", "1.0", "\"\""])
  }

  @Test("the schemas true and {} take everything, false takes nothing")
  func constantSchemas() throws {
    #expect(try accepted("true", samples) == samples)
    #expect(try accepted("{}", samples) == samples)
    #expect(try accepted("false", samples) == [])
  }

  @Test("const compares numbers by value, objects in any order, and tells false from 0")
  func constants() throws {
    #expect(try accepted(#"{"const": 1}"#, ["1", "1.0", "1e0", "true", "\"1\"", "1.0000001"]) == ["1", "1.0", "1e0"])
    #expect(try accepted(#"{"const": false}"#, ["false", "0", "null", "[]"]) == ["false"])
    #expect(try accepted(#"{"const": 0}"#, ["false", "0", "-0.0", "0.0"]) == ["0", "-0.0", "0.0"])
    #expect(
      try accepted(
        #"{"const": {"a": 1, "b": [2.0]}}"#, [#"{"b": [2], "a": 1.0}"#, #"{"a": 1}"#, #"{"a":1,"b":[2],"c":3}"#])
        == [#"{"b": [2], "a": 1.0}"#])
    #expect(try accepted(#"{"const": [false]}"#, ["[false]", "[0]", "[]", "[false, false]"]) == ["[false]"])
    #expect(try accepted(#"{"const": null}"#, ["null", "false", "0", "\"\""]) == ["null"])
    #expect(try accepted("{\"const\": \"e\u{301}\"}", ["\"e\u{301}\"", "\"\u{e9}\""]) == ["\"e\u{301}\""])
    #expect(
      try accepted(#"{"const": 9007199254740993}"#, ["9007199254740993", "9007199254740992.0"]) == ["9007199254740993"])
  }

  @Test("enum takes what equals one of its values")
  func enumerations() throws {
    let values = ["\"a\"", "1.0", "2", "[1]", "{\"k\":0}", "null", "true", "\"A\""]
    #expect(
      try accepted(#"{"enum": ["a", 1, [1.0], {"k": 0}, null]}"#, values) == [
        "\"a\"", "1.0", "[1]", "{\"k\":0}", "null",
      ])
  }

  @Test("bounds of numbers are exact, also where an integer meets a fraction and beyond 2^53")
  func numericBounds() throws {
    #expect(try accepted(#"{"minimum": 1.1}"#, ["1.1", "2", "1", "0.6", "\"x\""]) == ["1.1", "2", "\"x\""])
    #expect(try accepted(#"{"maximum": 3}"#, ["3.0", "3", "3.5", "4", "-9e300"]) == ["3.0", "3", "-9e300"])
    #expect(try accepted(#"{"exclusiveMinimum": 1}"#, ["1", "1.0", "1.0000001", "2"]) == ["1.0000001", "2"])
    #expect(try accepted(#"{"exclusiveMaximum": -1.5}"#, ["-1.5", "-2", "-1"]) == ["-2"])
    #expect(
      try accepted(#"{"maximum": 9007199254740992.0}"#, ["9007199254740992", "9007199254740993"]) == [
        "9007199254740992"
      ])
    #expect(
      try accepted(#"{"minimum": 9223372036854775807}"#, ["9223372036854775807", "9.3e18", "9.2e18"])
        == ["9223372036854775807", "9.3e18"])
    #expect(try accepted(#"{"minimum": -1e300, "maximum": 1e300}"#, ["-9223372036854775808", "0"]).count == 2)
  }

  @Test("lengths count characters as code points, not bytes and not what is seen as one")
  func lengths() throws {
    #expect(
      try accepted(#"{"minLength": 2}"#, ["\"é\"", "\"ab\"", "\"😀\"", "\"e\u{301}\"", "1"]) == [
        "\"ab\"", "\"e\u{301}\"", "1",
      ])
    #expect(try accepted(#"{"maxLength": 2}"#, ["\"😀😀\"", "\"abc\"", "\"\""]) == ["\"😀😀\"", "\"\""])
    #expect(try accepted(#"{"maxLength": 2.0}"#, ["\"ab\"", "\"abc\""]) == ["\"ab\""])
  }

  @Test("numbers of elements and of properties have bounds")
  func counts() throws {
    #expect(
      try accepted(#"{"minItems": 1, "maxItems": 2}"#, ["[]", "[1]", "[1,2]", "[1,2,3]", "{}"]) == [
        "[1]", "[1,2]", "{}",
      ])
    #expect(
      try accepted(#"{"minProperties": 1, "maxProperties": 1}"#, ["{}", "{\"a\":1}", "{\"a\":1,\"b\":2}", "[]"])
        == ["{\"a\":1}", "[]"])
  }

  @Test("properties apply to those that are there; required wants them there")
  func properties() throws {
    let schema = #"{"properties": {"a": {"type": "integer"}, "b": false}, "required": ["a"]}"#
    #expect(
      try accepted(schema, ["{\"a\":1}", "{\"a\":\"x\"}", "{}", "{\"a\":1,\"b\":1}", "{\"a\":1,\"c\":1}", "[]"])
        == ["{\"a\":1}", "{\"a\":1,\"c\":1}", "[]"])
    #expect(try accepted(#"{"required": ["toString", "é"]}"#, ["{}", "{\"toString\":1,\"é\":null}"]).count == 1)
  }

  @Test("additionalProperties sees only what properties beside it does not name")
  func additionalProperties() throws {
    let closed = #"{"properties": {"a": true}, "additionalProperties": false}"#
    #expect(try accepted(closed, ["{}", "{\"a\":1}", "{\"a\":1,\"b\":2}", "{\"e\u{301}\":1}"]) == ["{}", "{\"a\":1}"])
    #expect(
      try accepted(#"{"additionalProperties": {"type": "boolean"}}"#, ["{\"x\":true}", "{\"x\":1}"]) == ["{\"x\":true}"]
    )
    let inner = #"{"allOf": [{"properties": {"a": true}}], "additionalProperties": {"type": "boolean"}}"#
    #expect(try accepted(inner, ["{\"a\":1}", "{\"a\":true}"]) == ["{\"a\":true}"])
  }

  @Test("prefixItems go by place, items take the rest")
  func items() throws {
    let schema = #"{"prefixItems": [{"type": "integer"}, {"type": "string"}], "items": {"type": "boolean"}}"#
    #expect(
      try accepted(
        schema, ["[]", "[1]", "[1,\"a\"]", "[1,\"a\",true,false]", "[1,\"a\",1]", "[\"a\",1]", "{\"0\":\"x\"}"])
        == ["[]", "[1]", "[1,\"a\"]", "[1,\"a\",true,false]", "{\"0\":\"x\"}"])
    #expect(try accepted(#"{"prefixItems": [true], "items": false}"#, ["[]", "[1]", "[1,2]"]) == ["[]", "[1]"])
  }

  @Test("allOf wants all, anyOf one or more, oneOf exactly one, not none")
  func combinations() throws {
    #expect(try accepted(#"{"allOf": [{"minimum": 2}, {"maximum": 4}]}"#, ["1", "2", "4", "5"]) == ["2", "4"])
    #expect(
      try accepted(#"{"anyOf": [{"type": "integer"}, {"minimum": 2}]}"#, ["1", "2.5", "3", "1.5"]) == ["1", "2.5", "3"])
    #expect(
      try accepted(#"{"oneOf": [{"type": "integer"}, {"minimum": 2}]}"#, ["1", "2.5", "3", "1.5"]) == ["1", "2.5"])
    #expect(try accepted(#"{"not": {"type": ["integer", "boolean"]}}"#, ["1", "true", "\"x\""]) == ["\"x\""])
    #expect(try accepted(#"{"not": {"not": {"type": "integer"}}}"#, ["1", "\"x\""]) == ["1"])
    #expect(try accepted(#"{"not": {}}"#, ["1"]) == [])
    #expect(
      try accepted(#"{"type": "integer", "anyOf": [{"minimum": 2}, {"const": 0}]}"#, ["0", "1", "2", "2.5"]) == [
        "0", "2",
      ])
  }

  @Test("default and description say nothing about a value")
  func annotations() throws {
    #expect(try accepted(#"{"default": 5, "description": "x", "$defs": {"a": false}}"#, samples) == samples)
  }
}

@Suite("references in a schema")
struct SchemaReferenceTests {
  private func accepted(_ schema: String, _ values: [String]) throws -> [String] {
    let schema = try ConfigurationSchema(json(schema))
    return try values.filter { try schema.validate(json($0)).isEmpty }
  }

  @Test("a reference leads to a definition, to a property's schema, and through other references")
  func targets() throws {
    let schema = #"""
      {"$defs": {"small": {"type": "integer", "maximum": 9}, "alias": {"$ref": "#/$defs/small"}},
       "properties": {"a": {"$ref": "#/$defs/alias"}, "b": {"$ref": "#/properties/a"}}}
      """#
    #expect(
      try accepted(schema, [#"{"a":1}"#, #"{"a":10}"#, #"{"b":10}"#, #"{"b":"x"}"#, #"{"b":3}"#]) == [
        #"{"a":1}"#, #"{"b":3}"#,
      ])
  }

  @Test("keywords beside a reference count as well")
  func siblings() throws {
    let schema = ##"{"$defs": {"i": {"type": "integer"}}, "$ref": "#/$defs/i", "minimum": 5}"##
    #expect(try accepted(schema, ["5", "4", "5.5", "\"x\""]) == ["5"])
  }

  @Test("escaped and percent-encoded pointers are followed")
  func escapes() throws {
    let schema = #"""
      {"$defs": {"a/b~c": {"type": "integer"}, "x y%": {"type": "string"}},
       "prefixItems": [{"$ref": "#/$defs/a~1b~0c"}, {"$ref": "#/$defs/x%20y%25"}]}
      """#
    #expect(try accepted(schema, ["[1,\"a\"]", "[\"a\"]", "[1,1]"]) == ["[1,\"a\"]"])
  }

  @Test("a schema may describe a tree by referring to itself")
  func trees() throws {
    let schema =
      ##"{"type": "object", "properties": {"kids": {"items": {"$ref": "#"}}}, "additionalProperties": false}"##
    let violations = try ConfigurationSchema(json(schema)).validate(
      json(#"{"kids":[{"kids":[{}]},{"kids":[{"x":1}]}]}"#))
    #expect(violations.map(\.instancePath.pathText) == ["kids[1].kids[0].x"])
  }

  @Test("a property that is called $ref is a property")
  func propertyNamedRef() throws {
    let schema = ##"{"properties": {"$ref": {"type": "string"}}}"##
    #expect(try accepted(schema, [##"{"$ref":"a"}"##, ##"{"$ref":2}"##]) == [##"{"$ref":"a"}"##])
  }

  @Test("a text that looks like a reference, inside const, enum and default, is none")
  func inertReferences() throws {
    let schema = ##"{"const": {"$ref": "#/missing"}, "default": {"$ref": 5}}"##
    #expect(try accepted(schema, [##"{"$ref":"#/missing"}"##, "{}"]).count == 1)
  }
}

/// Reads a test's JSON.
func json(_ text: String) throws -> JSONValue {
  try JSONValue.parse(Array(text.utf8))
}
