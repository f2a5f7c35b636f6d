import Foundation
import TestSupport
import Testing

@Suite("The pack strict")
struct StrictTests {
  /// A pipeline over example plugins of several languages, with its lock.
  private func examples() throws -> PipelineFolder {
    let pipeline = try PipelineFolder()
    try pipeline.addExamples("csv", "jsonl", "profile")
    var exports = [
      "{ exporter: org.omphalos.csv/table, inputs: [feed] }", "{ exporter: org.omphalos.profile/profile, inputs: [feed] }",
      "{ exporter: org.omphalos.jsonl/records, inputs: [feed] }",
    ]
    for (name, capability) in [("digest", "org.omphalos.digest/digest"), ("sqlite", "org.omphalos.sqlite/database")] {
      guard let path = try ExamplePlugins.optional(name) else { continue }
      try FileManager.default.copyItem(atPath: path, toPath: "\(pipeline.plugins)/\(name).so")
      exports.append("{ exporter: \(capability), inputs: [feed] }")
    }
    try pipeline.folder.write("data.csv", "name,amount\na,1\nb,2\n")
    try pipeline.folder.write(
      "pipeline.yaml",
      """
      schema_version: "1.0"
      run: { name: strict, hermetic: true, output_root: runs }
      rules: { pack: strict }
      inputs: [ { name: feed, connector: org.omphalos.csv/csv, files: { data: data.csv } } ]
      exports:
      \(exports.map { "  - \($0)" }.joined(separator: "\n"))
      lineage: [ { sink: org.omphalos.jsonl/jsonl } ]

      """)
    let lock = try pipeline.command(["plugins", "lock", "pipeline.yaml", "--plugins", "plugins"])
    #expect(lock.status == 0, "\(lock.stderr)")
    return pipeline
  }

  @Test("takes all example plugins, in C, C++, Swift and Rust, unmodified")
  func takesExamples() throws {
    let pipeline = try examples()
    let outcome = try pipeline.run()
    #expect(outcome.status == 0 && outcome.finalized.count == 1, "\(outcome.stderr)")
    let report = try pipeline.recordedPlugins(outcome)
    #expect((report["policies"] as? [[String: Any]])?.map { $0["name"] as? String } == ["strict"])
    #expect((report["relaxations"] as? [Any])?.isEmpty == true && report["lock"] is [String: Any])
    #expect(try pipeline.text(outcome, "run_manifest.json").contains("\"pack\": \"strict\""))
  }

  @Test("asks for a lock, and refuses whatever differs from it")
  func asksForLock() throws {
    let pipeline = try examples()
    try FileManager.default.removeItem(atPath: pipeline.folder.file("plugins.lock"))
    let missing = try pipeline.run()
    #expect(missing.status == 65)
    #expect(missing.stderr.contains("There is no lock \"plugins.lock\", which the pack strict, line 10 asks for"), "\(missing.stderr)")
  }

  @Test("counts as well where only the command line asks for it, and cannot be talked down by it")
  func commandLine() throws {
    let pipeline = try PipelineFolder()
    try pipeline.addFixture()
    try pipeline.writeFixturePipeline()
    #expect(try pipeline.run(["--pack", "strict"]).status == 65)
    let strict = try examples()
    try FileManager.default.removeItem(atPath: strict.folder.file("plugins.lock"))
    #expect(try strict.run(["--pack", "baseline"]).status == 65)
  }

  /// The fixture, locked, in a strict run that is not hermetic.
  private func strictRun(
    _ defines: [String: String], flags: [String] = [], more: [String] = [], prepare: (PipelineFolder) throws -> Void = { _ in }
  ) throws -> PipelineFolder.Outcome {
    let pipeline = try PipelineFolder()
    try prepare(pipeline)
    try pipeline.addFixture(defines, flags: flags)
    try pipeline.writeFixturePipeline()
    let lock = try pipeline.command(["plugins", "lock", "pipeline.yaml", "--plugins", "plugins"])
    #expect(lock.status == 0, "\(lock.stderr)")
    return try pipeline.run(["--pack", "strict"] + more)
  }

  @Test("takes a plugin that asks for nothing")
  func takesFixture() throws {
    let outcome = try strictRun([:])
    #expect(outcome.status == 0 && outcome.finalized.count == 1, "\(outcome.stderr)")
  }

  private static let connecting =
    "extern int connect(int, const void *, unsigned); __attribute__((used)) static int reach(void) { return connect(3, 0, 0); }"

  @Test("refuses a plugin that calls itself hermetic and imports connect")
  func liar() throws {
    let outcome = try strictRun(["GLOBALS": Self.connecting])
    #expect(outcome.status == 3 && outcome.partials.isEmpty)
    #expect(
      outcome.stderr.contains(
        "what fixture.so imports is connect, wanted nothing of the category network, as the pack strict, line"),
      "\(outcome.stderr)")
  }

  /// The fixture with a call of a function that a library brings, which imports connect.
  private func throughLibrary(in place: String, flags: (String) -> [String]) throws -> PipelineFolder.Outcome {
    let pipeline = try PipelineFolder()
    let library = try pipeline.addLibrary(
      "libnetty-example.so", soname: "libnetty-example.so",
      source: "extern int connect(int, const void *, unsigned); int reach(void) { return connect(3, 0, 0); }", in: place)
    try pipeline.addFixture(
      ["GLOBALS": "extern int reach(void); __attribute__((used)) static int go(void) { return reach(); }"],
      flags: [library] + flags((library as NSString).deletingLastPathComponent))
    try pipeline.writeFixturePipeline()
    #expect(try pipeline.command(["plugins", "lock", "pipeline.yaml", "--plugins", "plugins"]).status == 0)
    return try pipeline.run(["--pack", "strict"])
  }

  @Test("refuses one that imports it by way of a library of the system, and names the library")
  func liarThroughSystem() throws {
    let outcome = try throughLibrary(in: "system") { ["-Wl,-rpath,\($0)"] }
    #expect(outcome.status == 3)
    #expect(
      outcome.stderr.contains("what the library libnetty-example.so, needed by the plugin, imports is connect"),
      "\(outcome.stderr)")
  }

  @Test("refuses one that imports it by way of a library in its folder")
  func liarThroughOwn() throws {
    let outcome = try throughLibrary(in: "fixture.d") { _ in [] }
    #expect(outcome.status == 3)
    #expect(outcome.stderr.contains("what fixture.d/libnetty-example.so imports is connect"), "\(outcome.stderr)")
  }

  @Test("refuses one that has the real libcurl do it")
  func liarThroughCurl() throws {
    let curl = ["/usr/lib/x86_64-linux-gnu/libcurl.so.4", "/usr/lib64/libcurl.so.4"].first {
      FileManager.default.fileExists(atPath: $0)
    }
    guard let curl else { try Test.cancel("libcurl.so.4 is not here") }
    let outcome = try strictRun(
      ["GLOBALS": "extern void *curl_easy_init(void); __attribute__((used)) static void *go(void) { return curl_easy_init(); }"],
      flags: [curl])
    #expect(outcome.status == 3 && outcome.stderr.contains("what the library libcurl.so.4, needed by the plugin, imports is"), "\(outcome.stderr)")
  }

  @Test("refuses a weak import as well, and starting processes")
  func weakAndProcesses() throws {
    let weak = try strictRun([
      "GLOBALS": "extern int connect(int, const void *, unsigned) __attribute__((weak)); "
        + "__attribute__((used)) static int reach(void) { return connect ? connect(3, 0, 0) : 0; }"
    ])
    #expect(weak.status == 3 && weak.stderr.contains("imports is connect"))
    let process = try strictRun(["GLOBALS": "__attribute__((used)) static int go(void) { return fork(); }"])
    #expect(process.status == 3 && process.stderr.contains("imports is fork, wanted nothing of the category process"))
  }

  @Test("refuses a plugin that calls itself incompatible, in a run that is not hermetic too")
  func incompatible() throws {
    let outcome = try strictRun([
      "HERMETIC": "\"incompatible\"", "DESCRIPTOR_HERMETIC": "OMPHALOS_HERMETIC_INCOMPATIBLE",
    ])
    #expect(outcome.status == 3)
    #expect(
      outcome.stderr.contains("hermetic is \"incompatible\", wanted \"compatible\" as the pack strict, line 8 asks"),
      "\(outcome.stderr)")
  }

  @Test("allows no default to be switched off, and says which was", arguments: [["--relax", "library-path"], ["--load-mode", "path"]])
  func relaxations(_ option: [String]) throws {
    let outcome = try strictRun([:], more: option)
    #expect(outcome.status == 2 && outcome.partials.isEmpty)
    #expect(
      outcome.stderr.contains("Defaults were switched off for this run, and the pack strict, line 12 allows none")
        && outcome.stderr.contains(option[1] == "path" ? "--load-mode path" : "--relax library-path"), "\(outcome.stderr)")
  }

  @Test("does not finalize a run in which a plugin changed what belongs to the whole process")
  func stateChanges() throws {
    let changing = ["ON_RUN": "setenv(\"LANG\", \"xx\", 1);"]
    let outcome = try strictRun(changing)
    #expect(outcome.status == 2 && outcome.finalized.isEmpty)
    #expect(outcome.stderr.contains("and the pack strict, line 14 allows none (state_changes: deny)"), "\(outcome.stderr)")
  }
}
