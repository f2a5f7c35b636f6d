import LinuxCalls
import OmphalosValues
import PluginABI
import TestSupport
import Testing

@testable import Supervisor

@Suite("Following a worker")
struct WorkerWatchTests {
  private let feed = CallIdentity(plugin: "com.example.p", capability: "table", instance: "feed")
  private let report = CallIdentity(plugin: "com.example.x", capability: "report", instance: "exports[0]")

  @Test("messages and output arrive whole, also those from just before the end")
  func messages() throws {
    let fixture = try WorkerFixture(
      """
      printf '{"event":"log","plugin":"com.example.p","level":"warning","text":"hm"}\\n' >&3
      echo out; echo err >&2; printf 'no line feed'
      printf '{"event":"progress","by":{"plugin":"com.example.p","capability":"table","instance":"feed"},"done":5,"total":9}\\n' >&3
      \(WorkerFixture.lineOfDone)
      """)
    #expect(try fixture.watch.untilEnd() == .exited(0))
    fixture.worker.page.markCleanEnd()
    #expect(fixture.watch.report.isDone && fixture.notes.all == ["com.example.p/table (feed) 5/9"])
    #expect(fixture.verdict(.exited(0)).failure() == nil)
    let logged = try fixture.logged
    func texts(_ source: String) -> [String] {
      logged.filter { $0["source"]?.stringValue == source }.compactMap { $0["text"]?.stringValue }
    }
    #expect(texts("stdout") == ["out", "no line feed"] && texts("stderr") == ["err"] && texts("plugin") == ["hm"])
  }

  @Test("an exit with status 0 that nobody announced is no success, and is told with the call in flight")
  func silentExit() throws {
    let fixture = try WorkerFixture("exit 0")
    try fixture.worker.page.during("constructor", of: CallIdentity(plugin: "com.example.p"), timeout: 0) { () throws in
      #expect(try fixture.watch.untilEnd() == .exited(0))
      let failure = fixture.verdict(.exited(0)).failure()
      #expect(failure?.message == "com.example.p: constructor ended the process with exit status 0.")
      #expect(failure?.exitCode == .callFailed)
    }
  }

  @Test("saying done without having ended cleanly, or ending cleanly without having said done, is no success")
  func halfSuccess() throws {
    let said = try WorkerFixture(WorkerFixture.lineOfDone)
    _ = try said.watch.untilEnd()
    #expect(said.verdict(.exited(0)).failure() != nil)
    let ended = try WorkerFixture("exit 0")
    _ = try ended.watch.untilEnd()
    ended.worker.page.markCleanEnd()
    #expect(ended.verdict(.exited(0)).failure() != nil)
  }

  @Test("a crash is told with signal, call and callers; without any call it is a bug here")
  func crash() throws {
    let fixture = try WorkerFixture("kill -SEGV $$")
    try fixture.worker.page.during("run", of: report, timeout: 0) { () throws in
      try fixture.worker.page.during("get_next", of: feed, timeout: 0) { () throws in
        let ending = try fixture.watch.untilEnd()
        #expect(ending == .signalled(11))
        let failure = fixture.verdict(ending).failure()
        #expect(
          failure?.message
            == "com.example.p/table (feed): get_next was ended by SIGSEGV, called from com.example.x/report (exports[0]): run."
        )
        #expect(failure?.exitCode == .callFailed)
      }
    }
    let between = fixture.verdict(.signalled(11)).failure()
    #expect(
      between?.message
        == "com.example.x/report (exports[0]): was ended by SIGSEGV after its run had returned; no call was running.")
    let early = try WorkerFixture("kill -ABRT $$").verdict(.signalled(6)).failure()
    #expect(early?.message == "The worker was ended by SIGABRT before it had entered any plugin.")
    #expect(early?.exitCode == .bug)
  }

  @Test("SIGKILL is told with what the kernel counted of ends for want of memory")
  func killed() throws {
    let fixture = try WorkerFixture("kill -KILL $$")
    _ = try fixture.watch.untilEnd()
    func message(_ group: (UInt64, UInt64)?, _ system: (UInt64, UInt64)?) -> String? {
      var verdict = fixture.verdict(.signalled(9))
      verdict.outOfMemory = (
        OutOfMemory(inGroup: group?.0, inSystem: system?.0), OutOfMemory(inGroup: group?.1, inSystem: system?.1)
      )
      return verdict.failure()?.message
    }
    fixture.worker.page.during("run", of: report, timeout: 0) {
      let name = "com.example.x/report (exports[0]): run was ended by SIGKILL, "
      let count = "its count of such ends in this"
      #expect(
        message((3, 5), (7, 9)) == name + "by the kernel for want of memory (OOM): \(count) control group rose by 2.")
      #expect(
        message(nil, (7, 8)) == name + "probably by the kernel for want of memory (OOM): \(count) system rose by 1.")
      #expect(
        message((3, 3), (7, 7)) == name
          + "by an administrator or a plugin: the kernel counted no end for want of memory (OOM) meanwhile.")
      let unknown = name + "by the kernel for want of memory (OOM), by an administrator, or by a plugin."
      #expect(message(nil, nil) == unknown)
      #expect(fixture.verdict(.signalled(9)).failure()?.message == unknown)
    }
  }

  @Test("the worker's own reason comes before how it ended; the first one counts")
  func reason() throws {
    let by = #""by":{"plugin":"com.example.p","capability":"","instance":""},"function":"open""#
    let fixture = try WorkerFixture(
      """
      printf '{"event":"failure","exit_code":65,\(by),"text":"the cause"}\\n{"event":"failure","exit_code":4,\(by),"text":"later"}\\n' >&3
      exit 65
      """)
    let ending = try fixture.watch.untilEnd()
    let failure = fixture.verdict(ending, leftovers: ["7 (sleep)"]).failure()
    #expect(failure?.message == "the cause" && failure?.exitCode == .badData)
  }

  @Test("a call beyond its deadline is ended and named, together with what it was waiting for")
  func deadline() throws {
    let fixture = try WorkerFixture("sleep 100")
    try fixture.worker.page.during("run", of: report, timeout: 100_000_000) { () throws in
      try fixture.worker.page.during("get_next", of: feed, timeout: 0) { () throws in
        let ending = try fixture.watch.untilEnd()
        #expect(ending == .signalled(15) || ending == .signalled(9))
        let failure = fixture.verdict(ending).failure()
        #expect(
          failure?.message
            == "com.example.x/report (exports[0]): run did not return within 0.1 s (limits.call_timeout); it was waiting "
            + "for com.example.p/table (feed): get_next.")
        #expect(failure?.exitCode == .callFailed)
      }
    }
  }

  @Test("one that ignores SIGTERM is killed, though it floods its output all the while", arguments: [1, 2])
  func flood(descriptor: Int) throws {
    let fixture = try WorkerFixture("trap '' TERM; while :; do printf '%4096s\\n' x >&\(descriptor); done")
    try fixture.worker.page.during("run", of: report, timeout: 200_000_000) { () throws in
      let ending = try fixture.watch.untilEnd()
      #expect(ending == .signalled(9))
      #expect(fixture.verdict(ending).failure()?.message.contains("did not return within 0.2 s") == true)
    }
  }

  @Test("a worker that stands still is ended and named")
  func stopped() throws {
    let fixture = try WorkerFixture("kill -STOP $$; sleep 100")
    try fixture.worker.page.during("run", of: report, timeout: 0) { () throws in
      let ending = try fixture.watch.untilEnd()
      #expect(ending == .signalled(9))
      #expect(
        fixture.verdict(ending).failure()?.message
          == "com.example.x/report (exports[0]): run stopped the process (SIGSTOP).")
    }
  }

  @Test(
    "a line on the messages' descriptor that is not ours ends the worker and is told",
    arguments: ["hello", #"{"event":"unknown"}"#, #"{"event":"artifact","path":"../../etc/passwd"}"#])
  func disturbed(line: String) throws {
    let fixture = try WorkerFixture("echo '\(line)' >&3; sleep 100")
    try fixture.worker.page.during("open", of: feed, timeout: 0) { () throws in
      let ending = try fixture.watch.untilEnd()
      #expect(ending == .signalled(9))
      let failure = fixture.verdict(ending).failure()
      #expect(failure?.message.hasPrefix("A plugin wrote to a descriptor that is not its own") == true)
      #expect(failure?.message.hasSuffix("It was found in com.example.p/table (feed): open.") == true)
      #expect(failure?.exitCode == .callFailed)
    }
  }

  @Test("a worker that closed its messages and output is still followed to its deadline")
  func closedDescriptors() throws {
    let fixture = try WorkerFixture("exec 1>&- 2>&- 3>&-; sleep 100")
    try fixture.worker.page.during("run", of: report, timeout: 100_000_000) { () throws in
      #expect(try fixture.watch.untilEnd() != .exited(0))
    }
    #expect(fixture.watch.overdue?.identity == report)
  }

  @Test("a process left behind that holds and floods the pipes does not keep the watch from ending")
  func heldPipes() throws {
    let fixture = try WorkerFixture(
      "(while :; do printf '%4096s\\n' x; done) & echo $! > pid; \(WorkerFixture.lineOfDone); exit 0")
    let ending = try fixture.watch.untilEnd()
    let left = Int32(String(decoding: try fixture.folder.read("pid").filter { $0 != 10 }, as: UTF8.self)) ?? 0
    if left > 1 { Processes.kill(left, 9) }
    fixture.worker.page.markCleanEnd()
    #expect(ending == .exited(0) && fixture.watch.report.isDone)
    let failure = fixture.verdict(ending, leftovers: ["\(left) (bash)"]).failure()
    #expect(failure?.message == "A plugin left processes running: \(left) (bash); they were ended.")
  }

  @Test("the last value of a metric counts, for each capability")
  func metrics() throws {
    func metric(_ name: String, _ value: Double, _ plugin: String) -> String {
      #"{"event":"metric","name":"\#(name)","value":\#(value),"by":{"plugin":"\#(plugin)","capability":"c","instance":""},"call":1}\n"#
    }
    let lines =
      metric("a", 1.5, "com.example.p") + metric("b", 2.5, "com.example.p") + metric("a", 3.5, "com.example.p")
      + metric("a", 4.5, "com.example.q")
    let fixture = try WorkerFixture("printf '\(lines)' >&3")
    _ = try fixture.watch.untilEnd()
    let metrics = fixture.watch.report.metrics
    #expect(metrics.map(\.value) == [3.5, 2.5, 4.5] && metrics.map(\.name) == ["a", "b", "a"])
    #expect(metrics.map(\.by.plugin) == ["com.example.p", "com.example.p", "com.example.q"])
  }
}
