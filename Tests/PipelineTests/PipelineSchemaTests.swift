import ConfigurationSchema
import Foundation
import OmphalosValues
import TestSupport
import Testing

@testable import Pipeline

@Suite("The JSON Schema of a pipeline file")
struct PipelineSchemaTests {
  /// A part of the schema with the reference that it may be followed.
  private func part(of value: JSONValue, _ key: String) throws -> JSONObject {
    let member = try #require(key == "[]" ? value["items"] : value["properties"]?[key], "\(key)")
    let references = [member["$ref"], member["anyOf"]?.arrayValue?.first?["$ref"]].compactMap { $0?.stringValue }
    guard let name = references.first?.split(separator: "/").last else { return try #require(member.objectValue) }
    return try #require(PipelineSchema.json["$defs"]?[String(name)]?.objectValue)
  }

  /// The keys that the reader knows in a place, as it says them itself.
  private func known(_ text: String) throws -> [String] {
    let error = try #require(throws: ConfigurationError.self) { _ = try pipeline(text) }
    let list = try #require(error.message.components(separatedBy: "; known are ").last)
    return list.components(separatedBy: ", ").sorted()
  }

  @Test("has every key that the reader knows, in its place, and no other")
  func sameKeys() throws {
    let odd = "qqqqqqqqqqqqqqqq: 1"
    let places: [([String], String, String)] = [
      ([], "run: {", "\(odd)\nrun: {"), (["run"], "run: {", "run: { \(odd),"), (["rules"], "rules: {", "rules: { \(odd),"),
      (["inputs", "[]"], "{ name: feed,", "{ \(odd), name: feed,"),
      (["exports", "[]"], "- { exporter: org.example.csv/csv,", "- { \(odd), exporter: org.example.csv/csv,"),
      (["lineage", "[]"], "[ { sink:", "[ { \(odd), sink:"), (["limits"], "limits: {", "limits: { \(odd),"),
      (["exports", "[]", "grants"], "inputs: [feed] }", "inputs: [feed], grants: { \(odd) } }"),
      (["exports", "[]", "limits"], "inputs: [feed] }", "inputs: [feed], limits: { \(odd) } }"),
    ]
    for (path, from, to) in places {
      let text = wholePipeline.replacing(from, with: to)
      #expect(text != wholePipeline)
      var object = PipelineSchema.json
      for key in path { object = .object(try part(of: object, key)) }
      #expect(try #require(object["properties"]?.objectValue).keys.sorted() == known(text), "\(path)")
    }
    let secret = wholePipeline.replacing("config: { delimiter: \";\" }", with: "config: { a: { secret: { \(odd) } } }")
    let members = PipelineSchema.json["$defs"]?["secret"]?["properties"]?["secret"]?["properties"]?.objectValue?.keys
    #expect(try members?.sorted() == known(secret))
  }

  /// Pipelines in files, and in the commands of guides.
  private static func pipelines() throws -> [(name: String, text: String)] {
    var found: [(String, String)] = []
    for folder in ["docs", "ExamplePlugins", "Benchmarks", "Fuzz/corpus/pipeline", "README.md"] {
      let paths = folder.hasSuffix(".md") ? [""] : try FileManager.default.subpathsOfDirectory(atPath: "\(Compiler.root)/\(folder)")
      for path in paths where path.isEmpty || [".md", ".yaml"].contains(where: path.hasSuffix) {
        let name = path.isEmpty ? folder : "\(folder)/\(path)"
        let text = try String(contentsOfFile: "\(Compiler.root)/\(name)", encoding: .utf8)
        if name.hasSuffix(".yaml") { found.append((name, text)) }
        for match in text.matches(of: /(?s)<<'END'\n(schema_version: .*?)\nEND\n/) { found.append((name, String(match.1))) }
      }
    }
    return found
  }

  @Test("takes every pipeline of this repository that the reader takes")
  func ourPipelines() throws {
    let schema = try Self.schema()
    var count = 0
    for (name, text) in try Self.pipelines() {
      guard (try? PipelineConfiguration.parse(Array(text.utf8), file: name)) != nil else { continue }
      count += 1
      let violations = schema.validate(try YAMLNode.parse(bytes: Array(text.utf8), file: name).json)
      #expect(violations.map(\.message) == [], "\(name)")
    }
    #expect(count >= 8)
  }

  /// By our own validator: what `$schema` says it need not know.
  private static func schema() throws -> ConfigurationSchema {
    var object = try #require(PipelineSchema.json.objectValue)
    object["$schema"] = nil
    return try ConfigurationSchema(.object(object))
  }

  static let good: [(from: String, to: String)] = [
    ("rules: { pack: baseline }", "rules: { pack: strict }"), ("rules: { pack: baseline }", "rules:"), ("seed: 1337", "seed: ~"),
    ("delimiter: \";\"", "a: { secret: { env: TOKEN } }, b: [ { secret: { file: k.txt } }, { c: { secret: x } }, 1.5, null ]"),
    ("delimiter: \";\"", "secret: { secret: { env: TOKEN } }"), ("delimiter: \";\"", "secret: plain"), ("delimiter: \";\"", "a: { secret: { secret: { env: A } } }"),
    ("call_timeout: 1h30m", "call_timeout: 1h 500ms".replacing("h ", with: "h")), ("bytes: 5GiB", "bytes: 5 GiB"),
    ("bytes: 5GiB", "bytes: 0"), ("inputs: [feed] }", "inputs: [feed], grants: { write: [exports/a b, warehouse], read: [lineage] } }"),
    ("inputs: [feed] }", "inputs: [feed], limits: { bytes: 1MB, artifacts: 3 } }"), ("hermetic: true", "hermetic: false, env: [TOKEN]"),
  ]

  static let bad: [(from: String, to: String)] = [
    (#"schema_version: "1.0""#, #"schema_version: "2.0""#), (#"schema_version: "1.0""#, "schema_version: 1.0"), ("run:", "runs:"),
    ("seed: 1337", "sede: 1337"), ("name: screening", "name: 'no spaces'"), ("seed: 1337", "seed: -1"),
    ("seed: 1337", "seed: 9007199254740992"), ("seed: 1337", "seed: lots"), ("hermetic: true", "hermetic: 1"),
    ("as_of: \"2026-05-31\"", "as_of: \"31.05.2026\""), ("hermetic: true", "hermetic: false, env: [LD_PRELOAD]"),
    ("hermetic: true", "hermetic: false, env: [9X]"), ("pack: baseline", "pack: gold"), ("name: feed,", ""),
    ("connector: org.example.csv/csv, files", "connector: csv, files"), ("connector: org.example.csv/csv, files", "connector: Org.x/csv, files"),
    ("connector: org.example.csv/csv, files", "connector: org.example-.csv/csv, files"),
    ("data: data/a.csv", "data: ''"), ("data: data/a.csv", "data: [a]"), ("config: { delimiter: \";\" }", "config: [1]"),
    ("inputs: [feed, registry]", "inputs: []"), ("exporter: org.example.tables/report, ", ""), ("sink: org.example.jsonl/jsonl", "sink: 7"),
    ("call_timeout: 1h30m", "call_timeout: 90"), ("call_timeout: 1h30m", "call_timeout: 30m1h"), ("call_timeout: 1h30m", "call_timeout: ''"),
    ("bytes: 5GiB", "bytes: 5 parsecs"), ("bytes: 5GiB", "bytes: -1"), ("artifacts: 10", "artifacts: -1"), ("artifacts: 10", "artifact: 10"),
    ("inputs: [feed] }", "inputs: [feed], grants: { write: [reports] } }"), ("inputs: [feed] }", "inputs: [feed], grants: { wirte: [exports] } }"),
    ("inputs: [feed] }", "inputs: [feed], limits: { buffer: 1 } }"),
    ("delimiter: \";\"", "a: { secret: { env: 9A } }"), ("delimiter: \";\"", "a: { secret: { evn: A } }"),
    ("delimiter: \";\"", "a: { secret: { env: A, file: b } }"), ("delimiter: \";\"", "a: [ { secret: { } } ]"),
    ("delimiter: \";\"", "a: { secret: { env: A }, b: 1 }"), ("delimiter: \";\"", "secret: { env: A }"),
  ]

  @Test("takes what the reader takes", arguments: good.indices)
  func goodOnes(index: Int) throws {
    let text = wholePipeline.replacing(Self.good[index].from, with: Self.good[index].to)
    #expect(text != wholePipeline)
    _ = try pipeline(text)
    #expect(try Self.schema().validate(YAMLNode.parse(bytes: Array(text.utf8), file: "p").json).map(\.message) == [])
  }

  @Test("refuses what the reader refuses, wherever one key is wrong by itself", arguments: bad.indices)
  func badOnes(index: Int) throws {
    let text = wholePipeline.replacing(Self.bad[index].from, with: Self.bad[index].to)
    #expect(text != wholePipeline)
    #expect(throws: (any Error).self) { _ = try pipeline(text) }
    #expect(try !Self.schema().validate(YAMLNode.parse(bytes: Array(text.utf8), file: "p").json).isEmpty)
  }

  @Test("is one to Python's jsonschema, which judges all of these the same")
  func anotherJudge() throws {
    guard (try? Shell.run(["python3", "-c", "import jsonschema"]).status) == 0 else {
      try Test.cancel("jsonschema is not installed")
    }
    let ours = try Self.pipelines().filter { (try? PipelineConfiguration.parse(Array($0.text.utf8), file: "")) != nil }.map(\.text)
    let texts =
      ours + Self.good.map { wholePipeline.replacing($0.from, with: $0.to) } + Self.bad.map { wholePipeline.replacing($0.from, with: $0.to) }
    let values = try texts.map { try YAMLNode.parse(bytes: Array($0.utf8), file: "p").json }
    let folder = try TemporaryFolder()
    let judge = """
      import json, sys
      from jsonschema import Draft202012Validator
      schema, values = json.load(open(sys.argv[1], encoding="utf-8"))
      Draft202012Validator.check_schema(schema)
      for value in values: print("yes" if Draft202012Validator(schema).is_valid(value) else "no")
      """
    let file = try folder.write("all.json", JSONValue.array([PipelineSchema.json, .array(values)]).canonicalText)
    let result = try Shell.run(["python3", "-c", judge, file])
    try #require(result.status == 0, "\(result.stderr)")
    let wanted = Array(repeating: "yes", count: ours.count + Self.good.count) + Array(repeating: "no", count: Self.bad.count)
    let verdicts = result.stdout.split(separator: "\n").map(String.init)
    for (index, verdict) in verdicts.enumerated() { #expect(verdict == wanted[index], "\(texts[index])") }
    #expect(verdicts.count == wanted.count)
  }

  @Test("says of each key what it means")
  func descriptions() throws {
    func check(_ value: JSONValue, _ path: String) {
      for (key, member) in value["properties"]?.objectValue?.members ?? [] {
        let reference = member["$ref"] ?? member["anyOf"]?.arrayValue?.first?["$ref"]
        let target = reference?.stringValue?.split(separator: "/").last.flatMap { PipelineSchema.json["$defs"]?[String($0)] }
        #expect(member["description"] != nil || target?["description"] != nil, "\(path).\(key)")
        check(member, "\(path).\(key)")
        if let items = member["items"] { check(items, "\(path).\(key)[]") }
      }
    }
    check(PipelineSchema.json, "")
    for (name, definition) in PipelineSchema.json["$defs"]?.objectValue?.members ?? [] { check(definition, name) }
  }
}
