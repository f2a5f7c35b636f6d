import Foundation
import TestSupport
import Testing

/// SONAMEs are one name space for the process: whoever claims the name that another object needs gets its calls.
@Suite("Attacks by library name")
struct SonameTests {
  private static let victim = "com.example.victim"

  /// Two plugins: the fixture, loaded first, and a victim that writes what its library answers.
  private func pair(
    attacker: (PipelineFolder) throws -> Void, victim: (PipelineFolder) throws -> Void
  ) throws -> (outcome: PipelineFolder.Outcome, folder: PipelineFolder) {
    let pipeline = try PipelineFolder()
    try attacker(pipeline)
    try victim(pipeline)
    try pipeline.writePairPipeline(second: Self.victim)
    return (try pipeline.run(), pipeline)
  }

  /// A plugin with a library of its own that answers `answer`.
  private func withLibrary(
    _ pipeline: PipelineFolder, _ name: String, id: String, soname: String, answer: Int
  ) throws {
    let library = try pipeline.addLibrary(
      "libanswer.so", soname: soname, source: "int vendor_answer(void) { return \(answer); }", in: "\(name).d")
    try pipeline.addFixture(
      [
        "ID": "\"\(id)\"", "GLOBALS": "extern int vendor_answer(void);",
        "ON_RUN": "char text[16]; snprintf(text, 16, \"%d\\n\", vendor_answer()); put(call, \"exports/answer.txt\", text);",
        "ON_OPEN": "if (vendor_answer() < 0) return 1;",
      ], name: "\(name).so", flags: [library])
  }

  @Test("of two vendors with one library name and different bytes the later is refused, and both are named")
  func differentBytes() throws {
    let (outcome, pipeline) = try pair {
      try withLibrary($0, "first", id: "com.example.fixture", soname: "libanswer.so", answer: 1)
    } victim: {
      try withLibrary($0, "second", id: Self.victim, soname: "libanswer.so", answer: 2)
    }
    #expect(outcome.status == 3)
    #expect(
      outcome.stderr.contains(
        "the SONAME libanswer.so of second.d/libanswer.so is also that of first.d/libanswer.so of plugins/first.so, which "
          + "has other bytes, wanted a name that nothing else in the process has; give the library a name of the vendor's "
          + "own, for instance with a prefix, and link the plugin again"), "\(outcome.stderr)")
    #expect(outcome.stderr.contains("The plugin plugins/second.so (com.example.victim) is refused"))
    #expect(pipeline.processes() == [])
  }

  @Test("two vendors with the same bytes under one library name share them, and both get the right answers")
  func sameBytes() throws {
    let (outcome, pipeline) = try pair {
      try withLibrary($0, "first", id: "com.example.fixture", soname: "libanswer.so", answer: 3)
    } victim: {
      try withLibrary($0, "second", id: Self.victim, soname: "libanswer.so", answer: 3)
      // The compiler writes the source's name nowhere, so the bytes are equal; copying makes sure.
      try FileManager.default.removeItem(atPath: $0.plugins + "/second.d/libanswer.so")
      try FileManager.default.copyItem(
        atPath: $0.plugins + "/first.d/libanswer.so", toPath: $0.plugins + "/second.d/libanswer.so")
    }
    #expect(outcome.status == 0, "\(outcome.stderr)")
    #expect(try pipeline.text(outcome, "exports/answer.txt") == "3\n")
  }

  @Test("a plugin that claims the name of another plugin's library is refused, though it is loaded first")
  func claimsLibrary() throws {
    let (outcome, _) = try pair {
      try $0.addFixture(
        ["GLOBALS": "OMPHALOS_EXPORT int vendor_answer(void) { return 666; }"],
        name: "attacker.so", flags: ["-Wl,-soname,libanswer.so"])
    } victim: {
      try withLibrary($0, "second", id: Self.victim, soname: "libanswer.so", answer: 2)
    }
    #expect(outcome.status == 3)
    #expect(
      outcome.stderr.contains(
        "the SONAME libanswer.so of second.d/libanswer.so is also that of plugins/attacker.so, which has other bytes"),
      "\(outcome.stderr)")
  }

  @Test("a plugin that claims the name of a system library that another plugin needs is refused")
  func claimsSystemLibrary() throws {
    let system = "libz.so.1"
    guard try Shell.run(["sh", "-c", "ldconfig -p | grep -q '\(system).*x86-64'"]).status == 0 else {
      try Test.cancel("\(system) is not installed")
    }
    let (outcome, _) = try pair {
      try $0.addFixture(
        ["GLOBALS": "OMPHALOS_EXPORT const char *zlibVersion(void) { return \"attacker\"; }"],
        name: "attacker.so", flags: ["-Wl,-soname,\(system)"])
    } victim: {
      // Linked against a stand-in: the development package need not be there.
      let stub = try $0.addLibrary(
        "stub.so", soname: system, source: "const char *zlibVersion(void) { return 0; }", in: "../stub")
      try $0.addFixture(
        [
          "ID": "\"\(Self.victim)\"", "GLOBALS": "extern const char *zlibVersion(void);",
          "ON_RUN": "put(call, \"exports/version.txt\", zlibVersion());",
        ], name: "victim.so", flags: [stub])
    }
    #expect(outcome.status == 3)
    #expect(outcome.stderr.contains("The plugin plugins/attacker.so (com.example.fixture) is refused"))
    #expect(outcome.stderr.contains("the SONAME \(system) is the name of /"))
    #expect(outcome.stderr.contains("which plugins/victim.so needs"), "\(outcome.stderr)")
  }

  @Test("a plugin that shadows a library of the host is refused, in the list of plugins too", arguments: ["libc.so.6", "libm.so.6"])
  func shadowsHost(_ name: String) throws {
    let pipeline = try PipelineFolder()
    try pipeline.addFixture(flags: ["-Wl,-soname,\(name)"])
    try pipeline.addLibrary(name, soname: name, source: "int nothing;")
    try pipeline.writeFixturePipeline()
    let outcome = try pipeline.run()
    #expect(outcome.status == 3)
    for sentence in [
      "the SONAME \(name) is the name of a library of omphalos itself, wanted none, or a name that nothing else",
      "the SONAME \(name) of fixture.d/\(name) is the name of a library of omphalos itself",
    ] {
      #expect(outcome.stderr.contains(sentence), "\(outcome.stderr)")
      let list = try CommandLineTool.run(["plugins", "list", "--plugins", "plugins"], directory: pipeline.path)
      #expect(list.stdout.contains(sentence), "\(list.stdout)")
    }
  }

  @Test("a library that was replaced between the decision and loading is found by its bytes")
  func replacedLibrary() throws {
    let pipeline = try PipelineFolder()
    let library = try pipeline.addLibrary(
      "libvendor.so", soname: "libvendor.so", source: "int vendor_answer(void) { return 1; }", in: "../lib")
    let other = try pipeline.addLibrary(
      "other.so", soname: "libvendor.so", source: "int vendor_answer(void) { return 2; }", in: "../lib")
    let path = pipeline.folder.file("lib/libvendor.so")
    // The first plugin, while it is loaded, changes the library that the second one needs: the file stays the same one.
    try pipeline.addFixture([
      "ON_CONSTRUCTOR":
        "int to = open(\"\(path)\", O_WRONLY | O_TRUNC), from = open(\"\(pipeline.folder.file("lib/other.so"))\", O_RDONLY); "
        + "char b[4096]; ssize_t n; while ((n = read(from, b, 4096)) > 0) write(to, b, n); close(to); close(from);"
    ])
    try pipeline.addFixture(
      [
        "ID": "\"\(Self.victim)\"", "GLOBALS": "extern int vendor_answer(void);", "ON_RUN": "if (vendor_answer() == 2) return 9;",
      ], name: "victim.so", flags: [library, "-Wl,-rpath,\(pipeline.folder.file("lib"))"])
    _ = other
    try pipeline.writePairPipeline(second: Self.victim)
    let outcome = try pipeline.run()
    #expect(outcome.status == 3)
    #expect(outcome.stderr.contains("libvendor.so was changed between the decision and loading: SHA-256 "), "\(outcome.stderr)")
  }

  @Test("a library that a call loads is a finding with the plugin's name; the run goes on")
  func laterLibrary() throws {
    let pipeline = try PipelineFolder()
    let library = try pipeline.addLibrary("liblate.so", soname: "liblate.so", source: "int late;", in: "../lib")
    _ = library
    let path = pipeline.folder.file("lib/liblate.so")
    try pipeline.addFixture([
      "GLOBALS": "extern void *dlopen(const char *, int);", "ON_RUN": "if (dlopen(\"\(path)\", 2) == NULL) return 9;",
    ])
    try pipeline.writeFixturePipeline()
    let outcome = try pipeline.run()
    #expect(outcome.status == 0, "\(outcome.stderr)")
    let sentence = "com.example.fixture/product (exports[0]): run loaded what was not decided on: \(path)."
    #expect(outcome.stderr.contains("Noticed: \(sentence)"), "\(outcome.stderr)")
    #expect(try pipeline.text(outcome, "reports/plugins.json").contains("run loaded what was not decided on"))
  }

  @Test("statics that two plugins share in spite of RTLD_LOCAL are a finding that names both and the symbol")
  func sharedStatics() throws {
    // What g++ makes of a static in an inline function; clang does not use the binding by itself.
    let unique =
      #"__asm__(".data\n.type shared_counter,@gnu_unique_object\n.size shared_counter,4\n"#
      + #"shared_counter:\n.long 0\n.text"); extern int shared_counter;"#
    let (outcome, pipeline) = try pair {
      try $0.addFixture(["GLOBALS": unique, "ON_NEXT": "shared_counter++;"], name: "first.so")
    } victim: {
      try $0.addFixture(
        [
          "ID": "\"\(Self.victim)\"", "GLOBALS": unique,
          "ON_RUN": "char t[16]; snprintf(t, 16, \"%d\\n\", shared_counter); put(call, \"exports/shared.txt\", t);",
        ], name: "second.so")
    }
    #expect(outcome.status == 0, "\(outcome.stderr)")
    #expect(
      outcome.stderr.contains(
        "Noticed: com.example.victim shares 1 static variable with com.example.fixture (STB_GNU_UNIQUE), the first is "
          + "\"shared_counter\": what one of them writes there the other reads."), "\(outcome.stderr)")
    _ = pipeline
  }
}
