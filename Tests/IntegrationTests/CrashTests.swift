import Foundation
import TestSupport
import Testing

/// Faults of a plugin, with the exact words, and the place in its file.
@Suite("A plugin that crashes")
struct CrashTests {
  struct Fault: CustomTestStringConvertible, Sendable {
    let what: String
    var globals = ""
    /// In the exporter's `run`.
    let statement: String
    /// After "run was ended by ".
    let told: String
    /// The function of the plugin in which the message's offset lies; nil where it has none of the plugin.
    var function: String? = "product_run"
    var testDescription: String { what }
  }

  private static let filter = """
    extern int prctl(int, ...); extern long syscall(long, ...);
    struct rule { unsigned short code; unsigned char yes, no; unsigned k; };
    struct program { unsigned short count; struct rule *rules; };
    """.replacing("\n", with: " ")

  static let faults: [Fault] = [
    Fault(
      what: "a write through a null pointer", statement: "*(volatile int *)0 = 1;",
      told: "SIGSEGV at fixture.so+0x*, writing to address 0x0"),
    Fault(
      what: "a read far from anything", statement: "return *(volatile int *)0x123456789000;",
      told: "SIGSEGV at fixture.so+0x*, reading from address 0x123456789000"),
    Fault(
      what: "an address that no address can be", statement: "*(volatile int *)0x8000000000000000 = 1;",
      told: "SIGSEGV at fixture.so+0x*, using an address that cannot be one"),
    Fault(
      what: "a wild jump", statement: "((void (*)(void))0x1234)();", told: "SIGSEGV, jumping to address 0x1234",
      function: nil),
    Fault(
      what: "a write beyond the end of a mapped file",
      globals: "extern void *mmap(void *, size_t, int, int, int, long); extern int memfd_create(const char *, unsigned);",
      statement:
        "int fd = memfd_create(\"x\", 0); ftruncate(fd, 8192); "
        + "volatile char *file = mmap((void *)0x200000000000, 8192, 3, 0x11, fd, 0); ftruncate(fd, 4096); file[4096] = 1;",
      told: "SIGBUS at fixture.so+0x*, writing to address 0x200000001000, where a mapped file has no bytes"),
    Fault(what: "ud2", statement: "__asm__ volatile(\"ud2\");", told: "SIGILL at fixture.so+0x*"),
    Fault(
      what: "a division by zero", statement: "volatile int zero = 0; return 1 / zero;",
      told: "SIGFPE at fixture.so+0x*, dividing an integer by zero, or with a result that is too large"),
    Fault(what: "abort", statement: "abort();", told: "SIGABRT", function: nil),
    Fault(what: "int3", statement: "__asm__ volatile(\"int3\");", told: "SIGTRAP at fixture.so+0x*"),
    Fault(
      what: "a system call that a filter forbids", globals: filter,
      // Load the number; 110 is getppid: trap; all else: allow.
      statement:
        "struct rule rules[] = {{0x20, 0, 0, 0}, {0x15, 0, 1, 110}, {0x06, 0, 0, 0x30000}, {0x06, 0, 0, 0x7fff0000}}; "
        + "struct program program = {4, rules}; prctl(38, 1, 0, 0, 0); prctl(22, 2, &program); syscall(110);",
      told: "SIGSYS at libc.so.6+0x*, by system call 110, which a filter forbids", function: nil),
    Fault(
      what: "a bad pointer given to the C library", globals: "static char from[100];",
      statement: "memcpy((void *)16, from, sizeof from);",
      told: "SIGSEGV at libc.so.6+0x*, writing to address 0x*", function: nil),
    Fault(what: "a signal raised", statement: "raise(SIGSEGV);", told: "SIGSEGV", function: nil),
    Fault(
      what: "a signal to the process", statement: "kill(getpid(), SIGBUS); for (;;) sleep(100);", told: "SIGBUS",
      function: nil),
  ]

  @Test("is named with its function, the signal, and the place in its file, ready for addr2line", arguments: faults)
  func fault(_ fault: Fault) throws {
    let crash = try CrashOutcome(["GLOBALS": fault.globals, "ON_RUN": fault.statement])
    #expect(crash.outcome.status == 4)
    // The C library writes where it likes within the copy.
    let reason = crash.reason.replacing(/(libc\.so\.6\+0x\*, writing to address 0x)[0-9a-f]+/) { "\($0.1)*" }
    let origin = fault.what == "a signal to the process" ? "" : String(CrashOutcome.reads)
    #expect(reason == "com.example.fixture/product (exports[0]): run was ended by \(fault.told).\(origin)")
    if let function = fault.function { #expect(try crash.function(at: crash.offsets.first) == function) }
  }

  @Test("in another function than the one that was called is named by the call, and placed in that other function")
  func inner() throws {
    let crash = try CrashOutcome([
      "GLOBALS": "__attribute__((noinline)) static void deep_inside(volatile int *p) { *p = 1; }",
      "ON_NEXT": "deep_inside((int *)64);",
    ])
    #expect(
      crash.reason
        == "com.example.fixture/source (numbers): get_next was ended by SIGSEGV at fixture.so+0x*, writing to address 0x40, "
        + "called from com.example.fixture/product (exports[0]): run.")
    #expect(try crash.function(at: crash.offsets.first) == "deep_inside")
  }

  @Test(
    "in any other of its functions is placed as well; only a constructor's code is not known yet",
    arguments: [
      ("ON_ENTRY", "com.example.fixture: omphalos_plugin_v1", "omphalos_plugin_v1"),
      ("ON_INIT", "com.example.fixture: init", "init"),
      ("ON_OPEN", "com.example.fixture/source (numbers): open", "source_open"),
      ("ON_EMIT", "com.example.fixture/sink (lineage[0]): emit", "sink_emit"),
      ("ON_SHUTDOWN", "com.example.fixture: shutdown", "shutdown_plugin"),
      ("ON_CONSTRUCTOR", "com.example.fixture: constructor", nil),
    ] as [(String, String, String?)])
  func places(_ place: String, _ name: String, _ function: String?) throws {
    let crash = try CrashOutcome([place: "*(volatile int *)8 = 1;"], sink: true)
    let at = function == nil ? "" : " at fixture.so+0x*"
    #expect(crash.reason == "\(name) was ended by SIGSEGV\(at), writing to address 0x8.")
    #expect(try crash.function(at: crash.offsets.first) == function)
  }

  @Test("by using up the stack of the host's thread is told as that")
  func stackOverflow() throws {
    let crash = try CrashOutcome([
      "GLOBALS": "static int deep(int n) { volatile char big[4096]; big[0] = n; return deep(n + 1) + big[0]; }",
      "ON_RUN": "return deep(0);",
    ])
    #expect(crash.outcome.status == 4)
    let reason = crash.reason.replacing(/address 0x[0-9a-f]+/, with: "address 0x*")
    #expect(
      reason
        == "com.example.fixture/product (exports[0]): run was ended by SIGSEGV at fixture.so+0x*, writing to address 0x*: "
        + "the thread's stack is used up." + CrashOutcome.reads)
    #expect(try crash.function(at: crash.offsets.first) == "deep")
  }

  @Test("by using up the stack of a thread of its own, which has none for the handler, is named from the page")
  func stackOverflowOfItsThread() throws {
    let crash = try CrashOutcome([
      "GLOBALS":
        "static int deep(int n) { volatile char big[4096]; big[0] = n; return deep(n + 1) + big[0]; } "
        + "static void *overflow(void *x) { deep(0); return x; }",
      "ON_RUN": "pthread_t t; pthread_create(&t, NULL, overflow, NULL); pthread_join(t, NULL);",
    ])
    #expect(crash.outcome.status == 4)
    #expect(crash.reason == "com.example.fixture/product (exports[0]): run was ended by SIGSEGV.")
  }

  @Test("in a library of the system that it needs is the plugin's, and the library is named")
  func systemLibrary() throws {
    // qsort is the C library's; the comparison function is the plugin's own again.
    let crash = try CrashOutcome([
      "GLOBALS": "static int compare(const void *a, const void *b) { return *(volatile int *)24; }",
      "ON_RUN": "int n[2] = {2, 1}; qsort(n, 2, sizeof *n, compare);",
    ])
    #expect(
      crash.reason
        == "com.example.fixture/product (exports[0]): run was ended by SIGSEGV at fixture.so+0x*, reading from address 0x18."
        + CrashOutcome.reads)
    #expect(try crash.function(at: crash.offsets.first) == "compare")
    let inside = try CrashOutcome(["ON_RUN": "qsort((void *)4096, 2, 8, (int (*)(const void *, const void *))strcmp);"])
    #expect(inside.reason.contains("(exports[0]): run was ended by SIGSEGV at libc.so.6+0x*, reading from address 0x10"))
  }

  @Test("in a child that it forked is no crash of the run")
  func child() throws {
    let outcome = try PipelineFolder.runFixture([
      "ON_RUN": "pid_t p = fork(); if (p == 0) *(volatile int *)8 = 1; int s; waitpid(p, &s, 0); if (WTERMSIG(s) != 11) abort();"
    ]).outcome
    #expect(outcome.status == 0, "\(outcome.stderr)")
  }

  @Test("after a child of it crashed is told with its own crash, not with that of the child")
  func childFirst() throws {
    let crash = try CrashOutcome([
      "ON_RUN": "pid_t p = fork(); if (p == 0) *(volatile int *)8 = 1; waitpid(p, NULL, 0); *(volatile int *)24 = 1;"
    ])
    #expect(crash.reason.contains("run was ended by SIGSEGV at fixture.so+0x*, writing to address 0x18."))
  }

  @Test("by a signal that a child of it sent is told with that process")
  func sentByChild() throws {
    let crash = try CrashOutcome([
      "ON_RUN": "if (fork() == 0) { kill(getppid(), SIGSEGV); _exit(0); } for (;;) sleep(100);"
    ])
    #expect(
      crash.reason.contains(/^com\.example\.fixture\/product \(exports\[0\]\): run was ended by SIGSEGV, which process \d+ sent\.$/))
  }
}
