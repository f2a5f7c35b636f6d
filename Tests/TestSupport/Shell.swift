import Glibc

/// Runs programs and waits for them. No shell is involved: arguments are passed as they are.
public enum Shell {
  public struct Result: Sendable {
    /// The exit code, or minus the number of the signal that ended the program.
    public let status: Int32
    public let stdout: String
    public let stderr: String
  }

  public struct CannotRun: Error, CustomStringConvertible {
    public let description: String
  }

  /// - Parameters:
  ///   - arguments: the program, looked for in PATH, and its arguments.
  ///   - environment: added to this process's environment.
  ///   - directory: the working directory; by default that of this process.
  public static func run(
    _ arguments: [String], environment: [String: String] = [:], directory: String? = nil
  ) throws -> Result {
    let folder = try TemporaryFolder()
    // The C library's own way to set the folder is not visible to Swift.
    let arguments = directory.map { ["env", "-C", $0] + arguments } ?? arguments
    let outputs = [folder.file("stdout"), folder.file("stderr")]
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    for (index, output) in outputs.enumerated() {
      posix_spawn_file_actions_addopen(&actions, Int32(index) + 1, output, O_WRONLY | O_CREAT, 0o600)
    }

    var pid: pid_t = 0
    let error = withCStrings(arguments) { argv in
      withCStrings(environmentStrings(adding: environment)) { envp in
        posix_spawnp(&pid, arguments[0], &actions, nil, argv, envp)
      }
    }
    guard error == 0 else {
      throw CannotRun(description: "cannot run \(arguments[0]): \(String(cString: strerror(error)))")
    }
    var status: Int32 = 0
    while waitpid(pid, &status, 0) < 0 && errno == EINTR {}
    let signal = status & 0x7f
    return Result(
      status: signal == 0 ? (status >> 8) & 0xff : -signal,
      stdout: String(decoding: try folder.read("stdout"), as: UTF8.self),
      stderr: String(decoding: try folder.read("stderr"), as: UTF8.self))
  }

  /// Where `program` is in PATH; nil if it is not there.
  public static func find(_ program: String) -> String? {
    let path = getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin"
    return path.split(separator: ":").map { "\($0)/\(program)" }.first { access($0, X_OK) == 0 }
  }

  private static func environmentStrings(adding more: [String: String]) -> [String] {
    var result: [String] = []
    var entry = environ
    while let text = entry.pointee {
      let string = String(cString: text)
      let name = string.split(separator: "=", maxSplits: 1).first.map(String.init) ?? ""
      if more[name] == nil { result.append(string) }
      entry += 1
    }
    return result + more.map { "\($0.key)=\($0.value)" }
  }

  private static func withCStrings<Result>(
    _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
  ) -> Result {
    let copies = strings.map { strdup($0) }
    defer { for copy in copies { free(copy) } }
    return body(copies + [nil])
  }
}
