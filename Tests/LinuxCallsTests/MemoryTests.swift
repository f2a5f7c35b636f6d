import Glibc
import LinuxCalls
import SystemPackage
import TestSupport
import Testing

@Suite("Memory read without trust, and memory that cannot change")
struct MemoryTests {
  /// Two pages of which the second cannot be read.
  private func guarded() -> UInt {
    let start: UnsafeMutableRawPointer = mmap(
      nil, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    memset(start, 97, 4096)
    mprotect(start + 4096, 4096, PROT_NONE)
    return UInt(bitPattern: start)
  }

  @Test("own memory is read to its last byte; one byte more, NULL, wild and wrapping addresses give nothing")
  func ownMemory() {
    let start = guarded()
    #expect(OwnMemory.bytes(at: start, count: 4096)?.count == 4096)
    #expect(OwnMemory.bytes(at: start + 4095, count: 1) == [97])
    #expect(OwnMemory.bytes(at: start, count: 4097) == nil)
    for address in [0, 8, start + 4096, UInt.max - 3, UInt(1) << 63] {
      #expect(OwnMemory.bytes(at: address, count: 16) == nil)
    }
    #expect(OwnMemory.bytes(at: 0, count: 0) == [])
    #expect(OwnMemory.bytes(at: start, count: -1) == nil)
  }

  @Test("a C string ends at its NUL, at the limit or at the end of memory, across pages too")
  func strings() {
    let start = guarded()
    #expect(OwnMemory.cString(at: start, limit: 10_000) == nil)
    #expect(OwnMemory.cString(at: start + 4090, limit: 100) == nil)
    UnsafeMutablePointer<UInt8>(bitPattern: start + 4095)!.pointee = 0
    #expect(OwnMemory.cString(at: start + 4090, limit: 100) == [97, 97, 97, 97, 97])
    #expect(OwnMemory.cString(at: start + 4090, limit: 5)?.count == 5)
    #expect(OwnMemory.cString(at: start + 4090, limit: 4) == nil)
    #expect(OwnMemory.cString(at: UInt.max - 1, limit: 10) == nil)
    mprotect(UnsafeMutableRawPointer(bitPattern: start + 4096)!, 4096, PROT_READ | PROT_WRITE)
    UnsafeMutablePointer<UInt8>(bitPattern: start + 4095)!.pointee = 98
    #expect(OwnMemory.cString(at: start + 4094, limit: 100) == [97, 98])
  }

  @Test("the mapping that holds an address is the file that was mapped there")
  func mapping() throws {
    let memory = try SharedMemory.create(size: 4096, name: "mapped")
    let found = try #require(MemoryMap.current().holding(memory.address + 100))
    let status = try memory.file.status()
    #expect(found.inode == status.inode && found.device == status.device)
    #expect(found.start == UInt64(memory.address) && found.end == found.start + 4096)
    #expect(MemoryMap.current().holding(8) == nil)
  }

  @Test("sealed memory keeps the bytes it was given: writing, growing, cutting and unsealing are refused")
  func sealed() throws {
    let folder = try TemporaryFolder()
    let bytes = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0) }
    let source = try File.open(folder.write("source", bytes))
    let sealed = try SealedMemory.copy(of: source, name: "plugin", limit: 3_000_000, descriptorAbove: 300)
    #expect(sealed.file.descriptor >= 300)
    try folder.write("source", [UInt8](repeating: 0, count: 10))
    #expect(try sealed.file.readAll(limit: 4_000_000) == bytes)
    let number = sealed.file.descriptor
    #expect(pwrite(number, [1], 1, 0) == -1 && errno == EPERM)
    #expect(ftruncate(number, 1) == -1 && errno == EPERM)
    #expect(ftruncate(number, 4_000_000) == -1 && errno == EPERM)
    // Nor through a second way in, as another process would try.
    let again = open("/proc/self/fd/\(number)", O_RDWR)
    #expect(again < 0 || pwrite(again, [1], 1, 0) == -1)
    if again >= 0 { close(again) }
    #expect(mmap(nil, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, number, 0) == MAP_FAILED)
    #expect(fcntl(number, F_GETFD) == FD_CLOEXEC)
  }

  @Test("a source of exactly the limit is copied, one byte more is refused")
  func sealedLimit() throws {
    let folder = try TemporaryFolder()
    let size = 1 << 20
    let source = try File.open(folder.write("source", [UInt8](repeating: 7, count: size)))
    #expect(
      try SealedMemory.copy(of: source, name: "p", limit: UInt64(size), descriptorAbove: 3).file.byteCount == size)
    let error = #expect(throws: SystemCallError.self) {
      _ = try SealedMemory.copy(of: source, name: "p", limit: UInt64(size) - 1, descriptorAbove: 3)
    }
    #expect(error?.errno == .fileTooLarge)
    let empty = try File.open(folder.write("empty", [UInt8]()))
    #expect(try SealedMemory.copy(of: empty, name: "p", limit: 0, descriptorAbove: 3).file.byteCount == 0)
  }

  @Test("memory from another process is taken over only with all its seals")
  func adopting() throws {
    let sealed = try SealedMemory.holding([1, 2, 3], name: "order")
    let copy = try sealed.file.releaseDescriptor()
    #expect(try SealedMemory.adopting(descriptor: copy, name: "order").file.readAll(limit: 10) == [1, 2, 3])
    let plain = try SharedMemory.create(size: 10, name: "plain").file.releaseDescriptor()
    let error = #expect(throws: SystemCallError.self) { _ = try SealedMemory.adopting(descriptor: plain, name: "p") }
    #expect(error?.errno == .notPermitted)
    let folder = try TemporaryFolder()
    let file = try File.open(folder.write("file", [1])).releaseDescriptor()
    #expect(throws: SystemCallError.self) { _ = try SealedMemory.adopting(descriptor: file, name: "p") }
  }
}
