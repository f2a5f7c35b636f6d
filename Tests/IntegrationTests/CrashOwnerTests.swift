import Foundation
import TestSupport
import Testing

/// Whose crash it is where that is not the function that was called.
@Suite("A crash that is not simply the called function's")
struct CrashOwnerTests {
  private static let thread = "pthread_t t; pthread_create(&t, NULL, die, NULL);"

  @Test("on a thread of the plugin is the plugin's, with what ran meanwhile as what may be the cause")
  func thread() throws {
    let crash = try CrashOutcome([
      "GLOBALS": "static void *die(void *x) { *(volatile int *)8 = 1; return x; }",
      "ON_RUN": Self.thread + "pthread_join(t, NULL);",
    ])
    #expect(crash.outcome.status == 4)
    #expect(
      crash.reason
        == "com.example.fixture: a thread that it started was ended by SIGSEGV at fixture.so+0x*, writing to address 0x8. "
        + "What was running meanwhile may be the cause: com.example.fixture/product (exports[0]): run.")
    #expect(try crash.function(at: crash.offsets.first) == "die")
  }

  @Test("on many threads at once is told once, with one of them")
  func manyThreads() throws {
    let crash = try CrashOutcome([
      "GLOBALS":
        "static pthread_barrier_t start; static void *die(void *x) { pthread_barrier_wait(&start); *(volatile int *)8 = 1; return x; }",
      "ON_RUN":
        "pthread_t t; pthread_barrier_init(&start, NULL, 16); for (int i = 0; i < 15; i++) pthread_create(&t, NULL, die, NULL); die(NULL);",
    ])
    #expect(crash.outcome.status == 4)
    let own = "com.example.fixture/product (exports[0]): run was ended by SIGSEGV at fixture.so+0x*, writing to address 0x8."
    let another = "com.example.fixture: a thread that it started was ended by SIGSEGV at fixture.so+0x*, writing to address 0x8."
    #expect(crash.reason.hasPrefix(own) || crash.reason.hasPrefix(another), "\(crash.reason)")
    #expect(try crash.function(at: crash.offsets.first) == "die")
  }

  /// The connector of one plugin, the exporter of another.
  private func pair(_ first: [String: String], _ second: [String: String]) throws -> CrashOutcome {
    let pipeline = try PipelineFolder()
    try pipeline.addFixture(first, name: "first.so")
    try pipeline.addFixture(second.merging(["ID": "\"com.example.second\""]) { $1 }, name: "second.so")
    try pipeline.writePairPipeline(second: "com.example.second")
    return try CrashOutcome(pipeline.run(), in: pipeline)
  }

  @Test("on a thread of a plugin whose call has returned is that plugin's, not that of the plugin that is running")
  func laterThread() throws {
    let folder = try TemporaryFolder()
    let file = folder.file("running")
    let crash = try pair(
      [
        "GLOBALS":
          "static void *die(void *x) { while (access(\"\(file)\", F_OK)) usleep(1000); *(volatile int *)8 = 1; return x; }",
        "ON_OPEN": Self.thread,
      ], ["ON_RUN": "mark(\"\(file)\"); for (;;) sleep(100);"])
    #expect(crash.outcome.status == 4)
    #expect(
      crash.reason
        == "com.example.fixture: a thread that it started was ended by SIGSEGV at first.so+0x*, writing to address 0x8. "
        + "What was running meanwhile may be the cause: com.example.second/product (exports[0]): run.")
    #expect(try crash.function(at: crash.offsets.first, in: "first.so") == "die")
  }

  @Test("in code of a producer that its consumer called by a pointer is the producer's, with the call it was in")
  func childRelease() throws {
    // The top of a batch has the host's release; its children keep the producer's.
    let crash = try pair(
      [
        "GLOBALS": "static void bad_release(struct ArrowArray *array) { *(volatile int *)8 = 1; }",
        "ON_BATCH": "child->release = bad_release;",
      ],
      [
        "ON_RUN":
          "struct ArrowArray b; inputs[0]->stream->get_next(inputs[0]->stream, &b); struct ArrowArray moved = *b.children[0]; "
          + "b.children[0]->release = NULL; moved.release(&moved);"
      ])
    #expect(crash.outcome.status == 4)
    #expect(
      crash.reason
        == "com.example.fixture: code of it was ended by SIGSEGV at first.so+0x*, writing to address 0x8, in "
        + "com.example.second/product (exports[0]): run. What it reads comes from com.example.fixture/source (numbers).")
    #expect(try crash.function(at: crash.offsets.first, in: "first.so") == "bad_release")
  }

  @Test("in a library of the plugin's own is the plugin's, and placed in that library", arguments: [[], ["--load-mode", "path"]])
  func ownLibrary(_ mode: [String]) throws {
    let pipeline = try PipelineFolder()
    let library = try pipeline.addLibrary(
      "libown.so", soname: "libown.so", source: "int own_answer(void) { return *(volatile int *)32; }")
    try pipeline.addFixture(
      ["GLOBALS": "extern int own_answer(void);", "ON_RUN": "return own_answer();"], flags: [library])
    try pipeline.writeFixturePipeline()
    let crash = try CrashOutcome(pipeline.run(mode), in: pipeline)
    #expect(
      crash.reason
        == "com.example.fixture/product (exports[0]): run was ended by SIGSEGV at fixture.d/libown.so+0x*, reading from "
        + "address 0x20." + CrashOutcome.reads)
    #expect(try crash.function(at: crash.offsets.first, in: "fixture.d/libown.so") == "own_answer")
  }

  @Test("with plugins loaded from copies is placed as well")
  func loadedFromCopies() throws {
    let pipeline = try PipelineFolder()
    try pipeline.addFixture(["ON_RUN": "*(volatile int *)8 = 1;"])
    try pipeline.writeFixturePipeline()
    let crash = try CrashOutcome(pipeline.run(["--load-mode", "path"]), in: pipeline)
    #expect(crash.reason.contains("run was ended by SIGSEGV at fixture.so+0x*, writing to address 0x8."))
    #expect(try crash.function(at: crash.offsets.first) == "product_run")
  }

  @Test("while the host reads a batch is the producer's: it gave a batch that is not what it says")
  func malformedBatch() throws {
    let crash = try pair(["ON_BATCH": "child->buffers[1] = (void *)8;"], [:])
    #expect(crash.outcome.status == 4)
    let reason = crash.reason.replacing(/at [^ ]+\+0x\*, reading from address 0x[0-9a-f]+,/, with: "at PLACE,")
    #expect(
      reason
        == "com.example.fixture/source (numbers): get_next gave a batch whose buffers are not as long as it says; the "
        + "worker was ended by SIGSEGV at PLACE, reading them, called from com.example.second/product (exports[0]): run.")
  }

  @Test("of a consumer names the producers of what it reads")
  func consumer() throws {
    let crash = try pair([:], ["ON_RUN": "abort();"])
    #expect(
      crash.reason
        == "com.example.second/product (exports[0]): run was ended by SIGABRT. What it reads comes from "
        + "com.example.fixture/source (numbers).")
  }

  static let suspicion = " This is a bug in omphalos, unless a plugin gave it a wrong pointer or damaged its memory."

  @Test("in the host's own code is a bug here, or damage by a plugin, and names the call and where its data come from")
  func hostText() throws {
    // The host's stream object: its address is overwritten, then used by the host.
    let crash = try CrashOutcome([
      "ON_RUN": "inputs[0]->stream->private_data = (void *)8; struct ArrowArray b; inputs[0]->stream->get_next(inputs[0]->stream, &b);"
    ])
    #expect(crash.outcome.status == 70)
    let reason = crash.reason.replacing(/SIGSEGV at [^ ]+\+0x\*, reading from address 0x[0-9a-f]+,/, with: "SIGSEGV at PLACE,")
    #expect(
      reason
        == "The worker was ended by SIGSEGV at PLACE, in omphalos's own code, during com.example.fixture/product "
        + "(exports[0]): run." + CrashOutcome.reads + Self.suspicion)
  }

  @Test("in the program's own text, as a trap of Swift is, is placed in the program")
  func hostTrap() throws {
    // The compiler's trap instruction is in many places of the program; the plugin jumps to the one in the middle. At both
    // ends lie tables and libraries, in which the same bytes are no instruction of ours.
    let crash = try CrashOutcome([
      "GLOBALS":
        "struct object { size_t base; const char *name; const struct segment *segments; unsigned short count; }; "
        + "struct segment { unsigned type, flags; size_t offset, address, physical, in_file, in_memory, align; }; "
        + "extern int dl_iterate_phdr(int (*)(struct object *, size_t, void *), void *); "
        + "static int look(struct object *o, size_t n, void *found) { for (int i = 0; i < o->count; i++) { "
        + "const struct segment *s = o->segments + i; if (s->type != 1 || !(s->flags & 1)) continue; "
        + "unsigned char *p = (unsigned char *)o->base + s->address; size_t all = 0; for (size_t k = 0; k + 1 < s->in_memory; k++) "
        + "all += p[k] == 0x0f && p[k + 1] == 0x0b; all /= 2; for (size_t k = 0; k + 1 < s->in_memory; k++) "
        + "if (p[k] == 0x0f && p[k + 1] == 0x0b && all-- == 0) { *(void **)found = p + k; return 1; } } return 1; }",
      "ON_RUN": "void *trap = NULL; dl_iterate_phdr(look, &trap); if (trap == NULL) return 1; ((void (*)(void))trap)();",
    ])
    #expect(crash.outcome.status == 70)
    #expect(
      crash.reason
        == "The worker was ended by SIGILL at omphalos+0x*, in omphalos's own code, during com.example.fixture/product "
        + "(exports[0]): run." + CrashOutcome.reads + Self.suspicion)
    let place = try Shell.run(["addr2line", "-f", "-e", CommandLineTool.path, "0x" + String(crash.offsets[0], radix: 16)])
    #expect(place.status == 0 && !place.stdout.hasPrefix("??"), "\(place.stdout)")
  }

  @Test("with a handler that the plugin put in the place of the host's is named from the page, and the handler is told")
  func replacedHandler() throws {
    let crash = try CrashOutcome([
      "ON_OPEN": "signal(SIGSEGV, SIG_DFL);", "ON_RUN": "*(volatile int *)8 = 1;",
    ])
    #expect(crash.outcome.status == 4)
    #expect(crash.reason == "com.example.fixture/product (exports[0]): run was ended by SIGSEGV.")
    let finding = "com.example.fixture/source (numbers): open changed the signal dispositions of the process."
    #expect(crash.outcome.stderr.contains("Noticed: \(finding)\n"))
    #expect(try crash.folder.text(crash.outcome, "logs/run.jsonl").contains(finding))
    let quiet = try CrashOutcome([
      "GLOBALS": "static void leave(int n) { _exit(0); }", "ON_RUN": "signal(SIGSEGV, leave); *(volatile int *)8 = 1;",
    ])
    #expect(quiet.reason == "com.example.fixture/product (exports[0]): run ended the process with exit status 0.")
  }

  @Test("with a handler that passes on to the host's, as language runtimes do, has all details")
  func chainedHandler() throws {
    let crash = try CrashOutcome([
      "GLOBALS":
        "static struct sigaction before; static void first(int n, siginfo_t *i, void *c) { before.sa_sigaction(n, i, c); }",
      "ON_INIT":
        "struct sigaction mine = {0}; mine.sa_sigaction = first; mine.sa_flags = SA_SIGINFO | SA_ONSTACK; "
        + "sigaction(SIGSEGV, &mine, &before);",
      "ON_RUN": "*(volatile int *)8 = 1;",
    ])
    #expect(crash.reason.contains("run was ended by SIGSEGV at fixture.so+0x*, writing to address 0x8."))
    #expect(try crash.function(at: crash.offsets.first) == "product_run")
  }
}
