import Admission
import ELFInspection
import OmphalosValues
import TestSupport
import Testing

/// Objects built into a folder of their own, and what is found in them.
struct FindingWorkshop {
  let compiler: Compiler
  init() throws { compiler = try Compiler() }

  /// Builds `NAME` and returns its path. Imports stay, though nothing calls them.
  @discardableResult
  func build(_ name: String, _ source: String, _ flags: String...) throws -> String {
    try compiler.sharedObject(c: source, name: name, flags: ["-w"] + flags)
  }

  func object(_ name: String) throws -> ELFObject {
    try ELFInspector.inspect(MemoryBytes(try compiler.folder.read(name), name: name))
  }

  /// - Parameter own: libraries that lie in the plugin's folder.
  func findings(in name: String = "acme.so", own: [String] = []) throws -> [Finding] {
    let plugin = try InspectedPlugin.inspect(
      MemoryBytes(try compiler.folder.read(name), name: compiler.folder.file(name)))
    let files = try own.map { OwnFile(path: "acme.d/\($0)", byteCount: 1, object: try object($0)) }
    let ownFiles = OwnFiles(files, of: plugin.object)
    let closure = LibraryCatalog(machine: .host).closure(of: plugin.object, own: ownFiles.libraries)
    try #require(closure.problems.isEmpty, "\(closure.problems)")
    return Finding.all(of: plugin, own: ownFiles, closure: closure)
  }

  /// C source that imports functions without calling them.
  static func importing(_ names: String..., called table: String = "table") -> String {
    importing(names, called: table)
  }

  static func importing(_ names: [String], called table: String = "table") -> String {
    names.map { "extern char \($0)[];\n" }.joined()
      + "void *\(table)[] = { \(names.joined(separator: ", ")) };\n"
  }
}

@Suite("Findings of a plugin")
struct FindingTests {
  @Test("what a plugin imports itself is its own, in every category")
  func own() throws {
    let workshop = try FindingWorkshop()
    try workshop.build(
      "acme.so",
      FindingWorkshop.importing("connect", "fork", "clock_gettime", "getenv", "getrandom", "dlopen", "syscall", "puts"))
    let findings = try workshop.findings()
    #expect(findings.allSatisfy { $0.distance == .own(file: "acme.so") })
    #expect(
      findings.map(\.sentence) == [
        "imports connect (network)", "imports fork (process)", "imports clock_gettime (clock)",
        "imports getenv (environment)", "imports getrandom (randomness)", "imports dlopen (dynamic-loading)",
        "imports syscall (raw-syscalls)",
      ])
  }

  @Test(
    "a weak import, an alias, a checked form, an old version and a variable are found as well",
    arguments: [
      ("extern int connect(void) __attribute__((weak)); int acme(void) { return connect ? 1 : 0; }", "connect", FindingCategory.network),
      ("extern int __connect(); int acme(void) { return __connect(); }", "__connect", .network),
      ("extern long __recv_chk(); long acme(void) { return __recv_chk(); }", "__recv_chk", .network),
      ("extern int __res_nquery(); int acme(void) { return __res_nquery(); }", "__res_nquery", .network),
      ("__asm__(\".symver old,clnt_create@GLIBC_2.2.5\"); extern int old(); int acme(void) { return old(); }", "clnt_create", .network),
      ("extern char **__environ; char **acme(void) { return __environ; }", "__environ", .environment),
      ("extern int __libc_system(); int acme(void) { return __libc_system(); }", "__libc_system", .process),
    ])
  func spellings(_ source: String, _ symbol: String, _ category: FindingCategory) throws {
    let workshop = try FindingWorkshop()
    try workshop.build("acme.so", source, "-lresolv")
    #expect(try workshop.findings() == [Finding(category, symbol, .own(file: "acme.so"))])
  }

  @Test("what a library of the plugin's folder imports is the plugin's own, named with the file")
  func ownLibrary() throws {
    let workshop = try FindingWorkshop()
    let library = try workshop.build(
      "libnet.so", FindingWorkshop.importing("connect") + "int net(void) { return 1; }", "-Wl,-soname,libnet.so")
    try workshop.build("acme.so", "extern int net(void); int acme(void) { return net(); }", library)
    let findings = try workshop.findings(own: ["libnet.so"])
    #expect(findings == [Finding(.network, "connect", .own(file: "acme.d/libnet.so"))])
    #expect(findings.map(\.sentence) == ["its library acme.d/libnet.so imports connect (network)"])
  }

  @Test("a library elsewhere is named with who needs it, through libraries that import nothing themselves")
  func via() throws {
    let workshop = try FindingWorkshop()
    let folder = workshop.compiler.folder.path
    let deep = try workshop.build(
      "libdeep.so", FindingWorkshop.importing("connect") + "int deep(void) { return 1; }", "-Wl,-soname,libdeep.so")
    let middle = try workshop.build(
      "libmiddle.so", "extern int deep(void); int middle(void) { return deep(); }", "-Wl,-soname,libmiddle.so", deep,
      "-Wl,-rpath,\(folder)")
    try workshop.build(
      "acme.so", "extern int middle(void); int acme(void) { return middle(); }", middle, "-Wl,-rpath,\(folder)")
    #expect(
      try workshop.findings() == [
        Finding(.network, "connect", .via(library: "libdeep.so", path: deep, neededBy: "libmiddle.so"))
      ])
    #expect(
      try workshop.findings().map(\.sentence) == [
        "loads libdeep.so, needed by libmiddle.so, which imports connect (network)"
      ])
    let direct = try workshop.findings(in: "libmiddle.so")
    #expect(direct.map(\.sentence) == ["loads libdeep.so, which imports connect (network)"])
  }

  @Test("the C library and the resolver are not followed; what is imported from them is told")
  func runtimes() throws {
    let workshop = try FindingWorkshop()
    try workshop.build("acme.so", FindingWorkshop.importing("res_gethostbyname"), "-Wl,--no-as-needed", "-lresolv", "-lm")
    #expect(try workshop.object("acme.so").needed.contains("libresolv.so.2"))
    #expect(try workshop.findings() == [Finding(.network, "res_gethostbyname", .own(file: "acme.so"))])
  }

  @Test("a library that takes the name of a language runtime is followed, unless it lies in the system's folders")
  func falseRuntime() throws {
    let workshop = try FindingWorkshop()
    let folder = workshop.compiler.folder.path
    for (soname, more) in [("libstdc++.so.6", ""), ("libswiftCore.so", "execvpe")] {
      let source = FindingWorkshop.importing(["connect", more].filter { !$0.isEmpty }) + "int fake(void) { return 1; }"
      let library = try workshop.build(soname, source, "-Wl,-soname,\(soname)")
      try workshop.build(
        "acme.so", "extern int fake(void); int acme(void) { return fake(); }", library, "-Wl,-rpath,/usr/lib/../..\(folder)")
      #expect(try workshop.findings().map(\.sentence) == ["loads \(soname), which imports connect (network)"])
    }
  }

  @Test("an object that looks as if Swift or Rust were linked in hides exactly the reviewed list", arguments: LinkedRuntime.all.map(\.name))
  func imitation(_ name: String) throws {
    let runtime = try #require(LinkedRuntime.all.first { $0.name == name })
    let workshop = try FindingWorkshop()
    let wanted = ["connect", "socket", "fork", "posix_spawn", "execve", "system"]
    let flags = "-lstdc++"
    try workshop.build(
      "acme.so", FindingWorkshop.importing(Array(Set(runtime.signature + runtime.symbols + wanted)).sorted()), flags, "-lgcc_s")
    let findings = try workshop.findings()
    let own = findings.filter { $0.distance == .own(file: "acme.so") }
    #expect(Set(own.map(\.subject)) == Set(wanted))
    let hidden = findings.filter { $0.distance == .runtime(name: name, file: "acme.so") }
    #expect(Set(hidden.map(\.subject)) == Set(runtime.symbols))
    #expect(findings.count == own.count + hidden.count)
    #expect(hidden.first?.sentence.hasPrefix("the \(name) runtime in it imports ") == true)
  }

  @Test("without one import of the signature, or beside the library that would have the runtime, all of it is its own")
  func noRuntime() throws {
    let workshop = try FindingWorkshop()
    let swift = LinkedRuntime.swift
    let names = Array(Set(swift.signature + swift.symbols)).sorted()
    for missing in ["sigaltstack", "__cxa_demangle"] {
      try workshop.build("acme.so", FindingWorkshop.importing(names.filter { $0 != missing }), "-lstdc++")
      #expect(try workshop.findings().allSatisfy { $0.distance == .own(file: "acme.so") })
    }
    let library = try workshop.build("libswiftCore.so", "int core(void) { return 1; }", "-Wl,-soname,libswiftCore.so")
    try workshop.build(
      "acme.so", FindingWorkshop.importing(names + ["core"]), "-lstdc++", library,
      "-Wl,-rpath,\(workshop.compiler.folder.path)")
    #expect(try workshop.findings().contains(Finding(.process, "execvpe", .own(file: "acme.so"))))
  }

  @Test("definitions that are shared by the whole process are findings, also in the plugin's libraries")
  func sharedState() throws {
    let workshop = try FindingWorkshop()
    func unique(_ name: String) -> String {
      "__asm__(\".globl \(name)\\n.type \(name), @gnu_unique_object\\n.data\\n\(name): .long 7\\n.size \(name), 4\\n.text\");\n"
    }
    let library = try workshop.build(
      "libown.so", unique("counter") + "int own(void) { return 1; }", "-Wl,-soname,libown.so")
    try workshop.build("acme.so", unique("total") + "extern int own(void); int acme(void) { return own(); }", library)
    let findings = try workshop.findings(own: ["libown.so"])
    #expect(
      findings.map(\.sentence) == [
        "its library acme.d/libown.so shares its definition of counter (shared-state)",
        "shares its definition of total (shared-state)",
      ])
  }

  @Test("the JSON of a finding has its category, symbol and distance, and what belongs to the distance")
  func json() throws {
    #expect(
      Finding(.network, "connect", .via(library: "libcurl.so.4", path: "/lib/libcurl.so.4", neededBy: "the plugin")).json
        == [
          "category": "network", "symbol": "connect", "distance": "via", "library": "libcurl.so.4",
          "path": "/lib/libcurl.so.4", "needed_by": "the plugin",
          "sentence": "loads libcurl.so.4, which imports connect (network)",
        ])
    #expect(Finding(.process, "fork", .own(file: "acme.so")).json["file"] == "acme.so")
    #expect(Finding(.process, "execvpe", .runtime(name: "Swift", file: "acme.so")).json["runtime"] == "Swift")
  }

  @Test("what a file says cannot reach the terminal as control characters")
  func escapes() {
    let finding = Finding(
      .sharedState, "a\u{1b}[2J", .via(library: "lib\u{9b}.so", path: "/x", neededBy: "\u{202e}plugin"))
    #expect(finding.sentence.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control && $0 != "\u{202e}" })
  }
}
