import LinuxCalls
import OmphalosValues
import RunRecord
import TestSupport
import Testing

@testable import RunDirectory

@Suite struct WriteAroundTests {
  /// The violations after `script` ran in the partial directory.
  private func violations(after script: String) throws -> [WriteAroundViolation] {
    let sample = try SampleRun()
    let partial = try sample.makePartial()
    let result = try Shell.run(["sh", "-c", script], directory: partial.path)
    #expect(result.status == 0, "\(result.stderr)")
    // The sample was written by this process. A program that another test starts just now has its descriptors until it has
    // begun: on a busy machine longer than the walk is patient.
    for _ in 0..<100 {
      let found = WriteAround.check(index: sample.index, walked: try partial.walk())
      if !found.contains(where: { $0.kind == .openForWriting }) { return found }
      Pause.milliseconds(50)
    }
    return WriteAround.check(index: sample.index, walked: try partial.walk())
  }

  private func kinds(after script: String) throws -> [String] {
    try violations(after: script).map { "\($0.kind.rawValue) \($0.path)" }
  }

  @Test("a tree that only the store wrote has no violation")
  func clean() throws {
    #expect(try violations(after: "true") == [])
  }

  @Test(
    "each way around the store is named with its path and kind",
    arguments: [
      ("echo x > exports/x", ["extra exports/x"]),
      ("echo x > loose", ["extra loose"]),
      ("echo x > reports/quality_report.json", ["extra reports/quality_report.json"]),
      ("echo x > run_manifest.json", ["extra run_manifest.json"]),
      ("mkdir -p exports/empty/folder", ["extra exports/empty", "extra exports/empty/folder"]),
      ("rm exports/a.csv", ["missing exports/a.csv"]),
      ("rm -r exports/deep", ["missing exports/deep/b.csv"]),
      ("printf x >> exports/a.csv", ["changed exports/a.csv"]),
      ("printf X | dd of=exports/a.csv conv=notrunc 2>/dev/null", ["changed exports/a.csv"]),
      ("ln exports/a.csv ../other", ["hard-link exports/a.csv"]),
      ("ln exports/a.csv exports/b.csv", ["hard-link exports/a.csv", "extra exports/b.csv"]),
      ("mv exports/a.csv ../a && ln -s ../../a exports/a.csv", ["not-a-regular-file exports/a.csv"]),
      ("rm exports/a.csv && mkfifo exports/a.csv", ["not-a-regular-file exports/a.csv"]),
      ("rm exports/a.csv && mkdir exports/a.csv", ["not-a-regular-file exports/a.csv"]),
      (
        "mv exports/deep ../deep && ln -s ../../deep exports/deep",
        ["extra exports/deep", "missing exports/deep/b.csv"]
      ),
      ("rm logs/run.jsonl && ln -s /etc/passwd logs/run.jsonl", ["not-a-regular-file logs/run.jsonl"]),
      ("ln -s / exports/slash", ["extra exports/slash"]),
    ])
  func around(script: String, wanted: [String]) throws {
    #expect(try kinds(after: script) == wanted)
  }

  @Test("a change that leaves size and time as they were is found by the digest, and both digests are named")
  func changeWithSameTime() throws {
    let change = "printf X | dd of=exports/a.csv conv=notrunc 2>/dev/null"
    let found = try violations(after: "touch -r exports/a.csv ../ref; \(change); touch -r ../ref exports/a.csv")
    let sentence = try #require(found.first?.description)
    #expect(found.map(\.kind) == [.changed])
    #expect(sentence.contains(SHA256Digest(hashing: "id\n1\n").hex))
    #expect(sentence.contains(SHA256Digest(hashing: "Xd\n1\n").hex))
  }

  @Test("a name that is not UTF-8 is a violation that is safe to print")
  func notUTF8() throws {
    let found = try violations(after: "touch \"exports/$(printf 'bad\\377\\033')\"")
    #expect(found.map(\.kind) == [.unreadable])
    #expect(found.first?.path == "exports/bad\\xff\\x1b")
  }

  @Test("a name with control characters is a violation that is safe to print")
  func controlCharacters() throws {
    let found = try violations(after: "touch \"exports/$(printf 'a\\033[2Jb')\"")
    #expect(found.map(\.kind) == [.extra])
    #expect(found.first?.description.utf8.contains(0x1b) == false)
  }

  @Test("a folder that is deeper than any artifact can lie ends the walk there, with a violation")
  func deepTree() throws {
    let script = "import os\nfor _ in range(1500):\n    os.mkdir('d'); os.chdir('d')"
    let found = try violations(after: "cd exports && python3 -c \"\(script)\"")
    #expect(found.filter { $0.kind == .unreadable }.count == 1)
    #expect(found.filter { $0.kind == .extra }.count > 500)
  }

  @Test("a walk ends at the limit of entries and says so")
  func tooManyEntries() throws {
    let sample = try SampleRun()
    let partial = try sample.makePartial()
    var limits = TreeWalk.Limits()
    limits.entries = 3
    let walked = try TreeWalk.walk(partial.directory, limits: limits)
    #expect(walked.entries.count == 3)
    #expect(walked.problems.count == 1)
    #expect(walked.problems.first?.message.contains("limit of 3 entries") == true)
  }
}
