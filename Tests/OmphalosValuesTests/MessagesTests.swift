import OmphalosValues
import Testing

@Suite("messages and exit codes")
struct MessagesTests {
  @Test("exit codes have their published numbers")
  func exitCodes() {
    #expect(ExitCode.allCases.map(\.rawValue) == [0, 2, 3, 4, 5, 64, 65, 70, 130, 143])
    #expect(Set(ExitCode.allCases.map(\.meaning)).count == ExitCode.allCases.count)
  }

  @Test("a refused value is named with what was found and what was wanted")
  func valueErrors() {
    let error = ValueError(what: "plugin id", found: "Acme", wanted: "a reverse domain name")
    #expect(error.description == "\"Acme\" is not a valid plugin id: wanted a reverse domain name.")
  }

  @Test("text from a file cannot move the cursor or hide what stands beside it")
  func quoting() {
    #expect(quotedForMessage("a\u{1b}[2J\n\u{202e}\"\\é") == #""a\u{1b}[2J\u{a}\u{202e}\"\\é""#)
    #expect(quotedForMessage(String(repeating: "x", count: 200), limit: 3) == "\"xxx…\"")
    #expect(quotedForMessage("abc", limit: 3) == "\"abc\"")
  }

  @Test("an error in a file begins with file, line and column")
  func configurationErrors() {
    let mark = SourceMark(file: "pipeline.yaml", line: 12, column: 5)
    let error = ConfigurationError(mark: mark, message: "found 0, wanted at least 1")
    #expect(error.description == "pipeline.yaml:12:5: found 0, wanted at least 1")
    #expect(error.exitCode == .badData)
    #expect(ConfigurationError(mark: nil, message: "empty").description == "empty")
  }

  @Test("paths into a value read as people write them")
  func paths() {
    let path: [PathStep] = [.key("inputs"), .index(0), .key("config"), .key("batch rows"), .key("a")]
    #expect(path.pathText == #"inputs[0].config["batch rows"].a"#)
    #expect([PathStep]().pathText == "")
    #expect(PathStep.key("\u{e9}") != PathStep.key("e\u{301}"))
  }

  @Test("bytes in memory give exactly what was asked for, or say what is missing")
  func memoryBytes() throws {
    let source = MemoryBytes([1, 2, 3], name: "acme.so")
    #expect(try source.bytes(at: 1, count: 2) == [2, 3])
    #expect(try source.bytes(at: 3, count: 0) == [])
    for (offset, count) in [(2, 2), (4, 0), (-1, 1), (0, -1), (.max, .max), (1, .max)] {
      let error = #expect(throws: ByteRangeError.self) { try source.bytes(at: offset, count: count) }
      #expect(error?.name == "acme.so")
    }
  }
}

@Suite("nearest names")
struct NearestNamesTests {
  private let keys = ["name", "seed", "hermetic", "output_root", "call_timeout"]

  @Test(
    "a slip of the fingers finds the name that was meant",
    arguments: [
      ("sede", "seed"), ("hermtic", "hermetic"), ("Output_Root", "output_root"), ("nmae", "name"),
      ("out", "output_root"),
    ])
  func slips(name: String, meant: String) {
    #expect(nearestNames(to: name, among: keys).first == meant)
  }

  @Test("a name unlike all others finds none")
  func strangers() {
    #expect(nearestNames(to: "zzzzzz", among: keys) == [])
    #expect(nearestNames(to: "", among: keys) == [])
    #expect(nearestNames(to: "x", among: []) == [])
  }

  @Test("the nearest come first, no more than asked for, and ties in the order of bytes")
  func ranking() {
    #expect(nearestNames(to: "csv1", among: ["csv3", "csv2", "csv12", "csv"], limit: 2) == ["csv", "csv12"])
    #expect(nearestNames(to: "abcd", among: ["abdc", "abcde", "abcd"], limit: 1) == ["abcd"])
  }
}
