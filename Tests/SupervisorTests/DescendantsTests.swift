import LinuxCalls
import TestSupport
import Testing

@testable import Supervisor

@Suite("What is left of a worker's processes")
struct DescendantsTests {
  /// Starts a shell in a process group of its own, as a worker is.
  private func start(_ script: String) throws -> Int32 {
    let null = try File.open("/dev/null", .readWrite)
    return try ProcessLaunch(
      executable: "/bin/bash", arguments: ["bash", "-c", script], environment: ["PATH=/usr/bin:/bin"],
      workingDirectory: File.open("/", .directory), standardOutput: null, standardError: null, inherited: []
    ).start()
  }

  @Test("how a child ended can be known before it is reaped, as often as one asks")
  func ending() throws {
    let pid = try start("exit 7")
    while Processes.ending(of: pid) == nil { Pause.milliseconds(1) }
    #expect(Processes.ending(of: pid) == .exited(7) && Processes.ending(of: pid) == .exited(7))
    #expect(Processes.reap(pid)?.ending == .exited(7))
    #expect(Processes.ending(of: pid) == nil)
    let killed = try start("kill -9 $$")
    while Processes.ending(of: killed) == nil { Pause.milliseconds(1) }
    #expect(Processes.ending(of: killed) == .signalled(9))
    #expect(Processes.reap(killed)?.ending == .signalled(9))
  }

  @Test("a long list of processes is cut, with the number of the others")
  func list() throws {
    let names = (1...23).map { "\($0) (x)" }
    let done = try WorkerFixture(WorkerFixture.lineOfDone)
    _ = try done.watch.untilEnd()
    done.worker.page.markCleanEnd()
    let message = try #require(done.verdict(.exited(0), leftovers: names).failure()?.message)
    #expect(message.hasSuffix("19 (x), 20 (x) and 3 more; they were ended."))
    var verdict = done.verdict(.exited(0), leftovers: names)
    verdict.leftovers.surviving = ["7 (x)"]
    #expect(verdict.failure()?.message == "A plugin left processes running that cannot be ended: 7 (x).")
    #expect(verdict.failure()?.exitCode == .callFailed)
  }
}
