import Glibc
import LinuxCalls
import SystemPackage
import TestSupport
import Testing

@Suite("Files and folders")
struct FileTests {
  private let folder: TemporaryFolder
  private let root: File

  init() throws {
    folder = try TemporaryFolder()
    root = try File.open(folder.path, .directory)
  }

  @Test("nothing is opened through a symbolic link or above the folder")
  func beneath() throws {
    try folder.write("inside/a", "A")
    symlink("inside", folder.file("link"))
    symlink("a", folder.file("inside/alias"))
    symlink("/etc", folder.file("etc"))
    #expect(try root.openBeneath("inside/a").readAll(limit: 10) == [65])
    for path in ["link/a", "inside/alias", "etc/passwd", "../x", "inside/../../x", "/etc/passwd", "..", "/"] {
      #expect(throws: SystemCallError.self, "\(path)") { _ = try root.openBeneath(path) }
    }
    let error = #expect(throws: SystemCallError.self) { _ = try root.openBeneath("inside/a\0b") }
    #expect(error?.errno == .invalidArgument)
  }

  @Test("an unnamed file appears whole under its name, and never in another's place")
  func unnamed() throws {
    let file = try root.openUnnamed()
    try file.write([1, 2, 3])
    #expect(try root.entries().isEmpty)
    try root.link(file, as: "a")
    #expect(try folder.read("a") == [1, 2, 3])
    let error = #expect(throws: SystemCallError.self) { try root.link(file, as: "a") }
    #expect(error?.errno == .fileExists)
    try root.makeDirectory("empty")
    #expect(throws: SystemCallError.self) { try root.link(file, as: "empty") }
  }

  @Test("renaming never replaces, not even an empty folder")
  func renaming() throws {
    try root.makeDirectory("partial")
    try root.makeDirectory("final")
    let error = #expect(throws: SystemCallError.self) { try root.renameWithoutReplacing("partial", to: "final") }
    #expect(error?.errno == .fileExists)
    try root.removeDirectory("final")
    try root.renameWithoutReplacing("partial", to: "final")
    #expect(try root.entries().map(\.name) == ["final"])
  }

  @Test("entries are all there, sorted by bytes, with names that are no UTF-8")
  func entries() throws {
    for name in ["b", "B", "a.so", "é", ".hidden"] { try folder.write(name, "") }
    let odd: [UInt8] = Array("\(folder.path)/".utf8) + [0xff, 0x78, 0]
    let fd = odd.withUnsafeBufferPointer { $0.withMemoryRebound(to: CChar.self) { creat($0.baseAddress!, 0o600) } }
    #expect(fd >= 0)
    close(fd)
    let entries = try root.entries()
    #expect(entries.map(\.name) == [".hidden", "B", "a.so", "b", "é", nil])
    #expect(entries.last?.bytes == [0xff, 0x78])
  }

  @Test("reading gives what is there: short at the end, nothing behind it, an error beyond the limit")
  func reading() throws {
    let file = try File.open(folder.write("a", Array("0123456789".utf8)))
    #expect(try file.read(at: 7, count: 100) == Array("789".utf8))
    #expect(try file.read(at: 10, count: 5).isEmpty && file.read(at: 99, count: 0).isEmpty)
    #expect(try file.readAll(limit: 10).count == 10)
    #expect(throws: SystemCallError.self) { _ = try file.readAll(limit: 9) }
    #expect(try file.bytes(at: 2, count: 3) == Array("234".utf8))
    #expect(throws: SystemCallError.self) { _ = try file.bytes(at: 8, count: 3) }
    // The size of files in /proc is 0, and they are not empty.
    #expect(!(try File.open("/proc/self/stat").readAll(limit: 100_000)).isEmpty)
    #expect(try file.digest(chunk: 3) == file.digest())
  }

  @Test("the status tells kinds apart, and sees a rewrite that leaves size and time of writing alone")
  func status() throws {
    let path = try folder.write("a", "0123")
    symlink("a", folder.file("l"))
    mkfifo(folder.file("f"), 0o600)
    #expect(try root.status(of: "a").kind == .regular && root.status(of: "l").kind == .symbolicLink)
    #expect(try root.status(of: "f").kind == .fifo && root.status().kind == .directory)
    #expect(try File.open("/dev/null").status().kind == .characterDevice)
    let before = try File.open(path).status()
    Pause.milliseconds(20)
    let file = try File.open(path, .readWrite)
    try file.write(Array("9876".utf8))
    var times = [timespec(tv_sec: 0, tv_nsec: 0), timespec(tv_sec: 0, tv_nsec: 0)]
    times[1].tv_sec = Int(before.modified / 1_000_000_000)
    times[1].tv_nsec = Int(before.modified % 1_000_000_000)
    times[0] = times[1]
    futimens(file.descriptor, times)
    let after = try file.status()
    #expect(after.modified == before.modified && after.size == before.size)
    #expect(!after.isUnchanged(from: before))
    chmod(path, 0o646)
    #expect(try file.status().othersMayWrite)
  }

  @Test("errors name the call, the file and the reason, and a full disk is told from others")
  func errors() throws {
    let error = #expect(throws: SystemCallError.self) { _ = try File.open(folder.file("none")) }
    #expect(error?.message.contains("none") == true && error?.message.contains("No such file") == true)
    #expect(error?.isOutOfSpace == false)
    let full = try File.open("/dev/full", .readWrite)
    let space = #expect(throws: SystemCallError.self) { try full.write([1]) }
    #expect(space?.isOutOfSpace == true && space?.exitCode == .storeFailed)
    #expect(SystemCallError(call: "open", subject: "x", errno: .tooManyOpenFiles).isOutOfDescriptors)
  }

  @Test("a descriptor closes with its file; one that was lent or given away does not")
  func ownership() throws {
    let path = try folder.write("a", "x")
    var given: Int32 = -1
    var lent: Int32 = -1
    var own: Int32 = -1
    do {
      let file = try File.open(path)
      own = file.descriptor
      given = try file.releaseDescriptor()
      lent = dup(own)
      _ = File(borrowing: lent, name: "lent")
      #expect(fcntl(own, F_GETFD) == FD_CLOEXEC && fcntl(given, F_GETFD) == FD_CLOEXEC)
    }
    #expect(fcntl(given, F_GETFD) >= 0 && fcntl(lent, F_GETFD) >= 0)
    close(given)
    close(lent)
  }
}
