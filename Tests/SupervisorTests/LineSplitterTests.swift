import Testing

@testable import Supervisor

@Suite("Cutting a stream into lines")
struct LineSplitterTests {
  private func lines(_ parts: [String], limit: Int = 100) -> [String] {
    var splitter = LineSplitter(limit: limit)
    var lines = parts.flatMap { splitter.add(Array($0.utf8)) }
    if let rest = splitter.finish() { lines.append(rest) }
    return lines.map { String(decoding: $0, as: UTF8.self) }
  }

  @Test("lines are the same however the stream is cut")
  func anyCut() {
    let text = "one\n\nthree\nfünf\nlast"
    let whole = ["one", "", "three", "fünf", "last"]
    #expect(lines([text]) == whole)
    var splitter = LineSplitter(limit: 100)
    var found: [[UInt8]] = []
    for byte in text.utf8 { found += splitter.add([byte]) }
    if let rest = splitter.finish() { found.append(rest) }
    #expect(found.map { String(decoding: $0, as: UTF8.self) } == whole)
  }

  @Test("nothing, and a line feed at the end, leave nothing behind")
  func nothingLeft() {
    #expect(lines([""]).isEmpty)
    #expect(lines(["a\n"]) == ["a"])
    #expect(lines(["\n\n"]) == ["", ""])
  }

  @Test("a line beyond the limit is cut there, and the next line is whole again", arguments: [1, 3, 7])
  func limit(part: Int) {
    let text = Array("0123456789\nab\n0123\n".utf8)
    var splitter = LineSplitter(limit: 4)
    var found: [String] = []
    for start in stride(from: 0, to: text.count, by: part) {
      found += splitter.add(Array(text[start..<min(start + part, text.count)])).map {
        String(decoding: $0, as: UTF8.self)
      }
    }
    #expect(found == ["0123", "4567", "89", "ab", "0123", ""])
    #expect(splitter.finish() == nil)
  }

  @Test("a flood without line feeds keeps no more than the limit")
  func flood() {
    var splitter = LineSplitter(limit: 1000)
    var count = 0
    for _ in 0..<100 { count += splitter.add([UInt8](repeating: 65, count: 999)).count }
    #expect(count == 99)
    #expect(splitter.finish()?.count == 900)
  }
}
