import Foundation
import TestSupport
import Testing

@Suite("The sqlite exporter")
struct SQLiteExporterTests {
  private static let people = """
    name,age,score,member,born,note
    Ann,36,0.5,true,1988-02-29,
    "Bo ""the"" Bold",-9223372036854775808,1e+16,false,1969-12-31,"é
    two lines"
    ,,,,,last

    """

  private func folder(limits: String = "") throws -> PipelineFolder {
    guard let plugin = try ExamplePlugins.optional("sqlite") else {
      try Test.cancel("sqlite.so is not built here: SQLite's header was not found")
    }
    let pipeline = try PipelineFolder()
    try pipeline.addExamples("csv")
    try FileManager.default.copyItem(atPath: plugin, toPath: pipeline.plugins + "/sqlite.so")
    try pipeline.folder.write("people.csv", Self.people)
    try pipeline.folder.write(
      "pipeline.yaml",
      """
      schema_version: "1.0"
      run: { name: people, seed: 7, hermetic: true, output_root: runs }
      inputs:
        - { name: people, connector: org.omphalos.csv/csv, files: { data: people.csv } }
        - { name: again, connector: org.omphalos.csv/csv, files: { data: people.csv }, config: { infer: false } }
      exports:
        - { exporter: org.omphalos.sqlite/database, inputs: [people, again], config: { tables: { again: as text } } }
      \(limits.isEmpty ? "" : "limits: { \(limits) }")

      """)
    return pipeline
  }

  /// What Python's own SQLite finds in a database.
  private func ask(_ database: String, _ queries: [String]) throws -> String {
    let program = """
      import json, sqlite3, sys
      if sqlite3.sqlite_version_info < (3, 37): sys.exit(77)
      connection = sqlite3.connect("file:" + sys.argv[1] + "?mode=ro&immutable=1", uri=True)
      for query in sys.argv[2:]: print(json.dumps(connection.execute(query).fetchall(), ensure_ascii=False))
      """
    let result = try Shell.run(["python3", "-c", program, database] + queries)
    if result.status == 77 { try Test.cancel("Python's SQLite is older than STRICT tables") }
    try #require(result.status == 0, "\(result.stderr)")
    return result.stdout
  }

  @Test("the database is whole, has the rows and types of its inputs, and is the run's warehouse")
  func rows() throws {
    let pipeline = try folder()
    let outcome = try pipeline.run()
    try #require(outcome.status == 0, "\(outcome.stderr)")
    let run = pipeline.runs + "/" + outcome.finalized[0]
    let found = try ask(
      run + "/warehouse/warehouse.sqlite",
      [
        "PRAGMA integrity_check", "SELECT sql FROM sqlite_schema ORDER BY name", "SELECT * FROM people ORDER BY rowid",
        "SELECT age, typeof(age), note FROM \"as text\" ORDER BY rowid",
      ])
    #expect(
      found == #"""
        [["ok"]]
        [["CREATE TABLE \"as text\" (\"name\" TEXT, \"age\" TEXT, \"score\" TEXT, \"member\" TEXT, \"born\" TEXT, \"note\" TEXT) STRICT"], ["CREATE TABLE \"people\" (\"name\" TEXT, \"age\" INTEGER, \"score\" REAL, \"member\" INTEGER, \"born\" TEXT, \"note\" TEXT) STRICT"]]
        [["Ann", 36, 0.5, 1, "1988-02-29", ""], ["Bo \"the\" Bold", -9223372036854775808, 1e+16, 0, "1969-12-31", "é\ntwo lines"], ["", null, null, null, null, "last"]]
        [["36", "text", ""], ["-9223372036854775808", "text", "é\ntwo lines"], ["", "text", "last"]]

        """#)
    let manifest = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: run + "/run_manifest.json")))
    #expect((manifest as? [String: Any])?["warehouse"] as? String == "warehouse/warehouse.sqlite")
    #expect(try pipeline.text(outcome, "reports/attribution.json").contains("application/vnd.sqlite3"))
    #expect(try CommandLineTool.run(["verify", run]).status == 0)
  }

  @Test("two hermetic runs in two roots leave the same bytes")
  func reproducible() throws {
    let pipeline = try folder()
    let first = try pipeline.run()
    let second = try pipeline.run(["--output-root", pipeline.folder.file("others")])
    try #require(first.status == 0 && second.status == 0, "\(first.stderr)\(second.stderr)")
    let path = first.finalized[0] + "/warehouse/warehouse.sqlite"
    #expect(try pipeline.folder.read("runs/" + path) == pipeline.folder.read("others/" + path))
  }

  @Test("SQLite opens no file of its own: no journal, no temporary file, no source of randomness")
  func noOtherFiles() throws {
    guard Shell.find("strace") != nil else { try Test.cancel("strace is not installed") }
    let pipeline = try folder()
    let trace = pipeline.folder.file("trace")
    let outcome = try pipeline.run(prefix: ["strace", "-f", "-e", "trace=%file", "-o", trace])
    try #require(outcome.status == 0, "\(outcome.stderr)")
    let calls = try String(contentsOfFile: trace, encoding: .utf8)
    // O_TMPFILE shows that the staged file is in this trace.
    #expect(calls.contains("O_TMPFILE"))
    for word in ["-journal", "-wal", "-shm", "etilqs", "random", "localtime"] { #expect(!calls.contains(word), "\(word)") }
  }

  @Test("a database that is larger than the limit is refused when it is committed, and nothing of it is left")
  func quota() throws {
    let pipeline = try folder(limits: "bytes: 8KiB")
    let outcome = try pipeline.run()
    #expect(outcome.status == 4)
    #expect(outcome.stderr.contains("org.omphalos.sqlite/database (exports[0]): run failed: cannot commit the artifact"))
    #expect(outcome.stderr.contains("[E_QUOTA]"))
    #expect(throws: (any Error).self) { try pipeline.text(outcome, "warehouse/warehouse.sqlite") }
  }
}
