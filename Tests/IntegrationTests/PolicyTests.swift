import Foundation
import TestSupport
import Testing

private let canBecomeOthers = getuid() == 0 && Shell.find("setpriv") != nil

private let canMount = (try? Shell.run(["unshare", "-m", "true"]).status) == 0

@Suite("A policy")
struct PolicyTests {
  private let allowAll = "version: 1\ndefault: allow\nrules:\n  - allow: { id: \"*\", reason: \"trust me\" }\n"
  private let denyFixture =
    "version: 1\nrules:\n  - deny: { id: \"com.example.*\", reason: \"contract ended 2026-03\" }\n"

  private func fixture(_ defines: [String: String] = [:]) throws -> PipelineFolder {
    let pipeline = try PipelineFolder()
    try pipeline.addFixture(defines)
    try pipeline.writeFixturePipeline()
    return pipeline
  }

  @Test("of the operator refuses a plugin before any of its code runs, with file, line and reason")
  func operatorDenies() throws {
    let pipeline = try fixture(["GLOBALS": #"__attribute__((constructor)) static void f(void) { abort(); }"#])
    let environment = try pipeline.writeUserPolicy(denyFixture)
    let outcome = try pipeline.run(environment: environment)
    #expect(outcome.status == 3 && outcome.finalized.isEmpty && outcome.partials.isEmpty)
    #expect(outcome.stderr.contains("none of its code ran"))
    #expect(outcome.stderr.contains("config/omphalos/policy.yaml, line 3"))
    #expect(outcome.stderr.contains("(id \"com.example.*\"): contract ended 2026-03"))
  }

  @Test("that came with a downloaded pipeline can never relax the operator's, whatever it says")
  func downloaded() throws {
    let pipeline = try fixture()
    let environment = try pipeline.writeUserPolicy(
      denyFixture + "findings: { network: deny }\nrelaxations: deny\nrequire_hermetic: true\n")
    let attempts = [
      allowAll,
      "version: 1\ndefault: allow\n",
      "version: 1\nfindings: { network: allow }\nrelaxations: allow\nrequire_hermetic: false\n",
      allowAll + "signatures: { required: false }\n",
    ]
    for attempt in attempts {
      try pipeline.folder.write("policy.yaml", attempt)
      let outcome = try pipeline.run(environment: environment)
      #expect(outcome.status == 3 && outcome.stderr.contains("contract ended 2026-03"), "\(attempt)")
      let named = try pipeline.run(["--policy", "policy.yaml"], environment: environment)
      #expect(named.status == 3 && named.stderr.contains("contract ended 2026-03"), "\(attempt)")
    }
    // Nor can the pipeline itself: it has no key for any of that.
    let text = String(decoding: try pipeline.folder.read("pipeline.yaml"), as: UTF8.self)
    for key in ["relax: [network-imports]", "policy: policy.yaml", "rules: { pack: baseline, policy: x }"] {
      try pipeline.folder.write("pipeline.yaml", text + key + "\n")
      #expect(try pipeline.run(environment: environment).status == 65)
    }
  }

  @Test("of the system holds whatever user and pipeline say", .enabled(if: canMount, "needs root and unshare"))
  func system() throws {
    let pipeline = try fixture()
    let environment = try pipeline.writeUserPolicy(allowAll)
    // In a mount namespace of its own the program sees another /etc.
    let etc = pipeline.folder.file("etc")
    #expect(try Shell.run(["cp", "-a", "/etc", etc]).status == 0)
    try pipeline.folder.write("etc/omphalos/policy.yaml", denyFixture)
    let outcome = try pipeline.run(
      environment: environment,
      prefix: ["unshare", "-m", "sh", "-c", "mount --bind \(etc) /etc && exec \"$0\" \"$@\""])
    #expect(outcome.status == 3, "\(outcome.stderr)")
    #expect(outcome.stderr.contains("denied by the system's policy /etc/omphalos/policy.yaml, line 3"))
    #expect(try pipeline.run(environment: environment).status == 0)
  }

  @Test("beside the pipeline tightens, and the one that is named takes its place")
  func beside() throws {
    let pipeline = try fixture()
    try pipeline.folder.write("policy.yaml", denyFixture)
    #expect(try pipeline.run().status == 3)
    try pipeline.folder.write("other.yaml", allowAll)
    let outcome = try pipeline.run(["--policy", "other.yaml"])
    #expect(outcome.status == 0 && outcome.finalized.count == 1, "\(outcome.stderr)")
  }

  @Test("that is missing, no YAML, or writable by others stops everything")
  func unusable() throws {
    let pipeline = try fixture()
    let missing = try pipeline.run(["--policy", "none.yaml"])
    #expect(missing.status == 65 && missing.stderr.contains("the policy \"none.yaml\": there is no such file"))
    try pipeline.folder.write("policy.yaml", "version: 1\nrule: []\n")
    let unknown = try pipeline.run()
    #expect(unknown.status == 65 && unknown.stderr.contains("policy.yaml:2:1: the policy: the key \"rule\" is not known"))
    try pipeline.folder.write("policy.yaml", allowAll)
    try FileManager.default.setAttributes([.posixPermissions: 0o666], ofItemAtPath: pipeline.folder.file("policy.yaml"))
    let open = try pipeline.run()
    #expect(open.status == 65 && open.stderr.contains("writable by group or others (mode 0666)"))
    #expect(open.partials.isEmpty && open.finalized.isEmpty)
    try FileManager.default.removeItem(atPath: pipeline.folder.file("policy.yaml"))
    try FileManager.default.createDirectory(atPath: pipeline.folder.file("policy.yaml"), withIntermediateDirectories: false)
    #expect(try pipeline.run().status == 65)
  }

  @Test(
    "of the user that may not be read is no policy that may be passed over",
    .enabled(if: canBecomeOthers, "needs root and setpriv"))
  func unreadable() throws {
    let pipeline = try fixture()
    let environment = try pipeline.writeUserPolicy(allowAll)
    try pipeline.giveAway(to: 65534)
    let file = pipeline.folder.file("config/omphalos/policy.yaml")
    try FileManager.default.setAttributes([.posixPermissions: 0], ofItemAtPath: file)
    let outcome = try pipeline.run(environment: environment, user: 65534)
    #expect(outcome.status == 65 && outcome.stderr.contains("it may not be read"), "\(outcome.stderr)")
  }

  @Test("stands in the record with its digest, its rule and the reason, and so does the pack")
  func recorded() throws {
    let pipeline = try fixture()
    try pipeline.folder.write("policy.yaml", "version: 1\ndefault: deny\nrules:\n  - allow: { vendor: \"*\", reason: \"audited\" }\n")
    let outcome = try pipeline.run()
    #expect(outcome.status == 0, "\(outcome.stderr)")
    let report = try pipeline.recordedPlugins(outcome)
    let policies = try #require(report["policies"] as? [[String: Any]])
    #expect(policies.map { $0["layer"] as? String } == ["pipeline", "pack"])
    #expect(policies.map { $0["name"] as? String } == ["policy.yaml", "baseline"])
    #expect(policies.allSatisfy { ($0["sha256"] as? String)?.count == 64 })
    let plugin = try #require((report["plugins"] as? [[String: Any]])?.first)
    let decisions = try #require(plugin["policies"] as? [[String: Any]])
    #expect(decisions.first?["reason"] as? String == "audited" && decisions.first?["line"] as? Int == 4)
  }

  @Test("names of two files with one id the one that counts, by its digest")
  func duplicates() throws {
    let pipeline = try fixture()
    try pipeline.addFixture(["VERSION": "\"2.0.0\""], name: "newer.so")
    #expect(try pipeline.run().stderr.contains("wanted one file with this id"))
    let digest = try Shell.run(["sha256sum", pipeline.plugins + "/newer.so"]).stdout.prefix(64)
    try pipeline.folder.write(
      "policy.yaml", "version: 1\ndefault: deny\nrules:\n  - allow: { sha256: \"\(digest)\", reason: \"the one we reviewed\" }\n")
    let outcome = try pipeline.run(["--policy", "policy.yaml"])
    #expect(outcome.status == 0 && outcome.stdout.contains("com.example.fixture 2.0.0"), "\(outcome.stderr)")
    // One that came with the pipeline does not get to choose.
    #expect(try pipeline.run().stderr.contains("wanted one file with this id"))
  }
}

@Suite("omphalos policy explain")
struct PolicyExplainTests {
  private let policy = """
    version: 1
    default: deny
    rules:
      - deny: { id: "com.other.*", reason: "contract ended" }
      - allow: { vendor: "Acme*", version: ">=1.0.0", reason: "audited 2026-10" }
      - allow: { vendor: "Ex*", license: Apache-2.0, reason: "audited 2026-11" }
      - deny: { sha256: "\(String(repeating: "0", count: 64))", reason: "CVE-2026-0001" }

    """

  private func folder() throws -> PipelineFolder {
    let pipeline = try PipelineFolder()
    try pipeline.addExamples("csv")
    try pipeline.addFixture()
    try pipeline.folder.write("policy.yaml", policy)
    return pipeline
  }

  @Test("shows every rule that was tried, the one that decided, and what would change the outcome")
  func text() throws {
    let pipeline = try folder()
    let result = try pipeline.command(
      ["policy", "explain", "com.example.fixture", "--plugins", "plugins", "--policy", "policy.yaml"])
    #expect(result.status == 0, "\(result.stderr)")
    try Golden.check(Golden.masked(result.stdout), is: "policy-explain.txt")
  }

  @Test("says the same for programs, and its JSON keeps to its schema")
  func json() throws {
    let pipeline = try folder()
    let result = try pipeline.command(
      ["policy", "explain", "--plugins", "plugins", "--policy", "policy.yaml", "--hermetic", "--format", "json"])
    #expect(result.status == 0, "\(result.stderr)")
    try Golden.check(Golden.masked(result.stdout), is: "policy-explain.json")
  }

  @Test("takes files as well as ids, and names the nearest id for one that is not there")
  func selection() throws {
    let pipeline = try folder()
    let file = try pipeline.command(["policy", "explain", "plugins/csv.so"])
    #expect(file.status == 0 && file.stdout.hasPrefix("admissible  plugins/csv.so  org.omphalos.csv"))
    let wrong = try pipeline.command(["policy", "explain", "com.example.fixtura", "--plugins", "plugins"])
    #expect(wrong.status == 65 && wrong.stderr.contains("did you mean com.example.fixture?"))
    let missing = try pipeline.command(["policy", "explain", "plugins/none.so"])
    #expect(missing.status == 65 && missing.stderr.contains("There is no plugin file \"plugins/none.so\""))
  }

  @Test("decides as for a pipeline where one is named")
  func pipeline() throws {
    let pipeline = try folder()
    try pipeline.writeFixturePipeline(hermetic: true)
    let result = try pipeline.command(
      ["policy", "explain", "com.example.fixture", "--plugins", "plugins", "--pipeline", "pipeline.yaml"])
    #expect(result.stdout.contains("the policy beside the pipeline, policy.yaml: deny, by default: no rule matches"))
    let strict = try pipeline.command(["policy", "explain", "--plugins", "plugins", "--pack", "strict"])
    #expect(strict.stdout.contains("the pack strict: allow, by default"))
  }

  @Test("lists the same decisions as plugins list")
  func list() throws {
    let pipeline = try folder()
    let list = try pipeline.command(["plugins", "list", "--plugins", "plugins", "--policy", "policy.yaml"])
    #expect(list.stdout.contains("refused     plugins/csv.so") && list.stdout.contains("which denies by default"))
  }
}
