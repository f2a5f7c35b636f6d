import Foundation
import TestSupport
import Testing

@Suite("The lock of plugins")
struct PluginLockTests {
  private func fixture() throws -> PipelineFolder {
    let pipeline = try PipelineFolder()
    try pipeline.addFixture()
    try pipeline.writeFixturePipeline()
    return pipeline
  }

  private func lock(_ pipeline: PipelineFolder, _ more: [String] = ["pipeline.yaml"]) throws -> Shell.Result {
    try pipeline.command(["plugins", "lock", "--plugins", "plugins"] + more)
  }

  @Test("that was written admits the plugins it was written for, and stands in the record")
  func admits() throws {
    let pipeline = try fixture()
    let written = try lock(pipeline)
    #expect(written.status == 0 && written.stdout.hasPrefix("Wrote plugins.lock: 1 plugin."), "\(written.stderr)")
    let outcome = try pipeline.run(["--locked"])
    #expect(outcome.status == 0, "\(outcome.stderr)")
    let digest = try Shell.run(["sha256sum", pipeline.folder.file("plugins.lock")]).stdout.prefix(64)
    let report = try pipeline.recordedPlugins(outcome)
    #expect((report["lock"] as? [String: Any])?["sha256"] as? String == String(digest))
    let again = try lock(pipeline)
    #expect(again.stdout == "plugins.lock is up to date: 1 plugin.\n")
  }

  @Test("refuses a plugin whose bytes, version or capabilities changed, with both values, before any of its code runs")
  func changed() throws {
    let pipeline = try fixture()
    #expect(try lock(pipeline).status == 0)
    try pipeline.addFixture([
      "VERSION": "\"1.1.0\"", "GLOBALS": #"__attribute__((constructor)) static void f(void) { abort(); }"#,
    ])
    let outcome = try pipeline.run(["--locked"])
    #expect(outcome.status == 3 && outcome.partials.isEmpty)
    #expect(outcome.stderr.contains("The plugins are not those of plugins.lock; nothing was loaded:"))
    #expect(outcome.stderr.contains("com.example.fixture: version is 1.1.0, the lock has 1.0.0."))
    #expect(outcome.stderr.contains("com.example.fixture: sha256 is "))
    // Not asked for, it does not matter.
    #expect(try pipeline.run(["--pack", "baseline"]).status == 4)
  }

  @Test("refuses another library in the plugin's folder and another one of the system")
  func closure() throws {
    let pipeline = try PipelineFolder()
    try pipeline.addLibrary("libown.so", soname: "libown-example.so", source: "int own(void) { return 1; }")
    let system = try pipeline.addLibrary(
      "libsys-example.so", soname: "libsys-example.so", source: "int sys(void) { return 1; }", in: "system")
    let folder = (system as NSString).deletingLastPathComponent
    try pipeline.addFixture(
      flags: [
        pipeline.plugins + "/fixture.d/libown.so", system, "-Wl,-rpath,\(folder)", "-Wl,--no-as-needed",
        "-Wl,--push-state,--no-as-needed", pipeline.plugins + "/fixture.d/libown.so", system, "-Wl,--pop-state",
      ])
    try pipeline.writeFixturePipeline()
    #expect(try lock(pipeline).status == 0)
    #expect(try pipeline.run(["--locked"]).status == 0)
    try pipeline.addLibrary(
      "libsys-example.so", soname: "libsys-example.so", source: "int sys(void) { return 2; }", in: "system")
    let foreign = try pipeline.run(["--locked"])
    #expect(foreign.status == 3 && foreign.stderr.contains("closure libsys-example.so is "), "\(foreign.stderr)")
    try pipeline.addLibrary("libown.so", soname: "libown-example.so", source: "int own(void) { return 2; }")
    let own = try pipeline.run(["--locked"])
    #expect(own.status == 3 && own.stderr.contains("file fixture.d/libown.so is "))
  }

  @Test("of the directories refuses a plugin that was put there, and one that is gone, though no pipeline names them")
  func newAndVanished() throws {
    let pipeline = try fixture()
    try pipeline.addExamples("csv")
    #expect(try lock(pipeline, []).stdout.hasPrefix("Wrote plugins.lock: 2 plugins."))
    #expect(try pipeline.run(["--locked"]).status == 0)
    try FileManager.default.removeItem(atPath: pipeline.plugins + "/csv.so")
    try pipeline.addExamples("jsonl")
    let outcome = try pipeline.run(["--locked"])
    #expect(outcome.status == 3)
    #expect(outcome.stderr.contains("org.omphalos.csv is gone: the lock has it, and it is not among the plugins now"))
    #expect(outcome.stderr.contains("org.omphalos.jsonl is new: the lock does not have it"))
  }

  @Test("of the directories does not mind a plugin that is refused in any case")
  func refusedOnes() throws {
    let pipeline = try fixture()
    try pipeline.addFixture(
      ["ID": "\"com.example.online\"", "HERMETIC": "\"incompatible\"",
        "DESCRIPTOR_HERMETIC": "OMPHALOS_HERMETIC_INCOMPATIBLE"], name: "online.so")
    let written = try lock(pipeline, ["--hermetic"])
    #expect(written.stdout.hasPrefix("Wrote plugins.lock: 1 plugin.") && written.stderr.contains("Not locked: plugins/online.so"))
    #expect(try pipeline.run(["--locked", "--hermetic"]).status == 0)
    // Where it could be used, it is new.
    #expect(try pipeline.run(["--locked"]).stderr.contains("com.example.online is new"))
    // And one that is locked is not gone because this run would refuse it.
    #expect(try lock(pipeline, []).stdout.contains("com.example.online is new"))
    #expect(try pipeline.run(["--locked", "--hermetic"]).status == 0)
  }

  @Test("of a pipeline does not mind other plugins, and minds those that the pipeline newly names")
  func scopeOfPipeline() throws {
    let pipeline = try fixture()
    #expect(try lock(pipeline).status == 0)
    try pipeline.addExamples("csv", "jsonl")
    #expect(try pipeline.run(["--locked"]).status == 0)
    let text = String(decoding: try pipeline.folder.read("pipeline.yaml"), as: UTF8.self)
    try pipeline.folder.write(
      "pipeline.yaml", text + "lineage: [ { sink: org.omphalos.jsonl/jsonl } ]\n")
    let outcome = try pipeline.run(["--locked"])
    #expect(outcome.status == 3 && outcome.stderr.contains("org.omphalos.jsonl is new"), "\(outcome.stderr)")
  }

  @Test("shows drift without writing, with exit code 2, as text and as JSON")
  func diff() throws {
    let pipeline = try fixture()
    #expect(try lock(pipeline).status == 0)
    #expect(try lock(pipeline, ["pipeline.yaml", "--diff"]).status == 0)
    let before = try pipeline.folder.read("plugins.lock")
    try pipeline.addFixture(["VERSION": "\"1.1.0\""])
    let text = try lock(pipeline, ["pipeline.yaml", "--diff"])
    #expect(text.status == 2 && text.stdout.hasPrefix("The plugins differ from plugins.lock:\n  - com.example.fixture: version"))
    let json = try lock(pipeline, ["pipeline.yaml", "--diff", "--format", "json"])
    let object = try #require(try JSONSerialization.jsonObject(with: Data(json.stdout.utf8)) as? [String: Any])
    let fields = (object["drift"] as? [[String: Any]])?.compactMap { $0["field"] as? String }
    #expect(fields == ["version", "sha256"])
    #expect(try pipeline.folder.read("plugins.lock") == before)
  }

  @Test("that is missing, broken or writable by others is an error with the way out")
  func unusable() throws {
    let pipeline = try fixture()
    let missing = try pipeline.run(["--locked"])
    #expect(missing.status == 65)
    #expect(missing.stderr.contains("There is no lock \"plugins.lock\", which --locked asks for. Write one with `omphalos plugins lock pipeline.yaml`"))
    try pipeline.folder.write("plugins.lock", "version: 1\nscope: pipeline\nplugins: { a.b: { version: \"1.0.0\" } }\n")
    let broken = try pipeline.run(["--locked"])
    #expect(broken.status == 65 && broken.stderr.contains("plugins.lock:3:"))
    #expect(try lock(pipeline, ["pipeline.yaml", "--diff", "--lock", "none.lock"]).status == 65)
    #expect(try lock(pipeline).status == 65, "a lock that cannot be read is not thrown away")
    try FileManager.default.removeItem(atPath: pipeline.folder.file("plugins.lock"))
    #expect(try lock(pipeline).status == 0)
    try FileManager.default.setAttributes([.posixPermissions: 0o664], ofItemAtPath: pipeline.folder.file("plugins.lock"))
    #expect(try pipeline.run(["--locked"]).stderr.contains("writable by group or others"))
  }
}

@Suite("omphalos plugins add")
struct PluginsAddTests {
  /// A plugin with a folder and something that stands for its signature, outside of the plugins directory.
  private func vendor(_ defines: [String: String] = [:]) throws -> PipelineFolder {
    let pipeline = try PipelineFolder()
    try pipeline.addLibrary("libown.so", soname: "libown-example.so", source: "int own(void) { return 1; }")
    try pipeline.addFixture(defines, flags: ["-Wl,--no-as-needed", pipeline.plugins + "/fixture.d/libown.so"])
    try FileManager.default.moveItem(atPath: pipeline.plugins, toPath: pipeline.folder.file("download"))
    return pipeline
  }

  private func add(_ pipeline: PipelineFolder, _ more: [String] = []) throws -> Shell.Result {
    try pipeline.command(["plugins", "add", "download/fixture.so", "--to", "plugins"] + more)
  }

  private func entries(_ pipeline: PipelineFolder) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: pipeline.plugins).sorted()
  }

  @Test("copies a plugin with its folder, explains it, and it runs from there")
  func adds() throws {
    let pipeline = try vendor()
    let result = try add(pipeline)
    #expect(result.status == 0, "\(result.stderr)")
    #expect(result.stdout.hasPrefix("admissible  download/fixture.so  com.example.fixture 1.0.0"))
    #expect(result.stdout.contains("Added plugins/fixture.so."))
    #expect(try entries(pipeline) == ["fixture.d", "fixture.so"])
    try pipeline.writeFixturePipeline()
    #expect(try pipeline.run().status == 0)
    #expect(try add(pipeline).stdout.contains("is there already, with the same bytes"))
  }

  @Test("copies nothing of a plugin that is refused, and says why with exit code 3")
  func refused() throws {
    let pipeline = try vendor(["HERMETIC": "\"incompatible\"", "DESCRIPTOR_HERMETIC": "OMPHALOS_HERMETIC_INCOMPATIBLE"])
    let result = try add(pipeline, ["--hermetic"])
    #expect(result.status == 3 && result.stdout.contains("hermetic is \"incompatible\""))
    #expect(!FileManager.default.fileExists(atPath: pipeline.plugins))
  }

  @Test("replaces another plugin of that name only when told to, and never leaves parts of both")
  func replaces() throws {
    let pipeline = try vendor()
    #expect(try add(pipeline).status == 0)
    let old = try pipeline.folder.read("plugins/fixture.so")
    try FileManager.default.removeItem(atPath: pipeline.folder.file("download"))
    let newer = try PipelineFolder()
    try newer.addFixture(["VERSION": "\"2.0.0\""])
    try FileManager.default.moveItem(atPath: newer.plugins, toPath: pipeline.folder.file("download"))
    let kept = try add(pipeline)
    #expect(kept.status == 2 && kept.stderr.contains("--replace takes it away"), "\(kept.stderr)")
    #expect(try pipeline.folder.read("plugins/fixture.so") == old)
    let replaced = try add(pipeline, ["--replace"])
    #expect(replaced.status == 0, "\(replaced.stderr)")
    // The old folder went with the old plugin.
    #expect(try entries(pipeline) == ["fixture.so"])
  }

  @Test("refuses a second file with the id of one that is there")
  func sameID() throws {
    let pipeline = try vendor()
    #expect(try add(pipeline).status == 0)
    try pipeline.addFixture(["VERSION": "\"3.0.0\""], name: "other.so")
    try FileManager.default.moveItem(
      atPath: pipeline.plugins + "/other.so", toPath: pipeline.folder.file("download/other.so"))
    let result = try pipeline.command(["plugins", "add", "download/other.so", "--to", "plugins"])
    #expect(result.status == 2 && result.stderr.contains("fixture.so has the id com.example.fixture already"))
  }

  @Test("writes the plugin into a lock that is named, and shows what changes there")
  func lock() throws {
    let pipeline = try vendor()
    let first = try add(pipeline, ["--lock", "plugins.lock"])
    #expect(first.status == 0 && first.stdout.contains("Wrote plugins.lock: 1 plugin."), "\(first.stderr)")
    try pipeline.writeFixturePipeline()
    #expect(try pipeline.run(["--locked"]).status == 0)
  }

  @Test("leaves the lock of a pipeline alone that does not name the plugin, and says so")
  func lockOfPipeline() throws {
    let pipeline = try vendor()
    try pipeline.folder.write("plugins.lock", "version: 1\nscope: pipeline\nplugins: {}\n")
    let before = try pipeline.folder.read("plugins.lock")
    let result = try add(pipeline, ["--lock", "plugins.lock"])
    #expect(result.status == 0 && result.stdout.contains("a pipeline that does not name com.example.fixture"), "\(result.stderr)")
    #expect(try pipeline.folder.read("plugins.lock") == before)
  }

  @Test("killed at any moment leaves the plugin whole or not at all", arguments: [1, 3, 8, 15, 25, 40, 60])
  func killed(_ calls: Int) throws {
    guard Shell.find("strace") != nil else { try Test.cancel("strace is not here") }
    let pipeline = try vendor()
    let result = try CommandLineTool.run(
      ["plugins", "add", "download/fixture.so", "--to", "plugins"], directory: pipeline.path,
      prefix: [
        "strace", "-f", "-o", "/dev/null", "-e", "trace=write,renameat2,mkdirat,syncfs,fsync",
        "-e", "inject=write,renameat2,mkdirat,syncfs,fsync:signal=KILL:when=\(calls)",
      ])
    let present = (try? entries(pipeline))?.filter { !$0.hasPrefix(".") } ?? []
    if present.contains("fixture.so") {
      #expect(present == ["fixture.d", "fixture.so"])
      let list = try pipeline.command(["plugins", "list", "--plugins", "plugins"])
      #expect(list.stdout.hasPrefix("admissible"))
    } else {
      #expect(result.status != 0)
    }
    // What was left behind does not stand in the way.
    #expect(try add(pipeline).status == 0)
    #expect(try entries(pipeline) == ["fixture.d", "fixture.so"])
  }
}
