import Admission
import Foundation
import OmphalosValues
import TestSupport
import Testing

@testable import DeclarationSource

/// rustc, if it can make what is generated.
enum Rust {
  static let reason = "rustc 1.82 or later is not in PATH"
  static let isThere: Bool = {
    guard let words = try? Shell.run(["rustc", "--version"]).stdout.split(separator: " "), words.count > 1 else { return false }
    let version = words[1].split(separator: ".").compactMap { Int($0) }
    return version.count > 1 && (version[0], version[1]) >= (1, 82)
  }()
}

@Suite("plugin.json as Rust")
struct RustSourceTests {
  private static let abi = Compiler.root + "/ExamplePlugins/digest/abi.rs"

  /// The vendor's part: tables whose functions do nothing.
  private func plugin(_ declaration: Declaration) -> String {
    let head = "struct_size: size_of::<abi::TYPE>() as u32, reserved0: 0"
    let tables = declaration.capabilities.map { capability in
      let members =
        switch capability.kind {
        case .connector: "open: connector"
        case .exporter: "run: exporter"
        default: "open: open, emit: emit, flush: None, close: close"
        }
      return "pub static \(capability.rustIdentifier): abi::\(capability.rustType) = abi::\(capability.rustType) "
        + "{ \(head.replacing("TYPE", with: capability.rustType)), \(members) };\n"
    }.joined()
    return """
      #![allow(dead_code)]
      mod abi;
      mod declaration;
      use core::ffi::{c_char, c_void};
      pub const INIT: Option<abi::Init> = None;
      pub const SHUTDOWN: Option<abi::Shutdown> = None;
      unsafe extern "C" fn connector(_: *mut c_void, _: *const abi::Call, _: *mut abi::ArrowArrayStream) -> i32 { 0 }
      unsafe extern "C" fn exporter(_: *mut c_void, _: *const abi::Call, _: *const *const abi::Dataset, _: usize) -> i32 { 0 }
      unsafe extern "C" fn open(_: *mut c_void, _: *const abi::Call, _: *mut *mut c_void) -> i32 { 0 }
      unsafe extern "C" fn emit(_: *mut c_void, _: *const c_char, _: usize) -> i32 { 0 }
      unsafe extern "C" fn close(_: *mut c_void, _: u32) -> i32 { 0 }
      \(tables)
      """
  }

  private func build(_ source: DeclarationSource, edition: String, into folder: TemporaryFolder) throws -> String {
    try folder.write("declaration.rs", source.rust())
    try folder.write("abi.rs", try String(contentsOfFile: Self.abi, encoding: .utf8))
    let root = try folder.write("lib.rs", plugin(source.declaration))
    let output = folder.file("acme.so")
    let result = try Shell.run(
      [
        "rustc", "--edition", edition, "--crate-type", "cdylib", "--crate-name", "acme", "-D", "warnings", "-C", "opt-level=1",
        "-C", "linker=\(Compiler.c[0])", "-A", "linker_messages", "-o", output, root,
      ])
    try #require(result.status == 0, "\(result.stderr)\(result.stdout)")
    return output
  }

  @Test(
    "it compiles without a warning in both editions, and the built plugin declares exactly what plugin.json says",
    .enabled(if: Rust.isThere, "\(Rust.reason)"), arguments: ["2021", "2024"], Samples.Name.allCases)
  func compiles(edition: String, sample: Samples.Name) throws {
    let source = try Samples.source(sample)
    let folder = try TemporaryFolder()
    let output = try build(source, edition: edition, into: folder)
    #expect(try differences(output, source) == [])
    let notes = try Shell.run(["readelf", "-nW", output])
    #expect(notes.stdout.contains("omphalOS"))
    #expect(notes.stderr == "", "readelf warns of a corrupt note")
    let symbols = try Shell.run(["nm", "-D", "--defined-only", output]).stdout
    #expect(symbols.contains(" T omphalos_plugin_v1\n"))
  }

  @Test(
    "the descriptor that runs holds the very strings of plugin.json", .enabled(if: Rust.isThere, "\(Rust.reason)"),
    arguments: Samples.Name.allCases)
  func descriptor(sample: Samples.Name) throws {
    let source = try Samples.source(sample)
    let declaration = source.declaration
    let folder = try TemporaryFolder()
    let plugin = try build(source, edition: "2021", into: folder)
    let main = try folder.write(
      "main.c",
      """
      #include <omphalos/plugin.h>
      #include <stdio.h>
      int main(void) {
        const omphalos_plugin *p = omphalos_plugin_v1(0);
        printf("%s\\x01%s\\x01%s\\x01%s\\x01%s", p->id, p->version, p->vendor, p->license, p->summary);
        printf("\\x01%u %u %u", p->hermetic, p->flags, p->struct_size);
        for (uint32_t i = 0; i < p->capability_count; i++) {
          const omphalos_capability *c = p->capabilities[i];
          printf("\\x01%s %u %u %u %u\\x01%s", c->name, c->kind, c->interface_version, c->flags,
                 *(const uint32_t *)c->vtable, c->config_schema ? c->config_schema : "NULL");
        }
        return 0;
      }
      """)
    let program = folder.file("main")
    let built = try Shell.run(Compiler.c + ["-I", Compiler.include, "-o", program, main, plugin, "-Wl,-rpath,\(folder.path)"])
    try #require(built.status == 0, "\(built.stderr)")
    var wanted = [
      declaration.id.text, declaration.version.description, declaration.vendor, declaration.license,
      declaration.summary, "\(declaration.hermetic.number) \(declaration.flags) 96",
    ]
    for capability in declaration.capabilities {
      let table = capability.kind == .lineageSink ? 40 : 16
      wanted.append(
        "\(capability.name) \(capability.kind.number ?? 0) \(capability.interfaceVersion) \(capability.flags) \(table)")
      wanted.append(declaration.schemas[capability.name]?.canonicalText ?? "NULL")
    }
    #expect(Array(try Shell.run([program]).stdout.utf8) == Array(wanted.joined(separator: "\u{1}").utf8))
  }

  @Test("byte strings hold ASCII alone, and no line begins with a space of the text")
  func literals() {
    #expect(RustLiteral.bytes("a\"\\é\u{1}7") == #"b"a\"\\\xc3\xa9\x017\0""#)
    #expect(RustLiteral.bytes("", zeros: 2) == #"b"\0\0""#)
    let long = RustLiteral.bytes(String(repeating: " ", count: 250)).split(separator: "\n")
    #expect(long.map(\.count) == [103, 107, 65])
    #expect(long[1].hasPrefix("      \\x20 "))
  }

  @Test("the types that the Rust example brings have the numbers, the sentences and the layout of the header")
  func types() throws {
    let header = try String(contentsOfFile: Compiler.include + "/omphalos/plugin.h", encoding: .utf8)
    let rust = try String(contentsOfFile: Self.abi, encoding: .utf8)
    let flat = rust.split { " \n".contains($0) }.joined(separator: " ")
    for status in header.matches(of: /\n  X\((\w+), (-?\d+), \d+, ("[^"]*")\)/) {
      #expect(rust.contains("pub const \(status.1): i32 = \(status.2);"))
      #expect(rust.contains("\(status.1) => \(status.3)"))
    }
    let types = header.matches(of: /\nOMPHALOS_SIZE_\(omphalos_(\w+), (\d+)\);((?:\nOMPHALOS_AT_\(.*\);)*)/)
    #expect(types.count == 10)
    for type in types {
      let name = type.1.split(separator: "_").map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
      let members = type.3.matches(of: /, (\w+), (\d+)\)/).map { " \($0.1) \($0.2)" }.joined()
      #expect(flat.contains("layout!(\(name) \(type.2)\(members));"), "\(name)")
    }
  }
}
