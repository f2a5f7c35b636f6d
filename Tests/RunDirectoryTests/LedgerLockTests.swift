import LinuxCalls
import OmphalosValues
import Synchronization
import TestSupport
import Testing

@testable import RunDirectory

@Suite("The ledger's lock")
struct LedgerLockTests {
  private let root: LedgerRoot

  init() throws { root = try LedgerRoot() }

  /// A process that holds the lock until it is killed.
  private func holder() throws -> Int32 {
    try root.append(1...1)
    let script = """
      import fcntl, sys, time
      file = open(sys.argv[1] + "/ledger.jsonl", "r+")
      fcntl.lockf(file, fcntl.LOCK_EX)
      open(sys.argv[1] + "/held", "w").close()
      time.sleep(1000)
      """
    let null = try File.open("/dev/null", .readWrite)
    let pid = try ProcessLaunch(
      executable: try #require(Shell.find("python3")), arguments: ["python3", "-c", script, root.path],
      environment: ["PATH=/usr/bin:/bin"], workingDirectory: File.open("/", .directory), standardOutput: null,
      standardError: null, inherited: []
    ).start()
    let directory = try File.open(root.path, .directory)
    while (try? directory.status(of: "held")) == nil { Pause.milliseconds(5) }
    return pid
  }

  private func end(_ pid: Int32) {
    Processes.kill(pid, 9)
    while Processes.reap(pid) == nil { Pause.milliseconds(1) }
  }

  @Test("whoever holds it for longer than we wait is named, and nothing is written")
  func busy() throws {
    let pid = try holder()
    defer { end(pid) }
    let before = try root.text()
    let error = try #require(throws: LedgerError.self) {
      _ = try RunLedger(root: root.path, patience: 50_000_000).append(.finalized, LedgerRoot.subject(2))
    }
    #expect(error == .busy(path: root.file, holder: pid, seconds: 0))
    #expect(error.message.contains("by process \(pid)"))
    #expect(try root.text() == before)
  }

  @Test("it ends with the process that held it, in whatever way that ended")
  func killed() throws {
    end(try holder())
    #expect(try root.ledger.append(.finalized, LedgerRoot.subject(2)).entry.sequence == 2)
  }

  @Test("from many threads of two processes at once each entry comes once, and the chain holds")
  func concurrent() throws {
    var sample = try SampleRun()
    sample.artifacts = ["exports/a": "1"]
    let run = try sample.finalize()
    let ledger = RunLedger(root: sample.root)
    let tool = CommandLineTool.path
    let failures = Mutex(0)
    onThreads(8) { index in
      let isDone =
        index % 4 == 0
        ? (try? Shell.run([tool, "runs", "adopt", run, run, run]).status) == 0
        : (0..<10).allSatisfy { (try? ledger.append(.finalized, LedgerRoot.subject(100 * index + $0))) != nil }
      if !isDone { failures.withLock { $0 += 1 } }
    }
    #expect(failures.withLock { $0 } == 0)
    let report = try LedgerReport.read(try #require(try ledger.openForReading()), anchor: nil)
    #expect(report.problemCount == 0 && report.lineCount == 61)
    #expect(report.runs[UTF8String(sample.identity.runID.text)]?.kind == .adopted)
  }

  @Test("a ledger that was put aside while we waited for it is not written to any more")
  func replaced() throws {
    let pid = try holder()
    let ledger = root.ledger
    let appended = Mutex<Int64?>(nil)
    onThreads(2) { index in
      if index == 0 {
        let entry = try? ledger.append(.finalized, LedgerRoot.subject(2)).entry
        appended.withLock { $0 = entry?.sequence }
      } else {
        Pause.milliseconds(100)
        _ = try? Shell.run(["mv", root.file, root.folder.file("aside")])
        end(pid)
      }
    }
    #expect(appended.withLock { $0 } == 1)
    #expect(try root.lines().count == 1)
    #expect(try root.folder.read("aside").split(separator: UInt8(ascii: "\n")).count == 1)
  }
}
