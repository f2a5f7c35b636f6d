import Foundation
import OmphalosValues
import TestSupport
import Testing

/// Plugins that were built once, from the frozen header, and are kept as they came out.
@Suite("The frozen interface, version 1.0: its plugins")
struct FrozenPluginTests {
  private static let folder = Compiler.root + "/abi/1.0/plugins"
  private static let plugins = ["everything.so", "sum.so", "tally.so"]

  @Test("the committed binaries and their sources are those that were frozen")
  func sums() throws {
    let result = try Shell.run(["sha256sum", "--check", "--strict", "SHA256SUMS"], directory: Self.folder)
    #expect(result.status == 0, "\(result.stdout)\(result.stderr)")
    let listed = try String(contentsOfFile: Self.folder + "/SHA256SUMS", encoding: .utf8)
    for name in Self.plugins { #expect(listed.contains("  \(name)\n")) }
  }

  @Test("this host admits each of them, and says that they were built for 1.0 without a draft")
  func admitted() throws {
    for name in Self.plugins {
      let report = try CommandLineTool.run(["plugin", "inspect", "\(Self.folder)/\(name)", "--format", "json"])
      #expect(report.status == 0, "\(report.stderr)")
      let json = try JSONValue.parse(Array(report.stdout.utf8))
      let abi = try #require(json["declaration"]?["abi"])
      #expect(abi == ["major": 1, "minor_required": 0, "minor_built": 0, "draft": 0])
    }
  }

  @Test("this host loads them, and they do what they did on the day they were built")
  func run() throws {
    let pipeline = try PipelineFolder()
    for name in Self.plugins {
      try FileManager.default.copyItem(atPath: "\(Self.folder)/\(name)", toPath: "\(pipeline.plugins)/\(name)")
    }
    try pipeline.folder.write("data.txt", "frozen")
    try pipeline.folder.write(
      "pipeline.yaml",
      """
      schema_version: "1.0"
      run: { name: frozen, seed: 1, hermetic: true, output_root: runs }
      inputs: [ { name: numbers, connector: org.omphalos.frozen.c/numbers, files: { data: data.txt } } ]
      exports:
        - { exporter: org.omphalos.frozen.c/answers, inputs: [numbers] }
        - { exporter: org.omphalos.frozen.cpp/sum, inputs: [numbers] }
        - { exporter: org.omphalos.frozen.swift/tally, inputs: [numbers] }
      lineage: [ { sink: org.omphalos.frozen.c/events } ]
      """)
    let outcome = try pipeline.run()
    try #require(outcome.status == 0, "\(outcome.stderr)")
    let expected = Self.folder + "/expected"
    let files = try FileManager.default.subpathsOfDirectory(atPath: expected).filter {
      (try? FileManager.default.attributesOfItem(atPath: "\(expected)/\($0)")[.type] as? FileAttributeType) == .typeRegular
    }
    #expect(files.count > 6)
    for file in files {
      #expect(
        try pipeline.text(outcome, file) == String(contentsOfFile: "\(expected)/\(file)", encoding: .utf8), "\(file)")
    }
  }
}
