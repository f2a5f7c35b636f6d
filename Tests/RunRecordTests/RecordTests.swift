import OmphalosValues
import Testing

@testable import RunRecord

@Suite struct RecordTests {
  private func control(_ record: RunRecord, _ path: ArtifactPath) throws -> JSONValue {
    let file = try #require(record.controlFiles.first { $0.path == path })
    return try JSONValue.parse(file.content)
  }

  @Test("every file that users parse is as it was when someone last looked at it")
  func goldenFiles() throws {
    let record = RunRecord.build(SampleRun.facts, logs: [SampleRun.log])
    try Golden.check(record.manifest.bytes, is: "run_manifest.json")
    for file in record.controlFiles + record.payloadFiles {
      try Golden.check(file.content, is: try #require(file.path.parts.last))
    }
  }

  @Test("the same facts make the same bytes, in whatever order files and plugins come")
  func orderDoesNotMatter() {
    var shuffled = SampleRun.facts
    shuffled.artifacts.reverse()
    shuffled.plugins.reverse()
    shuffled.otherFiles.reverse()
    let first = RunRecord.build(SampleRun.facts)
    let second = RunRecord.build(shuffled)
    #expect(first.manifest.bytes == second.manifest.bytes)
    #expect(first.controlFiles == second.controlFiles)
  }

  @Test("the manifest lists every file that the host writes, and the log, with digest and size")
  func manifestListsAll() {
    let record = RunRecord.build(SampleRun.facts, logs: [SampleRun.log])
    let manifest = record.manifest
    #expect(manifest.controlFiles == (record.controlFiles.map(\.record) + [SampleRun.log]).sortedByPath())
    #expect(
      manifest.files == (SampleRun.facts.artifacts.map(\.record) + record.payloadFiles.map(\.record)).sortedByPath())
    #expect(manifest.payloadRoot == PayloadRoot.compute(manifest.files))
  }

  @Test("the export lists hold the artifacts of each role in byte order")
  func roles() {
    let exports = RunRecord.build(SampleRun.facts).manifest.exports
    #expect(exports.briefingTables.map(\.text) == ["exports/tables/a.csv", "exports/tables/b.csv"])
    #expect(exports.packets.map(\.text) == ["exports/packet.json"])
    #expect(exports.narratives.map(\.text) == ["exports/notes.md"])
  }

  @Test("an exporter's warehouse file takes the place of the host's index")
  func warehouse() throws {
    let own = RunRecord.build(SampleRun.facts)
    #expect(own.manifest.warehouse.text == "warehouse/index.jsonl")
    #expect(own.payloadFiles.map(\.path.text) == ["lineage/lineage.jsonl", "warehouse/index.jsonl"])

    var facts = SampleRun.facts
    facts.artifacts.append(SampleRun.artifact("warehouse/all.sqlite", .warehouse))
    let made = RunRecord.build(facts)
    #expect(made.manifest.warehouse.text == "warehouse/all.sqlite")
    #expect(made.payloadFiles.map(\.path.text) == ["lineage/lineage.jsonl"])
  }

  @Test("a check that nobody made is not in the quality report")
  func onlyRealChecks() throws {
    var facts = SampleRun.facts
    facts.treeCheck = nil
    facts.inputs[0].filesStayedUnchanged = nil
    let report = try control(RunRecord.build(facts), RunLayout.qualityReport)
    let names = report["checks"]?.arrayValue?.compactMap { $0["name"]?.stringValue } ?? []
    #expect(names == ["every_input_row_counted", "inputs_pinned", "no_relaxations", "no_plugin_findings"])
    #expect(report["status"] == "PASS")
  }

  @Test("relaxations, loose inputs and cut streams are warnings; a differing tree or a changed input fails")
  func warningsAndFailures() throws {
    var facts = SampleRun.facts
    facts.relaxations = ["Plugins were loaded by path."]
    facts.inputs[0].wasReadToEnd = false
    facts.inputs[0].files = []
    func statuses() throws -> [String: String] {
      let report = try control(RunRecord.build(facts), RunLayout.qualityReport)
      var result = ["": report["status"]?.stringValue ?? ""]
      for check in report["checks"]?.arrayValue ?? [] {
        result[check["name"]?.stringValue ?? "?"] = check["status"]?.stringValue
      }
      return result
    }
    var found = try statuses()
    #expect(found["no_relaxations"] == "WARN")
    #expect(found["inputs_pinned"] == "WARN")
    #expect(found["every_input_row_counted"] == "WARN")
    #expect(found[""] == "PASS")

    facts.treeCheck?.violations = ["exports/x is extra."]
    facts.inputs[0].filesStayedUnchanged = false
    found = try statuses()
    #expect(found["tree_equals_store_index"] == "FAIL")
    #expect(found["inputs_unchanged"] == "FAIL")
    #expect(found[""] == "FAIL")
  }

  @Test("the publishability report does not pretend that files were examined")
  func publishability() throws {
    let report = try control(RunRecord.build(SampleRun.facts), RunLayout.publishabilityReport)
    let findings = try #require(report["findings"]?.arrayValue)
    #expect(findings.map { $0["rule"] } == ["no-rules-configured"])
    #expect(report["run_id"] == nil)
    #expect(report["target"]?.stringValue == SampleRun.identity.runID.text)
  }

  @Test("a metric that JSON cannot write is written as text")
  func infiniteMetric() throws {
    var facts = SampleRun.facts
    facts.metrics = [MetricFacts(name: "ratio", value: .infinity, producer: SampleRun.producer)]
    let report = try control(RunRecord.build(facts), RunLayout.attribution)
    #expect(report["metrics"]?.arrayValue?.first?["value"] == "inf")
  }

  @Test("a run without inputs and artifacts has a whole record too")
  func emptyRun() {
    let facts = RunFacts(
      identity: SampleRun.identity, pipeline: PipelineSource(name: "p.yaml", sha256: SampleRun.digest("p")),
      hermetic: false, host: HostFacts(version: "0.1.0", sha256: nil))
    let record = RunRecord.build(facts)
    #expect(RunManifest.parse(record.manifest.bytes).problems.isEmpty)
    #expect(record.payloadFiles.map(\.content) == [[], []])
  }
}
