import Foundation
import TestSupport
import Testing

@Suite("The digest exporter, in Rust")
struct DigestExporterTests {
  private func folder(plugin: String? = nil) throws -> PipelineFolder {
    guard let plugin = try plugin ?? ExamplePlugins.optional("digest") else {
      try Test.cancel("digest.so is not built here: rustc 1.82 or later was not found")
    }
    let pipeline = try PipelineFolder()
    try pipeline.addExamples("csv")
    try FileManager.default.copyItem(atPath: plugin, toPath: pipeline.plugins + "/digest.so")
    try pipeline.folder.write("people.csv", "name,age,ok\nAnn,36,true\n\"B\"\"o\",,false\n")
    try pipeline.folder.write(
      "pipeline.yaml",
      """
      schema_version: "1.0"
      run: { name: people, seed: 7, output_root: runs }
      inputs: [ { name: people, connector: org.omphalos.csv/csv, files: { data: people.csv } } ]
      exports: [ { exporter: org.omphalos.digest/digest, inputs: [people] } ]

      """)
    return pipeline
  }

  @Test("a hermetic run writes rows, nulls and checksums, reproduces, and verifies")
  func run() throws {
    let pipeline = try folder()
    let outcome = try pipeline.run(["--hermetic"])
    try #require(outcome.status == 0, "\(outcome.stderr)")
    #expect(
      try pipeline.text(outcome, "exports/people.digest.json") == """
        {
          "algorithm": "fnv1a-64",
          "columns": [
            {"checksum": "f057757b50f8ceff", "name": "name", "nulls": 0, "type": "u"},
            {"checksum": "9639e59fb7dc3298", "name": "age", "nulls": 1, "type": "l"},
            {"checksum": "b5d0df774c7d72e6", "name": "ok", "nulls": 0, "type": "b"}
          ],
          "dataset": "people",
          "rows": 2
        }

        """)
    let again = try pipeline.run(["--hermetic"])
    #expect(again.status == 0 && again.stdout.lowercased().contains("reproduced"), "\(again.stdout)\(again.stderr)")
    #expect(try CommandLineTool.run(["verify", pipeline.runs + "/" + outcome.finalized[0]]).status == 0)
  }

  @Test("its schema takes no keys")
  func configuration() throws {
    let pipeline = try folder()
    let text = String(decoding: try pipeline.folder.read("pipeline.yaml"), as: UTF8.self)
    try pipeline.folder.write("pipeline.yaml", text.replacing("inputs: [people] }", with: "inputs: [people], config: { path: x } }"))
    let outcome = try pipeline.run()
    #expect(outcome.status == 65)
    #expect(outcome.stderr.contains("path"), "\(outcome.stderr)")
  }

  @Test("a panic inside fails the run in the plugin's name, with a sentence, and ends no process")
  func panic() throws {
    guard try ExamplePlugins.optional("digest") != nil else { try Test.cancel("rustc 1.82 or later was not found") }
    let copy = try TemporaryFolder()
    for name in try FileManager.default.contentsOfDirectory(atPath: Compiler.root + "/ExamplePlugins/digest") {
      var text = try String(contentsOfFile: Compiler.root + "/ExamplePlugins/digest/\(name)", encoding: .utf8)
      if name == "lib.rs" {
        let changed = text.replacing("rows += batch.read", with: "if rows == 0 { panic!(\"seeded\") }\n        rows += batch.read")
        try #require(changed != text)
        text = changed
      }
      try copy.write(name, text)
    }
    let built = try Shell.run(
      [
        "rustc", "--edition", "2021", "--crate-name", "digest", "--crate-type", "cdylib", "-C", "linker=\(Compiler.c[0])", "-o",
        copy.file("digest.so"), copy.file("lib.rs"),
      ])
    try #require(built.status == 0, "\(built.stderr)")
    let outcome = try folder(plugin: copy.file("digest.so")).run()
    #expect(outcome.status == 4)
    #expect(outcome.stderr.contains("org.omphalos.digest/digest"), "\(outcome.stderr)")
    #expect(outcome.stderr.contains("a bug in this plugin: it panicked"), "\(outcome.stderr)")
  }
}
