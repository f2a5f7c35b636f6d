import ConfigurationSchema
import OmphalosValues
import TestSupport
import Testing

/// Schemas and values by chance, the same ones every time.
private struct Dice: RandomNumberGenerator {
  var state: UInt64

  /// SplitMix64.
  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  mutating func pick<Value>(_ values: [Value]) -> Value { values[Int(next() % UInt64(values.count))] }
  mutating func some<Value>(_ make: (inout Dice) -> Value) -> [Value] {
    (0..<(1 + next() % 3)).map { _ in make(&self) }
  }

  private static let atoms: [String] = [
    "null", "true", "false", "0", "1", "1.0", "2", "-1", "1.5", "1e2", "9007199254740993", "\"\"", "\"a\"", "\"ab\"", "\"é\"",
    "\"e\\u0301\"", "\"😀😀\"", "\"a1\"",
  ]
  private static let keys = ["a", "b", "é", "a/b", ""]

  mutating func value(depth: Int = 0) -> JSONValue {
    switch next() % (depth < 3 ? 4 : 2) {
    case 2: return .array((0..<(next() % 4)).map { _ in value(depth: depth + 1) })
    case 3:
      var object = JSONObject()
      for _ in 0..<(next() % 4) { object[pick(Self.keys)] = value(depth: depth + 1) }
      return .object(object)
    default: return (try? json(pick(Self.atoms))) ?? .null
    }
  }

  mutating func schema(depth: Int = 0) -> JSONValue {
    if depth > 0, next() % 8 == 0 { return .bool(next() % 2 == 0) }
    var schema = JSONObject()
    for _ in 0..<(1 + next() % 3) { add(to: &schema, depth) }
    return .object(schema)
  }

  private mutating func inner(_ depth: Int) -> JSONValue { depth < 3 ? schema(depth: depth + 1) : .bool(next() % 2 == 0) }

  private mutating func add(to schema: inout JSONObject, _ depth: Int) {
    let number = (try? json(pick(["0", "1", "1.5", "2", "-1", "1e2"]))) ?? 1
    switch next() % 16 {
    case 0, 1:
      let types = ["null", "boolean", "object", "array", "number", "integer", "string"]
      schema["type"] = next() % 2 == 0 ? .string(pick(types)) : .array(Array(Set(some { $0.pick(types) }).sorted()).map(JSONValue.string))
    case 2: schema["enum"] = .array(some { $0.value(depth: 2) })
    case 3: schema["const"] = value(depth: 2)
    case 4, 5:
      var members = JSONObject()
      for key in some({ $0.pick(Self.keys) }) { members[key] = inner(depth) }
      schema["properties"] = .object(members)
    case 6: schema["required"] = .array(Set(some { $0.pick(Self.keys) }.map { UTF8String($0) }).sorted().map { .string($0.string) })
    case 7: schema["additionalProperties"] = inner(depth)
    case 8: schema["items"] = inner(depth)
    case 9: schema["prefixItems"] = .array(some { $0.inner(depth) })
    case 10: schema[pick(["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"])] = number
    case 11:
      let keywords = ["minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"]
      schema[pick(keywords)] = .integer(Int64(next() % 4))
    case 12: schema["pattern"] = .string(pick(["a", "^a", "b$", "^[a-z]+$", "^.{2}$", "[0-9]", "^$", "a|1", "^(a|ab)*$"]))
    case 13: schema[pick(["allOf", "anyOf", "oneOf"])] = .array(some { $0.inner(depth) })
    case 14: schema["not"] = inner(depth)
    // Only where a value becomes smaller on the way, so that it ends.
    default: schema[pick(["items", "additionalProperties"])] = ["$ref": "#"]
    }
  }
}

@Suite("Verdicts of another validator")
struct SchemaAgreementTests {
  private static let judge = """
    import json, sys
    from jsonschema import Draft202012Validator
    for line in open(sys.argv[1], encoding="utf-8"):
        schema, value = json.loads(line)
        Draft202012Validator.check_schema(schema)
        print("yes" if Draft202012Validator(schema).is_valid(value) else "no")
    """

  @Test("those of Python's jsonschema are ours, on 1,500 schemas and values made by chance")
  func agreement() throws {
    guard (try? Shell.run(["python3", "-c", "import jsonschema"]).status) == 0 else {
      try Test.cancel("jsonschema is not installed")
    }
    var dice = Dice(state: 20_260_531)
    let pairs = (0..<1_500).map { _ in (schema: dice.schema(), value: dice.value()) }
    let folder = try TemporaryFolder()
    let lines = pairs.map { JSONValue.array([$0.schema, $0.value]).canonicalText + "\n" }.joined()
    let result = try Shell.run(["python3", "-c", Self.judge, folder.write("pairs.jsonl", lines)])
    try #require(result.status == 0, "\(result.stderr)")
    let verdicts = result.stdout.split(separator: "\n")
    try #require(verdicts.count == pairs.count)
    for (pair, verdict) in zip(pairs, verdicts) {
      let ours = try ConfigurationSchema(pair.schema).validate(pair.value).isEmpty ? "yes" : "no"
      #expect(ours == verdict, "\(pair.schema.canonicalText) on \(pair.value.canonicalText)")
    }
    // Neither verdict is so rare that the other could be guessed.
    let fitting = verdicts.count { $0 == "yes" }
    #expect(fitting > 300 && fitting < 1_200, "\(fitting) of \(verdicts.count) fit")
  }
}
