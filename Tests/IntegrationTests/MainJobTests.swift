import Foundation
import TestSupport
import Testing

private let shared: String? = {
  let folder = ProcessInfo.processInfo.environment["OMPHALOS_SHARED"] ?? Compiler.root + "/../shared"
  return FileManager.default.fileExists(atPath: folder + "/data/sanctioned_entities.csv") ? folder : nil
}()
private let python = Shell.find("python3")

@Suite("The main job")
struct MainJobTests {
  /// The demo's pipeline with the demo's data, in a folder of its own.
  private func demo() throws -> PipelineFolder {
    let pipeline = try PipelineFolder()
    try pipeline.addExamples("csv", "jsonl", "profile")
    let examples = Compiler.root + "/ExamplePlugins"
    for name in ["sanctioned_entities.csv", "harmonized_system.csv"] {
      try pipeline.folder.write(name, Array(try Data(contentsOf: URL(fileURLWithPath: "\(examples)/data/\(name)"))))
    }
    let text = try String(contentsOfFile: examples + "/demo/pipeline.yaml", encoding: .utf8)
    try pipeline.folder.write(
      "pipeline.yaml", text.replacing("../data/", with: "").replacing("../../runs", with: "runs"))
    return pipeline
  }

  private func manifest(_ pipeline: PipelineFolder, _ outcome: PipelineFolder.Outcome) throws -> [String: Any] {
    let text = try pipeline.text(outcome, "run_manifest.json")
    return try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  @Test("reads real tables, writes what was asked for, and leaves a run that two verifiers accept")
  func demoRun() throws {
    let pipeline = try demo()
    let outcome = try pipeline.run(["--hermetic"])
    #expect(outcome.status == 0, "\(outcome.stderr)")
    let run = try #require(outcome.finalized.first)
    #expect(outcome.partials == [])
    let verified = try CommandLineTool.run(["verify", "runs/\(run)"], directory: pipeline.path)
    #expect(verified.status == 0)
    #expect(verified.stdout.contains("\(run) is whole"))
    if let python {
      let second = try Shell.run([python, Compiler.root + "/Tests/Verifier/verify_run.py", "\(pipeline.runs)/\(run)"])
      #expect(second.status == 0, "\(second.stdout)\(second.stderr)")
    }
    for name in ["sanctioned_entities", "harmonized_system"] {
      let output = name == "sanctioned_entities" ? "entities" : "commodities"
      #expect(try pipeline.folder.read("\(name).csv") == pipeline.folder.read("runs/\(run)/exports/\(output).csv"))
    }
  }

  @Test("the manifest has every key of format 1.0 and no other at the top")
  func manifestKeys() throws {
    let pipeline = try demo()
    let outcome = try pipeline.run()
    let manifest = try manifest(pipeline, outcome)
    #expect(
      Set(manifest.keys) == [
        "schema_version", "run_id", "created_at", "config", "inputs", "artifacts", "reports", "lineage", "warehouse",
        "exports",
      ])
    let exports = try #require(manifest["exports"] as? [String: [String]])
    #expect(exports["briefing_tables"] == ["exports/commodities.csv", "exports/entities.csv"])
    #expect(manifest["lineage"] as? String == "lineage/lineage.jsonl")
  }

  @Test("made again it is reproduced; one changed byte of an input makes another run")
  func reproduced() throws {
    let pipeline = try demo()
    let first = try pipeline.run()
    let second = try pipeline.run()
    #expect(second.status == 0)
    #expect(second.stdout.hasPrefix("Reproduced \(first.finalized[0])"))
    #expect(second.finalized == first.finalized && second.partials == [])
    let third = try pipeline.run(["--no-rerun", "--quiet"])
    #expect(third.stdout == "runs/\(first.finalized[0])\n")
    var bytes = try pipeline.folder.read("sanctioned_entities.csv")
    let place = try #require(bytes.lastIndex(of: UInt8(ascii: "o")))
    bytes[place] = UInt8(ascii: "u")
    try pipeline.folder.write("sanctioned_entities.csv", bytes)
    let changed = try pipeline.run()
    #expect(changed.status == 0)
    #expect(changed.finalized.count == 2)
  }

  @Test("is the same run whatever the zone, language, directory, umask and environment of the caller")
  func independent() throws {
    let pipeline = try demo()
    let first = try pipeline.run()
    let result = try Shell.run(
      [
        "bash", "-c",
        "umask 077; cd / && exec '\(CommandLineTool.path)' run '\(pipeline.path)/pipeline.yaml' --plugins '\(pipeline.plugins)'",
      ],
      environment: ["TZ": "Asia/Tokyo", "LANG": "tr_TR.UTF-8", "LC_ALL": "C", "ANYTHING": "else", "MALLOC_ARENA_MAX": "1"])
    #expect(result.status == 0, "\(result.stderr)")
    #expect(result.stdout.hasPrefix("Reproduced \(first.finalized[0])"))
  }

  @Test("a rebuilt plugin makes another run, and the same products")
  func rebuiltPlugin() throws {
    let pipeline = try PipelineFolder()
    try pipeline.addFixture(flags: ["-Wl,--build-id=0x1234"])
    try pipeline.writeFixturePipeline()
    let first = try pipeline.run()
    try pipeline.addFixture(flags: ["-Wl,--build-id=0x5678"])
    let second = try pipeline.run()
    #expect(second.finalized.count == 2)
    let products = try second.finalized.map { try pipeline.folder.read("runs/\($0)/exports/count.txt") }
    #expect(products[0] == products[1])
    #expect(first.finalized != second.finalized)
  }

  @Test("two at once make one run, and neither is damaged")
  func atOnce() throws {
    let pipeline = try demo()
    let command = "'\(CommandLineTool.path)' run pipeline.yaml --plugins plugins"
    let result = try Shell.run(["bash", "-c", "\(command) & \(command); a=$?; wait $!; exit $((a + $?))"], directory: pipeline.path)
    #expect(result.status == 0, "\(result.stderr)")
    let entries = try FileManager.default.contentsOfDirectory(atPath: pipeline.runs).filter { $0 != "ledger.jsonl" }
    #expect(entries.count == 1)
    #expect(try CommandLineTool.run(["verify", "runs/\(entries[0])"], directory: pipeline.path).status == 0)
  }

  @Test("an input file that changes while it is read fails the run and is named")
  func changingInput() throws {
    let pipeline = try PipelineFolder()
    try pipeline.addExamples("csv")
    try pipeline.folder.write("data.csv", "a,b\n1,x\n")
    try pipeline.addFixture([
      "ON_RUN": "int fd = open(\"\(pipeline.folder.file("data.csv"))\", O_WRONLY | O_APPEND); write(fd, \"2,y\\n\", 4); close(fd);"
    ])
    try pipeline.folder.write(
      "pipeline.yaml",
      """
      schema_version: "1.0"
      run: { name: changing, output_root: runs }
      inputs:
        - { name: data, connector: org.omphalos.csv/csv, files: { data: data.csv } }
      exports:
        - { exporter: com.example.fixture/product, inputs: [data] }

      """)
    let outcome = try pipeline.run()
    #expect(outcome.status == 65)
    #expect(outcome.stderr.contains("The input file \"data.csv\" (input data) changed during the run"))
    #expect(outcome.finalized == [])
  }

  @Test(
    "100,000 shipments and the two full tables pass through byte for byte as Python's csv module writes them",
    .enabled(if: shared != nil && python != nil, "the shared tables or python3 are not there"))
  func fullTables() throws {
    let shared = try #require(shared)
    let pipeline = try PipelineFolder()
    try pipeline.addExamples("csv")
    let made = try Shell.run([
      python ?? "python3", "\(shared)/tools/make_trade_feed.py", "--rows", "100000", "--out", pipeline.folder.file("feed.csv"),
    ])
    #expect(made.status == 0)
    for name in ["sanctioned_entities.csv", "harmonized_system.csv"] {
      try FileManager.default.copyItem(atPath: "\(shared)/data/\(name)", toPath: pipeline.folder.file(name))
    }
    try pipeline.folder.write(
      "pipeline.yaml",
      """
      schema_version: "1.0"
      run: { name: full, hermetic: true, output_root: runs }
      inputs:
        - { name: feed, connector: org.omphalos.csv/csv, files: { data: feed.csv } }
        - { name: entities, connector: org.omphalos.csv/csv, files: { data: sanctioned_entities.csv } }
        - { name: commodities, connector: org.omphalos.csv/csv, files: { data: harmonized_system.csv } }
      exports:
        - { exporter: org.omphalos.csv/table, inputs: [feed, entities, commodities] }

      """)
    let outcome = try pipeline.run(["--format", "json"])
    #expect(outcome.status == 0, "\(outcome.stderr)")
    let script = """
      import csv, io, sys
      for source, copy in zip(sys.argv[1::2], sys.argv[2::2]):
          rows = list(csv.reader(open(source, newline="", encoding="utf-8")))
          text = io.StringIO()
          csv.writer(text, lineterminator="\\n").writerows(rows)
          assert open(copy, "rb").read() == text.getvalue().encode(), source
          print(len(rows) - 1)
      """
    let exports = "\(pipeline.runs)/\(try #require(outcome.finalized.first))/exports"
    let compared = try Shell.run(
      [
        python ?? "python3", "-c", script, pipeline.folder.file("feed.csv"), "\(exports)/feed.csv",
        pipeline.folder.file("sanctioned_entities.csv"), "\(exports)/entities.csv",
        pipeline.folder.file("harmonized_system.csv"), "\(exports)/commodities.csv",
      ])
    #expect(compared.status == 0, "\(compared.stderr)")
    #expect(compared.stdout == "100000\n8111\n6940\n")
    let result = try JSONSerialization.jsonObject(with: Data(outcome.stdout.utf8)) as? [String: Any]
    let rows = (result?["inputs"] as? [[String: Any]])?.compactMap { $0["rows"] as? Int }
    #expect(rows == [100_000, 8_111, 6_940])
  }

  @Test("the program exports no symbol that a plugin could meet")
  func noExports() throws {
    let result = try Shell.run(["nm", "-D", "--defined-only", CommandLineTool.path])
    #expect(result.stdout == "")
  }
}
