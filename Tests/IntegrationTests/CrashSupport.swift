import Foundation
import TestSupport
import Testing

/// A failed run of the fixture, and what its message says of addresses.
struct CrashOutcome {
  let outcome: PipelineFolder.Outcome
  let folder: PipelineFolder
  /// The reason in `state.json`, with `+0x*` in the place of each offset.
  let reason: String
  /// The offsets, in their order.
  let offsets: [UInt64]

  static let reads = " What it reads comes from com.example.fixture/source (numbers)."

  /// Builds the fixture, runs it, and checks what holds for every failed call: nothing finalized, nothing left running,
  /// and the message on the terminal is the reason that is kept.
  init(_ defines: [String: String], sink: Bool = false, flags: [String] = []) throws {
    let pipeline = try PipelineFolder()
    try pipeline.addFixture(defines, flags: flags)
    try pipeline.writeFixturePipeline(sink: sink)
    try self.init(pipeline.run(), in: pipeline)
  }

  init(_ outcome: PipelineFolder.Outcome, in folder: PipelineFolder) throws {
    self.outcome = outcome
    self.folder = folder
    let state = try JSONSerialization.jsonObject(with: Data(try folder.text(outcome, "state.json").utf8))
    let object = try #require(state as? [String: Any])
    #expect(object["state"] as? String == "failed")
    #expect(object["exit_code"] as? Int == Int(outcome.status))
    let text = try #require(object["reason"] as? String)
    #expect(outcome.stderr.contains("omphalos: \(text)\n"))
    #expect(outcome.finalized == [] && outcome.partials.count == 1)
    #expect(folder.processes() == [])
    let offset = /\+0x([0-9a-f]+)/
    offsets = text.matches(of: offset).compactMap { UInt64($0.1, radix: 16) }
    reason = text.replacing(offset, with: "+0x*")
  }

  /// The function of a plugin's file in which an offset lies, by the file's symbol table.
  func function(at offset: UInt64?, in plugin: String = "fixture.so") throws -> String? {
    guard let offset else { return nil }
    let table = try Shell.run(["nm", "-S", "--defined-only", folder.plugins + "/" + plugin])
    #expect(table.status == 0)
    for line in table.stdout.split(separator: "\n") {
      let columns = line.split(separator: " ")
      guard columns.count == 4, let start = UInt64(columns[0], radix: 16), let size = UInt64(columns[1], radix: 16),
        columns[2].lowercased() == "t"
      else { continue }
      if start <= offset && offset < start + size { return String(columns[3]) }
    }
    return nil
  }
}
