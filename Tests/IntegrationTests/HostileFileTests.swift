import Foundation
import TestSupport
import Testing

/// Files that are something else than a plugin, and entries that are something else than a function.
@Suite("Hostile corpus: files and entries")
struct HostileFileTests {
  @Test("a file that is no shared object is refused before it is mapped, and inspect says the same of it", arguments: files)
  func file(_ example: HostileCase) throws {
    let differences = try HostileTrial.differences(example)
    #expect(differences == [])
    let folder = try TemporaryFolder()
    let image = try HostileWorkshop.image(example.file)
    let path = try folder.write("hostile.so", image.bytes)
    let inspected = try CommandLineTool.run(["plugin", "inspect", path])
    #expect(inspected.status == 65)
    #expect(inspected.stderr == "omphalos: \(try example.outcome(image).sentences[0].replacing("%", with: path))\n")
    #expect(inspected.stdout == "")
  }

  @Test("an entry that is not a function of the plugin's own is refused or ends in the plugin's name", arguments: entries)
  func entry(_ example: HostileCase) throws {
    let differences = try HostileTrial.differences(example)
    #expect(differences == [])
  }

  static let files: [HostileCase] =
    [
      HostileCase("an empty file", .bytes([]), .unusable(["% is not an ELF file: it is empty"])),
      HostileCase("a text", .bytes(Array("hello world\n".utf8)), .unusable([
        "% is not an ELF file: it begins with 68 65 6c 6c, wanted 7f 45 4c 46"
      ])),
      HostileCase("a script", .bytes(Array("#!/bin/sh\n".utf8)), .unusable([
        "% is not an ELF file: it begins with 23 21 2f 62, wanted 7f 45 4c 46"
      ])),
      HostileCase("the magic number alone", .bytes([0x7f, 0x45, 0x4c, 0x46]), .unusable([
        "% is truncated: the ELF header at offset 0 needs bytes up to 64, and the file ends at 4"
      ])),
      HostileCase("a linker's script", .bytes(Array("INPUT(libm.so.6)\n".utf8)), .unusable([
        "% is not an ELF file: it begins with 49 4e 50 55, wanted 7f 45 4c 46"
      ])),
      HostileCase("an archive", .bytes(Array("!<arch>\n".utf8)), .unusable([
        "% is not an ELF file: it begins with 21 3c 61 72, wanted 7f 45 4c 46"
      ])),
      HostileCase("zeros", .bytes([UInt8](repeating: 0, count: 4_096)), .unusable([
        "% is not an ELF file: it begins with 00 00 00 00, wanted 7f 45 4c 46"
      ])),
      HostileCase("an object file (ET_REL)", program(["-c"]), .unusable([
        "% is an object file (ET_REL, 1), wanted a shared object (ET_DYN, 3): link it with -shared"
      ])),
      HostileCase("a program (ET_EXEC)", program(["-no-pie"]), .unusable([
        "% is an executable (ET_EXEC, 2), wanted a shared object (ET_DYN, 3): link it with -shared"
      ])),
      HostileCase("a position-independent program", program(["-fPIE", "-pie"]), pie),
      HostileCase("a static position-independent program", program(["-fPIE", "-static-pie"]), pie),
      HostileCase("a file of debug information", debugInformation, .unusable([
        "% has no dynamic section: it is a file of debug information or a static program, wanted the shared object"
      ])),
    ]
    + [40, 63, 64, 300, 2_000, 5_000].map(truncated)

  private static let pie = HostileOutcome.unusable([
    "% is a position-independent program (DF_1_PIE), wanted a shared object: link it with -shared, without -pie"
  ])

  private static func program(_ flags: [String]) -> HostileFile {
    HostileFile(key: "program \(flags)") {
      let scratch = try TemporaryFolder()
      let source = try scratch.write("main.c", "int main(void) { return 0; }\n")
      let result = try Shell.run([Shell.find("gcc") ?? Compiler.c[0], "-o", scratch.file("main"), source] + flags)
      guard result.status == 0 else { throw Compiler.Failure(description: result.stderr) }
      return try scratch.read("main")
    }
  }

  private static let debugInformation = HostileFile(key: "debug information") {
    let scratch = try TemporaryFolder()
    let plugin = try scratch.write("whole.so", HostileWorkshop.image(.base(flags: ["-g"])).bytes)
    let tool = Shell.find("objcopy") ?? "llvm-objcopy"
    let result = try Shell.run([tool, "--only-keep-debug", plugin, scratch.file("debug.so")])
    guard result.status == 0 else { throw Compiler.Failure(description: result.stderr) }
    return try scratch.read("debug.so")
  }

  /// The first bytes of a plugin.
  private static func truncated(_ length: Int) -> HostileCase {
    HostileCase(
      "a plugin cut at \(length) bytes", .patched("cut at \(length)") { $0.bytes.removeSubrange(length...) }
    ) { _ in
      let whole = try HostileWorkshop.image(.patchable)
      let headers = 64 + whole.headerCount * 56
      let load = try (0..<2).map { try whole.index(.load, $0) }.first { index in
        Int(whole.get(index, .offset) + whole.get(index, .fileBytes)) > length
      }
      let what: String
      if length < 64 {
        what = "the ELF header at offset 0 needs bytes up to 64"
      } else if length < headers {
        what = "the table of program headers at offset 64 needs bytes up to \(headers)"
      } else {
        let index = load ?? 0
        let start = whole.get(index, .offset)
        what = "segment \(index) at offset \(start) needs bytes up to \(start + whole.get(index, .fileBytes))"
      }
      return .unusable(["% is truncated: \(what), and the file ends at \(length)"])
    }
  }

  // MARK: The entry

  private static func refusedEntry(_ found: String, _ more: [String] = []) -> HostileOutcome {
    .refused([
      "the entry symbol omphalos_plugin_v1 is \(found), wanted a function that the plugin itself defines and exports; "
        + "define it in the plugin, with default visibility and C linkage"
    ] + more)
  }

  /// The entry's symbol with one field changed.
  private static func symbol(_ what: String, _ offset: Int, _ bytes: Int, _ value: UInt64, _ found: String) -> HostileCase {
    HostileCase(
      "an entry that is \(what)",
      .patched("entry \(what)") { $0.set(value, at: try $0.symbol("omphalos_plugin_v1") + offset, bytes) },
      refusedEntry(found))
  }

  static let entries: [HostileCase] = [
    HostileCase("no entry", .base(["NO_ENTRY": "1"]), refusedEntry("not exported")),
    HostileCase(
      "an entry for another major version",
      .base(["NO_ENTRY": "1", "GLOBALS": "const void *omphalos_plugin_v2(uint32_t minor) { return 0; }"]),
      refusedEntry("not exported")),
    HostileCase(
      "an entry that is a variable", .base(["NO_ENTRY": "1", "GLOBALS": ""
        + "extern long alias __asm__(\"omphalos_plugin_v1\"); long alias = 1;"]),
      refusedEntry("an exported symbol that is no function (data)")),
    HostileCase(
      "an entry that a resolver chooses (IFUNC)",
      .base(["NO_ENTRY": "1", "GLOBALS": "static const omphalos_plugin *own(uint32_t minor) { return &descriptor; } "
        + "static void *resolve(void) { return own; } "
        + "const omphalos_plugin *omphalos_plugin_v1(uint32_t) __attribute__((ifunc(\"resolve\")));"]),
      refusedEntry("an exported symbol that is no function (indirect function)")),
    HostileCase(
      "an entry of another library", .base(["NO_ENTRY": "1", "GLOBALS": "const void *use(void) { return omphalos_plugin_v1; }"]),
      refusedEntry("taken from another library", [
        "the symbol omphalos_plugin_v1, used by the plugin, is defined nowhere, wanted a definition in the plugin or in a "
          + "library that it needs; link the plugin with the library that has it; -Wl,-z,defs finds this while linking"
      ])),
    HostileCase("an entry in two versions", twice, refusedEntry("exported 2 times")),
    symbol("thread-local", 4, 1, 0x16, "an exported symbol that is no function (thread-local)"),
    symbol("of no type", 4, 1, 0x10, "an exported symbol that is no function (other)"),
    symbol("local", 4, 1, 0x02, "not exported"),
    symbol("hidden", 5, 1, 2, "not exported"),
    symbol("an absolute number", 6, 2, 0xfff1, "exported with an address that holds no code"),
    symbol("in wild memory", 8, 8, HostileLayoutTests.wild, "exported with an address that holds no code"),
    HostileCase(
      "an entry in data",
      .patched("entry in data") { image in
        image.set(image.get(try image.writable(), .address), at: try image.symbol("omphalos_plugin_v1") + 8)
      }, refusedEntry("exported with an address that holds no code")),
    HostileCase("an entry whose code is none", .patched("ud2") { image in
      let address = image.number(at: try image.symbol("omphalos_plugin_v1") + 8)
      image.set(0x0b0f, at: try image.offset(of: address), 2)
    }) { image in
      let address = image.number(at: try image.symbol("omphalos_plugin_v1") + 8)
      return .ended("com.example.hostile: omphalos_plugin_v1 was ended by SIGILL at hostile.so+\(hex(address)).")
    },
  ]

  /// Two functions of the entry's name, which an unversioned look-up tells apart by their order.
  private static let twice = HostileFile(key: "entry twice") {
    let scratch = try TemporaryFolder()
    let script = try scratch.write("versions.map", "ONE { global: *; };\nTWO { global: *; } ONE;\n")
    let two = "__asm__(\".symver entry_one,omphalos_plugin_v1@ONE\"); __asm__(\".symver entry_two,omphalos_plugin_v1@@TWO\");"
    let source = try scratch.write(
      "two.c", "\(two)\nvoid *entry_one(unsigned x) { return 0; }\nvoid *entry_two(unsigned x) { return 0; }\n")
    return try HostileWorkshop.link(
      [HostileWorkshop.folder + "/base.c", source], ["-DNO_ENTRY", "-Wl,--version-script=\(script)"], scratch)
  }
}
