import Foundation

/// The built `omphalos`, as a user runs it.
public enum CommandLineTool {
  /// `OMPHALOS_CLI`, or the program that was built beside these tests.
  public static let path: String = {
    if let path = ProcessInfo.processInfo.environment["OMPHALOS_CLI"], !path.isEmpty { return path }
    let tests = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    return (tests as NSString).deletingLastPathComponent + "/omphalos"
  }()

  /// Runs it and waits.
  ///
  /// - Parameters:
  ///   - user: run as this user and group, without other rights; only root can.
  ///   - prefix: a program and its arguments that starts the command, for instance prlimit(1).
  public static func run(
    _ arguments: [String], environment: [String: String] = [:], directory: String? = nil, user: Int? = nil,
    prefix: [String] = []
  ) throws -> Shell.Result {
    var command = [path] + arguments
    if let user { command = become(user) + [pathForOthers] + arguments }
    return try Shell.run(prefix + command, environment: environment, directory: directory)
  }

  private static func become(_ user: Int) -> [String] {
    ["setpriv", "--reuid", "\(user)", "--regid", "\(user)", "--clear-groups"]
  }

  /// The program where any user may start it: itself, or a copy where the build folder is closed to others.
  private static let pathForOthers: String = {
    if let result = try? Shell.run(become(65534) + [path, "--version"]), result.status == 0 { return path }
    try? FileManager.default.createDirectory(atPath: copyFolder, withIntermediateDirectories: false)
    try? FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: copyFolder)
    try? FileManager.default.copyItem(atPath: path, toPath: copyFolder + "/omphalos")
    atexit { try? FileManager.default.removeItem(atPath: CommandLineTool.copyFolder) }
    return copyFolder + "/omphalos"
  }()
  private static let copyFolder = NSTemporaryDirectory() + "/omphalos-for-others-\(getpid())"
}

/// The plugins of `ExamplePlugins/`, built.
public enum ExamplePlugins {
  private static let built = Result { () throws -> String in
    if let folder = ProcessInfo.processInfo.environment["OMPHALOS_PLUGINS"], !folder.isEmpty { return folder }
    let output = Compiler.root + "/build/plugins"
    let result = try Shell.run(["make", "-s", "-C", Compiler.root + "/ExamplePlugins", "OUT=\(output)"])
    guard result.status == 0 else { throw Compiler.Failure(description: result.stdout + result.stderr) }
    return output
  }

  /// The folder with csv.so, jsonl.so and profile.so; built once where nobody did before.
  public static func directory() throws -> String { try built.get() }

  /// One that is built only where what it needs is found; nil where it was not.
  public static func optional(_ name: String) throws -> String? {
    let path = try directory() + "-optional/\(name).so"
    return FileManager.default.fileExists(atPath: path) ? path : nil
  }
}
