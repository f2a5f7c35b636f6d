import Glibc
import LinuxCalls
import TestSupport
import Testing

@testable import PluginABI

@Suite("The page after a crash")
struct FlightPageCrashTests {
  private func makePage() throws -> FlightPage {
    FlightPage(try SharedMemory.create(size: FlightPage.size, name: "page"))
  }

  private func otherSide(_ page: FlightPage) throws -> FlightPage {
    FlightPage(try SharedMemory.adopting(page.memory.file, size: FlightPage.size))
  }

  @Test("the host's code is listed as the host's, and the C library as a library, each with its base")
  func hostCode() throws {
    let page = try makePage()
    page.recordCode(of: nil)
    let other = try otherSide(page)
    let library = try #require(LoadedLibrary.open(path: "libc.so.6").address(of: "qsort"))
    let code = try #require(other.code(at: UInt64(library)))
    #expect(code.kind == .library && code.owner == "" && code.name == "libc.so.6")
    #expect(code.start <= UInt64(library) && UInt64(library) < code.end && code.base <= code.start)
    let swift = try #require(LoadedLibrary.open(path: "libswiftCore.so").address(of: "swift_retain"))
    #expect(other.code(at: UInt64(swift))?.kind == .host)
    #expect(other.code(at: 0x1234) == nil && other.code(at: 0) == nil && other.code(at: .max) == nil)
    #expect(other.pluginsWithCode == [])
  }

  @Test("what is mapped later is listed once, in the name of the plugin; its own files as its own")
  func pluginCode() throws {
    let page = try makePage()
    page.recordCode(of: nil)
    let compiler = try Compiler()
    let plain = try compiler.sharedObject(c: "int plain_one(void) { return 1; }", name: "plain_one.so")
    let sealedFile = try File.open(compiler.sharedObject(c: "int sealed_one(void) { return 1; }", name: "sealed_one.so"))
    let sealed = try SealedMemory.copy(of: sealedFile, name: "com.example.p", limit: 1 << 20, descriptorAbove: 700)
    let plainAddress = try #require(LoadedLibrary.open(path: plain).address(of: "plain_one"))
    page.recordCode(of: "com.example.p")
    let path = "/proc/\(getpid())/fd/\(sealed.file.descriptor)"
    let sealedAddress = try #require(LoadedLibrary.open(path: path).address(of: "sealed_one"))
    page.recordCode(of: "com.example.p", file: ("p.so", path))
    page.recordCode(of: "com.example.q", file: ("q.so", "/nowhere"))
    let other = try otherSide(page)
    let plainCode = try #require(other.code(at: UInt64(plainAddress)))
    #expect(plainCode.kind == .library && plainCode.owner == "com.example.p" && plainCode.name == "plain_one.so")
    let sealedCode = try #require(other.code(at: UInt64(sealedAddress)))
    #expect(sealedCode.kind == .plugin && sealedCode.owner == "com.example.p" && sealedCode.name == "p.so")
    #expect(other.pluginsWithCode == ["com.example.p"])
    // The descriptor stays open as long as the object may be asked for.
    withExtendedLifetime(sealed) {}
  }

  @Test("no crash is read from a page on which none was written, or not to its end")
  func noCrash() throws {
    let page = try makePage()
    #expect(page.crash == nil && page.callingThread == 0)
    let at = UnsafeMutableRawPointer(bitPattern: page.memory.address)! + FlightPage.crashAt
    at.storeBytes(of: 1, as: UInt32.self)
    at.storeBytes(of: 11, toByteOffset: 4, as: Int32.self)
    #expect(page.crash == nil)
    at.storeBytes(of: 2, as: UInt32.self)
    #expect(page.crash?.signal == 11)
  }

  @Test("a page that a plugin wrote over is read without a trap", arguments: [0x00, 0x01, 0x7f, 0x80, 0xff] as [UInt8])
  func scribbled(_ byte: UInt8) throws {
    let page = try makePage()
    memset(UnsafeMutableRawPointer(bitPattern: page.memory.address)!, Int32(byte), FlightPage.size)
    _ = page.inFlight.map(\.identity.description)
    _ = page.lastEnded
    _ = page.ending
    _ = page.pluginsWithCode
    #expect(page.code(at: 0x1234) == nil && page.crash == nil)
  }
}
