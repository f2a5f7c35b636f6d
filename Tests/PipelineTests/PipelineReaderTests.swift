import OmphalosValues
import TestSupport
import Testing

@testable import Pipeline

/// A pipeline with everything in it.
let wholePipeline = """
  schema_version: "1.0"
  run: { name: screening, seed: 1337, hermetic: true, output_root: out/runs, as_of: "2026-05-31" }
  rules: { pack: baseline }
  inputs:
    - { name: registry, connector: org.example.csv/csv, files: { data: data/a.csv, more: /abs/b.csv }, config: { delimiter: ";" } }
    - { name: feed, connector: org.example.csv/csv }
  exports:
    - { exporter: org.example.tables/report, inputs: [feed, registry], config: { title: "Größe" } }
    - { exporter: org.example.csv/csv, inputs: [feed] }
  lineage: [ { sink: org.example.jsonl/jsonl } ]
  limits: { call_timeout: 1h30m, bytes: 5GiB, artifacts: 10, plugin_bytes: 1MiB, buffer: 1MB }
  """

func pipeline(_ text: String = wholePipeline, file: String = "dir/pipeline.yaml") throws -> PipelineConfiguration {
  try PipelineConfiguration.parse(Array(text.utf8), file: file)
}

@Suite("Reading a pipeline")
struct PipelineReaderTests {
  @Test("every section is read as it stands")
  func whole() throws {
    let read = try pipeline()
    #expect(read.name == "screening" && read.seed == 1337 && read.hermetic && read.asOf == "2026-05-31")
    #expect(read.outputRoot == "out/runs" && read.pack == .baseline && read.environment.isEmpty)
    #expect(read.digest == SHA256Digest(hashing: wholePipeline))
    #expect(read.inputs.map(\.name.text) == ["registry", "feed"])
    #expect(read.inputs[0].files.map(\.name) == ["data", "more"] && read.inputs[1].files.isEmpty)
    #expect(read.inputs[0].use.recordedConfiguration == ["delimiter": ";"])
    #expect(read.inputs[1].use.recordedConfiguration == .object([:]))
    #expect(read.exports[0].inputs.map(\.text) == ["feed", "registry"])
    #expect(read.exports.map(\.use.instance) == ["exports[0]", "exports[1]"])
    #expect(read.sinks.map(\.use.reference.text) == ["org.example.jsonl/jsonl"])
    #expect(read.limits.callTimeout == 5_400_000_000_000 && read.limits.store.bytes == 5 << 30)
    #expect(read.limits.store.artifacts == 10 && read.limits.pluginBytes == 1 << 20)
    #expect(read.pluginIDs.map(\.text) == ["org.example.csv", "org.example.tables", "org.example.jsonl"])
    #expect(read.uses.count == 5)
  }

  @Test("what may be left out has its default")
  func defaults() throws {
    let read = try pipeline(
      """
      schema_version: "1.0"
      run: { name: x }
      inputs: [ { name: a, connector: org.example.csv/csv, files: { data: a.csv } } ]
      """)
    #expect(read.seed == 0 && !read.hermetic && read.outputRoot == "runs" && read.asOf == nil)
    #expect(read.exports.isEmpty && read.sinks.isEmpty && read.pack == .baseline)
    #expect(read.limits.callTimeout == 600_000_000_000 && read.limits.store.bytes == 10 << 30)
    #expect(read.limits.store.artifacts == 100_000 && read.limits.pluginBytes == 512 << 20)
  }

  @Test(
    "paths are relative to the pipeline's folder",
    arguments: [
      ("pipeline.yaml", ".", "a.csv", "a.csv"), ("dir/p.yaml", "dir", "a.csv", "dir/a.csv"),
      ("/p.yaml", "/", "a.csv", "/a.csv"), ("/x/y/p.yaml", "/x/y", "../a.csv", "/x/y/../a.csv"),
      ("dir/p.yaml", "dir", "/abs.csv", "/abs.csv"),
    ])
  func paths(file: String, folder: String, path: String, resolved: String) throws {
    let read = try pipeline(file: file)
    #expect(read.folder == folder && read.resolve(path) == resolved)
  }

  static let mistakes: [((String, String), Int, String)] = [
    ((#"schema_version: "1.0""#, #"schema_version: "2.0""#), 1, "1.0"),
    (("seed: 1337", "sede: 1337"), 2, "seed"),
    (("name: screening", "name: 'no spaces here'"), 2, "run.name"),
    (("seed: 1337", "seed: -1"), 2, "run.seed"),
    (("seed: 1337", "seed: 9007199254740992"), 2, "run.seed"),
    (("seed: 1337", "seed: lots"), 2, "run.seed"),
    (("hermetic: true", "hermetic: NO"), 2, "quote"),
    (("as_of: \"2026-05-31\"", "as_of: \"31.05.2026\""), 2, "run.as_of"),
    (("as_of: \"2026-05-31\"", "env: [HOME2]"), 2, "hermetic"),
    (("pack: baseline", "pack: strikt"), 3, "did you mean strict?"),
    (("name: feed", "name: registry"), 6, "registry already"),
    (("connector: org.example.csv/csv, files", "connector: csv, files"), 5, "connector"),
    (("data: data/a.csv", "data: ''"), 5, "files.data"),
    (("config: { delimiter: \";\" }", "config: [1]"), 5, "config"),
    (("config: { delimiter", "konfig: { delimiter"), 5, "konfig"),
    (("inputs: [feed, registry]", "inputs: [feet, registry]"), 8, "did you mean feed?"),
    (("inputs: [feed, registry]", "inputs: []"), 8, "at least one"),
    (("exporter: org.example.tables/report, ", ""), 8, "exporter"),
    (("sink: org.example.jsonl/jsonl", "sink: 7"), 10, "sink"),
    (("call_timeout: 1h30m", "call_timeout: 0s"), 11, "call_timeout"),
    (("call_timeout: 1h30m", "call_timeout: 90"), 11, "call_timeout"),
    (("bytes: 5GiB", "bytes: 5 parsecs"), 11, "limits.bytes"),
    (("artifacts: 10", "artifacts: -1"), 11, "limits.artifacts"),
    (("artifacts: 10", "artifact: 10"), 11, "artifacts"),
  ]

  @Test("a mistake is told with its line and what was wanted", arguments: mistakes.indices)
  func mistake(index: Int) {
    let (change, line, says) = Self.mistakes[index]
    let text = wholePipeline.replacing(change.0, with: change.1)
    #expect(text != wholePipeline)
    let thrown = #expect(throws: (any Error).self) { _ = try pipeline(text) }
    // One may lead to another further down.
    let error = (thrown as? ConfigurationErrors)?.errors.first ?? thrown as? ConfigurationError
    #expect(error?.mark?.line == line, "\(String(describing: error))")
    #expect(error?.description.contains(says) == true, "\(String(describing: error))")
    #expect(error?.exitCode == .badData)
  }

  @Test("mistakes in several sections and steps are told together, in the order of the file")
  func several() throws {
    let text = """
      schema_version: "1.1"
      run: { sead: 1 }
      inputs:
        - { name: a, connector: org.example.csv }
        - { name: b, connector: org.example.csv/csv, flies: { data: b.csv } }
      exports:
        - { exporter: org.example.csv/table, inputs: [a, b, c] }
        - { exporter: org.example.csv/table, inputs: [b], config: { x: { secret: { evn: X } } } }
      lineage: 7
      limits: { bytes: many }
      extra: 1
      """
    let errors = try #require(throws: ConfigurationErrors.self) { _ = try pipeline(text, file: "p.yaml") }
    #expect(errors.exitCode == .badData)
    #expect(
      errors.message == """
        p.yaml:1:17: schema_version: found the text "1.1", wanted "1.0"
        p.yaml:2:8: run: the key "sead" is not known; did you mean "seed"?
        p.yaml:4:27: inputs[0].connector: "org.example.csv" is not a valid capability reference: wanted a plugin id, '/' and a \
        capability name, as in com.example.acme/csv.
        p.yaml:5:48: inputs[1]: the key "flies" is not known; did you mean "files"?
        p.yaml:7:55: exports[0].inputs[2]: there is no input c; did you mean a, b?
        p.yaml:8:78: exports[1].config.x.secret: the key "evn" is not known; did you mean "env"?
        p.yaml:9:10: lineage: found the number 7, wanted a sequence
        p.yaml:10:18: limits.bytes: "many" is not a valid size: wanted a whole number of bytes or one with a unit, as in \
        1000, 256MiB, 10GiB or 5MB.
        p.yaml:11:1: the pipeline: the key "extra" is not known; known are exports, inputs, limits, lineage, rules, run, schema_version
        """)
  }

  @Test("of very many mistakes the first fifty are told, and how many there are")
  func bounded() throws {
    let steps = (0..<60).map { "  - { exporter: x\($0), inputs: [a] }\n" }.joined()
    let text = """
      schema_version: "1.0"
      run: { name: x }
      inputs: [ { name: a, connector: org.example.csv/csv, files: { data: a.csv } } ]
      exports:

      """
    let errors = try #require(throws: ConfigurationErrors.self) { _ = try pipeline(text + steps) }
    #expect(errors.errors.count == 60 && errors.message.split(separator: "\n").count == 51)
    #expect(errors.message.hasSuffix("\nand 10 more"))
  }

  @Test("an input without files needs the day of its data")
  func unpinned() {
    let text = wholePipeline.replacing(#", as_of: "2026-05-31""#, with: "")
    let error = #expect(throws: ConfigurationError.self) { _ = try pipeline(text) }
    #expect(error?.message.contains("run.as_of") == true)
  }

  @Test(
    "variables of the environment are passed by name, but never those that change how plugins are loaded",
    arguments: [
      ("TOKEN", true), ("_x9", true), ("LD_PRELOAD", false), ("LD_ANYTHING", false), ("GLIBC_TUNABLES", false),
      ("MALLOC_ARENA_MAX", false), ("SWIFT_DEBUG", false), ("PATH", false), ("HOME", false), ("9X", false),
      ("A=B", false),
      ("Ä", false), ("''", false),
    ])
  func environment(name: String, isTaken: Bool) {
    let text = """
      schema_version: "1.0"
      run: { name: x, env: [ "\(name == "''" ? "" : name)" ] }
      inputs: [ { name: a, connector: org.example.csv/csv, files: { data: a.csv } } ]
      """
    #expect((try? pipeline(text).environment) == (isTaken ? [name] : nil))
  }

  @Test("a file that is not there, a folder and a file without end are told as such")
  func unreadable() throws {
    let folder = try TemporaryFolder()
    for (path, says) in [
      (folder.file("none"), "no such file"), (folder.path, "regular file"), ("/dev/zero", "regular file"),
    ] {
      let error = #expect(throws: ConfigurationError.self) { _ = try PipelineConfiguration.read(path) }
      #expect(error?.message.contains(says) == true, "\(String(describing: error))")
    }
  }
}
