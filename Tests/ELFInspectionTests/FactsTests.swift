import ELFInspection
import OmphalosValues
import TestSupport
import Testing

@Suite("The facts of a shared object")
struct FactsTests {
  @Test("SONAME, needed libraries, notes, imports with their versions and exports are read from a built object")
  func ordinaryObject() throws {
    let object = try Plain.object.inspect()
    #expect(object.machine == .x86_64 || object.machine == .aarch64)
    #expect(object.soname == "libacme.so.1")
    #expect(object.needed == ["libc.so.6"])
    let note = try #require(object.notes.first { $0.owner == "omphalOS" })
    #expect(note.type == 1)
    #expect(String(decoding: note.content, as: UTF8.self) == #"{"id":"com.example.acme"}"#)
    #expect(!note.isWritable && !note.isRelocated)
    let puts = try #require(object.imports.first { $0.name == "puts" })
    #expect(puts.version?.hasPrefix("GLIBC_") == true)
    #expect(puts.library == "libc.so.6")
    #expect(object.export(named: "acme_entry")?.kind == .function)
    #expect(object.export(named: "acme_value")?.kind == .data)
    #expect(object.rpath == nil && object.runpath == nil)
    #expect(!object.hasTextRelocations && !object.hasExecutableStack)
  }

  @Test("imports and exports are the same as those of readelf", arguments: ["both", "gnu", "sysv"])
  func symbolsAgreeWithReadelf(style: String) throws {
    let compiler = try Compiler()
    let path = try compiler.sharedObject(c: plainSource, flags: ["-Wl,--hash-style=\(style)"])
    let object = try SharedObject(try compiler.folder.read("plugin.so")).inspect()
    let listing = try Shell.run(["readelf", "--dyn-syms", "-W", path])
    var imports: Set<String> = []
    var exports: Set<String> = []
    for line in listing.stdout.split(separator: "\n") {
      // Num: Value Size Type Bind Vis Ndx Name@VERSION (n)
      let fields = line.split(separator: " ").map(String.init)
      guard fields.count >= 8, ["GLOBAL", "WEAK"].contains(fields[4]) else { continue }
      let name = String(fields[7].prefix { $0 != "@" })
      if fields[6] == "UND" { imports.insert(name) } else { exports.insert(name) }
    }
    #expect(!imports.isEmpty)
    #expect(Set(object.imports.map(\.name)) == imports)
    #expect(Set(object.exports.map(\.name)) == exports)
  }

  @Test("an object that defines nothing still shows what it imports")
  func onlyImports() throws {
    let source = """
      extern int abs(int); extern int puts(const char *);
      __attribute__((constructor)) static void start(void) { puts("x"); }
      """
    let object = try SharedObject(c: source, flags: ["-fuse-ld=lld", "-Wl,--hash-style=gnu", "-nostartfiles"]).inspect()
    #expect(object.exports.isEmpty)
    #expect(object.imports.contains { $0.name == "puts" })
    #expect(object.initializers == 1)
  }

  @Test("RELRO, binding, RPATH and RUNPATH are told apart")
  func hardening() throws {
    func object(_ flags: String...) throws -> ELFObject { try SharedObject(c: plainSource, flags: flags).inspect() }
    #expect(try object("-Wl,-z,norelro").relro == .none)
    #expect(try object("-Wl,-z,relro", "-Wl,-z,lazy").relro == .partial)
    let full = try object("-Wl,-z,relro", "-Wl,-z,now")
    #expect(full.relro == .full && full.bindNow)
    #expect(try object("-Wl,--enable-new-dtags,-rpath,/opt/acme").runpath == "/opt/acme")
    #expect(try object("-Wl,--disable-new-dtags,-rpath,/opt/acme").rpath == "/opt/acme")
    #expect(try object("-Wl,-z,execstack").hasExecutableStack)
    #expect(try object("-Wl,-z,nodelete").isNeverUnloaded)
  }

  @Test("thread-local memory, and whether it comes from the loader's reserve, is read")
  func threadLocal() throws {
    let source = "static __thread char buffer[200]; char *acme(void) { return buffer; }"
    let global = try SharedObject(c: source).inspect()
    #expect((200..<256).contains(global.tlsBytes) && !global.hasStaticTLS)
    let initial = try SharedObject(c: source, flags: ["-ftls-model=initial-exec"]).inspect()
    #expect((200..<256).contains(initial.tlsBytes) && initial.hasStaticTLS)
  }

  @Test("indirect functions and unique definitions are counted")
  func unusualSymbols() throws {
    let source = """
      static int one(void) { return 1; }
      static int (*resolve(void))(void) { return one; }
      int chosen(void) __attribute__((ifunc("resolve")));
      __asm__(".globl shared\\n.type shared, @gnu_unique_object\\n.data\\nshared: .long 7\\n.size shared, 4\\n.text");
      """
    let object = try SharedObject(c: source).inspect()
    #expect(object.indirectFunctions == 1)
    #expect(object.uniqueSymbols.map(\.name).count == 1)
    #expect(object.export(named: "chosen")?.kind == .indirectFunction)
  }

  @Test("the build id is that of readelf")
  func buildID() throws {
    let compiler = try Compiler()
    let path = try compiler.sharedObject(c: plainSource, flags: ["-Wl,--build-id=sha1"])
    let object = try SharedObject(try compiler.folder.read("plugin.so")).inspect()
    let id = try #require(object.buildID)
    #expect(id.count == 40)
    #expect(try Shell.run(["readelf", "-nW", path]).stdout.contains("Build ID: \(id)"))
  }

  @Test("a file without section headers is read: only what a loader sees counts")
  func noSectionHeaders() throws {
    var object = try Plain.object
    let whole = try object.inspect()
    for offset in [40, 58, 60, 62] { object.set(0, at: offset, bytes: offset == 40 ? 8 : 2) }
    #expect(try object.inspect() == whole)
  }

  @Test("an object for another machine is read: the decision about it comes later")
  func otherMachine() throws {
    let clang = try #require(Shell.find("clang"), "this test needs clang")
    let source = noteSource("n", type: 1, bytes: Array("text".utf8)) + "int acme(void) { return 1; }"
    let flags = ["--target=aarch64-linux-gnu", "-nostdlib", "-fuse-ld=lld"]
    let object = try SharedObject(c: source, flags: flags, compiler: [clang]).inspect()
    #expect(object.machine == .aarch64 && object.machine.description == "aarch64")
    #expect(object.notes.map(\.content) == [Array("text".utf8)])
    #expect(object.export(named: "acme")?.kind == .function)
  }
}
