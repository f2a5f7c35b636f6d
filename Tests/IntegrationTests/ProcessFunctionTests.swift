import Foundation
import TestSupport
import Testing

/// Every function of a plugin in which a run can end or stand still.
@Suite("A plugin that ends or hangs in any of its functions")
struct ProcessFunctionTests {
  static let functions: [(place: String, name: String)] = [
    ("ON_ENTRY", "com.example.fixture: omphalos_plugin_v1"),
    ("ON_INIT", "com.example.fixture: init"),
    ("ON_SINK_OPEN", "com.example.fixture/sink (lineage[0]): open"),
    ("ON_OPEN", "com.example.fixture/source (numbers): open"),
    ("ON_SCHEMA", "com.example.fixture/source (numbers): get_schema"),
    ("ON_RELEASE", "com.example.fixture/source (numbers): release of the stream"),
    ("ON_EMIT", "com.example.fixture/sink (lineage[0]): emit"),
    ("ON_SINK_CLOSE", "com.example.fixture/sink (lineage[0]): close"),
    ("ON_SHUTDOWN", "com.example.fixture: shutdown"),
  ]

  private func reason(_ outcome: PipelineFolder.Outcome, _ folder: PipelineFolder) throws -> String {
    let state = try JSONSerialization.jsonObject(with: Data(try folder.text(outcome, "state.json").utf8))
    let object = try #require(state as? [String: Any])
    #expect(object["state"] as? String == "failed")
    #expect(object["exit_code"] as? Int == Int(outcome.status))
    return try #require(object["reason"] as? String)
  }

  @Test("exit is no success in any function, and its reason is kept with what was made", arguments: functions)
  func exits(_ place: String, _ name: String) throws {
    let (outcome, folder) = try PipelineFolder.runFixture([place: "exit(0);"], sink: true)
    let message = "\(name) ended the process with exit status 0."
    #expect(outcome.status == 4)
    #expect(outcome.stderr.contains("omphalos: \(message)\n"))
    #expect(try reason(outcome, folder) == message)
    #expect(outcome.finalized == [])
    #expect(folder.processes() == [])
  }

  @Test("a function that never returns is stopped and named, and its reason is kept", arguments: functions)
  func hangs(_ place: String, _ name: String) throws {
    let (outcome, folder) = try PipelineFolder.runFixture(
      [place: "for (;;) sleep(1000);"], sink: true, limits: "call_timeout: 500ms")
    let message = "\(name) did not return within 0.5 s (limits.call_timeout)."
    #expect(outcome.status == 4)
    #expect(outcome.stderr.contains("omphalos: \(message)\n"))
    #expect(try reason(outcome, folder) == message)
    #expect(outcome.finalized == [])
    #expect(folder.processes() == [])
  }

  @Test("a consumer that waits for a producer is not blamed alone")
  func waiting() throws {
    let (outcome, _) = try PipelineFolder.runFixture(
      ["ON_NEXT": "for (;;) sleep(1000);"], limits: "call_timeout: 500ms")
    #expect(outcome.status == 4)
    #expect(
      outcome.stderr.contains(
        "com.example.fixture/product (exports[0]): run did not return within 0.5 s (limits.call_timeout); it was waiting "
          + "for com.example.fixture/source (numbers): get_next."))
  }

  @Test("an endless stream is stopped also where its exporter left it early")
  func endlessRest() throws {
    let (outcome, folder) = try PipelineFolder.runFixture(
      ["ON_NEXT": "*batch = 0; usleep(1000);", "ON_RUN": "return put(call, \"exports/x\", \"\");"],
      limits: "call_timeout: 500ms")
    #expect(outcome.status == 4)
    #expect(
      outcome.stderr.contains(
        "com.example.fixture/source (numbers): its stream, of which the consumers left a rest, had not ended after 0.5 s "
          + "(limits.call_timeout)."))
    #expect(outcome.finalized == [])
    #expect(folder.processes() == [])
  }

  @Test("a thread that a plugin ends under the host is told as that")
  func threadExit() throws {
    let (outcome, _) = try PipelineFolder.runFixture(["ON_RUN": "pthread_exit(NULL);"])
    #expect(outcome.status == 4)
    #expect(
      outcome.stderr.contains(
        "com.example.fixture/product (exports[0]): run ended the thread on which it was called (pthread_exit)."))
  }

  @Test(
    "init that fails is told with its status; nothing else is called, shutdown neither",
    arguments: [
      ("return OMPHALOS_E_MEMORY;", 4, "init failed: There was not enough memory. [E_MEMORY]"),
      ("return 5;", 4, "init failed: the plugin returned its own code. [status 5]"),
      ("return OMPHALOS_E_IO;", 5, "init failed: The disk or the kernel reported an error. [E_IO]"),
    ] as [(String, Int32, String)])
  func failedInit(_ statement: String, _ status: Int32, _ message: String) throws {
    let (outcome, folder) = try PipelineFolder.runFixture([
      "ON_INIT": statement, "ON_OPEN": "say(\"entered open\");", "ON_SHUTDOWN": "say(\"entered shutdown\");",
    ])
    #expect(outcome.status == status)
    #expect(outcome.stderr.contains("com.example.fixture: \(message)"))
    #expect(!(try folder.text(outcome, "logs/run.jsonl").contains("entered")))
  }

  @Test("a daemon that let go of everything, its folder, descriptors and session, is ended all the same")
  func daemon() throws {
    let pipeline = try PipelineFolder()
    let file = pipeline.folder.file("pid")
    try pipeline.addFixture([
      "ON_RUN":
        "pid_t p = fork(); if (p == 0) { setsid(); if (fork() == 0) { chdir(\"/\"); signal(SIGTERM, SIG_IGN); "
        + "FILE *f = fopen(\"\(file)\", \"w\"); fprintf(f, \"%d\", getpid()); fclose(f); "
        + "for (int fd = 0; fd < 1024; fd++) close(fd); for (;;) sleep(1000); } _exit(0); } waitpid(p, NULL, 0); "
        + "while (access(\"\(file)\", R_OK)) usleep(1000);"
    ])
    try pipeline.writeFixturePipeline()
    let outcome = try pipeline.run()
    #expect(outcome.status == 4)
    #expect(outcome.stderr.contains("com.example.fixture/product (exports[0]): run failed: it left processes running"))
    let pid = try #require(Int32(String(decoding: try pipeline.folder.read("pid"), as: UTF8.self)))
    // It was reaped before the command returned.
    #expect(kill(pid, 0) == -1 && errno == ESRCH)
    #expect(outcome.finalized == [])
  }

  @Test("output and log lines are kept line by line, with source, level and, where the host knows it, the plugin")
  func logLines() throws {
    let (outcome, folder) = try PipelineFolder.runFixture([
      "ON_RUN":
        "printf(\"out\\nno line feed\"); fflush(stdout); fprintf(stderr, \"err \\xff\\n\"); say(\"a word\"); "
        + "host->log(host->ctx, OMPHALOS_LOG_ERROR, \"two\\nlines\", 9); host->log(host->ctx, 99, \"odd\", 3);"
    ])
    #expect(outcome.status == 0)
    let lines = try folder.text(outcome, "logs/run.jsonl").split(separator: "\n").map {
      try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: String])
    }
    func texts(_ source: String) -> [[String?]] {
      lines.filter { $0["source"] == source }.map { [$0["plugin"], $0["level"], $0["text"]] }
    }
    #expect(texts("stdout") == [[nil, "info", "out"], [nil, "info", "no line feed"]])
    #expect(texts("stderr") == [[nil, "info", "err \u{fffd}"]])
    #expect(
      texts("plugin") == [
        ["com.example.fixture", "info", "a word"], ["com.example.fixture", "error", "two\nlines"],
        ["com.example.fixture", "info", "odd"],
      ])
  }

  @Test("the working directory is empty and not the caller's; what is left in it is told and removed")
  func workingDirectory() throws {
    let (outcome, folder) = try PipelineFolder.runFixture([
      "GLOBALS": "extern int scandir(const char *, void *, void *, void *);",
      "ON_CONSTRUCTOR": "void *names; printf(\"ENTRIES %d\\n\", scandir(\".\", &names, NULL, NULL)); fflush(stdout);",
      "ON_RUN": "char here[4096]; printf(\"PLACE %s\\n\", getcwd(here, sizeof here)); fflush(stdout); mark(\"left-behind\");",
    ])
    #expect(outcome.status == 0)
    let log = try folder.text(outcome, "logs/run.jsonl")
    // "." and "..".
    #expect(log.contains("ENTRIES 2"))
    let place = try #require(log.range(of: "PLACE ").map { log[$0.upperBound...].prefix { $0 != "\"" } })
    #expect(!place.hasPrefix(folder.path) && !FileManager.default.fileExists(atPath: String(place)))
    #expect(outcome.stderr.contains("A plugin left \"left-behind\" in its working directory; it was removed."))
  }
}
