import Foundation

/// A scratch folder with plugins, a pipeline and its inputs, in which the command line tool is run. Undoes itself.
public final class PipelineFolder: Sendable {
  public let folder: TemporaryFolder
  public var path: String { folder.path }
  public var plugins: String { folder.file("plugins") }
  public var runs: String { folder.file("runs") }

  public init() throws {
    folder = try TemporaryFolder()
    try FileManager.default.createDirectory(atPath: folder.file("plugins"), withIntermediateDirectories: false)
    // Whatever the umask of whoever runs the tests: group and others may not write.
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder.file("plugins"))
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder.path)
  }

  /// Copies example plugins ("csv", "jsonl", "profile") into the plugins directory.
  public func addExamples(_ names: String...) throws {
    for name in names {
      try FileManager.default.copyItem(
        atPath: ExamplePlugins.directory() + "/\(name).so", toPath: plugins + "/\(name).so")
    }
  }

  /// Builds `Tests/Fixtures/plugin.c` into the plugins directory.
  ///
  /// - Parameter defines: statements and values by the names that the fixture knows, for instance `["ON_RUN": "abort();"]`.
  @discardableResult
  public func addFixture(
    _ defines: [String: String] = [:], name: String = "fixture.so", flags: [String] = []
  ) throws -> String {
    let source = Compiler.root + "/Tests/Fixtures/plugin.c"
    let output = plugins + "/" + name
    // A define ends at its line.
    let words = defines.sorted { $0.key < $1.key }.map { "-D\($0.key)=\($0.value.replacing("\n", with: " "))" }
    let command =
      Compiler.c + ["-shared", "-fPIC", "-w", "-I", Compiler.include] + words + ["-o", output, source] + flags
    let result = try Shell.run(command)
    guard result.status == 0 else { throw Compiler.Failure(description: result.stderr) }
    return output
  }

  /// Builds a library into a folder beside the plugins, "fixture.d" for `fixture.so`, and returns its path.
  ///
  /// - Parameter soname: nil for a library without one.
  @discardableResult
  public func addLibrary(
    _ name: String, soname: String?, source: String, flags: [String] = [], in place: String = "fixture.d"
  ) throws -> String {
    let folder = plugins + "/" + place
    try FileManager.default.createDirectory(
      atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
    let input = try self.folder.write("sources/\(place)-\(name).c", source)
    let output = folder + "/" + name
    let names = soname.map { ["-Wl,-soname,\($0)"] } ?? []
    let result = try Shell.run(Compiler.c + ["-shared", "-fPIC", "-w", "-o", output, input] + names + flags)
    guard result.status == 0 else { throw Compiler.Failure(description: result.stderr) }
    return output
  }

  /// A pipeline over the fixture: its connector (as of a day, without files), its exporter, and its sink if wanted.
  /// - Parameter rights: what stands in each step beside its capability, by "inputs", "exports" and "lineage".
  public func writeFixturePipeline(
    sink: Bool = false, limits: String = "", hermetic: Bool = false, rights: [String: String] = [:]
  ) throws {
    let more = rights.mapValues { ", \($0)" }
    try folder.write(
      "pipeline.yaml",
      """
      schema_version: "1.0"
      run: { name: fixture, seed: 7, hermetic: \(hermetic), as_of: "2026-01-01", output_root: runs }
      inputs:
        - { name: numbers, connector: com.example.fixture/source\(more["inputs"] ?? "") }
      exports:
        - { exporter: com.example.fixture/product, inputs: [numbers]\(more["exports"] ?? "") }
      \(sink ? "lineage: [ { sink: com.example.fixture/sink\(more["lineage"] ?? "") } ]" : "")
      \(limits.isEmpty ? "" : "limits: { \(limits) }")

      """)
  }

  /// A pipeline in which the exporter of another plugin, built from the fixture under its own id, reads the connector of
  /// the first: two plugins, loaded in this order.
  public func writePairPipeline(first: String = "com.example.fixture", second: String) throws {
    try folder.write(
      "pipeline.yaml",
      """
      schema_version: "1.0"
      run: { name: two, as_of: "2026-01-01", output_root: runs }
      inputs: [ { name: numbers, connector: \(first)/source } ]
      exports: [ { exporter: \(second)/product, inputs: [numbers] } ]

      """)
  }

  /// What a run left behind.
  public struct Outcome: Sendable {
    public let status: Int32
    public let stdout: String
    public let stderr: String
    /// Names of finalized run directories.
    public let finalized: [String]
    /// Names of partial run directories.
    public let partials: [String]
  }

  /// `omphalos run pipeline.yaml --plugins plugins`, in the folder.
  public func run(
    _ more: [String] = [], environment: [String: String] = [:], user: Int? = nil, prefix: [String] = []
  ) throws -> Outcome {
    let result = try CommandLineTool.run(
      ["run", "pipeline.yaml", "--plugins", "plugins"] + more, environment: environment, directory: path, user: user,
      prefix: prefix)
    let entries = (try? FileManager.default.contentsOfDirectory(atPath: runs)) ?? []
    return Outcome(
      status: result.status, stdout: result.stdout, stderr: result.stderr,
      finalized: entries.filter { !$0.hasPrefix(".") && $0 != "ledger.jsonl" }.sorted(), partials: entries.filter { $0.hasPrefix(".") }.sorted())
  }

  /// Gives everything in the folder to another user, so that `run(user:)` can run it. Only root can.
  public func giveAway(to user: Int) throws {
    for path in try [path] + FileManager.default.subpathsOfDirectory(atPath: path).map({ "\(path)/\($0)" }) {
      try FileManager.default.setAttributes([.ownerAccountID: user, .groupOwnerAccountID: user], ofItemAtPath: path)
    }
  }

  /// Builds the fixture with these defines, runs the fixture's pipeline, and tells what came of it.
  public static func runFixture(
    _ defines: [String: String], sink: Bool = false, limits: String = "", hermetic: Bool = false,
    rights: [String: String] = [:], environment: [String: String] = [:]
  ) throws -> (outcome: Outcome, folder: PipelineFolder) {
    let pipeline = try PipelineFolder()
    try pipeline.addFixture(defines)
    try pipeline.writeFixturePipeline(sink: sink, limits: limits, hermetic: hermetic, rights: rights)
    return (try pipeline.run(environment: environment), pipeline)
  }

  /// The text of a file in the only finalized run, or in the only partial one.
  public func text(_ outcome: Outcome, _ file: String) throws -> String {
    let run = outcome.finalized.first ?? outcome.partials.first ?? ""
    return String(decoding: try folder.read("runs/\(run)/\(file)"), as: UTF8.self)
  }

  /// Command lines of processes that have to do with this folder. One that is just ending gets two seconds.
  public func processes() -> [String] {
    for _ in 0..<100 {
      let found = processesNow()
      if found.isEmpty { return [] }
      usleep(20_000)
    }
    return processesNow()
  }

  /// Processes that have this folder's path among their arguments, are in it, or hold a file of it open.
  private func processesNow() -> [String] {
    let all = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return all.filter { Int32($0) != nil && Int32($0) != getpid() }.compactMap { pid in
      let command = (try? String(contentsOfFile: "/proc/\(pid)/cmdline", encoding: .utf8)) ?? ""
      let place = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(pid)/cwd")) ?? ""
      guard command.contains(path) || place.hasPrefix(path) || place.contains("/omphalos-") && isOurs(pid) else { return nil }
      return "\(pid) \(command)"
    }
  }

  private func isOurs(_ pid: String) -> Bool {
    let descriptors = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/fd")) ?? []
    return descriptors.contains { name in
      let target = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(pid)/fd/\(name)")) ?? ""
      return target.hasPrefix(path)
    }
  }
}
