import ELFInspection
import Foundation
import LinuxCalls
import OmphalosValues
import TestSupport
import Testing

@Suite("Libraries on paper")
struct ClosureTests {
  private let catalog = LibraryCatalog(machine: .x86_64)

  private func object(_ path: String) throws -> ELFObject { try ELFInspector.inspect(File.open(path)) }

  private func closure(_ source: String, flags: [String] = []) throws -> LibraryClosure {
    let compiler = try Compiler()
    return catalog.closure(of: try object(compiler.sharedObject(c: source, flags: flags)))
  }

  /// name -> real path, as the loader itself says.
  private func loaderSays(_ path: String) throws -> [String: String] {
    let result = try Shell.run(["ldd", path], environment: ["LC_ALL": "C"])
    var found: [String: String] = [:]
    for line in result.stdout.split(separator: "\n") {
      let words = line.split(separator: " ").map { $0.trimmingCharacters(in: .whitespaces) }
      if words.count >= 3, words[1] == "=>", words[2].hasPrefix("/") {
        found[words[0]] = try Path.resolved(words[2])
      }
    }
    return found
  }

  @Test("libraries are found where the loader itself finds them")
  func equalsTheLoader() throws {
    let folder = "/usr/lib/x86_64-linux-gnu"
    let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.contains(".so") }.sorted()
    var compared = 0
    for name in names where compared < 60 {
      guard let object = try? object("\(folder)/\(name)"), !object.needed.isEmpty else { continue }
      let wanted = try loaderSays("\(folder)/\(name)")
      guard !wanted.isEmpty else { continue }
      compared += 1
      for library in catalog.closure(of: object).libraries where library.name != "ld-linux-x86-64.so.2" {
        #expect(try Path.resolved(library.path) == wanted[library.name], "\(library.name) needed by \(name)")
      }
    }
    #expect(compared > 5)
  }

  /// `libouter.so` in one folder needs `libinner.so`, which lies in another place.
  private func chain(
    outer: [String], plugin: [String], inner place: (String) -> String
  ) throws -> (Compiler, [ResolvedLibrary], String) {
    let compiler = try Compiler()
    try compiler.folder.write("lib/x", "")
    let folder = compiler.folder.file("lib")
    let innerFolder = place(folder)
    try FileManager.default.createDirectory(atPath: innerFolder, withIntermediateDirectories: true)
    let inner = try compiler.sharedObject(
      c: "int inner(void) { return 1; }", name: "libinner.so", flags: ["-Wl,-soname,libinner.so"])
    try FileManager.default.moveItem(atPath: inner, toPath: innerFolder + "/libinner.so")
    _ = try compiler.sharedObject(
      c: "int inner(void); int outer(void) { return inner(); }", name: "lib/libouter.so",
      flags: ["-Wl,-soname,libouter.so", innerFolder + "/libinner.so"] + outer)
    let path = try compiler.sharedObject(
      c: "int outer(void); int f(void) { return outer(); }",
      flags: [folder + "/libouter.so", "-Wl,--allow-shlib-undefined"] + plugin.map { $0.replacing("FOLDER", with: folder) })
    let found = catalog.closure(of: try object(path)).libraries
    return (compiler, found, path)
  }

  @Test("$ORIGIN of a library is where it was found")
  func libraryOrigin() throws {
    let (folder, found, path) = try chain(
      outer: ["-Wl,-rpath,$ORIGIN/deeper:${ORIGIN}/other", "-Wl,--enable-new-dtags"],
      plugin: ["-Wl,-rpath,FOLDER", "-Wl,--enable-new-dtags"], inner: { $0 + "/other" })
    #expect(try loaderSays(path)["libinner.so"] == found.first { $0.name == "libinner.so" }.map { try Path.resolved($0.path) })
    #expect(found.contains { $0.name == "libinner.so" })
    withExtendedLifetime(folder) {}
  }

  @Test("DT_RPATH counts for what its libraries need, DT_RUNPATH for the object alone, as the loader has it")
  func searchPaths() throws {
    for (flag, isFound) in [("-Wl,--disable-new-dtags", true), ("-Wl,--enable-new-dtags", false)] {
      let (folder, found, path) = try chain(outer: [], plugin: ["-Wl,-rpath,FOLDER", flag], inner: { $0 })
      #expect(found.contains { $0.name == "libouter.so" })
      #expect(found.contains { $0.name == "libinner.so" } == isFound, "\(flag)")
      #expect((try loaderSays(path)["libinner.so"] != nil) == isFound, "\(flag)")
      withExtendedLifetime(folder) {}
    }
    // A library with a DT_RUNPATH of its own does not ask those above it.
    let (folder, found, path) = try chain(
      outer: ["-Wl,-rpath,/nowhere", "-Wl,--enable-new-dtags"],
      plugin: ["-Wl,-rpath,FOLDER", "-Wl,--disable-new-dtags"], inner: { $0 })
    #expect(!found.contains { $0.name == "libinner.so" })
    #expect(try loaderSays(path)["libinner.so"] == nil)
    withExtendedLifetime(folder) {}
  }

  @Test("a plugin whose symbols all exist has no problems")
  func whole() throws {
    let closure = try closure("#include <stdio.h>\nint f(void) { return puts(\"x\"); }")
    #expect(closure.problems.isEmpty)
    #expect(closure.libraries.contains { $0.name == "libc.so.6" })
  }

  @Test("an undefined symbol that nothing defines is named")
  func missingSymbol() throws {
    let closure = try closure("extern int nowhere_to_be_found(void); int f(void) { return nowhere_to_be_found(); }")
    #expect(
      closure.problems == [
        .missingSymbol(name: "nowhere_to_be_found", version: nil, library: nil, neededBy: "the plugin", found: [])
      ])
  }

  @Test("a weak symbol may be missing")
  func weak() throws {
    let closure = try closure(
      "extern int nowhere(void) __attribute__((weak)); int f(void) { return nowhere ? nowhere() : 0; }")
    #expect(closure.problems.isEmpty)
  }

  @Test("a version that no symbol has is asked for as well, as the loader does")
  func versionWithoutSymbol() throws {
    let compiler = try Compiler()
    let path = try compiler.sharedObject(
      c: "int answer; int *where = &answer; extern int puts(const char *); int f(void) { return puts(\"\"); }",
      flags: ["-Wl,-z,pack-relative-relocs"], compiler: ["gcc"])
    let bytes = try File.open(path).readAll(limit: 1 << 20)
    // The linker of an older system does not know the option, or its C library does not know the version.
    guard String(decoding: bytes, as: UTF8.self).contains("GLIBC_ABI_DT_RELR") else {
      try Test.cancel("this linker packs no relative relocations")
    }
    #expect(catalog.closure(of: try object(path)).problems.isEmpty)
    var changed = bytes
    let name = Array("GLIBC_ABI_DT_RELR".utf8)
    let at = try #require(changed.indices.first { changed[$0...].starts(with: name) })
    changed[at + name.count - 1] = UInt8(ascii: "X")
    let problems = catalog.closure(of: try ELFInspector.inspect(MemoryBytes(changed, name: "changed.so"))).problems
    guard case .missingVersion("GLIBC_ABI_DT_RELX", "libc.so.6", "the plugin", let found)? = problems.first else {
      Issue.record("\(problems)")
      return
    }
    #expect(problems.count == 1 && found.contains("GLIBC_2.2.5"))
  }

  @Test("a symbol in a version that this system lacks is named with the versions there are")
  func missingVersion() throws {
    let compiler = try Compiler()
    let map = try compiler.folder.write("v.map", "V_1 { global: thing; local: *; };\nV_2 { } V_1;\n")
    let newer = try compiler.folder.write("v2.map", "V_1 { local: *; };\nV_2 { global: thing; } V_1;\n")
    _ = try compiler.sharedObject(
      c: "int thing(void) { return 2; }", name: "libthing.so",
      flags: ["-Wl,-soname,libthing.so", "-Wl,--version-script=\(newer)"])
    let plugin = try compiler.sharedObject(
      c: "int thing(void); int f(void) { return thing(); }", name: "plugin.so",
      flags: ["-L\(compiler.folder.path)", "-lthing", "-Wl,-rpath,\(compiler.folder.path)"])
    _ = try compiler.sharedObject(
      c: "int thing(void) { return 1; }", name: "libthing.so",
      flags: ["-Wl,-soname,libthing.so", "-Wl,--version-script=\(map)"])
    let problems = LibraryCatalog(machine: .x86_64).closure(of: try object(plugin)).problems
    #expect(
      problems == [
        .missingSymbol(
          name: "thing", version: "V_2", library: "libthing.so", neededBy: "the plugin", found: ["V_1"])
      ])
  }

  @Test("a library that is not there is named with who needs it")
  func missingLibrary() throws {
    let compiler = try Compiler()
    _ = try compiler.sharedObject(c: "int thing(void) { return 2; }", name: "libgone.so", flags: ["-Wl,-soname,libgone.so"])
    let plugin = try compiler.sharedObject(
      c: "int thing(void); int f(void) { return thing(); }", name: "plugin.so",
      flags: ["-L\(compiler.folder.path)", "-lgone"])
    let problems = catalog.closure(of: try object(plugin)).problems
    #expect(problems == [.missingLibrary(name: "libgone.so", neededBy: "the plugin")])
  }

  @Test("$ORIGIN is no place to look for what a sealed plugin needs")
  func origin() throws {
    let compiler = try Compiler()
    _ = try compiler.sharedObject(c: "int thing(void) { return 2; }", name: "libbeside.so", flags: ["-Wl,-soname,libbeside.so"])
    let plugin = try compiler.sharedObject(
      c: "int thing(void); int f(void) { return thing(); }", name: "plugin.so",
      flags: ["-L\(compiler.folder.path)", "-lbeside", "-Wl,-rpath,$ORIGIN"])
    #expect(
      catalog.closure(of: try object(plugin)).problems == [
        .missingLibrary(name: "libbeside.so", neededBy: "the plugin")
      ])
  }
}
