import ArtifactStore
import LinuxCalls
import OmphalosValues
import PluginABI
import PluginHost
import TestSupport
import Testing

@testable import Pipeline

@Suite("What the two processes say to each other")
struct MessageTests {
  private let by = CallIdentity(plugin: "com.example.p", capability: "report", instance: "exports[0] \"ü\"\n")

  @Test("each message survives the way through one line of JSON")
  func messages() throws {
    let artifact = CommittedArtifact(
      path: try ArtifactPath("exports/größe \"x\".csv"), digest: SHA256Digest(hashing: "x"), byteCount: 1 << 40,
      options: ArtifactOptions(mediaType: "text/csv", role: .briefingTable, description: "Ein \"Satz\"\u{1}"),
      producer: by)
    let all: [WorkerMessage] = [
      .artifact(artifact, call: 7), .input(name: "feed", fingerprint: SHA256Digest(hashing: "f"), rows: 123),
      .lineage(["kind": "INGEST", "inputs": ["a"], "details": ["rows": 3]]),
      .metric(name: "größe\n", value: 0.1, by, call: 3), .metric(name: "zero", value: 0, by, call: 3),
      .metric(name: "large", value: 1e300, by, call: 3),
      .log(plugin: "com.example.p", level: "warning", text: "a\nb\u{0}c"),
      .progress(by, done: 1, total: 0), .finding(plugin: "com.example.p", subject: "umask", text: "changed"),
      .failure(exitCode: 65, by, function: "get_next", text: "line 7"), .done,
    ]
    for message in all {
      let line = message.json.canonicalBytes
      #expect(!line.contains(10))
      #expect(try WorkerMessage(line: line).json == message.json)
    }
    guard case .artifact(let read, let call) = try WorkerMessage(line: all[0].json.canonicalBytes) else {
      Issue.record("not an artifact")
      return
    }
    #expect(read == artifact && call == 7)
  }

  @Test(
    "a line that we did not write is refused",
    arguments: [
      "", "hello", "{}", "[]", #"{"event":"other"}"#, #"{"event":7}"#, #"{"event":"done"} x"#,
      #"{"event":"input","name":"a","fingerprint":"00","rows":1}"#,
      #"{"event":"input","name":"a","fingerprint":7,"rows":1}"#,
      #"{"event":"artifact","path":"../x","sha256":"","bytes":1}"#,
      #"{"event":"failure","exit_code":-1,"by":{"plugin":"","capability":"","instance":""},"function":"","text":""}"#,
      #"{"event":"progress","by":{"plugin":"p"},"done":1,"total":1}"#,
    ])
  func foreignLines(line: String) {
    #expect(throws: (any Error).self) { _ = try WorkerMessage(line: Array(line.utf8)) }
  }

  @Test("the lineage event of 100,000 artifacts is a message like any other")
  func longMessage() throws {
    let paths = (0..<100_000).map { "exports/a/rather/long/folder/name/for/an/artifact/number-\($0).csv" }
    let digest = SHA256Digest(hashing: "x").hex
    var digests = JSONObject()
    for path in paths { digests[path] = .string(digest) }
    let event: JSONValue = [
      "outputs": .array(paths.map(JSONValue.string)),
      "details": ["sha256": .object(digests)],
    ]
    let line = WorkerMessage.lineage(event).json.canonicalBytes
    #expect(line.count > 16 << 20 && line.count < WorkerMessage.longestLine)
    guard case .lineage(let read) = try WorkerMessage(line: line) else {
      Issue.record("not an event")
      return
    }
    #expect(read["outputs"]?.arrayValue?.count == 100_000)
  }

  @Test("a work order survives the way to the worker, from a real plan")
  func workOrder() throws {
    let folder = try TemporaryFolder()
    let compiler = try Compiler()
    var connector = ExamplePluginSource()
    connector.id = "org.example.tables"
    _ = try folder.write("data.csv", "a\n1\n")
    let plugins = folder.file("plugins")
    try Path.makeDirectories(plugins)
    let built = try compiler.sharedObject(c: connector.text, name: "tables.so", flags: ["-fvisibility=hidden"])
    _ = try Shell.run(["cp", built, plugins + "/tables.so"])
    let text = """
      schema_version: "1.0"
      run: { name: x, as_of: "2026-01-01" }
      inputs: [ { name: feed, connector: org.example.tables/hello, files: { data: data.csv } } ]
      exports: [ { exporter: org.example.tables/hello, inputs: [feed], config: { deep: { list: [1, 2.5, "ü", null, true] } }, grants: { read: [lineage] }, limits: { artifacts: 2 } } ]
      limits: { artifacts: 3 }
      """
    // The one capability is an exporter, so as a connector it is refused, with the place in the file.
    let configuration = try PipelineConfiguration.parse(Array(text.utf8), file: folder.file("p.yaml"))
    let places = [PluginDirectory(path: plugins, isExplicit: true)]
    let refused = #expect(throws: ConfigurationError.self) {
      _ = try RunPlan(configuration, under: RunTerms(directories: places))
    }
    #expect(refused?.mark?.line == 3 && refused?.message.contains("connector") == true)

    var both = connector
    both.capabilities =
      #"[{"kind":"connector","name":"table","interface_version":1},{"kind":"exporter","name":"hello","interface_version":1}]"#
    let second = try compiler.sharedObject(c: both.text, name: "tables.so", flags: ["-fvisibility=hidden"])
    _ = try Shell.run(["cp", second, plugins + "/tables.so"])
    let whole = text.replacing("connector: org.example.tables/hello", with: "connector: org.example.tables/table")
    let plan = try RunPlan(
      PipelineConfiguration.parse(Array(whole.utf8), file: folder.file("p.yaml")),
      under: RunTerms(directories: places, hermetic: true, relaxations: [.executableStack]))
    let order = WorkOrder(plan, directory: 20, page: 21, messages: 22)
    let bytes = order.json.canonicalBytes
    let read = try WorkOrder(JSONValue.parse(bytes))
    #expect(read.json.canonicalBytes == bytes)
    #expect(read.relaxations == [.executableStack])
    #expect(read.runID == plan.runID && read.hermetic && read.limits.store.artifacts == 3)
    let rights = read.exports[0].step.rights
    #expect(rights.grants.readable == ["lineage"] && rights.limits?.artifacts == 2)
    #expect(read.inputs[0].step.rights.isEmpty && read.inputs[0].step.rights.limits == nil)
    #expect(read.plugins.map(\.files.file.digest) == plan.plugins.map(\.sealed.digest))
    #expect(read.inputs[0].files.map(\.fileName) == ["data.csv"] && read.inputs[0].files[0].byteCount == 4)
    #expect(
      read.exports[0].step.configuration.canonicalBytes == Array(#"{"deep":{"list":[1,2.5,"ü",null,true]}}"#.utf8))
    #expect(Set(read.inherited).isSuperset(of: [20, 21, 22]) && read.inherited.count == 5)
  }

  @Test("an order that lacks something, or has a digest, descriptor or name that is none, is refused")
  func badOrders() {
    for text in ["{}", "[]", #"{"run_id":7}"#, #"{"run_id":"run-00000000-0000","fingerprint":"00"}"#] {
      #expect(throws: (any Error).self) { _ = try WorkOrder(JSONValue.parse(Array(text.utf8))) }
    }
  }
}
