import Foundation
import TestSupport
import Testing

/// What a plugin changes for everyone in its process: each is a finding that names plugin, function and field.
@Suite("A plugin that changes its process")
struct StateTests {
  private static let downwards =
    "unsigned m; __asm__ volatile(\"stmxcsr %0\" : \"=m\"(m)); m |= 0x2000; __asm__ volatile(\"ldmxcsr %0\" : : \"m\"(m));"
  private static let flushing =
    "unsigned m; __asm__ volatile(\"stmxcsr %0\" : \"=m\"(m)); m |= 0x8040; __asm__ volatile(\"ldmxcsr %0\" : : \"m\"(m));"

  static let changes: [(field: String, statement: String)] = [
    ("floating-point control", flushing),
    (
      "floating-point control",
      "unsigned short w; __asm__ volatile(\"fnstcw %0\" : \"=m\"(w)); w &= ~0x300; __asm__ volatile(\"fldcw %0\" : : \"m\"(w));"
    ),
    ("rounding mode", downwards),
    (
      "rounding mode",
      "unsigned short w; __asm__ volatile(\"fnstcw %0\" : \"=m\"(w)); w |= 0xc00; __asm__ volatile(\"fldcw %0\" : : \"m\"(w));"
    ),
    ("locale", "extern char *setlocale(int, const char *); setlocale(6, \"C\");"),
    ("working directory", "chdir(\"/\");"),
    ("umask", "umask(077);"),
    ("signal dispositions", "signal(SIGUSR1, SIG_IGN);"),
    ("signal mask", "sigset_t s; sigemptyset(&s); sigaddset(&s, SIGUSR1); pthread_sigmask(SIG_BLOCK, &s, NULL);"),
    ("environment", "setenv(\"X\", \"1\", 1);"),
    ("environment", "unsetenv(\"TZ\");"),
  ]

  static let places: [(place: String, name: String)] = [
    ("ON_CONSTRUCTOR", "com.example.fixture: constructor"),
    ("ON_INIT", "com.example.fixture: init"),
    ("ON_OPEN", "com.example.fixture/source (numbers): open"),
    ("ON_RUN", "com.example.fixture/product (exports[0]): run"),
    ("ON_RELEASE", "com.example.fixture/source (numbers): release"),
    ("ON_EMIT", "com.example.fixture/sink (lineage[0]): emit"),
    ("ON_SHUTDOWN", "com.example.fixture: shutdown"),
  ]

  private func findings(_ outcome: PipelineFolder.Outcome, _ folder: PipelineFolder) throws -> [String] {
    #expect(outcome.status == 0, "\(outcome.stderr)")
    let noticed = outcome.stderr.split(separator: "\n").filter { $0.hasPrefix("Noticed: ") }.map { String($0.dropFirst(9)) }
    let inventory = try folder.text(outcome, "reports/plugins.json")
    for text in noticed { #expect(inventory.contains(text)) }
    return noticed
  }

  @Test("is told which field it changed, while loading", arguments: changes)
  func whileLoading(_ field: String, _ statement: String) throws {
    // The worker starts with the locale "C"; a change to it has to be another one.
    let statement = statement.replacing("\"C\"", with: "\"C.UTF-8\"")
    let (outcome, folder) = try PipelineFolder.runFixture(["ON_CONSTRUCTOR": statement])
    let suffix = ["floating-point control", "rounding mode"].contains(field) ? "; it was put back." : "."
    #expect(
      try findings(outcome, folder) == ["com.example.fixture: constructor changed the \(field) of the process\(suffix)"])
  }

  @Test("is told in whatever function it did so", arguments: places)
  func everywhere(_ place: String, _ name: String) throws {
    let (outcome, folder) = try PipelineFolder.runFixture([place: "umask(077);"], sink: true)
    #expect(try findings(outcome, folder) == ["\(name) changed the umask of the process."])
  }

  @Test("is told of each field once, though it changes it with every call")
  func once() throws {
    let (outcome, folder) = try PipelineFolder.runFixture(
      ["GLOBALS": "static int n;", "ON_EMIT": "umask(n++ % 2 ? 077 : 07); chdir(n % 2 ? \"/\" : \"/proc\");"], sink: true)
    #expect(
      try findings(outcome, folder) == [
        "com.example.fixture/sink (lineage[0]): emit changed the working directory of the process.",
        "com.example.fixture/sink (lineage[0]): emit changed the umask of the process.",
      ])
  }

  @Test("is told nothing where it changed nothing, or put it back itself")
  func quiet() throws {
    let (outcome, folder) = try PipelineFolder.runFixture(
      [
        "ON_RUN":
          "mode_t m = umask(077); umask(m); setenv(\"X\", \"1\", 1); unsetenv(\"X\"); int d = dup(1); close(d); "
          + "volatile double third = 1.0; third /= 3.0;"
      ], sink: true)
    #expect(try findings(outcome, folder) == [])
  }

  @Test("computes with floating-point control and rounding as they were, whatever a function before it did to them")
  func restored() throws {
    for (place, statement) in [("ON_CONSTRUCTOR", Self.flushing), ("ON_INIT", Self.downwards), ("ON_OPEN", Self.downwards + Self.flushing.dropFirst(12))] {
      let (outcome, folder) = try PipelineFolder.runFixture([
        place: statement,
        "ON_RUN":
          "volatile double tiny = 1e-308; tiny /= 1e10; volatile double tenth = 1.0; tenth /= 10.0; "
          + "char text[64]; snprintf(text, sizeof text, \"%d %a\", tiny != 0, tenth); put(call, \"exports/fp\", text);",
      ])
      #expect(outcome.status == 0, "\(outcome.stderr)")
      // A tenth to the nearest, which is above it, and a number that is not flushed to zero.
      #expect(try folder.text(outcome, "exports/fp") == "1 0x1.999999999999ap-4")
      #expect(outcome.stderr.contains(/changed the (floating-point control|rounding mode) of the process; it was put back\./))
    }
  }

  private static let thread = "pthread_t t; pthread_create(&t, NULL, idle, NULL);"
  private static let idle = "static void *idle(void *x) { for (;;) sleep(1000); return x; } static int kept;"

  static let resources: [(place: String, told: String)] = [
    ("ON_CONSTRUCTOR", "com.example.fixture: constructor left 1"),
    ("ON_INIT", "com.example.fixture: init, with shutdown, left 1"),
    ("ON_SHUTDOWN", "com.example.fixture: init, with shutdown, left 1"),
    ("ON_OPEN", "com.example.fixture/product (exports[0]): run, with the connectors it read from, left 1"),
    ("ON_RUN", "com.example.fixture/product (exports[0]): run, with the connectors it read from, left 1"),
    ("ON_RELEASE", "com.example.fixture/product (exports[0]): run, with the connectors it read from, left 1"),
    ("ON_SINK_OPEN", "com.example.fixture/sink (lineage[0]): the sink, now closed, left 1"),
    ("ON_SINK_CLOSE", "com.example.fixture/sink (lineage[0]): the sink, now closed, left 1"),
  ]

  @Test("is told of descriptors and threads that it left", arguments: resources)
  func left(_ place: String, _ told: String) throws {
    let (descriptors, folder) = try PipelineFolder.runFixture([place: "dup(1);"], sink: true)
    #expect(try findings(descriptors, folder) == ["\(told) descriptor open."])
    let (threads, other) = try PipelineFolder.runFixture(["GLOBALS": Self.idle, place: Self.thread], sink: true)
    #expect(try findings(threads, other) == ["\(told) thread running."])
  }

  @Test("that leaves several, where nobody else can be meant, is told how many; a sink's are not the exporter's")
  func several() throws {
    let (outcome, folder) = try PipelineFolder.runFixture(["ON_EMIT": "dup(1);"], sink: true)
    // One event for the input, one for the export.
    #expect(
      try findings(outcome, folder) == ["com.example.fixture/sink (lineage[0]): the sink, now closed, left 2 descriptors open."])
  }

  @Test("may hold descriptors and threads from a function that begins to the one that ends")
  func held() throws {
    for (begin, end) in [("ON_INIT", "ON_SHUTDOWN"), ("ON_OPEN", "ON_RELEASE"), ("ON_SINK_OPEN", "ON_SINK_CLOSE")] {
      let (outcome, folder) = try PipelineFolder.runFixture(
        [
          "GLOBALS":
            "static int kept; static pthread_t t; static volatile int stop; "
            + "static void *work(void *x) { while (!stop) usleep(1000); return x; }",
          begin: "kept = dup(1); pthread_create(&t, NULL, work, NULL);", end: "close(kept); stop = 1; pthread_join(t, NULL);",
        ], sink: true)
      #expect(try findings(outcome, folder) == [])
    }
  }
}
