import Foundation
import TestSupport
import Testing

@Suite("The way of a secret to its plugin")
struct SecretPlacesTests {
  private static let value = "hunter2-hunter2"

  private func pipeline() throws -> PipelineFolder {
    let pipeline = try PipelineFolder()
    try pipeline.addFixture()
    try pipeline.writeFixturePipeline(rights: ["exports": "config: { token: { secret: { env: API_TOKEN } } }"])
    return pipeline
  }

  @Test(
    "is a sealed memory file: nothing else that is written holds the value, nor do arguments and variables of the worker",
    .enabled(if: Shell.find("strace") != nil, "strace is not installed"))
  func written() throws {
    let pipeline = try pipeline()
    let trace = pipeline.folder.file("trace")
    let result = try Shell.run(
      [
        "strace", "-f", "-v", "-y", "-s", "100000", "-e", "trace=execve,write,writev,pwrite64,sendto,sendmsg", "-o", trace,
        CommandLineTool.path, "run", "pipeline.yaml", "--plugins", "plugins",
      ], environment: ["API_TOKEN": Self.value], directory: pipeline.path)
    #expect(result.status == 0, "\(result.stderr)")
    let lines = try String(contentsOfFile: trace, encoding: .utf8).split(separator: "\n")
    let calls = lines.filter { $0.contains(Self.value) }
    // The command itself was started with the variable, and the worker by another execve.
    #expect(calls.filter { $0.contains("execve(") }.count == 1 && lines.filter { $0.contains("execve(") }.count == 2)
    let written = calls.filter { !$0.contains("execve(") }
    #expect(!written.isEmpty && written.allSatisfy { $0.contains("memfd:") }, "\(written.map { $0.prefix(120) })")
  }

  @Test("leads over no disk where a system has no memory files: the run is refused instead")
  func withoutMemoryFiles() throws {
    let pipeline = try pipeline()
    // The filter's process hands its environment on.
    setenv("OMPHALOS_TEST_API_TOKEN", Self.value, 1)
    defer { unsetenv("OMPHALOS_TEST_API_TOKEN") }
    try pipeline.writeFixturePipeline(rights: ["exports": "config: { token: { secret: { env: OMPHALOS_TEST_API_TOKEN } } }"])
    let arguments = ["run", "pipeline.yaml", "--plugins", "plugins", "--load-mode", "path"]
    let refused = try DenyingFilter.run(without: "memfd_create", arguments, in: pipeline)
    if refused.status == DenyingFilter.isNotPossible { try Test.cancel("no seccomp filter may be set up here") }
    #expect(refused.status == 65)
    #expect(refused.stderr.contains("secrets reach the worker by a memory file alone, and this system gives none"), "\(refused.stderr)")
    try pipeline.writeFixturePipeline()
    #expect(try DenyingFilter.run(without: "memfd_create", arguments, in: pipeline).status == 0)
  }

  @Test("is shown by plan, without the value")
  func planned() throws {
    let pipeline = try pipeline()
    let arguments = ["plan", "pipeline.yaml", "--plugins", "plugins"]
    let text = try CommandLineTool.run(arguments, environment: ["API_TOKEN": Self.value], directory: pipeline.path)
    #expect(text.stdout.contains("\n  secret    exports[0].config.token from the variable API_TOKEN of the environment\n"))
    let json = try CommandLineTool.run(
      arguments + ["--format", "json"], environment: ["API_TOKEN": Self.value], directory: pipeline.path)
    let root = try JSONSerialization.jsonObject(with: Data(json.stdout.utf8)) as? [String: Any]
    let secrets = root?["secrets"] as? [[String: Any]]
    #expect(secrets?.count == 1 && secrets?.first?["place"] as? String == "exports[0].config.token")
    #expect(!text.stdout.contains(Self.value) && !json.stdout.contains(Self.value))
  }
}
