import Admission
import ELFInspection
import Foundation
import OmphalosValues
import TestSupport
import Testing

@Suite("The table of findings")
struct FindingTableTests {
  private func names(_ origin: FindingTable.Origin) -> [String] {
    FindingTable.groups.filter { $0.origin == origin }.flatMap(\.symbols)
  }

  /// What the libraries define that an object linked with these flags needs.
  private func exports(linking flags: [String], of library: String) throws -> Set<String> {
    let object = try inspected(c: "int acme;", flags: ["-Wl,--no-as-needed"] + flags).object
    let closure = LibraryCatalog(machine: .host).closure(of: object)
    let found = try #require(closure.libraries.first { $0.name == library }, "no \(library)")
    return Set(found.object.exports.map(\.name))
  }

  @Test("each name is there once, and each category but shared-state has some")
  func distinct() {
    let all = FindingTable.groups.flatMap(\.symbols)
    #expect(Dictionary(grouping: all) { $0 }.filter { $0.value.count > 1 }.keys.sorted() == [])
    for category in FindingCategory.allCases {
      #expect(FindingTable.symbols(of: category).isEmpty == (category == .sharedState), "\(category)")
    }
  }

  @Test("every name that is glibc's is defined by the glibc of this system")
  func glibcNames() throws {
    let defined = try exports(linking: ["-lresolv"], of: "libc.so.6")
    let resolver = try exports(linking: ["-lresolv"], of: "libresolv.so.2")
    // The youngest of the names came with it.
    guard defined.contains("arc4random") else { try Test.cancel("glibc is older than 2.36") }
    #expect(names(.libc).filter { !defined.contains($0) } == [])
    #expect(names(.resolver).filter { !resolver.contains($0) } == [])
  }

  @Test("names that no library here can confirm are listed once more, so that none is there by mistake")
  func unconfirmed() throws {
    let unconfirmed = """
      res_init res_ninit __res_nsendto __getaddrinfo __gethostbyname __accept __bind __listen __sendto __recvfrom
      clone3 __clone2 pidfd_spawn pidfd_spawnp __posix_spawn __execve rfork
      time64 __time64 __clock_gettime64 __gettimeofday64 __time clock_gettime64 __timespec_get64
      __libc_dlopen_mode __libc_dlsym __libc_dlvsym
      _ZNSt3__16chrono12system_clock3nowEv _ZNSt3__16chrono12steady_clock3nowEv _ZNSt3__113random_deviceclEv
      io_uring_setup io_uring_enter io_uring_register io_uring_queue_init io_uring_queue_init_params
      io_uring_queue_init_mem io_uring_queue_mmap
      """.split { $0 == " " || $0 == "\n" }.map(String.init)
    #expect(Set(names(.otherLibc) + names(.libcxx) + names(.ioUring)) == Set(unconfirmed))
  }

  @Test("the names of libstdc++ are defined by it")
  func cxx() throws {
    let defined = try exports(linking: ["-lstdc++"], of: "libstdc++.so.6")
    #expect(names(.libstdcxx).filter { !defined.contains($0) } == [])
  }

  @Test("the names of Swift are defined by its libraries")
  func swift() throws {
    let compiler = try #require(Shell.find("swiftc"), "this test needs swiftc")
    let real = URL(fileURLWithPath: compiler).resolvingSymlinksInPath().deletingLastPathComponent()
    let folder = real.deletingLastPathComponent().appendingPathComponent("lib/swift/linux").path
    let files = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".so") }
    var defined: Set<String> = []
    for file in files {
      let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: folder + "/" + file)))
      defined.formUnion(try ELFInspector.inspect(MemoryBytes(bytes, name: file)).exports.map(\.name))
    }
    #expect(names(.swift).filter { !defined.contains($0) } == [])
    // What is not followed is a library that there is.
    #expect(LanguageRuntime.swift.sonames.filter { !files.contains($0) } == [])
  }

  @Test("the exemptions of a linked-in runtime are names of the table")
  func exemptions() {
    for runtime in LinkedRuntime.all {
      #expect(runtime.symbols.filter { FindingCategory(symbol: $0) == nil } == [], "\(runtime.name)")
    }
  }
}
