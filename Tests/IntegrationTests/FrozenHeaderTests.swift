import Foundation
import TestSupport
import Testing

/// Today's header against the one that was frozen.
@Suite("The frozen interface, version 1.0: its header")
struct FrozenHeaderTests {
  private static let frozen = Compiler.root + "/abi/1.0"
  private static func frozenHeader() throws -> String { try String(contentsOfFile: frozen + "/plugin.h", encoding: .utf8) }
  private static func currentHeader() throws -> String {
    try String(contentsOfFile: Compiler.include + "/omphalos/plugin.h", encoding: .utf8)
  }

  /// A folder with a header that sources can include.
  private static func include(_ header: String, in folder: TemporaryFolder, _ name: String) throws -> String {
    try folder.write("\(name)/omphalos/plugin.h", header)
    try folder.write("\(name)/omphalos/arrow.h", String(contentsOfFile: frozen + "/arrow.h", encoding: .utf8))
    return folder.file(name)
  }

  /// Asserts for every size, offset and number of the frozen header.
  private static func promises() throws -> [String] {
    let header = try frozenHeader()
    var asserts: [String] = []
    for match in header.matches(of: /(?m)^OMPHALOS_AT_\((\w+), (\w+), (\d+)\);/) {
      asserts.append("_Static_assert(offsetof(\(match.1), \(match.2)) == \(match.3), \"\(match.1).\(match.2)\");")
    }
    for match in header.matches(of: /(?m)^OMPHALOS_SIZE_\((\w+), (\d+)\);/) {
      // The one struct that never grows: it stands in arrays of no known version.
      let relation = match.1 == "omphalos_capability" ? "==" : ">="
      asserts.append("_Static_assert(sizeof(\(match.1)) \(relation) \(match.2), \"\(match.1)\");")
    }
    for match in header.matches(of: /(OMPHALOS_[A-Z_]+) = (0x[0-9a-f]+|\d+)/) {
      asserts.append("_Static_assert(\(match.1) == \(match.2), \"\(match.1)\");")
    }
    for match in header.matches(of: /X\((\w+), (-?\d+), (\d+),/) {
      asserts.append("_Static_assert(OMPHALOS_\(match.1) == \(match.2), \"\(match.1)\");")
    }
    for match in header.matches(of: /(?m)^#define (OMPHALOS_[A-Z_]+) (0x[0-9a-f]+u|\d+)(?: |$)/) where match.1 != "OMPHALOS_ABI_MINOR" {
      asserts.append("_Static_assert(\(match.1) == \(match.2), \"\(match.1)\");")
    }
    return asserts
  }

  /// What the compiler says of the promises under a header; empty where all are kept.
  private func broken(under header: String) throws -> String {
    let folder = try TemporaryFolder()
    let include = try Self.include(header, in: folder, "include")
    try folder.write("promises.c", "#include <omphalos/plugin.h>\n" + Self.promises().joined(separator: "\n") + "\n")
    return try Shell.run(Compiler.c + ["-std=c11", "-fsyntax-only", "-I", include, folder.file("promises.c")]).stderr
  }

  @Test("every size, offset, code, kind and flag of 1.0 is as it was")
  func promisesAreKept() throws {
    #expect(try Self.promises().count > 110)
    #expect(try broken(under: Self.currentHeader()) == "")
  }

  @Test(
    "a header that broke one of them would not pass",
    arguments: [
      ("  uint64_t handle; /* first", "  uint64_t handle, more; /* first", "omphalos_call.host"),
      ("OMPHALOS_LINEAGE_SINK = 3", "OMPHALOS_LINEAGE_SINK = 4", "OMPHALOS_LINEAGE_SINK"),
      ("X(E_BUSY, -13,", "X(E_BUSY, -19,", "E_BUSY"),
      ("#define OMPHALOS_CAPABILITY_REQUIRED 0x10000u", "#define OMPHALOS_CAPABILITY_REQUIRED 0x1u", "OMPHALOS_CAPABILITY_REQUIRED"),
    ])
  func brokenPromise(_ from: String, _ to: String, _ named: String) throws {
    let header = try Self.currentHeader()
    try #require(header.contains(from))
    // The header's own asserts would say so first; they are what a careless change would adapt.
    let silent = header.replacing(/(?m)^OMPHALOS_(AT|SIZE)_\(.*$/, with: "").replacing(from, with: to)
    #expect(try broken(under: silent).contains(named))
  }

  /// What abidiff says of another header against the frozen one, without what structs may do: grow at their ends.
  private func breaks(_ header: String) throws -> [String] {
    guard Shell.find("abidiff") != nil else { try Test.cancel("abidiff is not installed (make deps)") }
    let folder = try TemporaryFolder()
    for (name, text) in [("old", try Self.frozenHeader()), ("new", header)] {
      let built = try Shell.run(
        Compiler.c + [
          "-g", "-shared", "-fPIC", "-I", try Self.include(text, in: folder, name), "-o", folder.file("\(name).so"),
          Compiler.root + "/abi/probe.c",
        ])
      try #require(built.status == 0, "\(built.stderr)")
    }
    let result = try Shell.run(["abidiff", "--leaf-changes-only", folder.file("old.so"), folder.file("new.so")])
    // Bits: 1 and 2 an error of its own, 4 a change, 8 one that breaks in any case.
    try #require(result.status & ~12 == 0, "\(result.stdout)\(result.stderr)")
    let growth = /type size (hasn't changed|changed from)|data member insertions?:|^'.*', at offset \d+|^'(struct|enum) .*' changed:$/
    let lines = result.stdout.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
    return lines.filter { line in
      !line.isEmpty && !line.contains("summary: ") && line.firstMatch(of: growth) == nil
    }
  }

  @Test("abidiff finds no change but members at the ends of structs")
  func noChange() throws {
    #expect(try breaks(Self.currentHeader()) == [])
  }

  @Test("a struct that grows and an enumerator that is added are no break")
  func growth() throws {
    let grown = try Self.currentHeader().replacing(
      "} omphalos_exporter;", with: "  int32_t (*later)(void *state);\n} omphalos_exporter;"
    ).replacing("OMPHALOS_SIZE_(omphalos_exporter, 16);", with: "")
      .replacing("OMPHALOS_LINEAGE_SINK = 3 ", with: "OMPHALOS_LINEAGE_SINK = 3, OMPHALOS_TELEPORTER = 4 ")
    #expect(try breaks(grown) == [])
  }

  @Test(
    "abidiff finds what a size cannot show",
    arguments: [
      ("int32_t (*discard)(uint64_t call, uint64_t artifact);", "int32_t (*discard)(uint64_t call, int32_t *artifact);"),
      ("int32_t (*emit)(void *sink, const char *event, size_t length);", "void (*emit)(void *sink, const char *event, size_t length);"),
      ("  const char *vendor;\n", "  const uint16_t *vendor;\n"),
      ("OMPHALOS_LOG_ERROR = 3", "OMPHALOS_LOG_ERROR = 5"),
    ])
  func changedSignature(_ from: String, _ to: String) throws {
    let header = try Self.currentHeader()
    try #require(header.contains(from))
    #expect(try breaks(header.replacing(from, with: to)) != [])
  }
}
