import OmphalosValues
import Testing

@testable import RunRecord

@Suite struct ManifestReadingTests {
  private var manifest: RunManifest { RunRecord.build(SampleRun.facts, logs: [SampleRun.log]).manifest }

  /// The sample manifest after a change of its JSON.
  private func changed(_ change: (inout JSONObject) -> Void) -> ManifestReading {
    guard var object = manifest.json.objectValue else { return .nothing() }
    change(&object)
    return RunManifest.parse(JSONValue.object(object).prettyBytes)
  }

  private func withFiles(_ change: (inout [JSONValue]) -> Void) -> ManifestReading {
    changed { top in
      guard var artifacts = top["artifacts"]?.objectValue, var files = artifacts["files"]?.arrayValue else { return }
      change(&files)
      artifacts["files"] = .array(files)
      top["artifacts"] = .object(artifacts)
    }
  }

  private func record(_ path: String) -> JSONValue {
    ["path": .string(path), "sha256": .string(SampleRun.digest(path).hex), "bytes": 1]
  }

  @Test("what was written is read back without a problem, to the same bytes")
  func roundTrip() throws {
    let reading = RunManifest.parse(manifest.bytes)
    #expect(reading.problems.isEmpty)
    #expect(try #require(reading.manifest).bytes == manifest.bytes)
    #expect(reading.listsAreWhole)
  }

  @Test("a manifest of another program of the format is read: no row counts, a root_dir, nothing of ours in config")
  func foreignManifest() throws {
    let reading = changed { top in
      top["config"] = ["fingerprint": .string(SampleRun.digest("x").hex), "anything": [1, .number(2.5)]]
      top["inputs"] = [["name": "any name at all", "fingerprint": .string(SampleRun.digest("y").hex)]]
      if var artifacts = top["artifacts"]?.objectValue {
        artifacts["root_dir"] = "."
        top["artifacts"] = .object(artifacts)
      }
    }
    #expect(reading.problems == [])
    #expect(try #require(reading.manifest).inputs.first?.rowCount == nil)
  }

  @Test("a key at the top that the format does not have is named")
  func furtherKey() {
    let reading = changed { $0["plugins"] = [] }
    #expect(reading.manifest == nil)
    #expect(
      reading.problems.map(\.description) == ["run_manifest.json: the key \"plugins\" is not one of format 1.0"])
  }

  @Test(
    "each required key that is missing is named",
    arguments: [
      "schema_version", "run_id", "created_at", "config", "inputs", "artifacts", "reports", "lineage", "warehouse",
      "exports",
    ])
  func missingKey(key: String) {
    let reading = changed { $0[key] = nil }
    #expect(reading.manifest == nil)
    #expect(reading.problems.map(\.message) == ["the key \"\(key)\" is missing"])
  }

  @Test(
    "a hostile or doubtful path is named with its place, and its record is left out",
    arguments: [
      "../x", "/etc/passwd", "exports/../../x", "exports//x", "", ".", "exports/a\u{0}b", "exports/e\u{301}.csv",
      "exports/a\u{1b}[2J",
    ])
  func hostilePath(path: String) {
    let reading = withFiles { $0.append(record(path)) }
    let place = "artifacts.files[\(manifest.files.count)].path"
    #expect(reading.problems.map(\.place) == [place])
    #expect(reading.files == manifest.files)
    #expect(!reading.listsAreWhole)
    // A message is printed to a terminal.
    #expect(reading.problems.allSatisfy { $0.message.unicodeScalars.allSatisfy { $0.value >= 0x20 } })
  }

  @Test("a path that is listed twice is named, also where the lists differ")
  func duplicatePath() {
    let twice = withFiles { $0.append(record("exports/notes.md")) }
    #expect(twice.problems.map(\.message) == ["\"exports/notes.md\" is listed a second time"])
    // Named is the place that comes later in the text, where the control files come first.
    let control = withFiles { $0.append(record("reports/plugins.json")) }
    #expect(control.problems.map(\.place) == ["artifacts.files[\(manifest.files.count)].path"])
    #expect(control.controlFiles == manifest.controlFiles)
  }

  @Test("composed and decomposed forms of a name are two names, and only one of them is allowed")
  func canonicallyEquivalentPaths() {
    let reading = withFiles { $0 += [record("exports/é.csv"), record("exports/e\u{301}.csv")] }
    #expect(reading.problems.count == 1)
    #expect(reading.files.last?.path.text.utf8.count == "exports/é.csv".utf8.count)
  }

  @Test("the manifest may not list itself")
  func listsItself() {
    #expect(withFiles { $0.append(record("run_manifest.json")) }.problems.count == 1)
  }

  @Test(
    "sizes and digests of the wrong kind are named",
    arguments: [
      ("bytes", JSONValue.integer(-1)), ("bytes", "12"), ("bytes", true), ("bytes", .number(1.5)),
      ("sha256", "ABC"), ("sha256", .string(String(repeating: "A", count: 64))), ("sha256", .null), ("path", 7),
    ])
  func wrongKinds(key: String, value: JSONValue) {
    let reading = withFiles { files in
      guard var first = files[0].objectValue else { return }
      first[key] = value
      files[0] = .object(first)
    }
    #expect(reading.problems.map(\.place) == ["artifacts.files[0].\(key)"])
    #expect(reading.files == Array(manifest.files.dropFirst()))
  }

  @Test("a key that comes twice anywhere makes the manifest unreadable, and is named")
  func duplicateKey() {
    let text = String(decoding: manifest.bytes, as: UTF8.self)
    let reading = RunManifest.parse(Array(text.replacing("\"lineage\":", with: "\"run_id\":").utf8))
    #expect(reading.manifest == nil)
    #expect(reading.problems.count == 1)
    #expect(reading.problems.first?.message.contains("run_id") == true)
  }

  @Test("bytes that are no manifest are refused with a reason", arguments: ["", "[]", "null", "{}", "\u{feff}{}", "{"])
  func noManifest(text: String) {
    let reading = RunManifest.parse(Array(text.utf8))
    #expect(reading.manifest == nil)
    #expect(!reading.problems.isEmpty)
    #expect(!reading.listsAreWhole)
  }

  @Test("whatever bytes are changed, cut or put in, reading ends with a manifest or with a reason")
  func anyBytes() {
    let original = manifest.bytes
    var random = SystemRandomNumberGenerator()
    for _ in 0..<3_000 {
      var bytes = original
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let place = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes.remove(at: place)
        case 2: bytes.insert(Array("{}[],:\"\\0-e".utf8).randomElement(using: &random) ?? 0, at: place)
        default: bytes.removeLast(min(bytes.count - 1, Int.random(in: 0..<64, using: &random)))
        }
      }
      let reading = RunManifest.parse(bytes)
      #expect((reading.manifest == nil) == !reading.problems.isEmpty, "\(String(decoding: bytes, as: UTF8.self))")
    }
  }
}
