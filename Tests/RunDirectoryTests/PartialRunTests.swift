import LinuxCalls
import OmphalosValues
import RunRecord
import TestSupport
import Testing

@testable import RunDirectory

@Suite struct PartialRunTests {
  private func state(_ partial: PartialRun) throws -> JSONValue {
    let file = try File.open(partial.path + "/state.json")
    return try JSONValue.parse(file.readAll(limit: 1 << 16))
  }

  /// What another process learns about the lock: the pid that holds it, or `free`.
  private func lockSeenByAnother(_ partial: PartialRun) throws -> String {
    let script = """
      import fcntl, struct, sys
      ask = struct.pack('hhqqi4x', fcntl.F_WRLCK, 0, 0, 0, 0)
      kind, _, _, _, pid = struct.unpack('hhqqi4x', fcntl.fcntl(open(sys.argv[1], 'rb+'), fcntl.F_GETLK, ask))
      print('free' if kind == fcntl.F_UNLCK else pid, end='')
      """
    let result = try Shell.run(["python3", "-c", script, partial.path + "/.lock"])
    #expect(result.stderr == "")
    return result.stdout
  }

  @Test("a partial run has the folders of a run, a state that says running, and makes its root")
  func layout() throws {
    let sample = try SampleRun()
    let partial = try PartialRun.create(root: sample.root + "/deeper/", runID: sample.identity.runID, pipeline: "p")
    let found = try names(in: partial.path)
    #expect(found == [".lock", "exports", "lineage", "logs", "reports", "state.json", "warehouse"])
    #expect(partial.name.hasPrefix(".\(sample.identity.runID.text).") && partial.name.hasSuffix(".partial"))
    let state = try state(partial)
    #expect(state["state"] == "running")
    #expect(state["pid"]?.integerValue == Int64(Processes.currentPID))
    #expect(state["pipeline"] == "p")
    #expect(try Timestamp(#require(state["started_at"]?.stringValue)).secondsSince1970 > 1_700_000_000)
  }

  @Test("another process sees who makes the run, also after the tree was hashed, and sees nobody once it ended")
  func lock() throws {
    let sample = try SampleRun()
    var partial: PartialRun? = try sample.makePartial()
    let made = try #require(partial)
    #expect(try lockSeenByAnother(made) == "\(Processes.currentPID)")
    // Closing any descriptor of the lock file would drop the lock.
    _ = try made.walk()
    #expect(try lockSeenByAnother(made) == "\(Processes.currentPID)")

    let path = made.path
    partial = nil
    _ = consume made
    let script = "import fcntl,sys; fcntl.lockf(open(sys.argv[1],'rb+'), fcntl.LOCK_EX|fcntl.LOCK_NB)"
    #expect(try Shell.run(["python3", "-c", script, path + "/.lock"]).status == 0)
  }

  @Test("two partial runs of one id stand beside each other")
  func twoPartials() throws {
    let sample = try SampleRun()
    let first = try sample.makePartial()
    let second = try sample.makePartial()
    #expect(first.path != second.path)
  }

  @Test("a failed run says why and keeps what it made")
  func fail() throws {
    let sample = try SampleRun()
    let partial = try sample.makePartial()
    try partial.fail(reason: "The exporter crashed.", exitCode: .callFailed)
    let state = try state(partial)
    #expect(state["state"] == "failed")
    #expect(state["reason"] == "The exporter crashed.")
    #expect(state["exit_code"] == 4)
    #expect(try names(in: partial.path + "/exports") == ["a.csv", "deep"])
  }

  @Test("discarding removes everything, read-only folders too, and nothing that a symbolic link points to")
  func discard() throws {
    let sample = try SampleRun()
    let kept = try sample.folder.write("outside/kept.txt", "kept")
    let partial = try sample.makePartial()
    let outside = sample.folder.file("outside")
    let script = "ln -s \"$1\" exports/link && ln -s \"$1\" link && mkfifo exports/fifo && chmod 555 exports/deep"
    let links = try Shell.run(["sh", "-c", script, "sh", outside], directory: partial.path)
    #expect(links.stderr == "")
    try partial.discard()
    #expect(try names(in: sample.root) == [])
    #expect(try sample.folder.read("outside/kept.txt") == Array("kept".utf8))
    #expect(kept.hasSuffix("kept.txt"))
  }

  @Test("discarding refuses when another directory was put in the partial's place")
  func discardReplaced() throws {
    let sample = try SampleRun()
    let partial = try sample.makePartial()
    let script = "mv \"$1\" moved && mkdir \"$1\""
    let moved = try Shell.run(["sh", "-c", script, "sh", partial.name], directory: sample.root)
    #expect(moved.status == 0)
    #expect(throws: RunDirectoryError.self) { try partial.discard() }
    #expect(try names(in: sample.root + "/moved").contains("exports"))
  }

  @Test("a folder of very many levels is removed")
  func discardDeepTree() throws {
    let sample = try SampleRun()
    let partial = try sample.makePartial()
    let script = "import os\nfor _ in range(1500):\n    os.mkdir('d'); os.chdir('d')"
    #expect(try Shell.run(["python3", "-c", script], directory: partial.path + "/exports").status == 0)
    try partial.discard()
    #expect(try names(in: sample.root) == [])
  }
}
