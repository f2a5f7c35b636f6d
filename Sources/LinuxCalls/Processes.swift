import CLinux
import Glibc
import SystemPackage

/// A child process to start.
public struct ProcessLaunch: Sendable {
  public var executable: String
  public var arguments: [String]
  /// `NAME=value`; nothing else reaches the child.
  public var environment: [String]
  public var workingDirectory: File
  public var standardOutput: File
  public var standardError: File
  /// Kept open in the child under their own numbers; everything else is closed on exec.
  public var inherited: [Int32]
  public var umask: UInt32

  public init(
    executable: String, arguments: [String], environment: [String], workingDirectory: File, standardOutput: File,
    standardError: File, inherited: [Int32], umask: UInt32 = 0o022
  ) {
    self.executable = executable
    self.arguments = arguments
    self.environment = environment
    self.workingDirectory = workingDirectory
    self.standardOutput = standardOutput
    self.standardError = standardError
    self.inherited = inherited
    self.umask = umask
  }

  /// Forks and execs. The child dies when the calling thread's process dies. Returns its pid.
  public func start() throws(SystemCallError) -> Int32 {
    for text in arguments + environment { try checkPath(text, "execve") }
    var argumentPointers: [UnsafePointer<CChar>?] = unsafe arguments.map { unsafe UnsafePointer(strdup($0)) }
    var environmentPointers: [UnsafePointer<CChar>?] = unsafe environment.map { unsafe UnsafePointer(strdup($0)) }
    unsafe argumentPointers.append(nil)
    unsafe environmentPointers.append(nil)
    defer {
      for unsafe pointer in unsafe argumentPointers + environmentPointers {
        unsafe free(UnsafeMutablePointer(mutating: pointer))
      }
    }
    return try unsafe inherited.withUnsafeBufferPointer { inherited throws(SystemCallError) in
      try unsafe argumentPointers.withUnsafeBufferPointer { arguments throws(SystemCallError) in
        try unsafe environmentPointers.withUnsafeBufferPointer { environment throws(SystemCallError) in
          try check("execve", executable) {
            unsafe executable.withCString { path in
              var spawn = unsafe clinux_spawn(
                path: path, arguments: arguments.baseAddress, environment: environment.baseAddress,
                working_directory: workingDirectory.descriptor, standard_output: standardOutput.descriptor,
                standard_error: standardError.descriptor, inherited: inherited.baseAddress,
                inherited_count: inherited.count, umask: umask)
              return unsafe clinux_spawn_process(&spawn)
            }
          }
        }
      }
    }
  }
}

/// How a child ended.
public enum ProcessEnding: Sendable, Hashable {
  case exited(Int32)
  case signalled(Int32)

  init(code: Int32, status: Int32) { self = code == 1 /* CLD_EXITED */ ? .exited(status) : .signalled(status) }

  /// "SIGSEGV" for 11, or "signal 40".
  public static func signalName(_ number: Int32) -> String {
    let names: [Int32: String] = [
      1: "SIGHUP", 2: "SIGINT", 3: "SIGQUIT", 4: "SIGILL", 5: "SIGTRAP", 6: "SIGABRT", 7: "SIGBUS", 8: "SIGFPE",
      9: "SIGKILL", 10: "SIGUSR1", 11: "SIGSEGV", 12: "SIGUSR2", 13: "SIGPIPE", 14: "SIGALRM", 15: "SIGTERM",
      19: "SIGSTOP", 24: "SIGXCPU", 25: "SIGXFSZ", 31: "SIGSYS",
    ]
    return names[number] ?? "signal \(number)"
  }
}

public enum Processes {
  /// From now on orphaned descendants become our children. `prctl(PR_SET_CHILD_SUBREAPER)`.
  public static func becomeSubreaper() throws(SystemCallError) {
    try check("prctl", "PR_SET_CHILD_SUBREAPER") { clinux_become_subreaper() }
  }

  /// Takes one ended child off the table, any (`pid` 0) or a given one; nil if none has ended.
  public static func reap(_ pid: Int32 = 0) -> (pid: Int32, ending: ProcessEnding)? {
    var code: Int32 = 0
    var status: Int32 = 0
    let ended = unsafe clinux_reap(pid, &code, &status)
    return ended > 0 ? (ended, ProcessEnding(code: code, status: status)) : nil
  }

  /// How a child ended that is not reaped yet, and is not reaped by this; nil if it has not ended.
  public static func ending(of pid: Int32) -> ProcessEnding? {
    var code: Int32 = 0
    var status: Int32 = 0
    // CLD_EXITED, CLD_KILLED, CLD_DUMPED.
    guard unsafe clinux_peek(pid, &code, &status) == pid, (1...3).contains(code) else { return nil }
    return ProcessEnding(code: code, status: status)
  }

  /// True if the child stands still (SIGSTOP) and has not ended.
  public static func isStopped(_ pid: Int32) -> Bool {
    var code: Int32 = 0
    var status: Int32 = 0
    return unsafe clinux_peek(pid, &code, &status) == pid && (code == 5 /* CLD_STOPPED */ || code == 4)
  }

  public static func kill(_ pid: Int32, _ signal: Int32) { _ = Glibc.kill(pid, signal) }

  /// The children of every thread of a process ("self" or a number), from /proc; nil where the kernel does not tell.
  public static func children(of process: String = "self") -> [Int32]? {
    guard let tasks = try? File.open("/proc/\(process)/task", .directory), let entries = try? tasks.entries() else {
      return nil
    }
    var pids: [Int32] = []
    for entry in entries {
      guard let thread = entry.name, let some = children(ofThread: "\(process)/task/\(thread)") else { continue }
      pids += some
    }
    return pids
  }

  private static func children(ofThread place: String) -> [Int32]? {
    guard let list = try? File.open("/proc/\(place)/children"), let bytes = try? list.read(at: 0, count: 1 << 16) else {
      return nil
    }
    return bytes.split(separator: UInt8(ascii: " ")).compactMap { Int32(String(decoding: $0, as: UTF8.self)) }
  }

  /// The children of a process's first thread. A child subreaper inherits its orphans there: the kernel gives them to the
  /// first of its threads that lives. Nil where the kernel does not tell.
  public static func orphans(of process: Int32) -> [Int32]? { children(ofThread: "\(process)/task/\(process)") }

  /// Whether this process has children at all, ended ones that nobody waited for included. One system call.
  public static var hasChildren: Bool { clinux_has_children() != 0 }

  /// True if a process has ended and only waits for its parent to notice; also once it is gone.
  public static func hasEnded(_ pid: Int32) -> Bool {
    guard let file = try? File.open("/proc/\(pid)/stat"), let bytes = try? file.read(at: 0, count: 512) else { return true }
    // proc(5): "pid (name) state ...", and the name may hold anything.
    guard let end = bytes.lastIndex(of: UInt8(ascii: ")")), end + 2 < bytes.count else { return true }
    return bytes[end + 2] == UInt8(ascii: "Z") || bytes[end + 2] == UInt8(ascii: "X")
  }

  /// What a process calls itself; nil once it is gone.
  public static func name(of pid: Int32) -> String? {
    guard let file = try? File.open("/proc/\(pid)/comm"), let bytes = try? file.read(at: 0, count: 64) else { return nil }
    return String(decoding: bytes.prefix { $0 != 10 }, as: UTF8.self)
  }

  /// A write to a pipe that nobody reads becomes an error instead of the end of the process. Children start with the
  /// default again.
  public static func ignoreBrokenPipes() { _ = signal(SIGPIPE, SIG_IGN) }

  /// A descriptor that was inherited goes no further: programs that this process starts do not get it.
  public static func closeOnExec(_ descriptor: Int32) { _ = clinux_set_inheritable(descriptor, 0) }

  /// Opens /dev/null under each of the numbers 0 to 2 that is closed, so that no file of ours gets a number that
  /// others take for standard output. Writing there fails as it does on a closed descriptor.
  public static func occupyStandardDescriptors() {
    // The lowest free number is given out, so these fill up from below.
    for number in Int32(0)...2 where fcntl(number, F_GETFD) < 0 { _ = unsafe Glibc.open("/dev/null", O_RDONLY) }
  }

  /// Ends the process at once: no exit handler of anybody runs.
  public static func exitNow(_ code: Int32) -> Never { clinux_exit_now(code) }

  public static var currentPID: Int32 { getpid() }
  public static var parentPID: Int32 { getppid() }
  public static var currentUser: UInt32 { geteuid() }

  /// Raises the soft limit of open descriptors towards `wanted`; the limit that holds afterwards.
  @discardableResult
  public static func raiseDescriptorLimit(to wanted: Int64) -> Int64 { clinux_raise_descriptor_limit(wanted) }

  /// From now on this process, and those that it starts, leave no core file. A program that the system pipes dumps to
  /// gets them all the same. `setrlimit(2)`, `core(5)`.
  public static func forgoCoreFiles() { _ = clinux_forgo_core_files() }
}
