import ELFInspection
import Testing

@Suite("The search paths of an object")
struct LibraryPathTests {
  @Test(
    "each entry is what the dynamic linker takes it for",
    arguments: [
      ("", []), (":", [.empty, .empty]), ("/opt/acme", [.absolute]), ("lib", [.relative]), (".", [.relative]),
      ("lib:", [.relative, .empty]), (":/opt", [.empty, .absolute]), ("/a::/b", [.absolute, .empty, .absolute]),
      ("$ORIGIN", [.origin]), ("${ORIGIN}/../lib", [.origin]), ("$ORIGIN/a:/b", [.origin, .absolute]),
      ("$ORIGINAL/a", [.relative]), ("$ORIGIN_/a", [.relative]), ("$ORIGIN1", [.origin]), ("${ORIGIN/a", [.relative]),
      ("a/$ORIGIN", [.relative]), ("$LIB/x", [.token]), ("${PLATFORM}/x", [.token]), ("/opt/$LIB", [.absolute]),
      ("$OTHER/x", [.relative]), (";/x", [.relative]), ("é", [.relative]),
    ] as [(String, [LibraryPath.Kind])])
  func kinds(_ text: String, _ kinds: [LibraryPath.Kind]) {
    let path = LibraryPath(.runpath, text)
    #expect(path.entries.map(\.kind) == kinds)
    #expect(path.entries.map(\.index) == Array(kinds.indices))
    #expect(path.entries.map(\.text).joined(separator: ":") == text)
  }

  @Test("RPATH and RUNPATH of a built object are split, each under its name")
  func built() throws {
    let new = try SharedObject(c: "int acme;", flags: ["-Wl,--enable-new-dtags,-rpath,$ORIGIN/lib:lib"]).inspect()
    #expect(new.libraryPaths == [LibraryPath(.runpath, "$ORIGIN/lib:lib")])
    let old = try SharedObject(c: "int acme;", flags: ["-Wl,--disable-new-dtags,-rpath,:"]).inspect()
    #expect(old.libraryPaths == [LibraryPath(.rpath, ":")])
    #expect(try SharedObject(c: "int acme;").inspect().libraryPaths == [])
  }
}
