import LinuxCalls
import OmphalosValues
import TestSupport
import Testing

@testable import Supervisor

@Suite("The log of a run")
struct RunLogTests {
  private let folder: TemporaryFolder
  private let log: RunLog

  init() throws {
    folder = try TemporaryFolder()
    try Path.makeDirectories(folder.file("logs"))
    log = try RunLog(in: File.open(folder.path, .directory))
  }

  private var lines: [JSONValue] {
    get throws {
      try folder.read("logs/run.jsonl").split(separator: 10).map { try JSONValue.parse(Array($0)) }
    }
  }

  @Test("each line is a JSON object with time, source, level and text, whatever the text holds")
  func objects() throws {
    log.add(source: "stdout", "plain")
    log.add(source: "plugin", plugin: "com.example.p", level: "error", "two\nlines, a \u{0} and \u{1b}[31m")
    log.finish()
    let lines = try self.lines
    #expect(lines.map { $0["text"]?.stringValue } == ["plain", "two\nlines, a \u{0} and \u{1b}[31m"])
    #expect(lines.map { $0["source"]?.stringValue } == ["stdout", "plugin"])
    #expect(lines.map { $0["level"]?.stringValue } == ["info", "error"])
    #expect(lines.map { $0["plugin"]?.stringValue } == [nil, "com.example.p"])
    #expect(lines.allSatisfy { $0["time"]?.stringValue?.count == 20 })
  }

  @Test("a flood ends at 64 MiB, and the last line says how much is missing")
  func flood() throws {
    let text = String(repeating: "x", count: 1 << 20)
    for _ in 0..<70 { log.add(source: "stdout", text) }
    log.finish()
    log.finish()
    let size = try File.open(folder.file("logs/run.jsonl")).status().size
    #expect(size <= 64 << 20 + 1024 && size > 62 << 20)
    let lines = try folder.read("logs/run.jsonl").split(separator: 10)
    let last = try JSONValue.parse(Array(lines[lines.count - 1]))
    #expect(last["source"]?.stringValue == "supervisor" && last["level"]?.stringValue == "warning")
    #expect(last["text"]?.stringValue?.hasPrefix("\(70 - (lines.count - 1)) lines were dropped") == true)
  }
}
