import Foundation

/// Builds small plugins for tests with the C compiler that is there.
public struct Compiler: Sendable {
  public struct Failure: Error, CustomStringConvertible {
    public let description: String
    public init(description: String) { self.description = description }
  }

  /// The repository's folder.
  public static let root: String = {
    var url = URL(fileURLWithPath: #filePath)
    for _ in 0..<3 { url.deleteLastPathComponent() }
    return url.path
  }()

  /// The folder of `omphalos/plugin.h`.
  public static let include = root + "/include"

  /// clang, which comes with Swift, or else gcc.
  public static let c: [String] = [Shell.find("clang") ?? Shell.find("gcc") ?? "cc"]

  /// Where the results go; removed with this value's last copy.
  public let folder: TemporaryFolder

  public init() throws { folder = try TemporaryFolder() }

  /// Compiles and links C source into `name` and returns its path.
  public func sharedObject(
    c source: String, name: String = "plugin.so", flags: [String] = [], compiler: [String] = Compiler.c
  ) throws -> String {
    let input = try folder.write(name + ".c", source)
    return try link([input], name: name, flags: flags, compiler: compiler)
  }

  /// Compiles and links source files into `name`.
  public func link(
    _ inputs: [String], name: String, flags: [String] = [], compiler: [String] = Compiler.c
  ) throws -> String {
    let output = folder.file(name)
    // Flags come last: they may name libraries.
    let command = compiler + ["-shared", "-fPIC", "-I", Compiler.include, "-o", output] + inputs + flags
    let result = try Shell.run(command)
    guard result.status == 0 else {
      throw Failure(description: command.joined(separator: " ") + "\n" + result.stdout + result.stderr)
    }
    // Warnings are failures of the test that wrote the source.
    guard result.stderr.isEmpty else { throw Failure(description: result.stderr) }
    return output
  }
}
