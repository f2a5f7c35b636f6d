import Foundation
import TestSupport
import Testing

/// A plugin that tells its secret wherever it can.
private enum Talker {
  /// Finds the value of "token" in the configuration and undoes what JSON escapes in it.
  private static let globals = #"""
    static char value[4096]; static size_t value_len;
    static void find(const omphalos_call *call) {
      const char *p = strstr(call->config, "\"token\":\"") + 9;
      value_len = 0;
      while (*p != '"') {
        char c = *p++;
        if (c == '\\') { c = *p++; c = c == 'n' ? '\n' : c == 't' ? '\t' : c; }
        value[value_len++] = c;
      }
    }
    static void pieces(int fd) {
      for (size_t i = 0; i < value_len; i += 5) { (void)!write(fd, value + i, value_len - i < 5 ? value_len - i : 5); usleep(1000); }
      (void)!write(fd, "\n", 1);
    }
    static void tell(const omphalos_call *call) {
      find(call);
      host->log(host->ctx, OMPHALOS_LOG_INFO, call->config, call->config_len);
      host->log(host->ctx, OMPHALOS_LOG_ERROR, value, value_len);
      (void)!write(1, call->config, call->config_len);
      (void)!write(1, "\n", 1);
      pieces(1);
      pieces(2);
      (void)!write(2, call->config, call->config_len);
      call->metric(call->handle, value, value_len, 1.0);
      call->progress(call->handle, 1, 2);
      mark(value);
    }
    """#

  /// Writes a checksum of its configuration, so that one can see that it had it, and its environment.
  static let succeeding = [
    "GLOBALS": globals,
    "ON_RUN": #"""
      tell(call);
      uint64_t sum = 14695981039346656037ull;
      for (size_t i = 0; i < call->config_len; i++) sum = (sum ^ (unsigned char)call->config[i]) * 1099511628211ull;
      char text[32]; snprintf(text, sizeof text, "%016llx", (unsigned long long)sum);
      omphalos_artifact_options options = {sizeof options, 0, NULL, 0, NULL, 0, value, value_len};
      if (call->store->put(call->handle, "exports/sum.txt", 15, &options, text, 16) != 0) put(call, "exports/sum.txt", text);
      static char environment[65536];
      int fd = open("/proc/self/environ", O_RDONLY);
      ssize_t length = read(fd, environment, sizeof environment); close(fd);
      call->store->put(call->handle, "exports/environ", 15, NULL, environment, (size_t)length);
      """#,
  ]

  /// Its message is longer than what is kept of one, and is cut in the middle of the value.
  static let failing = [
    "GLOBALS": globals,
    "ON_RUN": #"""
      tell(call);
      static char text[16384]; memset(text, 'x', 8180);
      memcpy(text, value, value_len); text[value_len] = ' ';
      memcpy(text + 8180, value, value_len);
      call->set_error(call->handle, 7, text, 8180 + value_len);
      return 7;
      """#,
  ]

  /// FNV-1a, 64 bits.
  static func sum(of configuration: String) -> String {
    let sum = configuration.utf8.reduce(14_695_981_039_346_656_037 as UInt64) { ($0 ^ UInt64($1)) &* 1_099_511_628_211 }
    let digits = String(sum, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}

@Suite("A secret in a configuration")
struct SecretTests {
  private static let values = [
    "hunter2-hunter2", "qu\"ote\\slash/ü{}", "the first line of it\nand \"the\" second line\n\tand the third",
  ]
  private static let config = "config: { token: { secret: { env: API_TOKEN } } }"

  private static func escaped(_ value: String) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .withoutEscapingSlashes
    return String(decoding: try encoder.encode([value]).dropFirst(2).dropLast(2), as: UTF8.self)
  }

  /// Where a value, a line of it, or its form in JSON stands: in files of the runs, in their names, in what was printed.
  private func leaks(of value: String, in folder: PipelineFolder, _ outcome: PipelineFolder.Outcome) throws -> [String] {
    let forms = try value.split(separator: "\n").map(String.init) + [value, Self.escaped(value)]
    var places = [("stdout", Data(outcome.stdout.utf8)), ("stderr", Data(outcome.stderr.utf8))]
    for path in try FileManager.default.subpathsOfDirectory(atPath: folder.runs) {
      let file = folder.runs + "/" + path
      places.append((path, Data(path.utf8)))
      if let bytes = FileManager.default.contents(atPath: file) { places.append((path, bytes)) }
    }
    #expect(places.count > 5)
    return places.flatMap { place in
      forms.filter { place.1.range(of: Data($0.utf8)) != nil }.map { "\(place.0): \($0)" }
    }
  }

  private func run(
    _ defines: [String: String], config: String = SecretTests.config, value: String?
  ) throws -> (PipelineFolder.Outcome, PipelineFolder) {
    try PipelineFolder.runFixture(
      defines, rights: ["exports": config], environment: value.map { ["API_TOKEN": $0] } ?? [:])
  }

  @Test("reaches the plugin, and nothing of a finalized run but what the plugin writes", arguments: values)
  func finalized(value: String) throws {
    let (outcome, folder) = try run(Talker.succeeding, value: value)
    #expect(outcome.status == 0, "\(outcome.stderr)")
    #expect(try folder.text(outcome, "exports/sum.txt") == Talker.sum(of: #"{"token":""# + Self.escaped(value) + "\"}"))
    #expect(try leaks(of: value, in: folder, outcome) == [])
    let log = try folder.text(outcome, "logs/run.jsonl")
    #expect(log.matches(of: /\{\\"token\\":\\"\[secret API_TOKEN\]\\"\}/).count == 3, "\(log)")
    #expect(log.matches(of: /"text":"\[secret API_TOKEN\]"/).count >= 3, "\(log)")
    #expect(try folder.text(outcome, "run_manifest.json").contains(#""env": "API_TOKEN""#))
    #expect(try folder.text(outcome, "reports/attribution.json").contains("[secret API_TOKEN]"))
    #expect(try !folder.text(outcome, "exports/environ").contains("API_TOKEN"))
    if !value.contains("/") { #expect(outcome.stderr.contains("[secret API_TOKEN]"), "\(outcome.stderr)") }
  }

  @Test("is in nothing that a failed run leaves, also where the plugin's message was cut in it", arguments: values)
  func partial(value: String) throws {
    let (outcome, folder) = try run(Talker.failing, value: value)
    #expect(outcome.status == 4)
    #expect(try leaks(of: value, in: folder, outcome) == [])
    #expect(outcome.stderr.contains("[secret API_TOKEN] xxx") && outcome.stderr.contains("xxx[secret API_TOKEN]…"))
    #expect(try folder.text(outcome, "state.json").contains("[secret API_TOKEN]"))
    let shown = try CommandLineTool.run(["runs", "list", "--root", folder.runs])
    #expect(shown.stdout.contains("[secret API_TOKEN]") && !shown.stdout.contains(value))
  }

  @Test("does not make another run: the run id and the fingerprint are those of the name alone")
  func identity() throws {
    let (outcome, folder) = try run([:], value: "the first value")
    #expect(outcome.status == 0, "\(outcome.stderr)")
    let again = try folder.run(environment: ["API_TOKEN": "another value"])
    #expect(again.status == 0 && again.stdout.hasPrefix("Reproduced run-"), "\(again.stdout)\(again.stderr)")
    let plan = try CommandLineTool.run(
      ["plan", "pipeline.yaml", "--plugins", "plugins", "--format", "json"], environment: ["API_TOKEN": "a third value"],
      directory: folder.path)
    #expect(plan.stdout.contains(outcome.finalized[0]) && !plan.stdout.contains("a third value"))
    try folder.writeFixturePipeline(rights: ["exports": "config: { token: { secret: { env: OTHER } } }"])
    let other = try folder.run(environment: ["OTHER": "the first value"])
    #expect(other.status == 0 && other.finalized.count == 2)
  }

  @Test("may be a file beside the pipeline, whose folder is not recorded")
  func file() throws {
    let folder = try PipelineFolder()
    try folder.addFixture(Talker.succeeding)
    try folder.writeFixturePipeline(rights: ["exports": "config: { token: { secret: { file: private/api.key } } }"])
    try folder.folder.write("private/api.key", "value of the file\n")
    _ = try Shell.run(["chmod", "600", folder.folder.file("private/api.key")])
    let outcome = try folder.run()
    #expect(outcome.status == 0, "\(outcome.stderr)")
    #expect(try folder.text(outcome, "exports/sum.txt") == Talker.sum(of: #"{"token":"value of the file"}"#))
    #expect(try leaks(of: "value of the file", in: folder, outcome) == [])
    #expect(try folder.text(outcome, "logs/run.jsonl").contains("[secret api.key]"))
    let manifest = try folder.text(outcome, "run_manifest.json")
    #expect(manifest.contains(#""file": "api.key""#) && !manifest.contains("private"))
  }

  @Test("cannot be part of an artifact's path, which would be recorded")
  func path() throws {
    let body = #"return put(call, "exports/hunter2-hunter2.txt", "x");"#
    let (outcome, folder) = try run(["ON_RUN": body], value: "hunter2-hunter2")
    #expect(outcome.status == 5 || outcome.status == 4)
    #expect(outcome.stderr.contains("the path holds the value of the secret API_TOKEN, and paths are recorded"), "\(outcome.stderr)")
    #expect(try leaks(of: "hunter2-hunter2", in: folder, outcome) == [])
  }

  @Test("does not get into a core file of the worker")
  func memory() throws {
    let body = #"""
      static char text[8192];
      int fd = open("/proc/self/limits", O_RDONLY);
      (void)!read(fd, text, sizeof text - 1); close(fd);
      put(call, "exports/limits.txt", text);
      """#
    let (outcome, folder) = try run(["ON_RUN": body], value: "hunter2-hunter2")
    #expect(outcome.status == 0, "\(outcome.stderr)")
    let line = try folder.text(outcome, "exports/limits.txt").split(separator: "\n").first { $0.hasPrefix("Max core file size") }
    #expect(line?.split(whereSeparator: \.isWhitespace).dropFirst(4).prefix(2) == ["0", "0"])
  }

  @Test("is refused in a hermetic run, with its place")
  func hermetic() throws {
    let message =
      "pipeline.yaml:6:82: exports[0].config.token: a hermetic run gives plugins no secrets: its result could depend on "
      + "what is not recorded; remove it, or run without hermetic\n"
    let folder = try PipelineFolder()
    try folder.addFixture()
    try folder.writeFixturePipeline(rights: ["exports": Self.config])
    for arguments in [["--hermetic"], []] {
      if arguments.isEmpty { try folder.writeFixturePipeline(hermetic: true, rights: ["exports": Self.config]) }
      let outcome = try folder.run(arguments, environment: ["API_TOKEN": "hunter2"])
      #expect(outcome.status == 65 && outcome.stderr == "omphalos: " + message, "\(outcome.stderr)")
      #expect(outcome.finalized == [] && outcome.partials == [])
    }
  }

  @Test("that is not there stops plan and run, before anything is made")
  func missing() throws {
    let folder = try PipelineFolder()
    try folder.addFixture()
    try folder.writeFixturePipeline(rights: ["exports": "config: { a: { secret: { env: NOPE } }, b: { secret: { file: no.key } } }"])
    let outcome = try folder.run()
    let message = """
      omphalos: pipeline.yaml:6:78: exports[0].config.a: the variable NOPE of the environment is not set; set it for omphalos
      pipeline.yaml:6:108: exports[0].config.b: the file "no.key" cannot be read: there is no such file

      """
    #expect(outcome.status == 65 && outcome.stderr == message, "\(outcome.stderr)")
    #expect(outcome.finalized == [] && outcome.partials == [])
    let plan = try CommandLineTool.run(["plan", "pipeline.yaml", "--plugins", "plugins"], directory: folder.path)
    #expect(plan.status == 65 && plan.stderr == message)
  }
}

@Suite("A schema that knows of secrets")
struct SecretSchemaTests {
  private static let schema = #"""
    {"type":"object","additionalProperties":false,"properties":{"token":{"type":"string","pattern":"^[a-z]+$","maxLength":8,"x-omphalos-secret":true},"mode":{"enum":["fast","slow"]}}}
    """#

  private func run(_ config: String, value: String = "abcdefg") throws -> (PipelineFolder.Outcome, PipelineFolder) {
    let literal = "\"" + Self.schema.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    return try PipelineFolder.runFixture(
      ["PRODUCT_SCHEMA": literal], rights: ["exports": "config: \(config)"], environment: ["API_TOKEN": value])
  }

  @Test("takes the value of a reference, and is held against the value itself")
  func fits() throws {
    let (outcome, _) = try run("{ token: { secret: { env: API_TOKEN } }, mode: fast }")
    #expect(outcome.status == 0, "\(outcome.stderr)")
  }

  @Test("says what is wrong with a value without showing it, also where only the pipeline says that it is secret")
  func doesNotFit() throws {
    let (outcome, _) = try run("{ token: { secret: { env: API_TOKEN } }, mode: { secret: { env: API_TOKEN } } }", value: "HUNTER2-slow")
    #expect(outcome.status == 65)
    #expect(
      outcome.stderr == """
        omphalos: pipeline.yaml:6:82: exports[0]: config.token: found 12 characters, wanted at most 8 characters
        pipeline.yaml:6:82: exports[0]: config.token: found a secret value, wanted a text with the pattern ^[a-z]+$
        pipeline.yaml:6:120: exports[0]: config.mode: found a secret value, wanted "fast" or "slow"

        """, "\(outcome.stderr)")
  }

  @Test("refuses a plain value where it wants a secret, and does not repeat it")
  func plain() throws {
    let (outcome, _) = try run("{ token: abcdefg }")
    #expect(outcome.status == 65)
    #expect(
      outcome.stderr == """
        omphalos: pipeline.yaml:6:82: exports[0]: config.token: this is a secret, and what stands in a pipeline is \
        recorded; write it as { secret: { env: NAME } } or { secret: { file: PATH } }

        """, "\(outcome.stderr)")
  }
}
