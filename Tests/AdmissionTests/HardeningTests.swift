import Admission
import ELFInspection
import OmphalosValues
import TestSupport
import Testing

/// Facts of objects that a linker really made.
@Suite("Hardening of a plugin's files")
struct HardeningTests {
  private static let plain = "int acme(void) { return 1; }"
  /// A word of code that holds an absolute address.
  private static let absolute = "__asm__(\".text\\n.globl table\\ntable: .quad value\"); int value = 7;"
  /// Code in a writable section.
  private static let writable = "__asm__(\".section wcode,\\\"awx\\\",@progbits\\n.globl written\\nwritten: ret\\n.text\"); int acme;"

  private func problems(_ source: String, _ flags: [String]) throws -> [HardeningProblem] {
    HardeningFacts(try inspected(c: source, flags: flags), own: .none).problems
  }

  @Test("an ordinary object has no problem, with any search path that begins at a fixed place")
  func none() throws {
    #expect(try problems(Self.plain, []) == [])
    #expect(try problems(Self.plain, ["-Wl,-rpath,/opt/acme:$ORIGIN/../lib:${ORIGIN}:/opt/$LIB"]) == [])
  }

  @Test("an executable stack is told, asked for or by saying nothing of the stack")
  func stack() throws {
    #expect(try problems(Self.plain, ["-Wl,-z,execstack"]) == [.executableStack(file: "acme.so", isStated: true)])
    let silent = try problems(Self.plain, ["-fuse-ld=lld", "-Wl,-z,nognustack"])
    #expect(silent == (ELFMachine.host == .x86_64 ? [.executableStack(file: "acme.so", isStated: false)] : []))
    let sentence = HardeningProblem.executableStack(file: "acme.so", isStated: false).sentence
    #expect(sentence.hasPrefix("the stack of acme.so is executable, as it has no PT_GNU_STACK header, wanted a PT_GNU_STACK"))
  }

  @Test("the dynamic linker of this system makes the stack executable for an object that says nothing of it")
  func silentStack() throws {
    let compiler = try Compiler()
    let silent = try compiler.sharedObject(
      c: Self.plain, name: "silent.so", flags: ["-fuse-ld=lld", "-Wl,-z,nognustack"])
    let program = """
      import ctypes, sys
      try: ctypes.CDLL(sys.argv[1])
      except OSError as error: print("refused:", error); sys.exit()
      print([line.split()[1] for line in open("/proc/self/maps") if "[stack]" in line][0])
      """
    let python = try #require(Shell.find("python3"), "this test needs python3")
    let found = try Shell.run([python, "-c", program, silent]).stdout
    // Since 2.41 glibc loads no such object into a process without an executable stack.
    #expect(found == "rwxp\n" || found.contains("cannot enable executable stack"), "\(found)")
  }

  @Test("text relocations are told, whatever linker made them", arguments: ["bfd", "gold", "lld"])
  func textRelocations(_ linker: String) throws {
    #expect(
      try problems(Self.absolute, ["-fuse-ld=\(linker)", "-Wl,-z,notext", "-w"])
        == [.textRelocations(file: "acme.so")])
  }

  @Test("a segment that is writable and executable is told with its number", arguments: ["gold", "lld"])
  func segment(_ linker: String) throws {
    let found = try problems(Self.writable, ["-fuse-ld=\(linker)"])
    guard case .writableAndExecutable("acme.so", let segment)? = found.first, found.count == 1 else {
      Issue.record("\(found)")
      return
    }
    let compiler = try Compiler()
    let path = try compiler.sharedObject(c: Self.writable, name: "acme.so", flags: ["-fuse-ld=\(linker)"])
    let headers = try Shell.run(["readelf", "-lW", path]).stdout.split(separator: "\n")
    let first = try #require(headers.firstIndex { $0.contains("VirtAddr") }) + 1
    #expect(headers[first..<headers.count].filter { !$0.contains("[Requesting") }[segment].contains("RWE"))
  }

  @Test("an entry of RPATH or RUNPATH that depends on the working directory is told with its place")
  func libraryPaths() throws {
    #expect(
      try problems(Self.plain, ["-Wl,--enable-new-dtags,-rpath,/opt:lib:$LIB/x:"]) == [
        .relativeLibraryPath(file: "acme.so", tag: .runpath, entry: "lib", index: 1),
        .relativeLibraryPath(file: "acme.so", tag: .runpath, entry: "$LIB/x", index: 2),
        .emptyLibraryPath(file: "acme.so", tag: .runpath, index: 3),
      ])
    #expect(
      try problems(Self.plain, ["-Wl,--disable-new-dtags,-rpath,:"]) == [
        .emptyLibraryPath(file: "acme.so", tag: .rpath, index: 0),
        .emptyLibraryPath(file: "acme.so", tag: .rpath, index: 1),
      ])
    #expect(
      HardeningProblem.relativeLibraryPath(file: "acme.so", tag: .runpath, entry: "lib\u{1b}", index: 1).sentence
        == "entry 2 of the RUNPATH of acme.so is \"lib\\u{1b}\", relative to the working directory, wanted an absolute "
        + "folder, or one that begins with $ORIGIN; link it with another -Wl,-rpath, or set the path with patchelf --set-rpath")
  }

  @Test("libraries of the plugin's folder are looked at as the plugin itself, under their own names")
  func ownLibraries() throws {
    let workshop = try FindingWorkshop()
    let library = try workshop.build(
      "libown.so", "int own(void) { return 1; }", "-Wl,-soname,libown.so", "-Wl,-z,execstack", "-Wl,-rpath,here")
    try workshop.build("acme.so", "extern int own(void); int acme(void) { return own(); }", library)
    let plugin = try InspectedPlugin.inspect(MemoryBytes(try workshop.compiler.folder.read("acme.so"), name: "acme.so"))
    let own = OwnFiles(
      [OwnFile(path: "acme.d/libown.so", byteCount: 1, object: try workshop.object("libown.so"))], of: plugin.object)
    let facts = HardeningFacts(plugin, own: own)
    #expect(facts.problems.map(\.code) == [.executableStack, .relativeLibraryPath])
    #expect(facts.problems.allSatisfy { $0.file == "acme.d/libown.so" })
    #expect(
      facts.problems[1].json == [
        "code": "relative-library-path", "file": "acme.d/libown.so", "tag": .string(tag(of: plugin, own)), "entry": "here",
        "index": 0, "sentence": .string(facts.problems[1].sentence),
      ])
  }

  /// The linker's own default.
  private func tag(of plugin: InspectedPlugin, _ own: OwnFiles) -> String {
    own.libraries.first?.object.runpath == nil ? "RPATH" : "RUNPATH"
  }
}
