import Glibc
import LinuxCalls
import OmphalosValues
import TestSupport
import Testing

@testable import Pipeline

@Suite("Input files that must not change")
struct InputPinTests {
  private let folder: TemporaryFolder
  private let mark = SourceMark(file: "p.yaml", line: 4, column: 9)

  init() throws { folder = try TemporaryFolder() }

  private func pin(_ path: String) throws -> InputPin {
    try InputPin(NamedFile(name: "data", path: path, mark: mark), path: path)
  }

  @Test("a file that stands still is unchanged, and its digest is that of its bytes")
  func unchanged() throws {
    let pin = try pin(folder.write("a", "bytes"))
    #expect(pin.digest == SHA256Digest(hashing: "bytes") && pin.byteCount == 5)
    #expect(pin.isUnchanged())
  }

  @Test("appended, cut, overwritten and put back in time: each is seen")
  func changed() throws {
    for change in ["append", "cut", "same size"] {
      let path = try folder.write(change, "0123456789")
      let pin = try pin(path)
      Pause.milliseconds(20)
      switch change {
      case "append": try File.open(path, .append).write([1])
      case "cut": truncate(path, 3)
      default:
        let before = try File.open(path).status()
        let file = try File.open(path, .readWrite)
        try file.write(Array("9".utf8))
        let time = timespec(tv_sec: Int(before.modified / 1_000_000_000), tv_nsec: Int(before.modified % 1_000_000_000))
        futimens(file.descriptor, [time, time])
      }
      #expect(!pin.isUnchanged(), "\(change)")
    }
  }

  @Test("a file that another one replaces under its name stays the one that was pinned")
  func replaced() throws {
    let path = try folder.write("a", "first")
    let pin = try pin(path)
    let root = try File.open(folder.path, .directory)
    try folder.write("b", "second")
    try root.rename("a", replacing: "old")
    try root.rename("b", replacing: "a")
    #expect(try pin.file.readAll(limit: 10) == Array("first".utf8))
  }

  @Test("what is no regular file, or not there, is told at its place in the pipeline; a fifo does not block")
  func unusable() throws {
    mkfifo(folder.file("fifo"), 0o600)
    for (path, says) in [
      (folder.file("none"), "no such file"), (folder.path, "directory"), (folder.file("fifo"), "fifo"),
      ("/dev/null", "character device"),
    ] {
      let error = #expect(throws: ConfigurationError.self) { _ = try pin(path) }
      #expect(error?.mark == mark && error?.message.contains(says) == true, "\(String(describing: error))")
    }
  }
}
