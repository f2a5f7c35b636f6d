import Foundation
import TestSupport
import Testing

/// Ways to leave a function, or the process, that are no fault of the processor.
@Suite("A plugin that leaves by a way that is no return")
struct CrashExitTests {
  @Test(
    "ends the process with status 0 and is named all the same",
    arguments: ["exit(0);", "_exit(0);", "quick_exit(0);", "syscall(231, 0);", "execl(\"/bin/true\", \"true\", (char *)0);"])
  func exits(_ statement: String) throws {
    let crash = try CrashOutcome(["GLOBALS": "extern long syscall(long, ...);", "ON_RUN": statement])
    #expect(crash.outcome.status == 4)
    #expect(crash.reason == "com.example.fixture/product (exports[0]): run ended the process with exit status 0.")
  }

  @Test("ends the thread, also by the bare system call", arguments: ["pthread_exit(NULL);", "syscall(60, 0);"])
  func threadExit(_ statement: String) throws {
    let crash = try CrashOutcome(["GLOBALS": "extern long syscall(long, ...);", "ON_NEXT": statement])
    #expect(crash.outcome.status == 4)
    #expect(
      crash.reason
        == "com.example.fixture/source (numbers): get_next ended the thread on which it was called (pthread_exit), called "
        + "from com.example.fixture/product (exports[0]): run.")
  }

  static let jumped =
    "com.example.fixture/source (numbers): get_next was left by a jump over functions of the host (longjmp or an exception), "
    + "and the run cannot go on. It was found after com.example.fixture/product (exports[0]): run had returned."
  private static let jump =
    "extern int setjmp(void *); extern void longjmp(void *, int); static long place[64];"

  @Test(
    "jumps out of a stream's function over the host into its exporter, and is named",
    arguments: ["return 1;", "return put(call, \"exports/x\", \"\");"])
  func longJump(_ afterwards: String) throws {
    let crash = try CrashOutcome([
      "GLOBALS": Self.jump, "ON_NEXT": "longjmp(place, 1);", "ON_RUN": "if (setjmp(place) != 0) { \(afterwards) }",
    ])
    #expect(crash.outcome.status == 4)
    #expect(crash.reason == Self.jumped)
  }

  @Test("may jump within its own code")
  func ownJump() throws {
    let outcome = try PipelineFolder.runFixture([
      "GLOBALS": Self.jump, "ON_RUN": "if (setjmp(place) == 0) longjmp(place, 1);",
    ]).outcome
    #expect(outcome.status == 0, "\(outcome.stderr)")
  }

  /// The fixture with a C++ file beside it that throws and catches.
  private func throwing(_ defines: [String: String]) throws -> CrashOutcome {
    let folder = try TemporaryFolder()
    let source = try folder.write(
      "throws.cpp",
      """
      extern "C" void throw_it() { throw 1; }
      extern "C" int catch_it(int (*body)(void *, void *), void *a, void *b) {
        try { return body(a, b); } catch (...) { return -1; }
      }

      """)
    return try CrashOutcome(
      defines.merging(["GLOBALS": "extern void throw_it(void); extern int catch_it(int (*)(void *, void *), void *, void *);"]) { $1 },
      flags: ["-x", "c++", source, "-x", "none", "-lstdc++", "-fexceptions"])
  }

  @Test("throws a C++ exception that nobody catches before the boundary")
  func exception() throws {
    let crash = try throwing(["ON_RUN": "throw_it();"])
    #expect(crash.outcome.status == 4)
    #expect(crash.reason == "com.example.fixture/product (exports[0]): run was ended by SIGABRT." + CrashOutcome.reads)
    #expect(try crash.folder.text(crash.outcome, "logs/run.jsonl").contains("terminate called"))
  }

  @Test("throws a C++ exception through the host's functions and catches it on the other side")
  func exceptionThroughHost() throws {
    let crash = try throwing([
      "ON_NEXT": "throw_it();",
      "ON_RUN": "struct ArrowArray b; if (catch_it((void *)inputs[0]->stream->get_next, inputs[0]->stream, &b)) return 1;",
    ])
    #expect(crash.outcome.status == 4)
    // Whether the exception gets through depends on how the host's functions are compiled; both are told.
    let aborted = "com.example.fixture/source (numbers): get_next was ended by SIGABRT, called from "
      + "com.example.fixture/product (exports[0]): run."
    #expect([Self.jumped, aborted].contains(crash.reason))
  }
}
