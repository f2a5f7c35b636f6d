import Foundation
import TestSupport
import Testing

@Suite("Verifying a run of another program")
struct VerifyForeignTests {
  private static let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Writes a manifest that is well-formed but for these file records, whose paths are given as they stand between the
  /// quotes, and verifies it. The one control file is there.
  private func verify(_ paths: [[UInt8]], files: [String] = []) throws -> Shell.Result {
    let records = paths.map { Array("{\"path\": \"".utf8) + $0 + Array("\", \"sha256\": \"\(Self.empty)\", \"bytes\": 0}".utf8) }
    let list = Array(records.joined(separator: Array(",\n".utf8)))
    let before = """
      {"schema_version": "1.0", "run_id": "foreign-run", "created_at": "2020-01-01T00:00:00Z",
      "config": {"fingerprint": "\(Self.empty)"}, "inputs": [],
      "artifacts": {"root_hash": "\(Self.empty)", "control_files": [{"path": "r", "sha256": "\(Self.empty)", "bytes": 0}], "files": [

      """
    let after = """
      ]},
      "reports": {"quality": "r", "determinism": "r", "publishability": "r", "sbom": "r"}, "lineage": "r", "warehouse": "r",
      "exports": {"briefing_tables": [], "packets": [], "narratives": []}}
      """
    try folder.write("foreign-run/run_manifest.json", Array(before.utf8) + list + Array(after.utf8))
    for file in ["r"] + files { try folder.write("foreign-run/\(file)", "") }
    let result = try CommandLineTool.run(["verify", "foreign-run"], directory: folder.path)
    #expect(result.stderr == "" && !result.stdout.utf8.contains(0x1b))
    if let python = Shell.find("python3") {
      let second = try Shell.run([python, Compiler.root + "/Tests/Verifier/verify_run.py", folder.file("foreign-run")])
      #expect(second.status == 2, "\(second.stdout)\(second.stderr)")
    }
    return result
  }

  private func lines(_ result: Shell.Result) -> [String] {
    result.stdout.split(separator: "\n").dropLast().map(String.init)
  }

  @Test(
    "a path that is hostile or doubtful is named with its place and the rule, and nothing outside is looked at",
    arguments: [
      ("../../etc/passwd", "\"../../etc/passwd\" is not a valid artifact path: wanted no part '.' or '..'."),
      ("a/../../b", "\"a/../../b\" is not a valid artifact path: wanted no part '.' or '..'."),
      ("./a", "\"./a\" is not a valid artifact path: wanted no part '.' or '..'."),
      ("/etc/passwd", "\"/etc/passwd\" is not a valid artifact path: wanted a relative path, without '/' at its start."),
      ("a//b", "\"a//b\" is not a valid artifact path: wanted no empty part between, before or after its '/'."),
      ("a/", "\"a/\" is not a valid artifact path: wanted no empty part between, before or after its '/'."),
      ("", "\"\" is not a valid artifact path: wanted a path with at least one part."),
      ("r\\u0000.txt", "\"r\\u{0}.txt\" is not a valid artifact path: wanted no control characters, found U+0000."),
      ("\\u001b[2J", "\"\\u{1b}[2J\" is not a valid artifact path: wanted no control characters, found U+001B."),
      ("a\\nb", "\"a\\u{a}b\" is not a valid artifact path: wanted no control characters, found U+000A."),
      ("a\\u0085b", "\"a\\u{85}b\" is not a valid artifact path: wanted no control characters, found U+0085."),
      ("e\\u0301", "\"e\u{301}\" is not a valid artifact path: wanted Unicode normalization form C (composed characters)."),
    ])
  func hostilePath(_ path: String, _ sentence: String) throws {
    let result = try verify([Array(path.utf8)])
    #expect(result.status == 2)
    #expect(lines(result) == ["run_manifest.json, artifacts.files[0].path: \(sentence)"])
  }

  @Test("a path of 5,000 bytes is named by its start and its length, and so is a part that is too long")
  func longPath() throws {
    let long = Array(repeating: Array("directory/".utf8), count: 500).flatMap { $0 }
    let part = Array(repeating: UInt8(ascii: "p"), count: 256)
    let found = lines(try verify([long, part]))
    #expect(found.count == 2)
    #expect(found.first?.hasPrefix("run_manifest.json, artifacts.files[0].path: \"directory/directory/") == true)
    #expect(found.first?.hasSuffix("…\" is not a valid artifact path: wanted at most 1024 bytes in all, found 5000.") == true)
    #expect(found.last?.hasSuffix("is not a valid artifact path: wanted at most 255 bytes a part, found 256.") == true)
    #expect(found.allSatisfy { $0.count < 400 })
  }

  @Test("a manifest whose strings are no text is no JSON, and the place is told")
  func notText() throws {
    for (path, column, sentence) in [
      (Array("exports/".utf8) + [0xff, 0xfe], 10, "a string is not valid UTF-8"),
      ([0xc0, 0xaf], 10, "a string is not valid UTF-8"),
      (Array("\\ud800x".utf8), 11, "an escape is half of a surrogate pair, which is no character"),
      (Array("\\xff".utf8), 12, "found 'x' after a backslash, wanted one of \" \\ / b f n r t u"),
      ([0x61, 0x07], 12, "a string holds the byte 0x7, which must be written as an escape"),
    ] {
      let result = try verify([path])
      #expect(result.status == 2)
      #expect(lines(result) == ["run_manifest.json: line 4, column \(column): \(sentence)."])
    }
  }

  @Test("a path that is listed twice is named at its second place, and in another case it is another path")
  func duplicates() throws {
    let result = try verify(["a", "b", "a", "A", "r"].map { Array($0.utf8) }, files: ["a", "b", "A"])
    #expect(
      lines(result) == [
        "run_manifest.json, artifacts.files[2].path: \"a\" is listed a second time.",
        "run_manifest.json, artifacts.files[4].path: \"r\" is listed a second time.",
      ])
  }

  @Test("composed and decomposed forms of a name are two files: one that is listed, and one that is extra and may not be")
  func normalization() throws {
    let (composed, decomposed) = ("\u{e9}.csv", "e\u{301}.csv")
    let both = try verify([Array(composed.utf8), Array(decomposed.utf8)], files: [composed, decomposed])
    #expect(
      lines(both).map { Array($0.utf8) } == [
        "run_manifest.json, artifacts.files[1].path: \"\(decomposed)\" is not a valid artifact path: wanted Unicode "
          + "normalization form C (composed characters).",
        "\"\(decomposed)\" is extra: a regular file that the manifest does not list.",
      ].map { Array($0.utf8) })
    // On disk under the other form only: it is missing, and something else is there.
    try FileManager.default.removeItem(atPath: folder.file("foreign-run"))
    let other = try verify([Array(composed.utf8)], files: [decomposed])
    #expect(
      lines(other).prefix(2).map { Array($0.utf8) } == [
        "\"\(decomposed)\" is extra: a regular file that the manifest does not list.",
        "\"\(composed)\" is missing: the manifest lists it with 0 bytes.",
      ].map { Array($0.utf8) })
  }

  @Test("of a great many problems the first in order of path are listed, and all are counted, in memory that depends on their number alone")
  func million() throws {
    let count = 60_000
    let python = try #require(Shell.find("python3"))
    let measure = """
      import os, sys
      def peak(run):
          pid = os.spawnv(os.P_NOWAIT, "/bin/sh", ["sh", "-c", "exec '%s' verify %s > %s.txt" % (sys.argv[1], run, run)])
          _, status, usage = os.wait4(pid, 0)
          assert os.waitstatus_to_exitcode(status) == 2
          return usage.ru_maxrss * 1024
      print((peak("foreign-run") - peak("small")) // \(count))
      """
    let few = try verify([Array("missing".utf8)])
    #expect(few.status == 2)
    #expect(try Shell.run(["mv", "foreign-run", "small"], directory: folder.path).status == 0)
    let paths = (0..<count).map { Array("exports/tables/part-\($0 / 1000)/a-table-of-rows-\(String(format: "%06d", $0)).csv".utf8) }
    let result = try verify(paths)
    let found = lines(result)
    #expect(found.count == 10_002)
    #expect(found[0] == "\"exports/tables/part-0/a-table-of-rows-000000.csv\" is missing: the manifest lists it with 0 bytes.")
    #expect(found[1000] == "\"exports/tables/part-1/a-table-of-rows-001000.csv\" is missing: the manifest lists it with 0 bytes.")
    #expect(found[1001].contains("a-table-of-rows-001001"))
    #expect(found[10_000].hasPrefix("run_manifest.json, artifacts.root_hash: found ") && found[10_001] == "And 50000 problems more.")
    #expect(result.stdout.contains("is NOT whole: \(count + 1) problems in \(count) payload and 1 control files"))
    let bytes = try Shell.run([python, "-c", measure, CommandLineTool.path], directory: folder.path)
    // The problems that are kept, and their text, are a part of it here.
    #expect(try #require(Int(bytes.stdout.dropLast()), "\(bytes.stderr)") < 500)
  }

  @Test("on a terminal it tells how far it is, and with --quiet not", .enabled(if: Shell.find("script") != nil, "script is not installed"))
  func progress() throws {
    _ = try verify([Array("a".utf8)], files: ["a"])
    func onTerminal(_ arguments: String) throws -> String {
      let command = "'\(CommandLineTool.path)' verify \(arguments) > /dev/null"
      return try Shell.run(["script", "-qec", command, "/dev/null"], environment: ["TERM": "xterm"], directory: folder.path).stdout
    }
    let shown = try onTerminal("foreign-run")
    #expect(shown.contains("verifying: 1 of 2, 0 MiB") && shown.hasSuffix("\r\u{1b}[2K"), "\(shown.debugDescription)")
    #expect(try onTerminal("foreign-run --quiet") == "")
    #expect(try onTerminal("--all .").contains("verifying runs: 0 of 1"))
  }
}
