import Foundation
import TestSupport
import Testing

/// Plugins that use up what the system has. Each test sets the bounds, so that the system survives.
@Suite("A plugin that takes all there is", .serialized)
struct CrashBombTests {
  /// A user that nobody else is: limits of processes count all of a user's.
  private let user = 20_000 + Int(getpid()) % 30_000

  /// Runs the fixture as that user, under limits that `prlimit` sets.
  private func bounded(
    _ defines: [String: String], _ limits: [String], timeout: String = "2s"
  ) throws -> (outcome: PipelineFolder.Outcome, folder: PipelineFolder) {
    let pipeline = try PipelineFolder()
    try pipeline.addFixture(defines)
    try pipeline.writeFixturePipeline(limits: "call_timeout: \(timeout)")
    try pipeline.giveAway(to: user)
    // The limits are set by the program that starts the command, and are inherited.
    return (try pipeline.run(user: user, prefix: ["prlimit"] + limits), pipeline)
  }

  /// Processes of that user that run.
  private func running() throws -> [String] {
    let list = try Shell.run(["ps", "-o", "pid=,stat=,args=", "-u", "\(user)"]).stdout
    return list.split(separator: "\n").map(String.init).filter { !$0.contains(/^ *\d+ Z/) }
  }

  static let forks: [(what: String, statement: String, told: String)] = [
    ("forks in a loop", "for (;;) fork();", "run did not return within 2.0 s (limits.call_timeout)."),
    (
      "forks children that fork for ever, and returns", "if (fork() == 0) for (;;) fork(); return put(call, \"exports/x\", \"\");",
      "run failed: it left processes running: "
    ),
    (
      "forks children that leave its group and session and fork for ever",
      "if (fork() == 0) for (;;) { if (fork() == 0) setsid(); signal(SIGTERM, SIG_IGN); } for (;;) sleep(100);",
      "run did not return within 2.0 s (limits.call_timeout)."
    ),
    (
      "forks children that leave its group, and crashes", "for (int i = 0; i < 4; i++) if (fork() == 0) for (;;) { if (fork() == 0) setsid(); } abort();",
      "run was ended by SIGABRT."
    ),
  ]

  @Test("is named, and none of its processes is left", .enabled(if: getuid() == 0), arguments: forks)
  func forkBomb(_ bomb: (what: String, statement: String, told: String)) throws {
    let (outcome, _) = try bounded(["ON_RUN": bomb.statement], ["--nproc=50"])
    #expect(outcome.status == 4)
    #expect(outcome.stderr.contains("omphalos: com.example.fixture/product (exports[0]): \(bomb.told)"), "\(outcome.stderr)")
    #expect(outcome.finalized == [])
    #expect(try running() == [])
  }

  @Test("of memory is told by malloc, and a plugin that copes is no failure", .enabled(if: getuid() == 0))
  func memoryTold() throws {
    let (outcome, _) = try bounded(
      [
        "ON_RUN":
          "void **last = NULL; for (void **p; (p = malloc(1 << 20)) != NULL; last = p) *p = last; "
          + "if (last == NULL) return 1; while (last != NULL) { void **p = last; last = *p; free(p); }"
      ], ["--as=4000000000"], timeout: "60s")
    #expect(outcome.status == 0, "\(outcome.stderr)")
  }

  @Test("of memory and says so fails with that", .enabled(if: getuid() == 0))
  func memoryReturned() throws {
    let (outcome, _) = try bounded(
      ["ON_RUN": "while (malloc(1 << 20) != NULL) {} return OMPHALOS_E_MEMORY;"], ["--as=4000000000"], timeout: "60s")
    #expect(outcome.status == 4)
    #expect(outcome.stderr.contains("com.example.fixture/product (exports[0]): run failed: There was not enough memory. [E_MEMORY]"))
  }

  @Test("of memory down to the last byte is named when the host has none left", .enabled(if: getuid() == 0))
  func memoryExhausted() throws {
    let (outcome, _) = try bounded(
      [
        "ON_RUN":
          "for (size_t n = 1 << 24; n >= 16; n /= 2) while (malloc(n) != NULL) {} "
          + "for (int i = 0; i < 1000; i++) { char name[64]; snprintf(name, sizeof name, \"exports/%d\", i); put(call, name, name); } "
          + "return OMPHALOS_E_MEMORY;"
      ], ["--as=4000000000"], timeout: "60s")
    #expect([4, 70].contains(outcome.status))
    #expect(outcome.stderr.contains("com.example.fixture/product (exports[0])"), "\(outcome.stderr)")
    #expect(outcome.finalized == [])
    #expect(try running() == [])
  }

  static let canBoundMemory = MemoryGroup(bytes: 1 << 30) != nil

  @Test(
    "until the kernel ends it is told with the kernel's own count of such ends",
    .enabled(if: CrashBombTests.canBoundMemory, "no control group for memory can be made here"))
  func endedByKernel() throws {
    let group = try #require(MemoryGroup(bytes: 400 << 20))
    let pipeline = try PipelineFolder()
    try pipeline.addFixture(["ON_RUN": "for (;;) { char *p = malloc(1 << 20); if (p == NULL) return 1; memset(p, 1, 1 << 20); }"])
    try pipeline.writeFixturePipeline(limits: "call_timeout: 120s")
    let crash = try CrashOutcome(pipeline.run(prefix: group.command([])), in: pipeline)
    #expect(crash.outcome.status == 4)
    #expect(
      crash.reason
        == "com.example.fixture/product (exports[0]): run was ended by SIGKILL, by the kernel for want of memory (OOM): its "
        + "count of such ends in this control group rose by 1.")
  }

  @Test("no memory, and is killed by somebody else, is told as that")
  func killed() throws {
    let crash = try CrashOutcome(["ON_RUN": "kill(getpid(), SIGKILL);"])
    #expect(crash.outcome.status == 4)
    // Another process of this system may have been ended meanwhile.
    let told = crash.reason.replacing(
      /probably by the kernel for want of memory \(OOM\): its count of such ends in this system rose by \d+/,
      with: "by an administrator or a plugin: the kernel counted no end for want of memory (OOM) meanwhile")
    #expect(
      told
        == "com.example.fixture/product (exports[0]): run was ended by SIGKILL, by an administrator or a plugin: the kernel "
        + "counted no end for want of memory (OOM) meanwhile.")
  }
}
