import ConfigurationSchema
import Foundation
import OmphalosValues
import TestSupport
import Testing

/// What a schema says of itself to people.
private struct Manual {
  let schema: ConfigurationSchema
  let table: ConfigurationTable
  let example: ConfigurationExample?

  init(_ json: JSONValue) throws {
    schema = try ConfigurationSchema(json)
    table = ConfigurationTable(schema)
    example = ConfigurationExample(schema)
  }

  init(_ text: String) throws { try self.init(json(text)) }

  /// What is wrong with the example once it is pasted into a file; with the rest of it switched on, as well.
  func problems(isWhole: Bool) throws -> [String] {
    let lines = try #require(example).lines.map { isWhole ? $0.replacing("  # ", with: "  ", maxReplacements: 1) : $0 }
    let node = try YAMLNode.parse(bytes: Array((lines.joined(separator: "\n") + "\n").utf8), file: "example.yaml")
    let config = try #require(node[.key("config")])
    var secrets: Set<[PathStep]> = []
    let value = config.isNull ? .object([:]) : Self.filled(config.json, at: [], &secrets)
    return schema.validate(value, secretPaths: secrets).map(\.message)
  }

  /// With a text where a reference to a secret stands.
  private static func filled(_ value: JSONValue, at path: [PathStep], _ secrets: inout Set<[PathStep]>) -> JSONValue {
    switch value {
    case .object(let object) where object.count == 1 && object["secret"]?["env"] != nil:
      secrets.insert(path)
      return "textxxxx"
    case .object(let object):
      var result = JSONObject()
      for (key, member) in object.members { result[key] = filled(member, at: path + [.key(key)], &secrets) }
      return .object(result)
    case .array(let elements):
      return .array(elements.enumerated().map { filled($1, at: path + [.index($0)], &secrets) })
    default: return value
    }
  }
}

@Suite("A configuration that explains itself")
struct ConfigurationManualTests {
  private static let exampleSchemas: [String] = {
    let folder = Compiler.root + "/ExamplePlugins"
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.filter { FileManager.default.fileExists(atPath: "\(folder)/\($0)/plugin.json") }.sorted()
  }()

  @Test("the examples for the plugins of this repository fit, as they are and with every line of them", arguments: exampleSchemas)
  func examplePlugins(name: String) throws {
    let file = try Shell.run(["cat", "\(Compiler.root)/ExamplePlugins/\(name)/plugin.json"]).stdout
    let capabilities = try #require(json(file)["capabilities"]?.arrayValue)
    for capability in capabilities {
      let manual = try Manual(#require(capability["schema"]))
      #expect(try manual.problems(isWhole: false) == [])
      #expect(try manual.problems(isWhole: true) == [])
      #expect(manual.table.remarks == (manual.table.rows.isEmpty ? ["it takes no keys"] : []))
    }
    #expect(Self.exampleSchemas.count >= 4)
  }

  static let corpus: [String] = [
    #"{"required":["a"],"properties":{"a":{"type":"string"}}}"#,
    #"{"required":["a"],"properties":{"a":{"type":"string","minLength":7,"maxLength":9}}}"#,
    #"{"required":["a"],"properties":{"a":{"type":"string","maxLength":2}}}"#,
    #"{"required":["a"],"properties":{"a":{"type":"string","pattern":"^[0-9]{4}-[0-9]{2}$"}}}"#,
    #"{"required":["a"],"properties":{"a":{"type":"string","pattern":"^(https?|ftp)://[^/ ]+/x*$","minLength":30}}}"#,
    #"{"required":["a"],"properties":{"a":{"type":"string","pattern":"^[\\u2028\\u0085\\n]$"}}}"#,
    #"{"required":["a"],"properties":{"a":{"type":"string","pattern":"^\\d+(,\\d+)*$"}}}"#,
    #"{"required":["a"],"properties":{"a":{"pattern":"\\bx\\b"}}}"#,
    #"{"required":["a"],"properties":{"a":{"type":"integer","minimum":10,"maximum":12}}}"#,
    #"{"required":["a"],"properties":{"a":{"type":"integer","exclusiveMinimum":10.5,"exclusiveMaximum":12}}}"#,
    #"{"required":["a"],"properties":{"a":{"type":"integer","maximum":-3}}}"#,
    #"{"required":["a"],"properties":{"a":{"type":"number","exclusiveMinimum":0,"exclusiveMaximum":1}}}"#,
    #"{"required":["a"],"properties":{"a":{"type":"number","minimum":0.25,"maximum":0.25}}}"#,
    #"{"required":["a"],"properties":{"a":{"minimum":9223372036854775807}}}"#,
    #"{"required":["a"],"properties":{"a":{"const":{"deep":[1,null,"x: y"]}}}}"#,
    #"{"required":["a"],"properties":{"a":{"enum":["no","yes",3]}}}"#,
    #"{"required":["a"],"properties":{"a":{"enum":["no","yes"],"not":{"const":"no"}}}}"#,
    #"{"required":["a"],"properties":{"a":{"type":"boolean","const":false}}}"#,
    #"{"required":["a"],"properties":{"a":{"type":"null"}}}"#,
    #"{"required":["a"],"properties":{"a":{"type":["null","integer"],"minimum":5}}}"#,
    #"{"required":["a"],"properties":{"a":{"type":"array","minItems":3,"items":{"type":"integer"}}}}"#,
    #"{"required":["a"],"properties":{"a":{"type":"array","maxItems":0}}}"#,
    #"{"required":["a"],"properties":{"a":{"prefixItems":[{"type":"string"},{"type":"integer"}],"items":false,"minItems":2}}}"#,
    #"{"required":["a"],"properties":{"a":{"type":"object","minProperties":2,"additionalProperties":{"type":"integer"}}}}"#,
    #"{"required":["a"],"properties":{"a":{"type":"object","required":["x","y"],"properties":{"x":{"type":"integer"}}}}}"#,
    #"{"required":["a"],"properties":{"a":{"anyOf":[{"type":"string","pattern":"^x+$"},{"type":"integer"}]}}}"#,
    #"{"required":["a"],"properties":{"a":{"type":"integer","oneOf":[{"minimum":5},{"maximum":-5}],"not":{"const":5}}}}"#,
    #"{"required":["a"],"properties":{"a":{"allOf":[{"type":"number"},{"minimum":2},{"maximum":2.5}]}}}"#,
    ##"{"$defs":{"id":{"type":"string","minLength":12}},"required":["a"],"properties":{"a":{"$ref":"#/$defs/id"}}}"##,
    ##"{"required":["name"],"properties":{"name":{"type":"string"},"kids":{"type":"array","items":{"$ref":"#"}}}}"##,
    #"{"anyOf":[{"required":["a"],"properties":{"a":{"type":"integer"}}},{"required":["b"]}]}"#,
    #"{"oneOf":[{"required":["a"],"properties":{"a":{"const":1}},"additionalProperties":false},{"required":["b","c"]}]}"#,
    #"{"required":["on","a: b","é","","\u0000\u2028\u001b[31m"]}"#,
    ##"{"required":["t"],"properties":{"t":{"default":"#not a comment","type":"string"},"u":{"default":"- x"},"v":{"default":"line\nbreak \u0085\u001b"}}}"##,
    #"{"required":["t"],"properties":{"t":{"type":"string","default":"a &b","minLength":2},"0":{"default":{"]":1,"x":["*y"]}}}}"#,
    #"{"required":["token"],"properties":{"token":{"type":"string","x-omphalos-secret":true},"other-key":{"type":"string","x-omphalos-secret":true}}}"#,
    #"{"required":["login"],"properties":{"login":{"type":"object","x-omphalos-secret":true,"required":["user","9"]}}}"#,
    #"{"required":["all"],"properties":{"all":{"type":"array","items":{"type":"object","required":["k"],"properties":{"k":{"type":"string","x-omphalos-secret":true}}}}}}"#,
    #"{"minProperties":2,"properties":{"a":{"type":"integer"},"b":{"type":"string"},"c":{}}}"#, "{}", "true",
    #"{"additionalProperties":false}"#, #"{"additionalProperties":{"type":"integer"},"minProperties":1}"#,
  ]

  @Test("an example fits its schema, by our own reader and our own validator", arguments: corpus)
  func examples(schema: String) throws {
    let manual = try Manual(schema)
    #expect(manual.example != nil)
    #expect(try manual.problems(isWhole: false) == [], "\(manual.example?.lines ?? [])")
    #expect(try manual.problems(isWhole: true) == [], "\(manual.example?.lines ?? [])")
    for line in manual.example?.lines ?? [] { #expect(haveEqualBytes(printable(line), line)) }
  }

  @Test(
    "where nothing fits, or only what is far too long, there is no example",
    arguments: [
      "false", #"{"type":"string"}"#, #"{"required":["a"],"properties":{"a":false}}"#,
      #"{"required":["a"],"properties":{"a":{"minimum":2,"maximum":1}}}"#,
      #"{"required":["a"],"properties":{"a":{"type":"string","minLength":100000}}}"#,
      #"{"required":["a"],"properties":{"a":{"type":"string","pattern":"[^\\s\\S]"}}}"#,
      ##"{"required":["a"],"properties":{"a":{"$ref":"#"}}}"##,
    ])
  func none(schema: String) throws {
    #expect(try Manual(schema).example == nil)
  }

  @Test("the example says which secrets are wanted, by names that variables can have")
  func secrets() throws {
    let schema = #"{"required":["api-token"],"properties":{"api-token":{"type":"string","x-omphalos-secret":true},"2nd":{"type":"string","x-omphalos-secret":true}}}"#
    #expect(
      try Manual(schema).example?.lines == [
        "config:", "  api-token: { secret: { env: API_TOKEN } }", "  # \"2nd\": { secret: { env: SECRET_2ND } }",
      ])
  }

  @Test("the table has a row for each key, with what must be there first")
  func table() throws {
    let manual = try Manual(
      #"""
      {"type":"object","required":["url"],"properties":{
        "depth":{"type":"integer","minimum":1,"maximum":9,"default":3,"description":"How deep."},
        "url":{"type":"string","pattern":"^https://"},
        "token":{"type":"string","x-omphalos-secret":true},
        "rows":{"type":"array","items":{"type":"object","required":["id"],"properties":{"id":{"enum":[1,"two"]}}}},
        "tags":{"type":"object","additionalProperties":{"type":["string","null"]}}}}
      """#)
    #expect(
      manual.table.lines.prefix(3) == [
        "key        type               default   constraint             description",
        "url        string             required  pattern ^https://",
        "depth      integer            3         at least 1, at most 9  How deep.",
      ])
    #expect(manual.table.rows.map(\.key) == ["url", "depth", "rows", "rows[].id", "tags", "tags.*", "token"])
    #expect(manual.table.rows.map(\.type) == ["string", "integer", "list of object", "integer or string", "object", "string or null", "secret"])
    #expect(manual.table.rows.map(\.need) == ["required", "3", "", "required", "", "", ""])
    #expect(manual.table.rows[1].constraint == "at least 1, at most 9" && manual.table.rows[1].description == "How deep.")
    #expect(manual.table.rows[3].constraint == "one of 1, two")
  }

  @Test(
    "what a table cannot tell is said in a line",
    arguments: [
      ("{}", "it takes any keys"), (#"{"additionalProperties":false}"#, "it takes no keys"),
      (#"{"anyOf":[{"required":["a"]}]}"#, "the whole has alternatives or exclusions, which only the schema itself tells"),
      (
        #"{"properties":{"a":{"not":{"const":1}}}}"#,
        "\"a\" has alternatives or exclusions, which only the schema itself tells"
      ),
      (
        ##"{"properties":{"a":{"properties":{"b":{"$ref":"#"}}}}}"##,
        "what stands more than 4 levels deep, only the schema itself tells"
      ),
    ])
  func remarks(schema: String, remark: String) throws {
    #expect(try Manual(schema).table.remarks == [remark])
  }

  @Test("a schema with a thousand keys, or one that repeats itself without end, is told of in a bounded table")
  func bounded() throws {
    let keys = (0..<1_000).map { "\"k\($0)\":{\"type\":\"integer\"}" }.joined(separator: ",")
    let wide = try Manual("{\"properties\":{\(keys)}}")
    #expect(wide.table.rows.count == 200 && wide.table.remarks.count == 1)
    #expect(wide.example?.lines.count == 52 && wide.example?.lines.last == "  # and 950 more")
    let branching = (0..<30).map { "\"k\($0)\":{\"$ref\":\"#\"}" }.joined(separator: ",")
    let deep = try Manual("{\"required\":[\"k0\"],\"properties\":{\(branching)}}")
    #expect(deep.table.rows.count == 200)
    #expect(deep.example == nil)
  }

  @Test(
    "patterns and combinations that would take for ever end, with an example or without",
    arguments: [
      #"{"required":["a"],"properties":{"a":{"type":"string","pattern":"^\#(String(repeating: "(", count: 30))\#(String(repeating: ")*", count: 30))$"}}}"#,
      #"{"required":["a"],"properties":{"a":{"type":"string","minLength":190,"pattern":"^(x*)*(x*)*[a-z]{100,180}y$"}}}"#,
      #"{"$defs":{"a":{"anyOf":[{"type":"array","minItems":9,"items":{"$ref":"\#("#")/$defs/a"}},{"type":"array","minItems":8,"items":{"$ref":"\#("#")/$defs/a"}}]}},"required":["x"],"properties":{"x":{"$ref":"\#("#")/$defs/a"}}}"#,
    ])
  func ends(schema: String) throws {
    let manual = try Manual(schema)
    if manual.example != nil { #expect(try manual.problems(isWhole: true) == []) }
    #expect(!manual.table.rows.isEmpty)
  }

  @Test("control characters of a plugin's schema are escaped in the table")
  func escapes() throws {
    let manual = try Manual(#"{"properties":{"a\u001b[2J":{"description":"\u001b]0;x\u0007 \u202e"}}}"#)
    for line in manual.table.lines { #expect(haveEqualBytes(printable(line), line)) }
  }
}
