import ELFInspection
import OmphalosValues
import TestSupport
import Testing

@Suite("Files that are no shared object we can read")
struct RefusalTests {
  @Test("a PNG, a script and an empty file are named for what they are not")
  func otherFiles() {
    let png = SharedObject([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
    #expect(png.message == "acme.so is not an ELF file: it begins with 89 50 4e 47, wanted 7f 45 4c 46")
    #expect(
      SharedObject(Array("#!".utf8)).message == "acme.so is not an ELF file: it begins with 23 21, wanted 7f 45 4c 46")
    #expect(SharedObject([]).message == "acme.so is not an ELF file: it is empty")
  }

  @Test("an ELF header that is cut short says how much is missing")
  func shortHeader() throws {
    let object = SharedObject(Array(try Plain.object.bytes.prefix(20)))
    #expect(
      object.message == "acme.so is truncated: the ELF header at offset 0 needs bytes up to 64, and the file ends at 20"
    )
  }

  struct Patch: Sendable, CustomStringConvertible {
    let what: String, offset: Int, bytes: Int, value: UInt64, message: String
    var description: String { what }
    init(_ what: String, _ offset: Int, _ bytes: Int, _ value: UInt64, _ message: String) {
      (self.what, self.offset, self.bytes, self.value, self.message) = (what, offset, bytes, value, message)
    }
  }

  static let headerPatches = [
    Patch("32-bit", 4, 1, 1, "has the wrong ELF class: EI_CLASS is 1 (32-bit), wanted 2 (64-bit)"),
    Patch("class 7", 4, 1, 7, "has the wrong ELF class: EI_CLASS is 7, wanted 2 (64-bit)"),
    Patch("big-endian", 5, 1, 2, "has the wrong byte order: EI_DATA is 2 (big-endian), wanted 1 (little-endian)"),
    Patch("EI_VERSION", 6, 1, 9, "has an unknown ELF version: EI_VERSION is 9, wanted 1"),
    Patch("FreeBSD", 7, 1, 9, "is for another system: EI_OSABI is 9, wanted 0 (System V) or 3 (GNU/Linux)"),
    Patch("object file", 16, 2, 1, "is an object file (ET_REL, 1), wanted a shared object (ET_DYN, 3)"),
    Patch("executable", 16, 2, 2, "is an executable (ET_EXEC, 2), wanted a shared object (ET_DYN, 3)"),
    Patch("core dump", 16, 2, 4, "is a core dump (ET_CORE, 4), wanted a shared object (ET_DYN, 3)"),
    Patch("type 0xfe00", 16, 2, 0xfe00, "is an ELF file of type 65024, wanted a shared object"),
    Patch("e_version", 20, 4, 2, "has an unknown ELF version: e_version is 2, wanted 1"),
    Patch(
      "e_phoff beyond the end", 32, 8, 1 << 40, "is truncated: the table of program headers at offset 1099511627776"),
    Patch(
      "e_phoff wraps", 32, 8, .max - 8, "is truncated: the table of program headers at offset 18446744073709551607"),
    Patch("e_phentsize", 54, 2, 32, "an entry of the program headers (e_phentsize) has 32 bytes, wanted 56"),
    Patch("no program headers", 56, 2, 0, "has no program headers: e_phnum is 0"),
    Patch("absurd e_phnum", 56, 2, 0xffff, "has too many program headers: 65535, at most 1024 are read"),
  ]

  @Test("each field of the ELF header that is wrong is named with both values", arguments: headerPatches)
  func header(patch: Patch) throws {
    var object = try Plain.object
    object.set(patch.value, at: patch.offset, bytes: patch.bytes)
    #expect(object.message.hasPrefix("acme.so "))
    #expect(object.message.contains(patch.message))
  }

  @Test("segments that a loader would refuse are refused, with the number of the segment")
  func segments() throws {
    let plain = try Plain.object
    let loads = plain.programHeaders(type: 1)
    try #require(loads.count >= 2)
    func fault(_ offset: Int, _ value: UInt64) -> ELFFault? {
      var object = plain
      object.set(value, at: offset, bytes: 8)
      return object.fault
    }
    guard case .segmentShrinks = fault(loads[0] + 40, 1) else {
      Issue.record("memsz")
      return
    }
    guard case .truncated = fault(loads[0] + 8, 1 << 62) else {
      Issue.record("offset")
      return
    }
    guard case .segmentWraps = fault(loads[1] + 40, .max) else {
      Issue.record("wraps")
      return
    }
    guard case .segmentMisaligned = fault(loads[1] + 16, 0x77) else {
      Issue.record("misaligned")
      return
    }
    guard case .segmentAlignment = fault(loads[1] + 48, 3) else {
      Issue.record("no power of two")
      return
    }
    guard case .segmentsOverlap = fault(loads[0] + 40, 1 << 20) else {
      Issue.record("overlap")
      return
    }
  }

  struct DynamicPatch: Sendable, CustomStringConvertible {
    let tag: UInt64, value: UInt64, message: String
    var description: String { "tag \(tag) = \(value)" }
  }

  static let dynamicPatches = [
    DynamicPatch(tag: 5, value: 1 << 50, message: "the string table at address 0x4000000000000 lies in no loaded part"),
    DynamicPatch(tag: 10, value: 1 << 40, message: "the string table at address"),
    DynamicPatch(tag: 6, value: .max, message: "the symbol table at address 0xffffffffffffffff lies in no loaded part"),
    DynamicPatch(tag: 11, value: 16, message: "an entry of the symbol table (DT_SYMENT) has 16 bytes, wanted 24"),
    DynamicPatch(tag: 9, value: 8, message: "an entry of the relocations (DT_RELAENT) has 8 bytes, wanted 24"),
    DynamicPatch(tag: 8, value: .max, message: "the relocations at address"),
    DynamicPatch(tag: 1, value: 1 << 33, message: "a DT_NEEDED entry is at offset 8589934592 of the string table"),
    DynamicPatch(tag: 14, value: .max, message: "DT_SONAME is at offset 18446744073709551615 of the string table"),
    DynamicPatch(tag: 0x6fff_fef5, value: 0, message: "DT_GNU_HASH at address 0x0 lies in no loaded part of the file"),
    DynamicPatch(
      tag: 0x6fff_fffe, value: 1 << 48, message: "the needed versions at address 0x1000000000000 lies in no"),
    DynamicPatch(tag: 0x6fff_ffff, value: .max, message: "has too many needed versions: 18446744073709551615"),
    DynamicPatch(tag: 0x6fff_fff0, value: 1 << 40, message: "the symbol versions at address"),
  ]

  @Test("each entry of the dynamic section that is absurd is named", arguments: dynamicPatches)
  func dynamic(patch: DynamicPatch) throws {
    var object = try Plain.object
    let place = try #require(object.dynamicValue(tag: patch.tag))
    object.set(patch.value, at: place, bytes: 8)
    #expect(object.message.contains(patch.message))
    #expect(object.message.hasPrefix("acme.so "))
  }

  @Test("a dynamic section without an end is refused")
  func unterminated() throws {
    var object = try Plain.object
    let header = try #require(object.programHeaders(type: 2).first)
    object.set(16 * 3, at: header + 32, bytes: 8)
    #expect(object.fault == .dynamicSectionUnterminated(entries: 3))
  }

  @Test("a dynamic section whose offset and address disagree is refused: readers would see different ones")
  func twoDynamicSections() throws {
    var object = try Plain.object
    let header = try #require(object.programHeaders(type: 2).first)
    object.set(object.number(at: header + 8, bytes: 8) - 16, at: header + 8, bytes: 8)
    guard case .dynamicSectionElsewhere = object.fault else {
      Issue.record("\(object.message)")
      return
    }
  }

  @Test("a hash chain without an end is refused")
  func endlessChain() throws {
    var object = try SharedObject(c: plainSource, flags: ["-Wl,--hash-style=gnu"])
    let place = try #require(object.dynamicValue(tag: 0x6fff_fef5))
    let hash = try #require(object.offset(of: object.number(at: place, bytes: 8)))
    let buckets = Int(object.number(at: hash, bytes: 4))
    let bloom = Int(object.number(at: hash + 8, bytes: 4))
    let chain = hash + 16 + bloom * 8 + buckets * 4
    let header = try #require(object.programHeaders(type: 1).first)
    let end = Int(object.number(at: header + 8, bytes: 8) + object.number(at: header + 32, bytes: 8))
    for offset in stride(from: chain, to: end, by: 1) { object.bytes[offset] &= 0xfe }
    #expect(object.fault != nil)
  }

  @Test("a file of debug information is named as such")
  func debugFile() throws {
    let objcopy = try #require(Shell.find("objcopy") ?? Shell.find("llvm-objcopy"))
    let compiler = try Compiler()
    let path = try compiler.sharedObject(c: plainSource, flags: ["-g"])
    let debug = compiler.folder.file("acme.debug")
    #expect(try Shell.run([objcopy, "--only-keep-debug", path, debug]).status == 0)
    let object = SharedObject(try compiler.folder.read("acme.debug"))
    #expect(object.fault == .noDynamicSection)
    #expect(object.message.contains("debug information"))
  }

  @Test("a program is refused although its type is that of a library")
  func program() throws {
    let compiler = try Compiler()
    let source = try compiler.folder.write("main.c", "int main(void) { return 0; }")
    let output = compiler.folder.file("main")
    #expect(try Shell.run(Compiler.c + ["-pie", "-fPIE", "-o", output, source]).status == 0)
    #expect(SharedObject(try compiler.folder.read("main")).fault == .program)
  }

  @Test("an object file, as a compiler leaves it, is refused with the way out")
  func objectFile() throws {
    let compiler = try Compiler()
    let source = try compiler.folder.write("acme.c", "int acme;")
    let output = compiler.folder.file("acme.o")
    #expect(try Shell.run(Compiler.c + ["-c", "-o", output, source]).status == 0)
    #expect(SharedObject(try compiler.folder.read("acme.o")).message.contains("link it with -shared"))
  }

  @Test("a file's name cannot move the cursor of whoever reads the refusal")
  func namesAreEscaped() {
    let error = ELFError(file: "a\u{1b}[2J\u{202e}.so", fault: .empty)
    #expect(error.message == "a\\u{1b}[2J\\u{202e}.so is not an ELF file: it is empty")
    #expect(error.exitCode == .badData)
  }
}
