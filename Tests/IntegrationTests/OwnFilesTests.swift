import Foundation
import TestSupport
import Testing

@Suite("Plugins with a folder of their own files")
struct OwnFilesTests {
  /// Writes what a function of the plugin's own library returns.
  private static let usesAnswer: [String: String] = [
    "GLOBALS": "extern int own_answer(void);",
    "ON_RUN":
      "char answer[16]; snprintf(answer, 16, \"%d\\n\", own_answer()); put(call, \"exports/answer.txt\", answer);",
  ]

  /// A plugin with `fixture.d/libown.so`, which answers `answer`.
  private func plugin(answer: Int = 42, defines: [String: String] = usesAnswer) throws -> PipelineFolder {
    let pipeline = try PipelineFolder()
    let library = try pipeline.addLibrary(
      "libown.so", soname: "libown.so", source: "int own_answer(void) { return \(answer); }")
    try pipeline.addFixture(defines, flags: [library])
    try pipeline.writeFixturePipeline()
    return pipeline
  }

  private func resource(_ pipeline: PipelineFolder, _ name: String, _ text: String) throws {
    try pipeline.folder.write("plugins/fixture.d/\(name)", text)
  }

  /// The plugin's inventory in the finalized run.
  private func file(_ pipeline: PipelineFolder, _ outcome: PipelineFolder.Outcome) throws -> [String: Any] {
    let text = try pipeline.text(outcome, "reports/plugins.json")
    let report = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    return try #require(((report["plugins"] as? [[String: Any]])?.first)?["file"] as? [String: Any])
  }

  @Test("a library in the plugin's folder is loaded sealed and answers the plugin's calls")
  func library() throws {
    let pipeline = try plugin()
    let outcome = try pipeline.run()
    #expect(outcome.status == 0, "\(outcome.stderr)")
    #expect(try pipeline.text(outcome, "exports/answer.txt") == "42\n")
  }

  @Test("a library of the plugin that needs another one is loaded after it, whatever their names")
  func order() throws {
    let pipeline = try PipelineFolder()
    let last = try pipeline.addLibrary("libz-own.so.1", soname: "libz-own.so.1", source: "int deep(void) { return 7; }")
    let first = try pipeline.addLibrary(
      "liba-own.so", soname: "liba-own.so", source: "extern int deep(void); int own_answer(void) { return deep(); }",
      flags: [last])
    try pipeline.addFixture(Self.usesAnswer, flags: [first])
    try pipeline.writeFixturePipeline()
    let outcome = try pipeline.run()
    #expect(outcome.status == 0, "\(outcome.stderr)")
    #expect(try pipeline.text(outcome, "exports/answer.txt") == "7\n")
  }

  @Test("a changed library of its own makes another run, and the record tells every file with its digest")
  func identity() throws {
    let pipeline = try plugin()
    try resource(pipeline, "data/table.txt", "one\n")
    let first = try pipeline.run()
    #expect(first.status == 0, "\(first.stderr)")
    let file = try file(pipeline, first)
    let parts = try #require(file["own_files"] as? [[String: Any]])
    #expect(parts.map { $0["path"] as? String } == ["fixture.d/data/table.txt", "fixture.d/libown.so"])
    #expect(parts.map { $0["kind"] as? String } == ["resource", "library"])
    // As the reviewer's guide says it is computed.
    let sum = try Shell.run(
      ["sh", "-c", "find fixture.so fixture.d -type f | LC_ALL=C sort | xargs sha256sum | sha256sum"],
      directory: pipeline.plugins)
    #expect(sum.stdout.hasPrefix(try #require(file["contents_sha256"] as? String)))
    let manifest = try pipeline.text(first, "run_manifest.json")
    #expect(manifest.contains("\"com.example.fixture\": \"\(sum.stdout.prefix(64))\""))

    try resource(pipeline, "data/table.txt", "two\n")
    let second = try pipeline.run()
    #expect(second.status == 0 && second.finalized.count == 2, "\(second.stderr)")
  }

  @Test("a resource is read through the host, each time from its start, and is what was decided on")
  func resources() throws {
    let pipeline = try PipelineFolder()
    try pipeline.addFixture([
      "ON_RUN":
        "for (int i = 0; i < 2; i++) { int fd = -1; char text[32] = {0}; "
        + "if (host->resource_open(host->ctx, \"data/words.txt\", 14, &fd) != 0) return fail(call, 7, \"no resource\"); "
        + "if (write(fd, \"x\", 1) >= 0) return fail(call, 8, \"writable\"); "
        + "ssize_t n = read(fd, text, 31); close(fd); "
        + "if (i == 1) put(call, \"exports/words.txt\", n > 0 ? text : \"nothing\"); }",
      // The original is empty by the time it is asked for.
      "ON_INIT": "truncate(getenv(\"ORIGINAL\"), 0);",
    ])
    try resource(pipeline, "data/words.txt", "hello\n")
    try pipeline.folder.write(
      "pipeline.yaml",
      """
      schema_version: "1.0"
      run: { name: fixture, as_of: "2026-01-01", output_root: runs, env: [ORIGINAL] }
      inputs: [ { name: numbers, connector: com.example.fixture/source } ]
      exports: [ { exporter: com.example.fixture/product, inputs: [numbers] } ]

      """)
    let original = pipeline.plugins + "/fixture.d/data/words.txt"
    let outcome = try pipeline.run(environment: ["ORIGINAL": original])
    #expect(outcome.status == 0, "\(outcome.stderr)")
    #expect(try pipeline.text(outcome, "exports/words.txt") == "hello\n")
    #expect(try Data(contentsOf: URL(fileURLWithPath: original)).isEmpty)
  }

  @Test("a resource that is not there, a library and a path that leaves are refused, and the log says why")
  func missingResources() throws {
    let pipeline = try plugin(defines: [
      "GLOBALS": "extern int own_answer(void);",
      "ON_RUN":
        "(void)own_answer; int fd = -1; char text[64]; "
        + "int a = host->resource_open(host->ctx, \"wrods.txt\", 9, &fd), b = host->resource_open(host->ctx, \"libown.so\", 9, &fd), "
        + "c = host->resource_open(host->ctx, \"../fixture.so\", 13, &fd), d = host->resource_open(host->ctx, NULL, 5, &fd), "
        + "e = host->resource_open(host->ctx, \"words.txt\", 9, NULL); "
        + "snprintf(text, 64, \"%d %d %d %d %d %d\\n\", a, b, c, d, e, fd); put(call, \"exports/codes.txt\", text);",
    ])
    try resource(pipeline, "words.txt", "hello\n")
    let outcome = try pipeline.run()
    #expect(outcome.status == 0, "\(outcome.stderr)")
    #expect(try pipeline.text(outcome, "exports/codes.txt") == "-4 -4 -2 -2 -1 -1\n")
    let log = try pipeline.text(outcome, "logs/run.jsonl")
    #expect(log.contains(#"resource_open: there is no resource \"wrods.txt\"; fixture.d/ has words.txt."#))
  }

  private static let refusals: [(what: String, make: @Sendable (PipelineFolder) throws -> Void, sentence: String)] = [
    (
      "a library without a SONAME",
      { _ = try $0.addLibrary("libmore.so", soname: nil, source: "int more;") },
      "the library fixture.d/libmore.so is without a SONAME, wanted the name by which it is needed; link it again with "
        + "-Wl,-soname,libmore.so: the loader finds it by that name alone"
    ),
    (
      "a library that nothing needs",
      { _ = try $0.addLibrary("libmore.so", soname: "libmore.so.3", source: "int more;") },
      "the library fixture.d/libmore.so is of SONAME libmore.so.3, which nothing in the plugin needs, wanted one of the "
        + "needed names: libc.so.6, libown.so; link it with the SONAME that is needed, or remove the file"
    ),
    (
      "two libraries of one SONAME",
      { _ = try $0.addLibrary("libtwin.so", soname: "libown.so", source: "int twin;") },
      "the library fixture.d/libown.so is of SONAME libown.so, which fixture.d/libtwin.so has as well, wanted one library "
        + "for each name; remove one of the two"
    ),
    (
      "a library that is text",
      { try $0.folder.write("plugins/fixture.d/libscript.so", "INPUT(libown.so)\n") },
      "fixture.d/libscript.so is not an ELF file: it begins with 49 4e 50 55, wanted 7f 45 4c 46"
    ),
    (
      "a link",
      {
        try FileManager.default.createSymbolicLink(
          atPath: $0.plugins + "/fixture.d/libown.so.1", withDestinationPath: "libown.so")
      },
      "fixture.d/libown.so.1 is a symbolic link, wanted the file itself: a link may lead elsewhere after the decision; put "
        + "the file there, a library under its SONAME"
    ),
    (
      "a fifo", { _ = try Shell.run(["mkfifo", $0.plugins + "/fixture.d/pipe"]) },
      "fixture.d/pipe is a fifo, wanted a regular file; remove it"
    ),
    (
      "code in a place where no library is",
      { _ = try $0.addLibrary("hidden.bin", soname: nil, source: "int hidden;", in: "fixture.d/data") },
      "fixture.d/data/hidden.bin is an ELF file in a place where no library is, wanted libraries directly in the folder, "
        + "named *.so or *.so.N, and no other code; move it there, or remove it"
    ),
    (
      "a file that others may write",
      {
        let path = try $0.folder.write("plugins/fixture.d/data.txt", "x")
        try FileManager.default.setAttributes([.posixPermissions: 0o666], ofItemAtPath: path)
      },
      "fixture.d/data.txt is writable by group or others (mode 0666), wanted writable by its owner alone; take the right "
        + "away with chmod go-w"
    ),
    (
      "too many files",
      { for number in 0..<1025 { try $0.folder.write("plugins/fixture.d/many/\(number)", "") } },
      "the number of files in the plugin's folder is more than 1024, wanted at most 1024; pack the resources into fewer files"
    ),
    (
      "folders too deep",
      { try $0.folder.write("plugins/fixture.d/1/2/3/4/5/6/7/8/9/x", "") },
      "fixture.d/1/2/3/4/5/6/7/8/9 is more than 8 folders deep, wanted a flatter tree; move it up"
    ),
    (
      "a name with a control character", { try $0.folder.write("plugins/fixture.d/a\u{7}b", "") },
      #"fixture.d/a\u{7}b is not a well-formed name"#
    ),
    (
      "a library for another machine",
      {
        let path = try $0.addLibrary("libother.so", soname: "libother.so", source: "int other;")
        var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        bytes[18] = 183
        try Data(bytes).write(to: URL(fileURLWithPath: path))
      },
      "the library fixture.d/libother.so is for aarch64, wanted one for this host, which is x86-64; build it for x86-64"
    ),
  ]

  @Test("what does not belong into the folder refuses the plugin with its name and the way out", arguments: refusals.indices)
  func refused(_ index: Int) throws {
    let (what, make, sentence) = Self.refusals[index]
    let pipeline = try plugin()
    try make(pipeline)
    let outcome = try pipeline.run()
    #expect(outcome.status == 3, "\(what)")
    #expect(outcome.stderr.contains(sentence), "\(what): \(outcome.stderr)")
    #expect(outcome.stderr.contains("it was not loaded, and none of its code ran"), "\(what)")
    let list = try CommandLineTool.run(["plugins", "list", "--plugins", "plugins"], directory: pipeline.path)
    #expect(list.stdout.contains(sentence), "\(what): \(list.stdout)")
  }

  @Test("a folder that is a link, and one that is a file, refuse the plugin")
  func folderItself() throws {
    let pipeline = try plugin(defines: [:])
    let folder = pipeline.plugins + "/fixture.d"
    try FileManager.default.moveItem(atPath: folder, toPath: pipeline.folder.file("elsewhere"))
    try FileManager.default.createSymbolicLink(atPath: folder, withDestinationPath: "../elsewhere")
    #expect(
      try pipeline.run().stderr.contains(
        "fixture.d is a symbolic link, wanted a directory of the plugin's own files; put the directory itself there"))
    try FileManager.default.removeItem(atPath: folder)
    try pipeline.folder.write("plugins/fixture.d", "")
    #expect(try pipeline.run().stderr.contains("fixture.d is a regular file, wanted a directory"))
  }

  @Test("libraries that need each other in a circle are refused before anything is mapped")
  func circle() throws {
    let pipeline = try PipelineFolder()
    let other = try pipeline.addLibrary("libown2.so", soname: "libown2.so", source: "int b(void) { return 1; }")
    let first = try pipeline.addLibrary(
      "libown.so", soname: "libown.so", source: "extern int b(void); int own_answer(void) { return b(); }", flags: [other])
    try pipeline.addLibrary(
      "libown2.so", soname: "libown2.so", source: "extern int own_answer(void); int b(void) { return own_answer(); }",
      flags: [first])
    try pipeline.addFixture(Self.usesAnswer, flags: [first])
    try pipeline.writeFixturePipeline()
    let outcome = try pipeline.run()
    #expect(outcome.status == 3)
    #expect(
      outcome.stderr.contains(
        "the order of loading fixture.d/libown.so, fixture.d/libown2.so is a circle: each of them needs another one first"))
  }

  @Test("a symbol that a library of its own lacks is named with that library")
  func missingSymbol() throws {
    let pipeline = try PipelineFolder()
    let library = try pipeline.addLibrary(
      "libown.so", soname: "libown.so",
      source: "extern int nowhere(void); int own_answer(void) { return nowhere(); }")
    try pipeline.addFixture(Self.usesAnswer, flags: [library, "-Wl,--allow-shlib-undefined"])
    try pipeline.writeFixturePipeline()
    let outcome = try pipeline.run()
    #expect(outcome.status == 3)
    #expect(outcome.stderr.contains("the symbol nowhere, used by fixture.d/libown.so, is defined nowhere"))
  }

  @Test("a library that is moved out of the folder is missing, though it lies where the link found it")
  func notFound() throws {
    let pipeline = try plugin()
    try FileManager.default.moveItem(
      atPath: pipeline.plugins + "/fixture.d/libown.so", toPath: pipeline.plugins + "/libown.so.moved")
    let outcome = try pipeline.run()
    #expect(outcome.status == 3)
    #expect(outcome.stderr.contains("the library libown.so, needed by the plugin, is not on this system"))
  }

  @Test("files of the folder count towards limits.plugin_bytes")
  func size() throws {
    let pipeline = try plugin()
    try resource(pipeline, "large.bin", String(repeating: "x", count: 2 << 20))
    try pipeline.writeFixturePipeline(limits: "plugin_bytes: 1MiB")
    let outcome = try pipeline.run()
    #expect(outcome.status == 3)
    #expect(outcome.stderr.contains("fixture.d/large.bin is the file with which the plugin has more than"))
  }

  @Test("inspect shows the folder with digests, and what would load from it")
  func inspect() throws {
    let pipeline = try plugin()
    try resource(pipeline, "words.txt", "hello\n")
    let text = try CommandLineTool.run(["plugin", "inspect", "plugins/fixture.so"], directory: pipeline.path).stdout
    #expect(text.contains("Its folder, part of the plugin\n  fixture.d/libown.so: library, "))
    #expect(text.contains("fixture.d/words.txt: resource, 6 bytes, SHA-256 "))
    #expect(text.contains("libown.so at fixture.d/libown.so"))
    #expect(text.contains("This host: admissible"))
  }
}
