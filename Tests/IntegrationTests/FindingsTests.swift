import Foundation
import TestSupport
import Testing

/// Plugins that say they are hermetic and reach outside, and plugins that do not.
@Suite("Findings shown by inspect")
struct FindingsTests {
  struct Shown: Decodable, Equatable {
    let category: String
    let symbol: String
    let distance: String
    let file: String?
    let library: String?
    let runtime: String?
    let needed_by: String?
  }

  private struct Report: Decodable { let findings: [Shown] }

  private func findings(_ file: String) throws -> [Shown] {
    let result = try CommandLineTool.run(["plugin", "inspect", file, "--format", "json"])
    try #require(result.status == 0, "\(result.stderr)")
    return try JSONDecoder().decode(Report.self, from: Data(result.stdout.utf8)).findings
  }

  private func network(_ file: String) throws -> [Shown] { try findings(file).filter { $0.category == "network" } }

  /// Imports `name` without ever calling it.
  private func importing(_ name: String) -> [String: String] {
    ["GLOBALS": "extern char \(name)[]; void *liar = \(name);"]
  }

  @Test("a plugin that says it is hermetic and imports connect is told so, in text and JSON")
  func own() throws {
    let pipeline = try PipelineFolder()
    let plugin = try pipeline.addFixture(importing("connect"))
    #expect(try network(plugin).map(\.symbol) == ["connect"])
    #expect(try network(plugin).map { [$0.distance, $0.file] } == [["own", "fixture.so"]])
    let text = try CommandLineTool.run(["plugin", "inspect", plugin]).stdout
    #expect(text.contains("hermetic      compatible (the plugin's own claim)"))
    #expect(text.contains("\nFindings\n  network, own: connect\n"), "\(text)")
  }

  @Test("it is not hidden by a weak import or by another name of the same function", arguments: ["weak", "alias"])
  func disguised(_ how: String) throws {
    let pipeline = try PipelineFolder()
    let weak = "extern int connect(int, const void *, unsigned) __attribute__((weak)); void *liar = (void *)connect;"
    let plugin = try pipeline.addFixture(how == "weak" ? ["GLOBALS": weak] : importing("__connect"))
    #expect(try network(plugin).map(\.symbol) == [how == "weak" ? "connect" : "__connect"])
  }

  @Test("it is not hidden in a library of the plugin's own folder")
  func ownLibrary() throws {
    let pipeline = try PipelineFolder()
    let library = try pipeline.addLibrary(
      "libown.so", soname: "libown.so",
      source: "extern char connect[]; void *liar = connect; int own_answer(void) { return 1; }")
    let plugin = try pipeline.addFixture(["GLOBALS": "extern int own_answer(void); int (*f)(void) = own_answer;"], flags: [library])
    #expect(try network(plugin).map { [$0.distance, $0.file, $0.symbol] } == [["own", "fixture.d/libown.so", "connect"]])
    #expect(
      try CommandLineTool.run(["plugin", "inspect", plugin]).stdout.contains(
        "network, own, in fixture.d/libown.so: connect"))
  }

  @Test("a library elsewhere that connects is named, with the one that needs it")
  func via() throws {
    let pipeline = try PipelineFolder()
    let netty = try pipeline.addLibrary(
      "libnetty.so", soname: "libnetty.so",
      source: "extern char connect[]; void *liar = connect; int net(void) { return 1; }", in: "elsewhere")
    let folder = pipeline.plugins + "/elsewhere"
    let between = try pipeline.addLibrary(
      "libbetween.so", soname: "libbetween.so", source: "extern int net(void); int between(void) { return net(); }",
      flags: [netty, "-Wl,-rpath,\(folder)"], in: "elsewhere")
    let use = ["GLOBALS": "extern int between(void); int (*f)(void) = between;"]
    let plugin = try pipeline.addFixture(use, flags: [between, "-Wl,-rpath,\(folder)"])
    let found = try network(plugin)
    #expect(found.map { [$0.distance, $0.library, $0.needed_by] } == [["via", "libnetty.so", "libbetween.so"]])
    #expect(
      try CommandLineTool.run(["plugin", "inspect", plugin]).stdout.contains(
        "network, via libnetty.so, needed by libbetween.so: connect"))
  }

  @Test("libcurl is told as a way to the network")
  func curl() throws {
    let pipeline = try PipelineFolder()
    let plugin: String
    do {
      plugin = try pipeline.addFixture(flags: ["-Wl,--no-as-needed", "-l:libcurl.so.4"])
    } catch { try Test.cancel("libcurl.so.4 is not installed") }
    let found = try network(plugin)
    #expect(found.contains { $0.distance == "via" && $0.library == "libcurl.so.4" && $0.symbol == "connect" })
    #expect(!found.contains { $0.distance == "own" })
  }

  @Test("the example plugins reach for no network, no process and no system call of their own", arguments: ["csv", "jsonl", "profile", "sqlite", "digest"])
  func examples(_ name: String) throws {
    let file = try ["sqlite", "digest"].contains(name) ? ExamplePlugins.optional(name) : ExamplePlugins.directory() + "/\(name).so"
    guard let file else { try Test.cancel("\(name).so is not built here") }
    let own = try findings(file).filter { $0.distance == "own" }
    #expect(own.filter { ["network", "process", "raw-syscalls"].contains($0.category) } == [])
  }

  @Test("a plugin in Rust has nothing of its own but what its author wrote")
  func rust() throws {
    guard let file = try ExamplePlugins.optional("digest") else { try Test.cancel("digest.so is not built here") }
    let found = try findings(file)
    #expect(found.allSatisfy { $0.distance == "runtime" && $0.runtime == "Rust" })
    #expect(found.map(\.symbol) == ["getenv", "syscall"])
  }

  @Test("a plugin in Swift with its runtime linked in has nothing of its own, and exactly the runtime's imports")
  func swift() throws {
    let found = try findings(try ExamplePlugins.directory() + "/profile.so")
    #expect(found.allSatisfy { $0.distance == "runtime" && $0.runtime == "Swift" })
    #expect(
      found.map(\.symbol) == [
        "socketpair", "clone", "execvpe", "environ", "getenv", "dlopen", "dlsym", "syscall",
      ])
  }
}
