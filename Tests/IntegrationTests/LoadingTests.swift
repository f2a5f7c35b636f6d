import Foundation
import TestSupport
import Testing

@Suite("Loading")
struct LoadingTests {
  /// A folder whose pipeline uses the csv example plugin only, and a marker that code leaves if it runs.
  private func csvPipeline() throws -> (pipeline: PipelineFolder, marker: String) {
    let pipeline = try PipelineFolder()
    try pipeline.addExamples("csv")
    try pipeline.folder.write("data.csv", "a,b\n1,x\n")
    try pipeline.folder.write(
      "pipeline.yaml",
      """
      schema_version: "1.0"
      run: { name: csv, hermetic: true, output_root: runs }
      inputs:
        - { name: data, connector: org.omphalos.csv/csv, files: { data: data.csv } }
      exports:
        - { exporter: org.omphalos.csv/table, inputs: [data] }

      """)
    return (pipeline, pipeline.folder.file("code-ran"))
  }

  @Test("only plugins that the pipeline names are mapped")
  func unused() throws {
    let (pipeline, marker) = try csvPipeline()
    try pipeline.addFixture(["ON_CONSTRUCTOR": "mark(\"\(marker)\");"])
    let outcome = try pipeline.run()
    #expect(outcome.status == 0)
    #expect(!FileManager.default.fileExists(atPath: marker))
    #expect(try pipeline.text(outcome, "reports/plugins.json").contains("\"fixture.so\""))
  }

  struct Refused: CustomTestStringConvertible, Sendable {
    let what: String
    let defines: [String: String]
    let message: String
    var hermetic = false
    var testDescription: String { what }
  }

  static let refused: [Refused] = [
    Refused(
      what: "declares itself hermetic-incompatible",
      defines: ["HERMETIC": "\"incompatible\"", "DESCRIPTOR_HERMETIC": "OMPHALOS_HERMETIC_INCOMPATIBLE"],
      message: "hermetic is \"incompatible\", wanted \"compatible\" in a hermetic run", hermetic: true),
    Refused(what: "has another draft number", defines: ["DRAFT": "9"], message: "abi.draft is 9, wanted \(PluginHeader.draft)"),
    Refused(
      what: "needs a newer minor version", defines: ["MINOR_REQUIRED": "3", "MINOR_BUILT": "3"],
      message: "abi.minor_required is 3, wanted at most 0"),
    Refused(
      what: "uses a symbol that exists nowhere",
      defines: ["GLOBALS": "extern int nowhere_at_all(void);", "ON_RUN": "return nowhere_at_all();"],
      message: "the symbol nowhere_at_all, used by the plugin, is defined nowhere"),
  ]

  @Test("a plugin is refused before any of its code runs if it", arguments: refused)
  func refusals(_ example: Refused) throws {
    let pipeline = try PipelineFolder()
    let marker = pipeline.folder.file("code-ran")
    var defines = example.defines
    defines["ON_CONSTRUCTOR"] = "mark(\"\(marker)\");"
    try pipeline.addFixture(defines)
    try pipeline.writeFixturePipeline(hermetic: example.hermetic)
    let outcome = try pipeline.run()
    #expect(outcome.status == 3)
    #expect(outcome.stderr.contains("is refused; it was not loaded, and none of its code ran"))
    #expect(outcome.stderr.contains(example.message))
    #expect(!FileManager.default.fileExists(atPath: marker))
    #expect(outcome.finalized == [])
  }

  @Test("a malformed declaration is refused before any code runs, and the plugin is named as not usable")
  func malformed() throws {
    let pipeline = try PipelineFolder()
    let marker = pipeline.folder.file("code-ran")
    try pipeline.addFixture(["CAPABILITIES": "\"[]\"", "ON_CONSTRUCTOR": "mark(\"\(marker)\");"])
    try pipeline.writeFixturePipeline()
    let outcome = try pipeline.run()
    #expect(outcome.status == 65)
    #expect(outcome.stderr.contains("there is no plugin com.example.fixture"))
    #expect(outcome.stderr.contains("fixture.so"))
    #expect(outcome.stderr.contains("capabilities"))
    #expect(!FileManager.default.fileExists(atPath: marker))
  }

  @Test("two files with one id are both refused, and both are named")
  func duplicates() throws {
    let pipeline = try PipelineFolder()
    try pipeline.addFixture(name: "a.so")
    try pipeline.addFixture(["ON_RUN": "return 1;"], name: "b.so")
    try pipeline.writeFixturePipeline()
    let outcome = try pipeline.run()
    #expect(outcome.status == 3)
    #expect(outcome.stderr.contains("id is com.example.fixture in plugins/a.so, plugins/b.so, wanted one file with this id"))
  }

  @Test("two files with the same bytes count once")
  func copies() throws {
    let pipeline = try PipelineFolder()
    let first = try pipeline.addFixture(name: "a.so")
    try FileManager.default.copyItem(atPath: first, toPath: pipeline.plugins + "/b.so")
    try pipeline.writeFixturePipeline()
    #expect(try pipeline.run().status == 0)
  }

  @Test("no executable mapping of a refused file is made", .enabled(if: Shell.find("strace") != nil, "strace is not installed"))
  func neverMapped() throws {
    let (pipeline, _) = try csvPipeline()
    try pipeline.addFixture(["DRAFT": "9"])
    let trace = pipeline.folder.file("trace")
    let result = try Shell.run(
      [
        "strace", "-f", "-y", "-e", "trace=mmap", "-o", trace, CommandLineTool.path, "run", "pipeline.yaml", "--plugins",
        "plugins",
      ], directory: pipeline.path)
    #expect(result.status == 0)
    let lines = try String(contentsOfFile: trace, encoding: .utf8).split(separator: "\n")
    #expect(lines.contains { $0.contains("PROT_EXEC") && $0.contains("memfd:org.omphalos.csv") })
    #expect(!lines.contains { $0.contains("fixture") })
    // What is mapped is the sealed copy, never the file in the plugins directory.
    #expect(!lines.contains { $0.contains("plugins/csv.so") })
  }

  @Test("a descriptor that differs from the note fails confirmation, each field with both values")
  func confirmation() throws {
    let (outcome, _) = try PipelineFolder.runFixture(["DESCRIPTOR_VERSION": "\"2.0.0\"", "COUNT": "2"])
    #expect(outcome.status == 3)
    #expect(outcome.stderr.contains("failed confirmation; code of it may have run"))
    #expect(outcome.stderr.contains("the descriptor's version is \"2.0.0\", wanted \"1.0.0\", as the note says"))
    #expect(outcome.stderr.contains("the descriptor's capability_count is 2, wanted 3, as the note says"))
    #expect(outcome.finalized == [])
  }

  @Test(
    "a descriptor that lies does not crash the host",
    arguments: [
      ("descriptor.struct_size = 8;", "descriptor field omphalos_plugin.struct_size: found 8"),
      ("descriptor.id = NULL;", "descriptor field id: found NULL, wanted a string"),
      ("descriptor.vendor = (const char *)8;", "descriptor field vendor: found no end within"),
      ("descriptor.capabilities = (void *)16;", "descriptor field capabilities: found an unreadable array"),
      ("descriptor.capability_count = 4000000000u;", "descriptor field capability_count: found 4000000000"),
      ("return (void *)4096;", "descriptor field omphalos_plugin: found an unreadable pointer"),
      ("return NULL;", "descriptor field omphalos_plugin: found NULL"),
      ("static int n; return n++ ? &descriptor : NULL;", "found two different pointers from two calls"),
      ("descriptor.id = \"\\xff\";", "descriptor field id: found bytes that are not UTF-8"),
    ])
  func lyingDescriptors(_ statement: String, _ message: String) throws {
    let (outcome, _) = try PipelineFolder.runFixture(["ON_ENTRY": statement])
    #expect(outcome.status == 3)
    #expect(outcome.stderr.contains(message))
  }

  @Test("the entry symbol must be the plugin's own")
  func foreignEntry() throws {
    let pipeline = try PipelineFolder()
    let library = pipeline.folder.file("libentry.so")
    let built = try Shell.run(
      Compiler.c + [
        "-shared", "-fPIC", "-w", "-I", Compiler.include, "-Wl,-soname,libentry.so", "-o", library,
        Compiler.root + "/Tests/Fixtures/plugin.c",
      ])
    #expect(built.status == 0)
    // The note is this file's, the function is the library's.
    let source = try pipeline.folder.write(
      "hollow.c",
      """
      #include <omphalos/plugin.h>
      OMPHALOS_DECLARE("com.example.fixture", "1.0.0", "Example", "MIT", "A fixture", "compatible", 0, 0,
        "[{\\"kind\\":\\"connector\\",\\"name\\":\\"source\\",\\"interface_version\\":1},\
      {\\"kind\\":\\"exporter\\",\\"name\\":\\"product\\",\\"interface_version\\":1}]");
      const void *keep(void) { return omphalos_plugin_v1(0); }

      """)
    let hollow = try Shell.run(
      Compiler.c + [
        "-shared", "-fPIC", "-I", Compiler.include, "-o", pipeline.plugins + "/hollow.so", source, "-L\(pipeline.path)",
        "-lentry", "-Wl,-rpath,\(pipeline.path)",
      ])
    #expect(hollow.status == 0)
    try pipeline.writeFixturePipeline()
    let outcome = try pipeline.run()
    #expect(outcome.status == 3)
    #expect(outcome.stderr.contains("the entry symbol omphalos_plugin_v1 is taken from another library"))
  }

  @Test("a plugin that closes others' descriptors never makes the wrong code run")
  func closedDescriptors() throws {
    let pipeline = try PipelineFolder()
    try pipeline.addExamples("csv")
    try pipeline.addFixture(["ON_CONSTRUCTOR": "for (int fd = 3; fd < 1024; fd++) close(fd);"], name: "a-closer.so")
    try pipeline.folder.write("data.csv", "a,b\n1,x\n")
    try pipeline.folder.write(
      "pipeline.yaml",
      """
      schema_version: "1.0"
      run: { name: closer, as_of: "2026-01-01", output_root: runs }
      inputs:
        - { name: numbers, connector: com.example.fixture/source }
        - { name: data, connector: org.omphalos.csv/csv, files: { data: data.csv } }
      exports:
        - { exporter: org.omphalos.csv/table, inputs: [numbers] }

      """)
    let outcome = try pipeline.run()
    #expect(outcome.status != 0)
    #expect(outcome.finalized == [])
  }

  @Test("all plugins that are refused are named at once")
  func severalRefused() throws {
    let pipeline = try PipelineFolder()
    try pipeline.addFixture(["DRAFT": "9"])
    try pipeline.addFixture(["ID": "\"com.example.second\"", "HERMETIC": "\"incompatible\""], name: "second.so")
    try pipeline.folder.write(
      "pipeline.yaml",
      """
      schema_version: "1.0"
      run: { name: two, hermetic: true, as_of: "2026-01-01", output_root: runs }
      inputs: [ { name: numbers, connector: com.example.fixture/source } ]
      exports: [ { exporter: com.example.second/product, inputs: [numbers] } ]

      """)
    let outcome = try pipeline.run()
    #expect(outcome.status == 3)
    #expect(outcome.stderr.contains("The plugin plugins/fixture.so (com.example.fixture) is refused"))
    #expect(outcome.stderr.contains("The plugin plugins/second.so (com.example.second) is refused"))
    #expect(outcome.stderr.contains("abi.draft is 9") && outcome.stderr.contains("hermetic is \"incompatible\""))
  }

  @Test("a plugin may not claim the SONAME of a library that the process has")
  func soname() throws {
    let pipeline = try PipelineFolder()
    try pipeline.addFixture(flags: ["-Wl,-soname,libm.so.6"])
    try pipeline.writeFixturePipeline()
    let outcome = try pipeline.run()
    #expect(outcome.status == 3)
    #expect(outcome.stderr.contains("the SONAME libm.so.6 is the name of a library of omphalos itself"))
  }

  @Test("a library that a constructor opens by itself fails the run: it was not decided on")
  func surprise() throws {
    let pipeline = try PipelineFolder()
    let library = pipeline.folder.file("libsurprise.so")
    let source = try pipeline.folder.write("s.c", "int surprise;\n")
    #expect(try Shell.run(Compiler.c + ["-shared", "-fPIC", "-o", library, source]).status == 0)
    try pipeline.addFixture([
      "GLOBALS": "extern void *dlopen(const char *, int);",
      "ON_CONSTRUCTOR": "dlopen(\"\(library)\", 2);",
    ])
    try pipeline.writeFixturePipeline()
    let outcome = try pipeline.run()
    #expect(outcome.status == 3)
    #expect(outcome.stderr.contains("libsurprise.so was mapped, and nothing that was decided on needs it"))
  }

  @Test("plan names the run that run then makes, and maps nothing")
  func plan() throws {
    let pipeline = try PipelineFolder()
    let marker = pipeline.folder.file("code-ran")
    try pipeline.addFixture(["ON_CONSTRUCTOR": "mark(\"\(marker)\");"])
    try pipeline.writeFixturePipeline()
    let plan = try CommandLineTool.run(["plan", "pipeline.yaml", "--plugins", "plugins"], directory: pipeline.path)
    #expect(plan.status == 0)
    #expect(!FileManager.default.fileExists(atPath: marker))
    let outcome = try pipeline.run()
    let made = try #require(outcome.finalized.first)
    #expect(plan.stdout.hasPrefix("Would make \(made)\n"))
  }
}
