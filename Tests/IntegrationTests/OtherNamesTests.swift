import Foundation
import TestSupport
import Testing

@Suite("The same bytes under other names")
struct OtherNamesTests {
  private let files = FileManager.default

  private func pipeline() throws -> PipelineFolder {
    let pipeline = try PipelineFolder()
    try pipeline.addExamples("csv", "jsonl")
    try pipeline.folder.write("goods.csv", "name,amount\nanchor,3\nrope,5\n")
    try pipeline.folder.write(
      "pipeline.yaml",
      """
      schema_version: "1.0"
      run: { name: names, hermetic: true, output_root: runs }
      inputs:
        - { name: goods, connector: org.omphalos.csv/csv, files: { data: goods.csv } }
      exports:
        - { exporter: org.omphalos.jsonl/records, inputs: [goods] }
      lineage: [ { sink: org.omphalos.jsonl/jsonl } ]

      """)
    return pipeline
  }

  @Test("an input file that was moved and renamed makes the same run again, and it is reproduced")
  func renamedInput() throws {
    let pipeline = try pipeline()
    let first = try pipeline.run()
    try files.createDirectory(atPath: pipeline.folder.file("elsewhere"), withIntermediateDirectories: false)
    try files.moveItem(atPath: pipeline.folder.file("goods.csv"), toPath: pipeline.folder.file("elsewhere/stock.csv"))
    let text = String(decoding: try pipeline.folder.read("pipeline.yaml"), as: UTF8.self)
    try pipeline.folder.write("pipeline.yaml", text.replacing("goods.csv", with: "elsewhere/stock.csv"))
    let second = try pipeline.run()
    #expect(second.status == 0, "\(second.stderr)")
    #expect(second.stdout.hasPrefix("Reproduced \(try #require(first.finalized.first))"))
  }

  @Test("a plugin file that was renamed makes the same run again, and it is reproduced")
  func renamedPlugin() throws {
    let pipeline = try pipeline()
    let first = try pipeline.run()
    try files.moveItem(atPath: pipeline.plugins + "/csv.so", toPath: pipeline.plugins + "/tables.so")
    let second = try pipeline.run()
    #expect(second.status == 0, "\(second.stderr)")
    #expect(second.stdout.hasPrefix("Reproduced \(try #require(first.finalized.first))"))
  }
}
