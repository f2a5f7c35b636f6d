import ConfigurationSchema
import OmphalosValues
import Testing

@Suite("schemas that are not supported")
struct SchemaErrorTests {
  private func failure(_ schema: String) throws -> SchemaError {
    let value = try json(schema)
    return try #require(throws: SchemaError.self) { try ConfigurationSchema(value) }
  }

  @Test("a keyword outside the vocabulary is refused by its name, with its place and the nearest known one")
  func unknownKeywords() throws {
    #expect(
      try failure(#"{"properties": {"rows": {"minimun": 1}}}"#).message
        == "#/properties/rows/minimun: the keyword \"minimun\" is not supported; did you mean \"minimum\"?")
    #expect(try failure(#"{"Type": "string"}"#).message.hasSuffix("did you mean \"type\"?"))
    #expect(try failure(#"{"$id": "x"}"#).message.contains("the keyword \"$id\" is not supported"))
  }

  @Test(
    "every other keyword of JSON Schema is refused rather than ignored",
    arguments: [
      "$schema", "$id", "$anchor", "$dynamicRef", "$dynamicAnchor", "$vocabulary", "$comment", "definitions", "title",
      "examples", "deprecated", "readOnly", "writeOnly", "format", "multipleOf", "uniqueItems", "contains",
      "minContains",
      "maxContains", "additionalItems", "patternProperties", "propertyNames", "unevaluatedItems",
      "unevaluatedProperties", "dependencies", "dependentRequired", "dependentSchemas", "if", "then", "else",
      "contentEncoding", "contentMediaType", "contentSchema", "",
    ])
  func foreignKeywords(keyword: String) throws {
    #expect(try failure("{\"\(keyword)\": true}").message.contains("the keyword \"\(keyword)\" is not supported"))
  }

  @Test("an unknown keyword is found wherever a schema may stand")
  func everyPlace() throws {
    let places = [
      #"{"properties": {"a": @}}"#, #"{"additionalProperties": @}"#, #"{"items": @}"#, #"{"prefixItems": [true, @]}"#,
      #"{"allOf": [@]}"#, #"{"anyOf": [@]}"#, #"{"oneOf": [@]}"#, #"{"not": @}"#, #"{"$defs": {"d": @}}"#,
    ]
    for place in places {
      let schema = place.replacing("@", with: #"{"wrong": 1}"#)
      #expect(try failure(schema).schemaPath.hasSuffix("/wrong"), "\(schema)")
    }
  }

  @Test(
    "a keyword with a value of the wrong kind is refused with what was wanted",
    arguments: [
      ("5", "#", "found an integer, wanted a schema"),
      (#"{"type": 5}"#, "#/type", "wanted a type or an array of types"),
      (#"{"type": "int"}"#, "#/type", "the type \"int\" does not exist; did you mean \"integer\"?"),
      (#"{"type": []}"#, "#/type", "found an empty array"),
      (#"{"type": ["string", "string"]}"#, "#/type", "comes twice"),
      (#"{"enum": {}}"#, "#/enum", "found an object"),
      (#"{"enum": []}"#, "#/enum", "found an empty array"),
      (#"{"required": "a"}"#, "#/required", "wanted an array of property names"),
      (#"{"required": [1]}"#, "#/required", "wanted the name of a property"),
      (#"{"required": ["a", "a"]}"#, "#/required", "the property \"a\" comes twice"),
      (#"{"properties": []}"#, "#/properties", "wanted an object of schemas"),
      (#"{"properties": {"a/b": 5}}"#, "#/properties/a~1b", "wanted a schema"),
      (#"{"items": [true]}"#, "#/items", "found an array, wanted a schema"),
      (#"{"prefixItems": []}"#, "#/prefixItems", "found an empty array"),
      (#"{"allOf": []}"#, "#/allOf", "found an empty array"),
      (#"{"anyOf": {}}"#, "#/anyOf", "wanted an array of schemas"),
      (#"{"not": null}"#, "#/not", "found null, wanted a schema"),
      (#"{"minimum": "1"}"#, "#/minimum", "found a string, wanted a number"),
      (#"{"exclusiveMinimum": true}"#, "#/exclusiveMinimum", "found a boolean, wanted a number"),
      (#"{"minLength": -1}"#, "#/minLength", "found -1, wanted a whole number of at least 0"),
      (#"{"maxItems": 1.5}"#, "#/maxItems", "found 1.5"),
      (#"{"maxItems": 1e300}"#, "#/maxItems", "found 1e+300"),
      (#"{"description": 1}"#, "#/description", "wanted a string"),
      (#"{"x-omphalos-secret": "yes"}"#, "#/x-omphalos-secret", "wanted true or false"),
      (#"{"pattern": "(?=a)"}"#, "#/pattern", "the pattern \"(?=a)\" is not supported: lookahead"),
      (#"{"pattern": "("}"#, "#/pattern", "a '(' is not closed"),
      (#"{"$ref": 5}"#, "#/$ref", "wanted a string"),
      (##"{"$ref": "https://example.com/s.json"}"##, "#/$ref", "wanted a place in this schema"),
      (##"{"$ref": "other.json#/a"}"##, "#/$ref", "wanted a place in this schema"),
      (##"{"$ref": "#anchor"}"##, "#/$ref", "wanted a place in this schema"),
      (##"{"$ref": "#/$defs/missing"}"##, "#/$ref", "names no schema here"),
      (##"{"$ref": "#/enum/0", "enum": [{}]}"##, "#/$ref", "names no schema here"),
      (##"{"$ref": "#/$defs/%zz"}"##, "#/$ref", "names no schema here"),
      (
        ##"{"$defs": {"rows": {}}, "items": {"$ref": "#/$defs/row"}}"##, "#/items/$ref",
        "did you mean \"#/$defs/rows\"?"
      ),
    ])
  func wrongValues(schema: String, path: String, words: String) throws {
    let error = try failure(schema)
    #expect(error.schemaPath == path)
    #expect(error.problem.contains(words), "\(error)")
    #expect(error.exitCode == .badData)
  }

  @Test(
    "a schema that leads back to itself without a step into the value is refused",
    arguments: [
      ##"{"$ref": "#"}"##,
      ##"{"allOf": [{"$ref": "#"}]}"##,
      ##"{"not": {"anyOf": [true, {"$ref": "#"}]}}"##,
      ##"{"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"oneOf": [{"$ref": "#/$defs/a"}]}}}"##,
      ##"{"properties": {"p": {"$ref": "#/$defs/a"}}, "$defs": {"a": {"$ref": "#/$defs/a"}}}"##,
    ])
  func circles(schema: String) throws {
    #expect(try failure(schema).problem.contains("leads back to itself"))
  }

  @Test("long chains of references are refused instead of filling the stack")
  func longChains() throws {
    let definitions = (0..<5000).map { "\"d\($0)\": {\"$ref\": \"#/$defs/d\($0 + 1)\"}" }.joined(separator: ",")
    let schema = "{\"$defs\": {\(definitions), \"d5000\": true}, \"$ref\": \"#/$defs/d0\"}"
    #expect(try failure(schema).problem.contains("more than 64 schemas apply to one value"))
  }

  @Test("schemas too deep in each other are refused, also when they come from no text")
  func depth() throws {
    var value: JSONValue = true
    for _ in 0..<100 { value = ["items": value] }
    let error = try #require(throws: SchemaError.self) { try ConfigurationSchema(value) }
    #expect(error.problem.contains("more than 64 deep"))
  }
}
