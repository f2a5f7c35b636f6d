import Admission
import Foundation
import OmphalosValues
import TestSupport
import Testing

@testable import DeclarationSource

func contents(_ path: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(fileURLWithPath: path))) }

@Suite("plugin.json as C")
struct CSourceTests {
  static let compilers: [[String]] = {
    let warnings = ["-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Werror"]
    let languages = [
      ("clang", ["-std=c99"]), ("gcc", ["-std=c99"]), ("gcc", ["-std=c17"]), ("g++", ["-std=c++11"]),
      ("g++", ["-std=c++17"]), ("clang++", ["-std=c++17"]),
    ]
    return languages.compactMap { compiler, flags in Shell.find(compiler).map { [$0] + flags + warnings } }
  }()

  @Test(
    "it compiles without a warning, and the built plugin declares exactly what plugin.json says", arguments: compilers,
    Samples.Name.allCases)
  func compiles(compiler: [String], sample: Samples.Name) throws {
    let source = try Samples.source(sample)
    let builder = try Compiler()
    let isCxx = compiler[0].hasSuffix("++")
    try builder.folder.write("declaration.h", source.c())
    let main = try builder.folder.write(
      isCxx ? "main.cpp" : "main.c",
      "#include \"declaration.h\"\n" + Samples.tables(source.declaration))
    let path = try builder.link([main], name: "acme.so", flags: ["-fvisibility=hidden"], compiler: compiler)
    #expect(try differences(path, source) == [])
    let notes = try Shell.run(["readelf", "-nW", path])
    #expect(notes.stdout.contains("omphalOS"))
    #expect(notes.stderr == "", "readelf warns of a corrupt note")
  }

  @Test("the descriptor that runs holds the very strings of plugin.json", arguments: Samples.Name.allCases)
  func descriptor(sample: Samples.Name) throws {
    let source = try Samples.source(sample)
    let declaration = source.declaration
    let builder = try Compiler()
    try builder.folder.write("declaration.h", source.c())
    let main = try builder.folder.write(
      "main.c",
      """
      #include "declaration.h"
      #include <stdio.h>
      \(Samples.tables(declaration))
      int main(void) {
        const omphalos_plugin *p = omphalos_plugin_v1(0);
        printf("%s\\x01%s\\x01%s\\x01%s\\x01%s", p->id, p->version, p->vendor, p->license, p->summary);
        printf("\\x01%d %d %d %d", p->abi_major, p->abi_minor_required, p->abi_minor_built, p->draft);
        printf(" %u %u", p->hermetic, p->flags);
        for (uint32_t i = 0; i < p->capability_count; i++) {
          const omphalos_capability *c = p->capabilities[i];
          printf("\\x01%s %u %u %u\\x01%s", c->name, c->kind, c->interface_version, c->flags,
                 c->config_schema ? c->config_schema : "NULL");
        }
        return 0;
      }
      """)
    let program = builder.folder.file("main")
    let built = try Shell.run(Compiler.c + ["-std=c99", "-I", Compiler.include, "-o", program, main])
    try #require(built.status == 0, "\(built.stderr)")
    let abi = declaration.abi
    var wanted = [
      declaration.id.text, declaration.version.description, declaration.vendor, declaration.license,
      declaration.summary,
      "\(abi.major) \(abi.minorRequired) \(abi.minorBuilt) \(abi.draft) "
        + "\(declaration.hermetic.number) \(declaration.flags)",
    ]
    for capability in declaration.capabilities {
      wanted.append(
        "\(capability.name) \(capability.kind.number ?? 0) \(capability.interfaceVersion) \(capability.flags)")
      wanted.append(declaration.schemas[capability.name]?.canonicalText ?? "NULL")
    }
    #expect(Array(try Shell.run([program]).stdout.utf8) == Array(wanted.joined(separator: "\u{1}").utf8))
  }

  @Test("the text of the sample is the one that is documented")
  func golden() throws {
    let lines = try Samples.source(Samples.simple).c().split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.contains("#define OMPHALOS_DECLARATION_TEXT \\"))
    #expect(
      lines.contains(
        #"  "{\"abi\":{\"draft\":" OMPHALOS_STR(OMPHALOS_ABI_DRAFT) ",\"major\":" OMPHALOS_STR(OMPHALOS_ABI_MAJOR) \"#))
    #expect(lines.contains(#"  "a-z\?]+$\",\"type\":\"string\"}},\"type\":\"object\"}""#))
    #expect(lines.contains(#"              "{\"say-hello\":" OMPHALOS_SCHEMA_exporter_say_hello "}");"#))
    #expect(
      lines.contains(#"    sizeof(omphalos_capability), OMPHALOS_EXPORTER, 1u, 0x0u, "say-hello","#))
  }

  @Test("what the example plugins have committed is what their plugin.json makes")
  func examples() throws {
    let folder = Compiler.root + "/ExamplePlugins"
    var compared = 0
    for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
      guard let json = try? contents("\(folder)/\(name)/plugin.json") else { continue }
      let source = try DeclarationSource(json: json, file: "\(name)/plugin.json")
      for (file, text) in [("declaration.h", source.c()), ("declaration.swift", source.swift()), ("declaration.rs", source.rust())] {
        guard let committed = try? contents("\(folder)/\(name)/\(file)") else { continue }
        #expect(committed == Array(text.utf8), "\(name)/\(file): make it again with `omphalos plugin declare`")
        compared += 1
      }
    }
    #expect(compared > 0)
  }

  @Test("trigraphs, quotes and invisible characters are escaped, and no literal is long")
  func literals() {
    #expect(CLiteral.lines("a??=\"\\") == [#""a\?\?=\"\\""#])
    #expect(CLiteral.lines("\u{ad}7") == [#""\302\2557""#])
    #expect(CLiteral.lines("") == ["\"\""])
    let lines = CLiteral.lines(String(repeating: "?", count: 101))
    #expect(lines.map(\.count) == [102, 102, 4])
  }
}
