import Foundation
import TestSupport
import Testing

@Suite("A plugin that ends, hangs or leaves things behind")
struct ProcessTests {
  struct Case: CustomTestStringConvertible, Sendable {
    let what: String
    let defines: [String: String]
    /// All of them are in the message.
    let named: [String]
    var sink = false
    var testDescription: String { what }
  }

  static let crashes: [Case] = [
    Case(
      what: "_exit(0) in a constructor", defines: ["ON_CONSTRUCTOR": "_exit(0);"],
      named: ["com.example.fixture: constructor ended the process with exit status 0"]),
    Case(
      what: "exit(0) in a constructor", defines: ["ON_CONSTRUCTOR": "exit(0);"],
      named: ["com.example.fixture: constructor ended the process with exit status 0"]),
    Case(
      what: "a crash in a constructor", defines: ["ON_CONSTRUCTOR": "*(volatile int *)8 = 1;"],
      named: ["com.example.fixture: constructor was ended by SIGSEGV"]),
    Case(
      what: "abort in the entry", defines: ["ON_ENTRY": "abort();"],
      named: ["com.example.fixture: omphalos_plugin_v1 was ended by SIGABRT"]),
    Case(
      what: "a crash in init", defines: ["ON_INIT": "*(volatile int *)8 = 1;"],
      named: ["com.example.fixture: init was ended by SIGSEGV"]),
    Case(
      what: "a crash in open", defines: ["ON_OPEN": "*(volatile int *)8 = 1;"],
      named: ["com.example.fixture/source (numbers): open was ended by SIGSEGV"]),
    Case(
      what: "a crash in get_next, called from an exporter", defines: ["ON_NEXT": "*(volatile int *)8 = 1;"],
      named: [
        "com.example.fixture/source (numbers): get_next was ended by SIGSEGV",
        "called from com.example.fixture/product (exports[0]): run",
      ]),
    Case(
      what: "a crash in run", defines: ["ON_RUN": "*(volatile int *)8 = 1;"],
      named: ["com.example.fixture/product (exports[0]): run was ended by SIGSEGV"]),
    Case(
      what: "a crash in release", defines: ["ON_RELEASE": "*(volatile int *)8 = 1;"],
      named: ["com.example.fixture/source (numbers): release of the stream was ended by SIGSEGV"]),
    Case(
      what: "a crash in shutdown", defines: ["ON_SHUTDOWN": "*(volatile int *)8 = 1;"],
      named: ["com.example.fixture: shutdown was ended by SIGSEGV"]),
    Case(
      what: "a crash in a sink", defines: ["ON_EMIT": "abort();"],
      named: ["com.example.fixture/sink (lineage[0]): emit was ended by SIGABRT"], sink: true),
    Case(
      what: "_exit(0) in run", defines: ["ON_RUN": "_exit(0);"],
      named: ["com.example.fixture/product (exports[0]): run ended the process with exit status 0"]),
    Case(
      what: "pthread_exit in run", defines: ["ON_RUN": "pthread_exit(NULL);"],
      named: ["com.example.fixture/product (exports[0]): run ended"]),
    Case(
      what: "another program by execl in run", defines: ["ON_RUN": "execl(\"/bin/true\", \"true\", (char *)0);"],
      named: ["com.example.fixture/product (exports[0]): run ended the process with exit status 0"]),
    Case(
      what: "kill -9 of itself", defines: ["ON_RUN": "kill(getpid(), 9);"],
      named: ["com.example.fixture/product (exports[0]): run was ended by SIGKILL"]),
    Case(
      what: "standing still by SIGSTOP", defines: ["ON_RUN": "raise(SIGSTOP);"],
      named: ["com.example.fixture/product (exports[0]): run stopped the process (SIGSTOP)"]),
    Case(
      what: "a crash on a thread of its own",
      defines: [
        "GLOBALS": "static void *die(void *x) { *(volatile int *)8 = 1; return x; }",
        "ON_RUN": "pthread_t t; pthread_create(&t, NULL, die, NULL); pthread_join(t, NULL);",
      ],
      named: [
        "com.example.fixture: a thread that it started was ended by SIGSEGV at fixture.so+0x",
        "What was running meanwhile may be the cause: com.example.fixture/product (exports[0]): run.",
      ]),
    Case(
      what: "a stack overflow",
      defines: [
        "GLOBALS": "static int deep(int n) { volatile char big[4096]; big[0] = n; return deep(n + 1) + big[0]; }",
        "ON_RUN": "return deep(0);",
      ],
      named: ["com.example.fixture/product (exports[0]): run was ended by SIGSEGV"]),
  ]

  @Test("is named with capability and function, and the run is not finalized", arguments: crashes)
  func crash(_ example: Case) throws {
    let (outcome, folder) = try PipelineFolder.runFixture(example.defines, sink: example.sink)
    #expect(outcome.status == 4)
    for text in example.named { #expect(outcome.stderr.contains(text)) }
    #expect(outcome.finalized == [])
    #expect(outcome.partials.count == 1)
    #expect(try folder.text(outcome, "state.json").contains("com.example.fixture"))
    #expect(folder.processes() == [])
  }

  static let hangs: [Case] = [
    Case(
      what: "a constructor that sleeps", defines: ["ON_CONSTRUCTOR": "sleep(1000);"],
      named: ["com.example.fixture: constructor did not return within 1.0 s"]),
    Case(
      what: "a run that sleeps", defines: ["ON_RUN": "for (;;) sleep(1000);"],
      named: ["com.example.fixture/product (exports[0]): run did not return within 1.0 s"]),
    Case(
      what: "a loop with all signals blocked",
      defines: ["ON_RUN": "sigset_t all; sigfillset(&all); sigprocmask(SIG_BLOCK, &all, NULL); for (;;) {}"],
      named: ["com.example.fixture/product (exports[0]): run did not return within 1.0 s"]),
    Case(
      what: "a stream that never ends", defines: ["ON_NEXT": "*batch = 0; usleep(1000);"],
      named: ["run did not return within 1.0 s (limits.call_timeout)"]),
  ]

  @Test("is stopped at its deadline and named", arguments: hangs)
  func hang(_ example: Case) throws {
    let (outcome, folder) = try PipelineFolder.runFixture(example.defines, limits: "call_timeout: 1s")
    #expect(outcome.status == 4)
    for text in example.named { #expect(outcome.stderr.contains(text)) }
    #expect(outcome.finalized == [])
    #expect(folder.processes() == [])
  }

  static let orphans: [Case] = [
    Case(
      what: "a child", defines: ["ON_RUN": "if (fork() == 0) { for (;;) sleep(1000); }"],
      named: ["com.example.fixture/product (exports[0]): run failed: it left processes running"]),
    Case(
      what: "a daemonised grandchild",
      defines: [
        "ON_RUN":
          "pid_t p = fork(); if (p == 0) { setsid(); if (fork() == 0) { for (;;) sleep(1000); } _exit(0); } "
          + "waitpid(p, NULL, 0);"
      ],
      named: ["com.example.fixture/product (exports[0]): run failed: it left processes running"]),
    Case(
      what: "a daemon of its constructor",
      defines: [
        "ON_CONSTRUCTOR":
          "pid_t p = fork(); if (p == 0) { setsid(); if (fork() == 0) { for (;;) sleep(1000); } _exit(0); } "
          + "waitpid(p, NULL, 0);"
      ],
      named: ["com.example.fixture: constructor failed: it left processes running"]),
  ]

  @Test("leaves a process behind: it is named, the process is ended", arguments: orphans)
  func orphan(_ example: Case) throws {
    let (outcome, folder) = try PipelineFolder.runFixture(example.defines)
    #expect(outcome.status == 4)
    for text in example.named { #expect(outcome.stderr.contains(text)) }
    #expect(outcome.finalized == [])
    #expect(folder.processes() == [])
  }

  @Test("may keep a helper while its call lasts, and is named if the helper outlives it")
  func helpers() throws {
    let helper = "static pid_t helper;"
    let start = "helper = fork(); if (helper == 0) { for (;;) sleep(1000); }"
    let kept = try PipelineFolder.runFixture([
      "GLOBALS": helper, "ON_OPEN": start, "ON_RELEASE": "kill(helper, 9); waitpid(helper, NULL, 0);",
    ]).outcome
    #expect(kept.status == 0, "\(kept.stderr)")
    let (left, folder) = try PipelineFolder.runFixture(["GLOBALS": helper, "ON_OPEN": start])
    #expect(left.status == 4)
    #expect(left.stderr.contains("com.example.fixture/source (numbers): release failed: it left processes running"))
    #expect(folder.processes() == [])
  }

  @Test("may start a child that it waits for")
  func waitsForItsChild() throws {
    let (outcome, _) = try PipelineFolder.runFixture([
      "ON_RUN": "pid_t p = fork(); if (p == 0) _exit(0); waitpid(p, NULL, 0);"
    ])
    #expect(outcome.status == 0)
  }

  @Test("runs no destructor when the worker ends, so nothing changes after the last call")
  func noDestructors() throws {
    let folder = try TemporaryFolder()
    let (outcome, _) = try PipelineFolder.runFixture(["ON_DESTRUCTOR": "mark(\"\(folder.file("ran"))\");"])
    #expect(outcome.status == 0)
    #expect(!FileManager.default.fileExists(atPath: folder.file("ran")))
  }

  @Test("sees an environment that was built, an umask of 022, an empty directory and no input")
  func environment() throws {
    let (outcome, folder) = try PipelineFolder.runFixture(
      [
        "GLOBALS": "extern char **environ;",
        "ON_RUN":
          "for (char **e = environ; *e; e++) printf(\"ENV %s\\n\", *e); mode_t m = umask(0); umask(m); char c; "
          + "printf(\"UMASK %o\\nSTDIN %d\\n\", (unsigned)m, (int)read(0, &c, 1)); fflush(stdout); system(\"\");",
      ], environment: ["LD_LIBRARY_PATH": "/nowhere", "SECRET_OF_THE_CALLER": "1"])
    #expect(outcome.status == 0)
    let log = try folder.text(outcome, "logs/run.jsonl")
    let names = log.split(separator: "\n").compactMap { line -> String? in
      guard let range = line.range(of: "ENV ") else { return nil }
      return line[range.upperBound...].split(separator: "=").first.map(String.init)
    }
    #expect(Set(names) == ["PATH", "HOME", "LC_ALL", "TZ", "SWIFT_DETERMINISTIC_HASHING"])
    #expect(log.contains("UMASK 22"))
    #expect(log.contains("STDIN 0"))
  }

  @Test("that floods its output neither hangs nor fills the disk")
  func flood() throws {
    let (outcome, folder) = try PipelineFolder.runFixture([
      "ON_RUN": "char line[1001]; memset(line, 'x', 1000); line[1000] = 10; for (int i = 0; i < 100000; i++) write(1, line, 1001);"
    ])
    #expect(outcome.status == 0)
    let log = try folder.text(outcome, "logs/run.jsonl")
    #expect(log.utf8.count < 70 << 20)
    #expect(log.contains("lines were dropped"))
  }

  @Test("changes the state of the process: each change is a finding that names it")
  func stateChanges() throws {
    let (outcome, folder) = try PipelineFolder.runFixture([
      "ON_CONSTRUCTOR":
        "unsigned m; __asm__ volatile(\"stmxcsr %0\" : \"=m\"(m)); m |= 0x8040; __asm__ volatile(\"ldmxcsr %0\" : : \"m\"(m));",
      "ON_RUN": "setenv(\"X\", \"1\", 1); umask(077); dup(1); chdir(\"/\"); signal(SIGUSR1, SIG_IGN);",
    ])
    #expect(outcome.status == 0)
    let inventory = try folder.text(outcome, "reports/plugins.json")
    for text in [
      "com.example.fixture: constructor changed the floating-point control of the process; it was put back.",
      "com.example.fixture/product (exports[0]): run changed the environment of the process.",
      "com.example.fixture/product (exports[0]): run changed the umask of the process.",
      "com.example.fixture/product (exports[0]): run changed the working directory of the process.",
      "com.example.fixture/product (exports[0]): run changed the signal dispositions of the process.",
      "com.example.fixture/product (exports[0]): run, with the connectors it read from, left 1 descriptor open.",
    ] {
      #expect(inventory.contains(text))
      #expect(outcome.stderr.contains(text))
    }
  }
}
