import LinuxCalls
import OmphalosValues
import RunRecord
import TestSupport

@testable import RunDirectory

/// A small run on disk, made by the code that makes every run.
struct SampleRun {
  let folder: TemporaryFolder
  var artifacts: [String: String] = ["exports/a.csv": "id\n1\n", "exports/deep/b.csv": "id\n2\n"]
  var relaxations: [String] = []

  init() throws { folder = try TemporaryFolder() }

  var root: String { folder.file("runs") }

  var identity: RunIdentity {
    RunIdentity(
      configPayload: ["schema_version": "1.0", "run": ["name": "sample"]],
      inputs: [try! InstanceName("registry"): SHA256Digest(hashing: "input")],
      plugins: [try! PluginID("com.example.tables"): SHA256Digest(hashing: "plugin")])
  }

  /// What the store would say: every artifact with digest and size.
  var index: [FileRecord] {
    artifacts.map { path, text in
      FileRecord(
        path: try! ArtifactPath(path), sha256: SHA256Digest(hashing: text), bytes: UInt64(text.utf8.count))
    }.sortedByPath()
  }

  func makePartial() throws -> PartialRun {
    let partial = try PartialRun.create(root: root, runID: identity.runID, pipeline: "sample")
    try writeArtifacts(partial)
    return partial
  }

  func writeArtifacts(_ partial: PartialRun) throws {
    for (path, text) in artifacts { try folder.write(inside(partial, path), text) }
    try folder.write(inside(partial, "logs/run.jsonl"), "{}\n")
  }

  /// The path of a file of the partial, as the temporary folder names it.
  func inside(_ partial: PartialRun, _ path: String) -> String { "runs/\(partial.name)/\(path)" }

  func record(_ partial: PartialRun) throws -> RunRecord {
    var facts = RunFacts(
      identity: identity, pipeline: PipelineSource(name: "p.yaml", sha256: SHA256Digest(hashing: "p")),
      hermetic: false, host: HostFacts(version: "0.1.0", sha256: nil))
    facts.relaxations = relaxations
    facts.plugins = [plugin]
    facts.lineage = [LineageEvent.make(.export, in: identity, inputs: ["registry"], outputs: artifacts.keys.sorted())]
    facts.artifacts = index.map { record in
      ArtifactFacts(
        record: record, role: .briefingTable, mediaType: "text/csv", description: "",
        producer: Producer(
          plugin: try! PluginID("com.example.tables"), capability: try! CapabilityName("csv"),
          instance: "exports[0]", call: 1))
    }
    return RunRecord.build(facts, logs: [try partial.record(of: RunLayout.log)])
  }

  private var plugin: PluginFacts {
    PluginFacts(
      id: try! PluginID("com.example.tables"), version: try! SemanticVersion("1.0.0"), vendor: "Example",
      license: "MIT",
      file: PluginFile(
        name: "tables.so", sha256: SHA256Digest(hashing: "plugin"), bytes: 6, buildID: nil, soname: nil,
        neededLibraries: ["libc.so.6"]),
      abi: PluginABIFacts(major: 1, minorRequired: 0, minorBuilt: 0, draft: 1), declaresHermetic: true,
      capabilities: [
        PluginCapabilityFacts(
          kind: "exporter", name: try! CapabilityName("csv"), interfaceVersion: 1, isHermetic: true, isUsed: true)
      ],
      decision: .admissible)
  }

  /// Makes and finalizes the run and returns its path.
  func finalize() throws -> String {
    let partial = try makePartial()
    guard case .finalized(let run) = try partial.finalize(try record(partial)) else {
      throw RunDirectoryError.notADirectory(path: root, cause: "a run was there before")
    }
    return run.path
  }
}

/// For tests that change what a finalized run protects.
func makeWritable(_ path: String) throws {
  let result = try Shell.run(["chmod", "-R", "u+w", path])
  guard result.status == 0 else { throw RunDirectoryError.notADirectory(path: path, cause: result.stderr) }
}

func names(in path: String) throws -> [String] {
  try File.open(path, .directory).entries().compactMap(\.name)
}
