import Foundation
import TestSupport
import Testing

@Suite("Inspecting files of every form")
struct InspectFormTests {
  /// A shared object with nothing but these notes, and what inspection says of it.
  private func inspect(notes: [String], flags: [String] = []) throws -> Shell.Result {
    let compiler = try Compiler()
    let object = try compiler.sharedObject(
      c: notes.joined(separator: "\n") + "\nint nothing;\n", name: "acme.so", flags: ["-nostdlib"] + flags)
    return try CommandLineTool.run(
      ["plugin", "inspect", "acme.so"], directory: (object as NSString).deletingLastPathComponent)
  }

  private static let declaration = #"""
    {"note":1,"abi":{"major":1,"minor_required":0,"minor_built":0,"draft":2},"id":"com.example.acme","version":"1.0.0",
    "vendor":"Acme","license":"MIT","summary":"Acme","hermetic":"compatible","flags":0,
    "capabilities":[{"kind":"exporter","name":"acme","interface_version":1}]}
    """#

  private static func note(_ text: String, type: UInt32 = 1, symbol: String = "first") -> String {
    noteSource(symbol, type: type, bytes: Array(text.utf8))
  }

  @Test(
    "a declaration that cannot be read is told with what it has and what is wanted, and the exit code is 65",
    arguments: [
      ("hello", "line 1, column 1"), ("", "line 1, column 1"),
      ("[]", "the declaration note is an array, wanted a JSON object"), ("{\"note\":1,\"note\":1}", "\"note\""),
      ("\u{feff}{}", "line 1, column 1"), (declaration.replacing("com.example.acme", with: "acme"), "id is \"acme\""),
      (declaration.replacing("1.0.0", with: "1"), "version is \"1\""),
      (declaration.replacing("\"exporter\"", with: "7"), "capabilities[0].kind is an integer"),
      (declaration.replacing("\"compatible\"", with: "\"perhaps\""), "hermetic is \"perhaps\""),
      (declaration.replacing("\"note\":1", with: "\"note\":2"), "note is 2"),
      (declaration.replacing("\"hermetic\":\"compatible\",", with: ""), "hermetic is missing"),
    ])
  func declarations(_ text: String, _ message: String) throws {
    let result = try inspect(notes: [Self.note(text)])
    #expect(result.status == 65)
    #expect(result.stderr.hasPrefix("omphalos: acme.so: "), "\(result.stderr)")
    #expect(result.stderr.contains(message), "\(result.stderr)")
    #expect(result.stderr.split(separator: "\n").count == 1)
  }

  @Test("bytes that are not UTF-8, a note that is far too large and two notes of one type are refused by name")
  func notes() throws {
    let bytes = try inspect(notes: [noteSource("first", type: 1, bytes: [0x7b, 0xff, 0xfe, 0x7d])])
    #expect(bytes.status == 65 && bytes.stderr.contains("UTF-8"), "\(bytes.stderr)")
    let padding = String(repeating: " ", count: 64 << 10)
    let large = try inspect(notes: [Self.note(Self.declaration + padding)])
    #expect(large.status == 65 && large.stderr.contains("65536"), "\(large.stderr)")
    let two = try inspect(notes: [Self.note(Self.declaration), Self.note(Self.declaration, symbol: "second")])
    #expect(two.status == 65 && two.stderr.contains("the declaration note is there 2 times"), "\(two.stderr)")
    let schema = try inspect(notes: [Self.note(Self.declaration), Self.note("[1", type: 2, symbol: "second")])
    #expect(schema.status == 65 && schema.stderr.contains("schema"), "\(schema.stderr)")
  }

  @Test("a file for another machine is shown, and is an error that names both machines")
  func machines() throws {
    let clang = try #require(Shell.find("clang"))
    let compiler = try Compiler()
    let source = try compiler.folder.write("a.c", Self.note(Self.declaration))
    let object = compiler.folder.file("arm.so")
    let linked = try Shell.run([
      clang, "--target=aarch64-linux-gnu", "-fuse-ld=lld", "-nostdlib", "-shared", "-fPIC", "-o", object, source,
    ])
    try #require(linked.status == 0, "\(linked.stderr)")
    let result = try CommandLineTool.run(["plugin", "inspect", "arm.so"], directory: compiler.folder.path)
    #expect(result.status == 65)
    #expect(result.stdout.contains("machine       aarch64") && result.stdout.contains("com.example.acme"))
    #expect(result.stderr == "omphalos: arm.so: it is for aarch64, and this host is x86-64: build it for x86-64\n")
  }

  @Test("a 32-bit library, a program and an object file are told apart")
  func kinds() throws {
    let clang = try #require(Shell.find("clang"))
    let compiler = try Compiler()
    let source = try compiler.folder.write("a.c", "int nothing;\n")
    func message(_ flags: String...) throws -> String {
      let built = try Shell.run(
        [clang] + flags + ["-nostdlib", "-fuse-ld=lld", "-o", "a.so", source], directory: compiler.folder.path)
      try #require(built.status == 0, "\(built.stderr)")
      let result = try CommandLineTool.run(["plugin", "inspect", "a.so"], directory: compiler.folder.path)
      #expect(result.status == 65 && result.stdout == "")
      return result.stderr
    }
    #expect(
      try message("-m32", "-shared", "-fPIC")
        == "omphalos: a.so has the wrong ELF class: EI_CLASS is 1 (32-bit), wanted 2 (64-bit)\n")
    #expect(
      try message("-pie", "-fPIE", "-Wl,-e,nothing")
        == "omphalos: a.so is a position-independent program (DF_1_PIE), wanted a shared object: link it with -shared, "
        + "without -pie\n")
    #expect(
      try message("-c", "-Wno-unused-command-line-argument")
        == "omphalos: a.so is an object file (ET_REL, 1), wanted a shared object (ET_DYN, 3): link it with -shared\n")
  }

  @Test("a link that leads nowhere, or to itself, is told")
  func links() throws {
    let folder = try TemporaryFolder()
    symlink("nowhere", folder.file("dangling.so"))
    symlink("loop.so", folder.file("loop.so"))
    let dangling = try CommandLineTool.run(["plugin", "inspect", "dangling.so"], directory: folder.path)
    #expect(dangling.stderr == "omphalos: dangling.so: there is no such file\n")
    let loop = try CommandLineTool.run(["plugin", "inspect", "loop.so"], directory: folder.path)
    #expect(loop.stderr == "omphalos: loop.so: it is a link that leads to itself\n")
    #expect(dangling.status == 65 && loop.status == 65)
  }

  @Test("any file at all, cut anywhere, is a sentence and not a crash")
  func cuts() throws {
    let pipeline = try PipelineFolder()
    let whole = try Data(contentsOf: URL(fileURLWithPath: try pipeline.addFixture()))
    for part in 1..<24 {
      let cut = whole.count * part / 24
      try pipeline.folder.write("cut.so", Array(whole.prefix(cut)))
      let result = try CommandLineTool.run(["plugin", "inspect", "cut.so"], directory: pipeline.path)
      #expect(result.status == 65 || result.status == 0, "cut at \(cut): \(result.status)")
      if result.status == 65 { #expect(result.stderr.hasPrefix("omphalos: cut.so ")) }
    }
  }
}

@Suite("Declaring a plugin")
struct DeclareErrorTests {
  private static let good = #"""
    {
      "id": "com.example.acme", "version": "1.0.0", "vendor": "Acme", "license": "MIT", "summary": "Acme",
      "hermetic": "compatible",
      "capabilities": [ { "kind": "exporter", "name": "acme", "interface_version": 1 } ]
    }
    """#

  @Test(
    "a plugin.json that is wrong is refused with each thing that is, and nothing is written",
    arguments: [
      ("\"id\"", "\"ident\"", "\"ident\" is not a key of plugin.json"), ("1.0.0", "1.0", "version is \"1.0\""),
      (
        "\"exporter\"", "\"exporters\"",
        "capabilities[0].kind is \"exporters\", wanted one of connector, exporter, lineage_sink"
      ), ("\"MIT\"", "\"MIT OR\"", "license is \"MIT OR\""),
      ("\"acme\", \"interface", "\"Acme\", \"interface", "capabilities[0].name is \"Acme\""),
      ("\"interface_version\": 1", "\"interface_version\": 0", "capabilities[0].interface_version is 0"),
      ("\"hermetic\": \"compatible\",", "", "hermetic is missing"), ("} ]", "} ", "line "),
      ("[ {", "[ { \"schema\": { \"frob\": 1 },", "capabilities[0].schema, #/frob: "),
    ])
  func errors(_ old: String, _ new: String, _ message: String) throws {
    let folder = try TemporaryFolder()
    try folder.write("plugin.json", Self.good.replacing(old, with: new))
    for language in ["c", "swift"] {
      let result = try CommandLineTool.run(
        ["plugin", "declare", "plugin.json", "--lang", language], directory: folder.path)
      #expect(result.status == 65)
      #expect(result.stdout == "")
      #expect(result.stderr.hasPrefix("omphalos: ") && result.stderr.contains("plugin.json"), "\(result.stderr)")
      #expect(result.stderr.contains(message), "\(result.stderr)")
    }
  }

  @Test("a file that is missing, a folder or a pipe is told")
  func files() throws {
    let folder = try TemporaryFolder()
    mkfifo(folder.file("pipe"), 0o644)
    for (name, message) in [
      ("nowhere", "there is no such file"), (".", "found a directory, wanted a regular file"),
      ("pipe", "found a fifo, wanted a regular file"),
    ] {
      let result = try CommandLineTool.run(["plugin", "declare", name, "--lang", "c"], directory: folder.path)
      #expect(result.status == 65)
      #expect(result.stderr == "omphalos: \(name): \(message)\n")
    }
  }

  @Test("a plugin that is built from what is declared in C is admitted, confirmed and run")
  func roundTrip() throws {
    let pipeline = try PipelineFolder()
    try pipeline.addExamples("csv")
    try pipeline.folder.write("plugin.json", Self.good)
    let declared = try CommandLineTool.run(
      ["plugin", "declare", "plugin.json", "--lang", "c"], directory: pipeline.path)
    try #require(declared.status == 0, "\(declared.stderr)")
    try pipeline.folder.write("declaration.h", declared.stdout)
    let source = try pipeline.folder.write(
      "acme.c",
      """
      #include "declaration.h"
      static int32_t run(void *state, const omphalos_call *call, const omphalos_dataset *const *inputs, size_t count) {
        (void)state, (void)inputs, (void)count;
        return call->store->put(call->handle, "exports/acme.txt", 16, NULL, "acme", 4);
      }
      const omphalos_exporter exporter_acme = {sizeof(omphalos_exporter), 0, run};

      """)
    let built = try Shell.run(
      Compiler.c + ["-shared", "-fPIC", "-Wall", "-I", Compiler.include, "-o", pipeline.plugins + "/acme.so", source])
    try #require(built.status == 0 && built.stderr == "", "\(built.stderr)")
    try pipeline.folder.write("a.csv", "id\n1\n")
    try pipeline.folder.write(
      "pipeline.yaml",
      """
      schema_version: "1.0"
      run: { name: declared, hermetic: true, output_root: runs }
      inputs: [ { name: a, connector: org.omphalos.csv/csv, files: { data: a.csv } } ]
      exports: [ { exporter: com.example.acme/acme, inputs: [a] } ]

      """)
    let outcome = try pipeline.run()
    #expect(outcome.status == 0, "\(outcome.stderr)")
    #expect(try pipeline.text(outcome, "exports/acme.txt") == "acme")
  }
}
