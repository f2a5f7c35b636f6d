import Glibc
import LinuxCalls
import SystemPackage
import TestSupport
import Testing

@Suite("Processes that are started and watched")
struct ProcessTests {
  private let folder: TemporaryFolder
  private let output: Pipe
  private let errors: Pipe

  init() throws {
    folder = try TemporaryFolder()
    output = try Pipe(name: "output")
    errors = try Pipe(name: "errors")
  }

  private func start(
    _ script: String, environment: [String] = [], inherited: [Int32] = [], executable: String = "/bin/sh",
    umask: UInt32 = 0o022
  ) throws -> Int32 {
    let launch = ProcessLaunch(
      executable: executable, arguments: ["sh", "-c", script], environment: environment,
      workingDirectory: try File.open(folder.path, .directory), standardOutput: output.writing,
      standardError: errors.writing, inherited: inherited, umask: umask)
    return try launch.start()
  }

  private func wait(_ pid: Int32) -> ProcessEnding {
    while true {
      if let ended = Processes.reap(pid) { return ended.ending }
      Pause.milliseconds(1)
    }
  }

  private func text(_ pipe: Pipe) throws -> String {
    String(decoding: try pipe.reading.readAvailable(count: 65_536) ?? [], as: UTF8.self)
  }

  @Test("a child has the environment, folder and umask it was given, and nothing to read")
  func built() throws {
    let pid = try start("env; pwd; umask; cat; ls -l /proc/self/fd >&2", environment: ["A=1", "B=x y"], umask: 0o027)
    #expect(wait(pid) == .exited(0))
    let lines = try text(output).split(separator: "\n").map(String.init)
    #expect(lines.contains("A=1") && lines.contains("B=x y") && lines.contains(folder.path) && lines.contains("0027"))
    #expect(!lines.contains { $0.hasPrefix("HOME=") || $0.hasPrefix("USER=") })
  }

  @Test("only the listed descriptors reach the child, under their own numbers, whatever was left open here")
  func descriptors() throws {
    // One that some library left open without the flag, and one that is meant for the child.
    let zero = try File.open("/dev/zero")
    let leaked = fcntl(zero.descriptor, F_DUPFD, 700)
    let passed = fcntl(zero.descriptor, F_DUPFD_CLOEXEC, 710)
    defer {
      close(leaked)
      close(passed)
    }
    let script = "for n in /proc/$$/fd/*; do echo ${n##*/}=$(readlink $n); done"
    #expect(wait(try start(script, inherited: [passed])) == .exited(0))
    let found = try text(output).split(separator: "\n").map(String.init)
    #expect(found.contains("\(passed)=/dev/zero"))
    #expect(found.contains("0=/dev/null"))
    #expect(!found.contains { $0.hasPrefix("\(leaked)=") })
    let numbers = found.compactMap { Int32($0.prefix { $0 != "=" }) }
    // The shell may have one of its own for the list.
    #expect(Set(numbers).isSuperset(of: [0, 1, 2, passed]) && numbers.count <= 5)
  }

  @Test("a program that cannot be started is an error with its reason, and leaves no child")
  func cannotStart() throws {
    let none = #expect(throws: SystemCallError.self) { _ = try start("", executable: folder.file("none")) }
    #expect(none?.errno == .noSuchFileOrDirectory)
    let file = try folder.write("file", "no program")
    let denied = #expect(throws: SystemCallError.self) { _ = try start("", executable: file) }
    #expect(denied?.errno == .permissionDenied)
    #expect(throws: SystemCallError.self) { _ = try start("a\0b") }
  }

  @Test("endings are told apart: exit codes, signals, and one that has not come")
  func endings() throws {
    #expect(wait(try start("exit 7")) == .exited(7))
    #expect(wait(try start("kill -SEGV $$")) == .signalled(11))
    let pid = try start("sleep 100")
    #expect(Processes.reap(pid) == nil)
    #expect(!Processes.hasEnded(pid))
    Processes.kill(pid, 9)
    #expect(wait(pid) == .signalled(9))
    #expect(Processes.reap(pid) == nil)
    #expect(ProcessEnding.signalName(11) == "SIGSEGV" && ProcessEnding.signalName(40) == "signal 40")
  }

  @Test("a child that stands still is seen, one that ended is not taken for it")
  func stopped() throws {
    let pid = try start("kill -STOP $$; exit 0")
    while !Processes.isStopped(pid) { Pause.milliseconds(1) }
    #expect(!Processes.hasEnded(pid))
    Processes.kill(pid, 18)
    #expect(wait(pid) == .exited(0))
    #expect(!Processes.isStopped(pid))
  }

  @Test("a child that ended and was not waited for has ended, though it still has a name")
  func zombies() throws {
    let pid = try start("exit 0")
    while !Processes.hasEnded(pid) { Pause.milliseconds(1) }
    #expect(Processes.hasChildren && Processes.children()?.contains(pid) == true)
    #expect(Processes.name(of: pid) == "sh")
    #expect(wait(pid) == .exited(0))
    #expect(Processes.hasEnded(pid) && Processes.name(of: pid) == nil)
  }

  @Test("a child's name may hold anything, and it still runs")
  func oddNames() throws {
    try folder.write("x", "")
    let copy = folder.file(") Z 1 (")
    _ = try Shell.run(["cp", "/bin/sleep", copy])
    let pid = try start("exec '\(copy)' 100")
    while Processes.name(of: pid) != ") Z 1 (" { Pause.milliseconds(1) }
    #expect(!Processes.hasEnded(pid))
    Processes.kill(pid, 9)
    _ = wait(pid)
  }

  @Test("a pipe's reading end never blocks: nothing yet, bytes, then its end")
  func pipes() throws {
    var pipe: Pipe? = try Pipe(name: "p")
    let reading = try #require(pipe).reading
    #expect(try reading.readAvailable(count: 10) == nil)
    #expect(try Poll.readable([reading], timeout: 0).isEmpty)
    try pipe?.writing.write([1, 2])
    #expect(try Poll.readable([output.reading, reading], timeout: 1000) == [1])
    #expect(try reading.readAvailable(count: 10) == [1, 2])
    pipe = nil
    #expect(try reading.readAvailable(count: 10) == [])
    #expect(try Poll.readable([reading], timeout: 0) == [0])
  }

  @Test("a lock on a file is held against other processes and gone with its holder")
  func locks() throws {
    let path = try folder.write("lock", "")
    let file = try File.open(path, .readWrite)
    #expect(try file.tryLock() && file.lockHolder() == nil)
    let other = try folder.write(
      "take.py", "import fcntl,sys\nf=open(sys.argv[1],'r+')\nfcntl.lockf(f, fcntl.LOCK_EX|fcntl.LOCK_NB)\n")
    guard let python = Shell.find("python3") else { return }
    #expect(try Shell.run([python, other, path]).status != 0)
    let second = try folder.write("free", "")
    #expect(try Shell.run([python, other, second]).status == 0)
    #expect(try File.open(second, .readWrite).lockHolder() == nil)
  }

  @Test("a thread of our own runs the body once, with the stack it was promised")
  func threads() throws {
    let folder = folder
    let isComplete = try DedicatedThread.run(stackBytes: 16 << 20) {
      func deep(_ left: Int) -> Int {
        var room = [UInt8](repeating: UInt8(truncatingIfNeeded: left), count: 64)
        room[left % 64] = 1
        return left == 0 ? Int(room[0]) : deep(left - 1) + Int(room[left % 64])
      }
      _ = try? folder.write("ran", "\(deep(10_000))")
    }
    #expect(isComplete)
    #expect(try folder.read("ran") == Array("10001".utf8))
  }

  @Test("random bytes are as many as asked, and not twice the same")
  func random() {
    #expect(SystemRandom.bytes(0).isEmpty)
    #expect(SystemRandom.bytes(1000).count == 1000)
    #expect(SystemRandom.bytes(32) != SystemRandom.bytes(32))
  }
}
