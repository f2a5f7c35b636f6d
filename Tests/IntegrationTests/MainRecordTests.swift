import Foundation
import TestSupport
import Testing

@Suite("What a run leaves")
struct MainRecordTests {
  private typealias Object = [String: Any]

  /// A run of all three example plugins over a table of two rows.
  private func finished(umask: String = "022") throws -> (pipeline: PipelineFolder, run: String) {
    let pipeline = try PipelineFolder()
    try pipeline.addExamples("csv", "jsonl", "profile")
    try pipeline.folder.write("people.csv", "id,name\n1,Ada\n2,\"Grace, Hopper\"\n")
    try pipeline.folder.write(
      "pipeline.yaml",
      """
      schema_version: "1.0"
      run: { name: people, seed: 5, hermetic: true, output_root: made/by/this/run }
      inputs:
        - { name: people, connector: org.omphalos.csv/csv, files: { data: people.csv } }
      exports:
        - { exporter: org.omphalos.csv/table, inputs: [people] }
        - { exporter: org.omphalos.jsonl/records, inputs: [people] }
        - { exporter: org.omphalos.profile/profile, inputs: [people] }
      lineage: [ { sink: org.omphalos.jsonl/jsonl } ]

      """)
    let result = try Shell.run(
      ["bash", "-c", "umask \(umask); exec '\(CommandLineTool.path)' run pipeline.yaml --plugins plugins --quiet"],
      directory: pipeline.path)
    try #require(result.status == 0, "\(result.stderr)")
    return (pipeline, String(result.stdout.dropLast()))
  }

  private func json(_ pipeline: PipelineFolder, _ file: String) throws -> Object {
    try #require(try JSONSerialization.jsonObject(with: Data(try pipeline.folder.read(file))) as? Object)
  }

  @Test("every object of the manifest has the keys of format 1.0")
  func manifest() throws {
    let (pipeline, run) = try finished()
    let manifest = try json(pipeline, "\(run)/run_manifest.json")
    #expect(run == "made/by/this/run/\(manifest["run_id"] as? String ?? "")")
    #expect(manifest["schema_version"] as? String == "1.0")
    #expect((manifest["created_at"] as? String)?.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/) != nil)
    let config = try #require(manifest["config"] as? Object)
    #expect(Set(config.keys).isSuperset(of: ["fingerprint", "payload", "source", "identity"]))
    let source = try #require(config["source"] as? Object)
    #expect(Set(source.keys) == ["name", "sha256"])
    #expect(source["name"] as? String == "pipeline.yaml")
    let input = try #require((manifest["inputs"] as? [Object])?.first)
    #expect(Set(input.keys) == ["name", "fingerprint", "row_count"])
    #expect(input["row_count"] as? Int == 2)
    let artifacts = try #require(manifest["artifacts"] as? Object)
    #expect(Set(artifacts.keys) == ["root_hash", "files", "control_files"])
    for list in ["files", "control_files"] {
      let files = try #require(artifacts[list] as? [Object])
      #expect(!files.isEmpty)
      for file in files { #expect(Set(file.keys) == ["path", "sha256", "bytes"]) }
    }
    #expect(
      manifest["reports"] as? [String: String] == [
        "quality": "reports/quality_report.json", "determinism": "reports/determinism_report.json",
        "publishability": "reports/publishability_report.json", "sbom": "reports/sbom.cdx.json",
      ])
    #expect(manifest["warehouse"] as? String == "warehouse/index.jsonl")
    #expect(Set((manifest["exports"] as? Object ?? [:]).keys) == ["briefing_tables", "packets", "narratives"])
  }

  @Test("each report names the run and passes; the inventory has the plugins with the digests of their files")
  func reports() throws {
    let (pipeline, run) = try finished()
    let id = String(try #require(run.split(separator: "/").last))
    for name in ["quality", "determinism"] {
      let report = try json(pipeline, "\(run)/reports/\(name)_report.json")
      #expect(report["run_id"] as? String == id)
      #expect(report["status"] as? String == "PASS", "\(name)")
    }
    let publishability = try json(pipeline, "\(run)/reports/publishability_report.json")
    #expect(publishability["target"] as? String == id)
    #expect(try json(pipeline, "\(run)/reports/sbom.cdx.json")["bomFormat"] as? String == "CycloneDX")
    let inventory = String(decoding: try pipeline.folder.read("\(run)/reports/plugins.json"), as: UTF8.self)
    for name in ["csv", "jsonl", "profile"] {
      let digest = try Shell.run(["sha256sum", "\(pipeline.plugins)/\(name).so"]).stdout.prefix(64)
      #expect(digest.count == 64 && inventory.contains(digest))
    }
  }

  @Test("the lineage tells what was read and what was written, and the sink got the same events")
  func lineage() throws {
    let (pipeline, run) = try finished()
    let lines = String(decoding: try pipeline.folder.read("\(run)/lineage/lineage.jsonl"), as: UTF8.self)
      .split(separator: "\n")
    let events = try lines.map { try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? Object) }
    #expect(events.map { $0["kind"] as? String } == ["INGEST", "EXPORT", "EXPORT", "EXPORT"])
    #expect(events[0]["inputs"] as? [String] == ["data"])
    #expect(
      events.map { $0["outputs"] as? [String] ?? [] } == [
        ["people"], ["exports/people.csv"], ["exports/people.jsonl"], ["exports/people.profile.json"],
      ])
    #expect(Set(events.compactMap { $0["event_id"] as? String }).count == 4)
    #expect(
      try pipeline.folder.read("\(run)/lineage/events.jsonl") == pipeline.folder.read("\(run)/lineage/lineage.jsonl"))
  }

  @Test("is read-only, whatever the caller's umask: 0444 and 0555", arguments: ["000", "022", "077"])
  func modes(_ umask: String) throws {
    let (pipeline, run) = try finished(umask: umask)
    let found = try Shell.run(["find", run, "-printf", "%y %m\\n"], directory: pipeline.path).stdout
    #expect(Set(found.split(separator: "\n")) == ["d 555", "f 444"])
    #expect(try Shell.run(["find", run, "-links", "+1", "-type", "f"], directory: pipeline.path).stdout == "")
  }

  @Test("is at the path that was printed and nowhere else: no partial directory, nothing in the caller's folder")
  func place() throws {
    let (pipeline, run) = try finished()
    let names = try FileManager.default.contentsOfDirectory(atPath: pipeline.path)
    #expect(names.sorted() == ["made", "people.csv", "pipeline.yaml", "plugins"])
    let root = try FileManager.default.contentsOfDirectory(atPath: pipeline.folder.file("made/by/this/run"))
    #expect(root.sorted().map { "made/by/this/run/\($0)" } == ["made/by/this/run/ledger.jsonl", run])
  }
}
