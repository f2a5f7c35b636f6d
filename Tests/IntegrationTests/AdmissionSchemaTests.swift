import Foundation
import TestSupport
import Testing

private let hasJudge = (try? Shell.run(["python3", "-c", "import jsonschema"]).status) == 0

@Suite("The schemas of what decides about plugins", .enabled(if: hasJudge, "jsonschema is not installed"))
struct AdmissionSchemaTests {
  /// The messages of Python's jsonschema for each YAML or JSON document, which JSON has to be able to say.
  private func violations(_ schema: String, _ documents: [String]) throws -> [String] {
    let folder = try TemporaryFolder()
    try folder.write("documents.json", "[\(documents.joined(separator: ","))]")
    let result = try Shell.run([
      "python3", "-c",
      """
      import json, sys
      from jsonschema import Draft202012Validator
      schema = json.load(open(sys.argv[1]))
      Draft202012Validator.check_schema(schema)
      for document in json.load(open(sys.argv[2])):
          errors = [e.message for e in Draft202012Validator(schema).iter_errors(document)]
          print(json.dumps(errors[:1]))
      """, "\(Compiler.root)/docs/schemas/\(schema).schema.json", folder.file("documents.json"),
    ])
    #expect(result.status == 0, "\(result.stderr)")
    return result.stdout.split(separator: "\n").map(String.init)
  }

  private static let rule = #"{"version": 1, "rules": [{"deny": {"reason": "r"#

  @Test("a policy that the reader takes fits the schema, and one that it refuses does not")
  func policies() throws {
    let good = [
      #"{"version": 1}"#, #"{"version": 1, "default": "deny", "require_lock": true, "relaxations": "deny"}"#,
      Self.rule + #"", "id": "a.*", "version": "^1.0.0", "license": ["MIT", "GPL-*"], "capabilities": ["connector"]}}]}"#,
      #"{"version": 1, "findings": {"network": "deny", "process": {"own": "deny", "via": "warn"}}}"#,
      #"{"version": 1, "rules": null, "state_changes": "warn", "require_static_declaration": true}"#,
    ]
    let bad = [
      "{}", #"{"version": 2}"#, #"{"version": 1, "defaults": "deny"}"#, #"{"version": 1, "default": "no"}"#,
      #"{"version": 1, "rules": [{"deny": {}}]}"#, #"{"version": 1, "rules": [{}]}"#,
      #"{"version": 1, "rules": [{"deny": {"reason": "r"}, "allow": {"reason": "r"}}]}"#,
      Self.rule + #"", "vendr": "x"}}]}"#, Self.rule + #"", "sha256": "abc"}}]}"#, Self.rule + #"", "id": []}}]}"#,
      #"{"version": 1, "findings": {"networks": "deny"}}"#, #"{"version": 1, "findings": {"network": "forbid"}}"#,
      #"{"version": 1, "require_static_declaration": false}"#, #"{"version": 1, "signatures": {"needed": true}}"#,
    ]
    let judged = try violations("policy", good + bad)
    #expect(judged.count == good.count + bad.count)
    for (text, said) in zip(good + bad, judged) {
      let pipeline = try PipelineFolder()
      try pipeline.folder.write("policy.yaml", text)
      let read = try pipeline.command(["policy", "explain", "--plugins", "plugins", "--policy", "policy.yaml"])
      #expect((said == "[]") == good.contains(text), "\(text): \(said)")
      #expect((read.status == 0) == good.contains(text), "\(text): \(read.stderr)")
    }
  }

  @Test("the packs fit the schema of policies")
  func packs() throws {
    for name in ["baseline", "strict"] {
      let path = "\(Compiler.root)/Sources/Admission/Packs/\(name).yaml"
      let text = try String(contentsOfFile: path, encoding: .utf8)
      // Both are mappings of plain words and one inner mapping, so a few lines turn them into JSON.
      let json = try Shell.run([
        "python3", "-c",
        """
        import json, sys
        out, inner = {}, None
        for line in open(sys.argv[1]):
            if not line.strip() or line.startswith('#'): continue
            key, value = [part.strip() for part in line.split(':')]
            value = {'true': True, '1': 1}.get(value, value)
            if line.startswith(' '): inner[key] = value
            elif value == '': inner = out[key] = {}
            else: out[key] = value
        print(json.dumps(out))
        """, path,
      ])
      #expect(text.contains("version: 1") && json.status == 0, "\(json.stderr)")
      #expect(try violations("policy", [json.stdout]) == ["[]"], "\(name)")
    }
  }

  @Test("an explanation keeps to its schema, whatever is explained")
  func explanations() throws {
    let pipeline = try PipelineFolder()
    try pipeline.addExamples("csv", "profile")
    try pipeline.addFixture(["GLOBALS": "__attribute__((used)) static int go(void) { return fork(); }"])
    try pipeline.folder.write("plugins/none.so", "no plugin")
    try pipeline.folder.write(
      "policy.yaml",
      "version: 1\ndefault: deny\nrules:\n  - deny: { id: a.b, reason: r }\n  - allow: { vendor: \"omphalos*\", reason: s }\n")
    for more in [[], ["--hermetic"], ["--policy", "policy.yaml", "--pack", "strict", "--relax", "library-path"]] {
      let result = try pipeline.command(["policy", "explain", "--plugins", "plugins", "--format", "json"] + more)
      #expect(result.status == 0, "\(result.stderr)")
      #expect(try violations("policy-explanation", [result.stdout]) == ["[]"])
    }
  }

  @Test("a written lock keeps to its schema")
  func locks() throws {
    let pipeline = try PipelineFolder()
    try pipeline.addExamples("csv", "jsonl")
    #expect(try pipeline.command(["plugins", "lock", "--plugins", "plugins"]).status == 0)
    let text = String(decoding: try pipeline.folder.read("plugins.lock"), as: UTF8.self)
    #expect(text.contains("\n  org.omphalos.csv:\n"))
    let digest = String(repeating: "0", count: 64)
    let good = """
      {"version": 1, "scope": "directories", "plugins": {"a.b": {"version": "1.0.0", "sha256": "\(digest)", "hermetic": \
      "compatible", "capabilities": ["connector csv 1"], "closure": {"libc.so.6": "\(digest)"}}}}
      """
    let bad = good.replacing("compatible", with: "maybe")
    #expect(try violations("lock", [good, bad]).map { $0 == "[]" } == [true, false])
    for (document, fits) in [(good, true), (bad, false)] {
      try pipeline.folder.write("plugins.lock", document)
      let result = try pipeline.command(["plugins", "lock", "--plugins", "plugins", "--diff"])
      #expect((result.status == 2) == fits, "\(result.stderr)")
    }
  }
}
