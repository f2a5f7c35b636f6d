import Foundation
import TestSupport
import Testing

/// A run root in which somebody has put things.
@Suite("Runs in a directory that is not as it should be")
struct RunsHostileTests {
  private let folder: PipelineFolder

  init() throws {
    folder = try PipelineFolder()
    try FileManager.default.createDirectory(atPath: folder.runs, withIntermediateDirectories: false)
  }

  private func runs(_ arguments: String...) throws -> Shell.Result {
    try CommandLineTool.run(["runs"] + arguments, directory: folder.path)
  }

  /// State and detail of each run, by name.
  private func states() throws -> [String: String] {
    let result = try runs("list", "--format", "json")
    #expect(result.status == 0, "\(result.stderr)")
    let object = try #require(try JSONSerialization.jsonObject(with: Data(result.stdout.utf8)) as? [String: Any])
    let runs = try #require(object["runs"] as? [[String: Any]])
    return Dictionary(
      uniqueKeysWithValues: runs.map { run in
        let reason = (run["reason"] as? String).map { ": \($0)" } ?? ""
        return (run["name"] as? String ?? "", (run["state"] as? String ?? "") + reason)
      })
  }

  private func partial(_ digit: Int) -> String { ".run-0000000\(digit)-0000.0000000\(digit).partial" }


  @Test("links, files, fifos and rubbish under names of runs are told as that, follow nothing and do no harm")
  func rubbish() throws {
    let outside = try TemporaryFolder()
    try outside.write("state.json", "{\"state\":\"failed\",\"reason\":\"of another\"}")
    let garbage: [String] = ["", "{", "[]", "{\"state\":1}", "{\"state\":\"finalized\"}", String(repeating: "[", count: 100_000)]
    for (digit, text) in garbage.enumerated() { try folder.folder.write("runs/\(partial(digit))/state.json", text) }
    try FileManager.default.createSymbolicLink(
      atPath: folder.runs + "/" + partial(7), withDestinationPath: outside.path)
    try folder.folder.write("runs/\(partial(8))", "a file")
    try FileManager.default.createDirectory(atPath: folder.runs + "/" + partial(9), withIntermediateDirectories: false)
    for name in ["state.json", ".lock", "logs"] {
      try FileManager.default.createSymbolicLink(
        atPath: "\(folder.runs)/\(partial(9))/\(name)", withDestinationPath: outside.file("state.json"))
    }
    try FileManager.default.createDirectory(atPath: folder.runs + "/run-00000000-aaaa", withIntermediateDirectories: false)
    #expect(mkfifo(folder.runs + "/run-00000000-aaaa/run_manifest.json", 0o644) == 0)
    #expect(mkfifo(folder.runs + "/run-00000000-bbbb", 0o644) == 0)
    for name in ["notes.txt", ".run-1.partial", "run-SHOUTED", ".run-00000000-0000.0000000g.partial"] {
      try folder.folder.write("runs/\(name)", "x")
    }
    let states = try states()
    for digit in garbage.indices { #expect(states[partial(digit)] == "unsettled") }
    #expect(states[partial(7)] == "unusable: it is a symbolic link, not a directory")
    #expect(states[partial(8)] == "unusable: it is a regular file, not a directory")
    #expect(states[partial(9)] == "unsettled")
    #expect(states["run-00000000-aaaa"] == "unusable: it has no readable run_manifest.json: it is a fifo")
    #expect(states["run-00000000-bbbb"] == "unusable: it is a fifo, not a directory")
    #expect(states.count == garbage.count + 5)

    // None is old enough to be taken away without a state that says so.
    #expect(try runs("clean").status == 0)
    #expect(try self.states().count == states.count)
    #expect(FileManager.default.fileExists(atPath: outside.file("state.json")))
  }

  @Test("what is reported of a partial run's state cannot steer a terminal")
  func terminal() throws {
    try folder.folder.write(
      "runs/\(partial(1))/state.json", #"{"state":"failed","reason":"\u001b[2Jgone\nmore","pipeline":"\u0007p","exit_code":4}"#)
    try folder.folder.write(
      "runs/\(partial(1))/logs/run.jsonl", "{\"text\":\"\\u001b]0;x\",\"source\":\"stdout\"}\nnot json\n\u{1b}[2J\n")
    for arguments in [["list"], ["show", partial(1)]] {
      let result = try CommandLineTool.run(["runs"] + arguments, directory: folder.path)
      #expect(result.status == 0)
      #expect(result.stdout.contains("\\u{1b}[2Jgone") && !result.stdout.utf8.contains(0x1b))
    }
  }

  @Test("a dead run with read-only folders, links and names that are not UTF-8 is removed, and nothing beyond it")
  func cleaned() throws {
    let outside = try TemporaryFolder()
    try outside.write("precious", "x")
    let name = partial(1)
    try folder.folder.write("runs/\(name)/state.json", #"{"state":"running","pid":1}"#)
    try folder.folder.write("runs/\(name)/.lock", "")
    try folder.folder.write("runs/\(name)/exports/deep/a", "x")
    try FileManager.default.createSymbolicLink(
      atPath: "\(folder.runs)/\(name)/exports/link", withDestinationPath: outside.path)
    let bytes = try Shell.run(
      ["bash", "-c", #"mkdir $'exports/\xff\xfe' && touch $'exports/\xff\xfe/\x80' $'\xc3\x28' && chmod 555 exports/deep exports"#],
      directory: "\(folder.runs)/\(name)")
    #expect(bytes.status == 0, "\(bytes.stderr)")
    #expect(try states()[name] == "killed")
    let result = try runs("clean")
    #expect(result.status == 0 && result.stdout == "removed       runs/\(name)\n", "\(result.stderr)")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.runs) == [])
    #expect(try String(decoding: outside.read("precious"), as: UTF8.self) == "x")
  }

  @Test("a run that another user's rights protect is told, and the others are cleaned all the same", .enabled(if: getuid() == 0))
  func foreign() throws {
    try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: folder.runs)
    for digit in [1, 2] {
      try folder.folder.write("runs/\(partial(digit))/state.json", #"{"state":"failed","reason":"r"}"#)
    }
    #expect(try Shell.run(["chown", "-R", "65534:65534", "\(folder.runs)/\(partial(2))"]).status == 0)
    #expect(try Shell.run(["mkdir", "-m", "700", "\(folder.runs)/\(partial(3))"]).status == 0)
    let list = try CommandLineTool.run(["runs", "list"], directory: folder.path, user: 65534)
    #expect(list.status == 0 && list.stdout.contains("unusable   \(partial(3))\n           it cannot be opened: Permission denied"))
    let result = try CommandLineTool.run(["runs", "clean"], directory: folder.path, user: 65534)
    #expect(result.status == 5)
    #expect(result.stdout.contains("removed       runs/\(partial(2))\n"))
    #expect(result.stderr.contains("\"runs/\(partial(1))\" could not be removed: "), "\(result.stderr)")
    #expect(try Set(FileManager.default.contentsOfDirectory(atPath: folder.runs)) == [partial(1), partial(3)])
  }

  @Test("a root that is not there, or is a file, is a wrong argument")
  func noRoot() throws {
    try folder.folder.write("file", "x")
    for (root, cause) in [("nowhere", "No such file or directory"), ("file", "Not a directory")] {
      for command in ["list", "clean"] {
        let result = try runs(command, "--root", root)
        #expect(result.status == 65)
        #expect(
          result.stderr
            == "omphalos: \"\(root)\" cannot be looked into for runs: \(cause). Name the directory with --root.\n")
      }
    }
  }

  @Test("three thousand dead runs are listed and removed, and descriptors do not run out")
  func many() throws {
    let made = try Shell.run(
      [
        "bash", "-c",
        "for i in $(seq -f %08.0f 3000); do d=.run-$i-0000.$i.partial; mkdir $d; echo '{\"state\":\"failed\",\"reason\":\"r\"}' > $d/state.json; done",
      ], directory: folder.runs)
    #expect(made.status == 0)
    let list = try CommandLineTool.run(["runs", "list"], directory: folder.path, prefix: ["prlimit", "--nofile=64"])
    #expect(list.status == 0 && list.stdout.split(separator: "\n").count == 6000)
    let clean = try CommandLineTool.run(["runs", "clean"], directory: folder.path, prefix: ["prlimit", "--nofile=64"])
    #expect(clean.status == 0 && clean.stdout.split(separator: "\n").count == 3000)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.runs) == [])
  }
}
