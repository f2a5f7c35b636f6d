import LinuxCalls
import TestSupport
import Testing

@testable import Pipeline

@Suite("Processes left running")
struct LeftoverProcessesTests {
  private func start(_ script: String) throws -> Int32 {
    let null = try File.open("/dev/null", .readWrite)
    return try ProcessLaunch(
      executable: "/bin/sh", arguments: ["sh", "-c", script], environment: ["PATH=/usr/bin:/bin"],
      workingDirectory: File.open("/", .directory), standardOutput: null, standardError: null, inherited: []
    ).start()
  }

  private func end(_ pid: Int32) {
    Processes.kill(pid, 9)
    while Processes.reap(pid) == nil { Pause.milliseconds(1) }
  }

  // Other tests of this process have children as well: only those of this test are looked for.
  private func sees(_ pid: Int32, _ leftovers: LeftoverProcesses) -> Bool {
    leftovers.find().contains { $0.hasPrefix("\(pid) (") }
  }

  @Test("a child that runs is found with its name; one from before, and one that ended, are not")
  func found() throws {
    let before = try start("sleep 100")
    let leftovers = LeftoverProcesses()
    let running = try start("sleep 100")
    let ended = try start("exit 0")
    while !Processes.hasEnded(ended) { Pause.milliseconds(1) }
    #expect(sees(running, leftovers))
    #expect(leftovers.find().contains { $0 == "\(running) (sleep)" || $0 == "\(running) (sh)" })
    #expect(!sees(before, leftovers) && !sees(ended, leftovers))
    end(running)
    #expect(!sees(running, leftovers))
    end(before)
    end(ended)
  }
}
