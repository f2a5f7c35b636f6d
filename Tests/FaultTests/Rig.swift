import Foundation
import TestSupport

/// A pipeline with everything that a strike could do harm to: a run root with other things in it, files beside it, and
/// a folder for temporary files.
struct Rig: Sendable {
  let path: String
  /// The plugins are shared by all rigs.
  let plugins: String
  /// Who runs the tool in it; nil: whoever runs the tests.
  var user = Faults.user

  var root: String { path + "/runs" }

  /// `omphalos run`, as an ordinary user.
  func run(prefix: [String] = []) throws -> Shell.Result {
    try tool(["run", "pipeline.yaml", "--plugins", plugins], prefix: prefix)
  }

  func tool(_ arguments: [String], prefix: [String] = []) throws -> Shell.Result {
    try CommandLineTool.run(
      arguments, environment: ["TMPDIR": path + "/tmp"], directory: path, user: user, prefix: prefix)
  }

  /// Names in the run root.
  func names() -> Set<String> { Set((try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []) }

  /// What was left in the folder for temporary files.
  func temporaryFiles() -> [String] { (try? FileManager.default.contentsOfDirectory(atPath: path + "/tmp")) ?? [] }

  func remove() {
    _ = try? Shell.run(["chmod", "-R", "u+rwX", path])
    try? FileManager.default.removeItem(atPath: path)
  }
}

/// Makes rigs, all alike.
final class RigMaker: Sendable {
  let pipeline: PipelineFolder
  let template: Rig
  /// What an undisturbed run of the pipeline is called.
  let runID: String
  /// A finalized run that every rig holds from the start.
  let otherRunID: String

  /// Twelve artifacts, some in one step, some written in parts.
  static let twelve = """
    char p[40]; for (int i = 0; i < 12; i++) { if (i == 6) { WHEN_HALF } snprintf(p, 40, "exports/twelve/%d.txt", i); uint64_t h = 0; int32_t s;
    if (i % 3 == 0) { s = put(call, p, "whole"); if (s) return s; continue; }
    s = call->store->create(call->handle, p, strlen(p), NULL, &h); if (s) return s;
    for (int k = 0; k < 2; k++) { s = call->store->write(call->handle, h, p, strlen(p)); if (s) return s; }
    s = call->store->commit(call->handle, h); if (s) return s; }
    """

  /// - Parameter whenHalf: a statement of the exporter, once it has written half of its artifacts.
  init(whenHalf: String = "", in pipeline: PipelineFolder? = nil) throws {
    let pipeline = try pipeline ?? PipelineFolder()
    self.pipeline = pipeline
    try pipeline.addFixture(["ON_RUN": Self.twelve, "WHEN_HALF": whenHalf])
    try pipeline.addExamples("csv", "jsonl")
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: pipeline.path)
    template = Rig(path: pipeline.folder.file("template"), plugins: pipeline.plugins)
    try Self.write(into: pipeline.folder)
    try Faults.handOver(template.path)
    otherRunID = try Self.firstRun(template, "other.yaml")
    // What the pipeline's run is called is learnt in a root that is gone afterwards.
    let trial = Rig(path: pipeline.folder.file("trial"), plugins: pipeline.plugins)
    try Self.copy(template, to: trial)
    runID = try Self.firstRun(trial, "pipeline.yaml")
    trial.remove()
  }

  private static func firstRun(_ rig: Rig, _ file: String) throws -> String {
    let result = try rig.tool(["run", file, "--plugins", rig.plugins, "--quiet"])
    guard result.status == 0 else { throw Faults.CannotArrange(description: result.stderr) }
    return String(result.stdout.split(separator: "\n").last?.split(separator: "/").last ?? "")
  }

  private static func write(into folder: TemporaryFolder) throws {
    try folder.write("template/data/rows.csv", "id,name\n1,a\n2,b\n3,c\n")
    try folder.write("template/pipeline.yaml", """
      schema_version: "1.0"
      run: { name: struck, seed: 7, as_of: "2026-01-01", output_root: runs }
      inputs:
        - { name: rows, connector: org.omphalos.csv/csv, files: { data: data/rows.csv } }
        - { name: numbers, connector: com.example.fixture/source }
      exports:
        - { exporter: com.example.fixture/product, inputs: [numbers] }
        - { exporter: org.omphalos.csv/table, inputs: [rows] }
        - { exporter: org.omphalos.jsonl/records, inputs: [rows] }
      lineage: [ { sink: org.omphalos.jsonl/jsonl } ]

      """)
    try folder.write("template/other.yaml", """
      schema_version: "1.0"
      run: { name: other, output_root: runs }
      inputs: [ { name: rows, connector: org.omphalos.csv/csv, files: { data: data/rows.csv } } ]
      exports: [ { exporter: org.omphalos.csv/table, inputs: [rows] } ]

      """)
    try folder.write("template/tmp/of-somebody-else", "untouched")
    try folder.write("template/beside/notes.txt", "untouched")
    try folder.write("template/runs/notes.txt", "untouched")
    try folder.write("template/runs/archive/run.txt", "untouched")
    try folder.write("template/runs/.hidden.partial/file", "untouched")
    try FileManager.default.createSymbolicLink(
      atPath: folder.file("template/runs/latest"), withDestinationPath: "../beside")
  }

  /// A copy of the template.
  func make(_ name: String, asRoot: Bool = false) throws -> Rig {
    let rig = Rig(path: pipeline.folder.file(name), plugins: pipeline.plugins, user: asRoot ? nil : Faults.user)
    try Self.copy(template, to: rig)
    return rig
  }

  private static func copy(_ rig: Rig, to other: Rig) throws {
    let result = try Shell.run(["cp", "-a", rig.path, other.path])
    guard result.status == 0 else { throw Faults.CannotArrange(description: result.stderr) }
  }
}
