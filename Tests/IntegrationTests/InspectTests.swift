import Foundation
import TestSupport
import Testing

@Suite("Inspecting and declaring a plugin")
struct InspectTests {
  private func inspect(_ file: String, _ more: String...) throws -> Shell.Result {
    try CommandLineTool.run(["plugin", "inspect", file] + more)
  }

  @Test("shows identity, declaration, capabilities, libraries and hardening, and executes nothing")
  func shows() throws {
    let pipeline = try PipelineFolder()
    let marker = pipeline.folder.file("code-ran")
    let plugin = try pipeline.addFixture(["ON_CONSTRUCTOR": "mark(\"\(marker)\");"])
    let result = try inspect(plugin)
    #expect(result.status == 0)
    for text in [
      "id            com.example.fixture", "hermetic      compatible (the plugin's own claim)",
      "ABI           1, needs minor 0, built with minor 0", "connector source, interface 1", "exporter product",
      "lineage_sink sink", "build id", "SONAME        none", "needs         libc.so.6", "RELRO", "This host: admissible",
      "nothing was found here proves nothing",
    ] {
      #expect(result.stdout.contains(text), "\(text)")
    }
    #expect(!FileManager.default.fileExists(atPath: marker))
    let json = try inspect(plugin, "--format", "json")
    let root = try JSONSerialization.jsonObject(with: Data(json.stdout.utf8)) as? [String: Any]
    #expect((root?["declaration"] as? [String: Any])?["id"] as? String == "com.example.fixture")
  }

  @Test(
    "a file that is no plugin is an error of one sentence, with exit code 65",
    arguments: [
      ("text", "printf 'hello world' > f", "is not an ELF file: it begins with 68 65 6c 6c"),
      ("empty", ": > f", "is not an ELF file: it is empty"),
      ("truncated", "head -c 700 fixture.so > f", "is truncated"),
      ("32-bit", "cp fixture.so f; printf '\\001' | dd of=f bs=1 seek=4 conv=notrunc 2>/dev/null", "has the wrong ELF class: EI_CLASS is 1 (32-bit), wanted 2 (64-bit)"),
      ("big-endian", "cp fixture.so f; printf '\\002' | dd of=f bs=1 seek=5 conv=notrunc 2>/dev/null", "has the wrong byte order"),
      ("an executable", "cp fixture.so f; printf '\\002' | dd of=f bs=1 seek=16 conv=notrunc 2>/dev/null", "is an executable (ET_EXEC, 2), wanted a shared object"),
      ("absurd", "cp fixture.so f; printf '\\377\\377' | dd of=f bs=1 seek=56 conv=notrunc 2>/dev/null", "program headers"),
      ("no note", "objcopy --remove-section=.note.omphalos fixture.so f", "carries no declaration note"),
      ("a folder", "mkdir f", "found a directory, wanted a regular file"),
      ("missing", "true", "there is no such file"),
      ("fifo", "mkfifo f", "found a fifo, wanted a regular file"),
    ])
  func refusals(_ what: String, _ command: String, _ message: String) throws {
    let pipeline = try PipelineFolder()
    try pipeline.addFixture()
    #expect(try Shell.run(["bash", "-c", "\(command)"], directory: pipeline.plugins).status == 0)
    let result = try CommandLineTool.run(["plugin", "inspect", "f"], directory: pipeline.plugins)
    #expect(result.status == 65)
    #expect(result.stderr.contains(message), "\(result.stderr)")
  }

  @Test(
    "a note that is wrong is shown with what was found and what was wanted",
    arguments: [
      ("HERMETIC=\"maybe\"", "hermetic"), ("VERSION=\"one\"", "version"), ("ID=\"Nope\"", "id"),
      ("CAPABILITIES=\"{}\"", "capabilities"), ("VERSION=\"\\xff\"", "UTF-8"),
      ("CAPABILITIES=\"[\"", "JSON"),
    ])
  func badNotes(_ define: String, _ named: String) throws {
    let pipeline = try PipelineFolder()
    let parts = define.split(separator: "=", maxSplits: 1).map(String.init)
    let plugin = try pipeline.addFixture([parts[0]: parts[1]])
    let result = try inspect(plugin)
    #expect(result.status == 65)
    #expect((result.stdout + result.stderr).contains(named), "\(result.stdout)\(result.stderr)")
  }

  @Test("never maps the file", .enabled(if: Shell.find("strace") != nil, "strace is not installed"))
  func neverMaps() throws {
    let pipeline = try PipelineFolder()
    let plugin = try pipeline.addFixture()
    let trace = pipeline.folder.file("trace")
    #expect(try Shell.run(["strace", "-f", "-y", "-e", "trace=mmap", "-o", trace, CommandLineTool.path, "plugin", "inspect", plugin]).status == 0)
    #expect(!(try String(contentsOfFile: trace, encoding: .utf8)).contains("fixture.so"))
  }

  @Test("declare writes what the example plugins carry", arguments: [("csv", "c", "h"), ("jsonl", "c", "h"), ("sqlite", "c", "h"), ("profile", "swift", "swift"), ("digest", "rust", "rs")])
  func declares(_ name: String, _ language: String, _ ending: String) throws {
    let folder = Compiler.root + "/ExamplePlugins/\(name)"
    let result = try CommandLineTool.run(["plugin", "declare", folder + "/plugin.json", "--lang", language])
    #expect(result.status == 0)
    #expect(result.stdout == (try String(contentsOfFile: "\(folder)/declaration.\(ending)", encoding: .utf8)))
  }

  @Test("declare refuses a plugin.json that would be refused later")
  func declareRefuses() throws {
    let folder = try TemporaryFolder()
    let file = try folder.write("plugin.json", "{\"id\": \"nope\", \"version\": \"1\"}")
    let result = try CommandLineTool.run(["plugin", "declare", file, "--lang", "c"])
    #expect(result.status == 65)
    #expect(result.stdout == "")
    #expect(result.stderr.contains("plugin.json"))
  }
}
