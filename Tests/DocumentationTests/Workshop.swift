import Foundation
import TestSupport

/// A scratch folder that looks like the repository after `make plugins`, with `omphalos` in PATH: where the commands of
/// a guide are run.
struct Workshop {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    let files = FileManager.default
    for name in ["ExamplePlugins", "include", "Tests/Verifier"] {
      let place = folder.file(name)
      try files.createDirectory(
        atPath: (place as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
      try files.copyItem(atPath: Compiler.root + "/" + name, toPath: place)
    }
    try files.createDirectory(atPath: folder.file("build"), withIntermediateDirectories: false)
    try files.copyItem(atPath: ExamplePlugins.directory(), toPath: folder.file("build/plugins"))
    try files.createDirectory(atPath: folder.file("bin"), withIntermediateDirectories: false)
    try files.createSymbolicLink(atPath: folder.file("bin/omphalos"), withDestinationPath: CommandLineTool.path)
    // Whatever the umask of whoever runs the tests: the host refuses folders that others may write.
    for name in ["build", "build/plugins"] {
      try files.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder.file(name))
    }
  }

  /// Both outputs in the order in which they were written.
  func run(_ commands: String, environment: [String: String] = [:]) throws -> (status: Int32, output: String) {
    let path = folder.file("bin") + ":" + (ProcessInfo.processInfo.environment["PATH"] ?? "")
    let own = ["PATH": path, "HOME": folder.path, "OMPHALOS_INCLUDE": folder.file("include")]
    let environment = environment.merging(own) { given, _ in given }
    let result = try Shell.run(
      ["bash", "-euo", "pipefail", "-c", "exec 2>&1; umask 022\n" + commands], environment: environment,
      directory: folder.path)
    return (result.status, result.stdout)
  }
}
