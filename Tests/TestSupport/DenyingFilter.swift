/// Starts the command line tool under a filter of the kernel that refuses a system call: see `Tests/Fixtures/deny_call.c`.
public enum DenyingFilter {
  /// Where no such filter may be set up.
  public static let isNotPossible: Int32 = 77

  public static func run(
    without call: String, _ arguments: [String], in pipeline: PipelineFolder
  ) throws -> Shell.Result {
    let program = pipeline.folder.file("deny_call")
    let built = try Shell.run(Compiler.c + ["-o", program, Compiler.root + "/Tests/Fixtures/deny_call.c"])
    guard built.status == 0 else { throw Compiler.Failure(description: built.stderr) }
    return try Shell.run([program, call, CommandLineTool.path] + arguments, directory: pipeline.path)
  }
}
