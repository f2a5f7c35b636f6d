import ConfigurationSchema
import OmphalosValues
import Testing

/// The cases after those of the official test suite (github.com/json-schema-org/JSON-Schema-Test-Suite, draft 2020-12),
/// as far as they are about keywords of our vocabulary, in our own words.
@Suite("the meaning of JSON Schema 2020-12")
struct SchemaSuiteTests {
  struct Case: CustomTestStringConvertible, Sendable {
    let schema: String
    let valid: [String]
    let invalid: [String]
    var testDescription: String { schema }

    init(_ schema: String, valid: [String] = [], invalid: [String] = []) {
      (self.schema, self.valid, self.invalid) = (schema, valid, invalid)
    }
  }

  private static let values: [Case] = [
    Case(#"{"const":false}"#, valid: ["false"], invalid: ["0", "0.0", "[false]", "\"false\""]),
    Case(#"{"const":0}"#, valid: ["0", "0.0", "-0.0"], invalid: ["false", "\"\"", "[]", "{}"]),
    Case(#"{"const":[false]}"#, valid: ["[false]"], invalid: ["[0]", "[0.0]"]),
    Case(#"{"const":{"a":1.0}}"#, valid: [#"{"a":1}"#], invalid: [#"{"a":true}"#, "{}"]),
    Case(#"{"const":9007199254740992}"#, valid: ["9007199254740992.0"], invalid: ["9007199254740991", "9007199254740993"]),
    Case(#"{"const":"hello\u0000there"}"#, valid: [#""hello\u0000there""#], invalid: ["\"hellothere\""]),
    Case(#"{"const":null}"#, valid: ["null"], invalid: ["0", "\"null\"", "false"]),
    Case(#"{"enum":[[false]]}"#, valid: ["[false]"], invalid: ["[0]", "[[false]]", "false"]),
    Case(#"{"enum":[6,"foo",[],true,{"foo":12}]}"#, valid: ["[]", #"{"foo":12.0}"#], invalid: [#"{"foo":false}"#, "null", #"{"foo":12,"boo":42}"#]),
    Case(#"{"type":"integer"}"#, valid: ["1.0", "-0.0", "1e3"], invalid: ["1.1", "\"1\"", "true"]),
    Case(#"{"type":["integer"]}"#, valid: ["1"], invalid: ["\"x\""]),
    Case(#"{"type":["array","object","null"]}"#, valid: ["[1]", "{}", "null"], invalid: ["0", "\"\""]),
    Case(#"{"minLength":2}"#, valid: ["\"fo\"", "\"💩💩\"", "100"], invalid: ["\"💩\""]),
    Case(#"{"maxLength":0}"#, valid: ["\"\""], invalid: ["\" \""]),
    Case(#"{"minimum":-2}"#, valid: ["-2.0", "-1", "\"x\""], invalid: ["-2.0001", "-3"]),
    Case(#"{"maximum":300}"#, valid: ["300.0", "299.97"], invalid: ["300.5"]),
    Case(#"{"exclusiveMaximum":1e308}"#, valid: ["9.9e307"], invalid: ["1e308", "1.7e308"]),
    Case(#"{"pattern":"a+"}"#, valid: ["\"xxaayy\"", "true", "{}"], invalid: ["\"b\""]),
  ]

  private static let containers: [Case] = [
    Case(
      #"{"properties":{"__proto__":{"type":"number"},"constructor":{"type":"number"}}}"#, valid: ["{}", "[]", #"{"__proto__":1}"#],
      invalid: [#"{"__proto__":"x"}"#, #"{"constructor":null}"#]),
    Case(#"{"properties":{"foo\"bar":{"type":"null"},"":{"type":"null"}}}"#, valid: [#"{"foo\"bar":null,"":null}"#], invalid: [#"{"":1}"#]),
    Case(#"{"required":["foo\nbar"]}"#, valid: [#"{"foo\nbar":1}"#, "[]", "12"], invalid: [#"{"foo":1}"#]),
    Case(#"{"required":[]}"#, valid: ["{}"]),
    Case(#"{"properties":{"a":{}},"additionalProperties":{"type":"null"}}"#, valid: [#"{"a":1,"b":null}"#], invalid: [#"{"b":0}"#]),
    Case(#"{"additionalProperties":false,"allOf":[{"properties":{"a":{}}}]}"#, valid: ["{}"], invalid: [#"{"a":1}"#]),
    Case(#"{"items":{"type":"integer"}}"#, valid: ["[1,2]", "[]", #"{"0":"x"}"#], invalid: ["[1,\"x\"]"]),
    Case(#"{"items":false}"#, valid: ["[]"], invalid: ["[1]"]),
    Case(#"{"prefixItems":[{"type":"integer"},{"type":"string"}]}"#, valid: ["[1]", "[1,\"x\",true]", "[]"], invalid: ["[\"x\",1]"]),
    Case(#"{"prefixItems":[{}],"items":{"type":"integer"}}"#, valid: ["[\"x\",2,3]"], invalid: ["[\"x\",2,\"y\"]"]),
    Case(#"{"items":{"items":{"items":{"type":"number"}}}}"#, valid: ["[[[1],[2]],[[]]]"], invalid: ["[[[\"1\"]]]"]),
    Case(#"{"minItems":1.0}"#, valid: ["[1]", "\"\""], invalid: ["[]"]),
    Case(#"{"maxProperties":0}"#, valid: ["{}", "[1]"], invalid: [#"{"a":1}"#]),
  ]

  private static let combinations: [Case] = [
    Case(#"{"allOf":[true,false]}"#, invalid: ["1"]), Case(#"{"anyOf":[true,false]}"#, valid: ["1"]),
    Case(#"{"oneOf":[true,true,false]}"#, invalid: ["1"]), Case(#"{"oneOf":[false,true]}"#, valid: ["\"x\""]),
    Case(#"{"oneOf":[{"type":"number"},{}]}"#, valid: ["\"x\""], invalid: ["1"]),
    Case(#"{"not":{"type":"object","properties":{"a":{"type":"string"}}}}"#, valid: ["1", #"{"a":1}"#], invalid: [#"{"a":"x"}"#, "{}"]),
    Case(#"{"not":true}"#, invalid: ["1", "null", "[]"]), Case(#"{"not":false}"#, valid: ["1"]),
    Case(#"{"properties":{"foo":{"not":{}}}}"#, valid: [#"{"bar":1}"#], invalid: [#"{"foo":1}"#]),
    Case(
      #"{"allOf":[{"minimum":2}],"anyOf":[{"minimum":3}],"oneOf":[{"minimum":5}]}"#, valid: ["5"], invalid: ["1", "2", "3", "4"]),
    Case(#"{"allOf":[{"anyOf":[{"oneOf":[{"type":"null"}]}]}]}"#, valid: ["null"], invalid: ["1"]),
    Case(
      #"{"oneOf":[{"required":["a","b"]},{"required":["a","c"]}]}"#, valid: [#"{"a":1,"b":2}"#], invalid: ["{}", #"{"a":1,"b":2,"c":3}"#]),
  ]

  private static let references: [Case] = [
    Case(
      ##"{"properties":{"foo":{"$ref":"#"}},"additionalProperties":false}"##, valid: [#"{"foo":{"foo":false}}"#],
      invalid: [#"{"foo":{"bar":false}}"#]),
    Case(##"{"$defs":{"a b%\"c":{"type":"integer"}},"properties":{"x":{"$ref":"#/$defs/a%20b%25%22c"}}}"##, valid: [#"{"x":1}"#], invalid: [#"{"x":"1"}"#]),
    Case(##"{"$defs":{"t":true,"f":false},"prefixItems":[{"$ref":"#/$defs/t"},{"$ref":"#/$defs/f"}]}"##, valid: ["[1]"], invalid: ["[1,2]"]),
    Case(##"{"properties":{"x":{"$ref":"#/properties/y"},"y":{"maxItems":1,"type":"array"}}}"##, valid: [#"{"x":[1]}"#], invalid: [#"{"x":[1,2]}"#, #"{"x":1}"#]),
    Case(##"{"$defs":{"r":{"type":"array"}},"properties":{"x":{"$ref":"#/$defs/r","maxItems":2}}}"##, valid: [#"{"x":[]}"#], invalid: [#"{"x":[1,2,3]}"#, #"{"x":"y"}"#]),
    Case(##"{"properties":{"$ref":{"$ref":"#/$defs/s"}},"$defs":{"s":{"type":"string"}}}"##, valid: [##"{"$ref":"a"}"##], invalid: [##"{"$ref":2}"##]),
    Case(
      ##"{"$defs":{"node":{"type":"object","required":["value"],"properties":{"value":{"type":"number"},"next":{"$ref":"#/$defs/node"}}}},"$ref":"#/$defs/node"}"##,
      valid: [#"{"value":1,"next":{"value":2}}"#], invalid: [#"{"value":1,"next":{"value":"2"}}"#, #"{"value":1,"next":{}}"#]),
    Case(##"{"$defs":{"int":{"type":"integer"}},"allOf":[{"properties":{"foo":{"$ref":"#/$defs/int"}}},{"additionalProperties":{"$ref":"#/$defs/int"}}]}"##, valid: [#"{"foo":1}"#], invalid: [#"{"foo":"x"}"#]),
    Case(##"{"$defs":{"a/b":{"~1":{"x":1}}},"type":"object"}"##.replacing(#"{"~1":{"x":1}}"#, with: "true"), valid: ["{}"]),
    Case(#"{"properties":{"foo":{"type":"string","default":4}}}"#, valid: [#"{"foo":"x"}"#, "{}"], invalid: [#"{"foo":4}"#]),
    Case("true", valid: ["1", "{}", "null"]), Case("false", invalid: ["1", "{}", "null"]),
  ]

  @Test("is kept, keyword by keyword", arguments: [values, containers, combinations, references].flatMap { $0 })
  func meaning(_ suite: Case) throws {
    let schema = try ConfigurationSchema(json(suite.schema))
    for value in suite.valid { #expect(try schema.validate(json(value)).isEmpty, "\(value)") }
    for value in suite.invalid { #expect(try !schema.validate(json(value)).isEmpty, "\(value)") }
  }

  @Test("a configuration has no whole numbers beyond 64 bits, so none is held against a bound")
  func greatNumbers() {
    #expect(throws: JSONError.self) { try json("18446744073709551600") }
    #expect(throws: JSONError.self) { try json("-98249283749234923498293171823948729348710298301928331") }
  }

  @Test(
    "ours is stricter than the official meaning: what would say nothing, or is not needed, is no schema",
    arguments: [
      // Allowed there, and without meaning: an unknown keyword, an empty list of schemas or values, a format.
      #"{"unknown":1}"#, #"{"prefixItems":[]}"#, #"{"enum":[]}"#, #"{"format":"email"}"#, ##"{"$schema":"https://json-schema.org/draft/2020-12/schema"}"##,
      // Allowed there: a reference to another document, or to an anchor, and one that leads back to itself without end.
      #"{"$ref":"other.json"}"#, ##"{"$ref":"#anchor"}"##, ##"{"$defs":{"a":{"$ref":"#/$defs/a"}}}"##,
      // Allowed there: patterns that need backtracking.
      #"{"pattern":"(?=a)"}"#, #"{"pattern":"(a)\\1"}"#,
    ])
  func stricter(text: String) throws {
    let value = try json(text)
    #expect(throws: SchemaError.self) { try ConfigurationSchema(value) }
  }
}
