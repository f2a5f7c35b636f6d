import Foundation
import TestSupport
import Testing

/// One way in which something is refused, and what the operator who meets it reads.
struct RefusalCase: Sendable, CustomTestStringConvertible {
  /// The name of the golden file.
  let name: String
  /// The codes of the reasons that stand against the plugin; empty for refusals of something else.
  var codes: Set<String> = []
  var status: Int32 = 3
  /// Of `omphalos`; nil for `omphalos run pipeline.yaml --plugins plugins`.
  var arguments: [String]?
  /// After the arguments.
  var more: [String] = []
  /// A program that the case cannot do without.
  var needs: String?
  /// Makes the folder in which the command is run.
  let prepare: @Sendable (PipelineFolder) throws -> Void

  var testDescription: String { name }

  static let all = ofDeclarations + ofFiles + ofObjects + ofPolicies + ofRuns

  /// Of a plugin that is built from the fixture.
  static func fixture(
    _ name: String, _ codes: Set<String>, _ defines: [String: String] = [:], flags: [String] = [], hermetic: Bool = false,
    more: [String] = [], status: Int32 = 3, change: @escaping @Sendable (PipelineFolder) throws -> Void = { _ in }
  ) -> RefusalCase {
    RefusalCase(name: name, codes: codes, status: status, more: more) { pipeline in
      try pipeline.addFixture(defines, flags: flags)
      try pipeline.writeFixturePipeline(hermetic: hermetic)
      try change(pipeline)
    }
  }

  /// Of a file that does not say what it is, so that no pipeline finds it.
  static func listed(
    _ name: String, _ codes: Set<String>, prepare: @escaping @Sendable (PipelineFolder) throws -> Void
  ) -> RefusalCase {
    RefusalCase(
      name: name, codes: codes, status: 0, arguments: ["plugins", "list", "--plugins", "plugins"], prepare: prepare)
  }

  /// The fixture under a policy of the run.
  static func policy(
    _ name: String, _ codes: Set<String>, _ text: String, _ defines: [String: String] = [:], status: Int32 = 3,
    more: [String] = [], change: @escaping @Sendable (PipelineFolder) throws -> Void = { _ in }
  ) -> RefusalCase {
    fixture(name, codes, defines, more: more, status: status) { pipeline in
      try pipeline.folder.write("policy.yaml", text)
      try change(pipeline)
    }
  }
}

extension PipelineFolder {
  /// Builds a shared object from any source into the plugins directory.
  fileprivate func add(_ name: String, c source: String, flags: [String] = []) throws {
    let compiler = try Compiler()
    let built = try compiler.sharedObject(c: source, name: name, flags: ["-w"] + flags)
    try FileManager.default.copyItem(atPath: built, toPath: "\(plugins)/\(name)")
  }

  fileprivate func change(_ name: String, _ edit: (inout [UInt8]) -> Void) throws {
    var bytes = try folder.read("plugins/\(name)")
    edit(&bytes)
    try folder.write("plugins/\(name)", bytes)
  }

  fileprivate func setMode(_ mode: Int, of name: String) throws {
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: folder.file(name))
  }

  /// Makes a key "key" and a file of signers that has it as release@acme.example.
  fileprivate func makeKey(options: String = "namespaces=\"omphalos-plugin\"") throws {
    _ = try Shell.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder.file("key")])
    let key = String(decoding: try folder.read("key.pub"), as: UTF8.self)
    try folder.write("allowed_signers", "release@acme.example \(options) \(key)")
  }

  fileprivate func sign(namespace: String = "omphalos-plugin") throws {
    _ = try Shell.run(
      ["ssh-keygen", "-q", "-Y", "sign", "-n", namespace, "-f", folder.file("key"), plugins + "/fixture.so"])
  }
}

extension RefusalCase {
  private static let entry = "void *omphalos_plugin_v1(void) { return 0; }"

  /// A note with one member that is not what it has to be.
  private static func note(_ text: String) -> String { noteSource("n", type: 1, bytes: Array(text.utf8)) + entry }

  static let ofDeclarations: [RefusalCase] = [
    listed("no-declaration", ["no-declaration"]) { try $0.add("acme.so", c: entry) },
    listed("declaration-no-json", ["bad-declaration"]) { try $0.add("acme.so", c: note("{\"note\":1,")) },
    listed("declaration-incomplete", ["bad-declaration"]) { try $0.add("acme.so", c: note("{\"note\":1,\"id\":\"acme\"}")) },
    listed("declaration-twice", ["bad-declaration"]) {
      try $0.add("acme.so", c: note("{}") + noteSource("m", type: 1, bytes: Array("{}".utf8)))
    },
    listed("abi-major", ["abi-major"]) {
      try $0.add(
        "acme.so",
        c: note(
          #"{"note":1,"abi":{"major":2,"minor_required":0,"minor_built":0,"draft":0},"id":"com.example.acme","version":"1.0.0","vendor":"Acme","license":"MIT","summary":"From the future","hermetic":"compatible","flags":0,"capabilities":[{"kind":"exporter","name":"x","interface_version":1}]}"#))
    },
    fixture("abi-minor", ["abi-minor"], ["MINOR_REQUIRED": "7", "MINOR_BUILT": "7"]),
    fixture("draft", ["draft"], ["DRAFT": "3"]),
    fixture(
      "hermetic-plugin", ["hermetic-plugin"],
      ["HERMETIC": "\"incompatible\"", "DESCRIPTOR_HERMETIC": "OMPHALOS_HERMETIC_INCOMPATIBLE"], more: ["--hermetic"]),
    fixture(
      "hermetic-capability", [],
      [
        "CAPABILITIES":
          #""[{\"kind\":\"connector\",\"name\":\"source\",\"interface_version\":1,\"hermetic\":\"incompatible\"},{\"kind\":\"exporter\",\"name\":\"product\",\"interface_version\":1}]""#
      ], more: ["--hermetic"]),
    fixture("confirmation", [], ["DESCRIPTOR_VERSION": "\"1.0.1\""]),
  ]

  static let ofFiles: [RefusalCase] = [
    fixture("file-writable", ["file"]) { try $0.setMode(0o664, of: "plugins/fixture.so") },
    fixture("directory-writable", []) { try $0.setMode(0o777, of: "plugins") },
    listed("file-directory", ["file"]) {
      try FileManager.default.createDirectory(atPath: $0.plugins + "/acme.so", withIntermediateDirectories: false)
    },
    listed("file-broken-link", ["file"]) {
      try FileManager.default.createSymbolicLink(atPath: $0.plugins + "/acme.so", withDestinationPath: "nowhere.so")
    },
    listed("file-empty", ["format"]) { try $0.folder.write("plugins/acme.so", "") },
    listed("file-no-elf", ["format"]) { try $0.folder.write("plugins/acme.so", "#!/bin/sh\necho hello\n") },
    fixture("file-truncated", ["format"], status: 65) { pipeline in
      try pipeline.change("fixture.so") { $0.removeLast($0.count / 2) }
    },
    fixture("file-too-large", ["file"], status: 65) { pipeline in
      let text = String(decoding: try pipeline.folder.read("pipeline.yaml"), as: UTF8.self)
      try pipeline.folder.write("pipeline.yaml", text + "limits: { plugin_bytes: 4000 }\n")
    },
    fixture("duplicate-id", ["duplicate-id"]) { try $0.addFixture(["VERSION": "\"2.0.0\""], name: "newer.so") },
    fixture("own-file-link", ["own-file"]) {
      try FileManager.default.createDirectory(atPath: $0.plugins + "/fixture.d", withIntermediateDirectories: false)
      try FileManager.default.createSymbolicLink(
        atPath: $0.plugins + "/fixture.d/table.bin", withDestinationPath: "/etc/hostname")
    },
    fixture("own-library-without-soname", ["own-library"]) {
      try $0.addLibrary("libown.so", soname: nil, source: "int own(void) { return 1; }")
    },
  ]

  static let ofObjects: [RefusalCase] = [
    fixture("machine", ["machine"]) { pipeline in
      try pipeline.change("fixture.so") { ($0[18], $0[19]) = (183, 0) }
    },
    fixture("entry-symbol", ["entry-symbol"], ["omphalos_plugin_v1": "other_entry"]),
    fixture("missing-library", ["missing-library"], [
      "GLOBALS": "extern int gone(void); __attribute__((used)) static int go(void) { return gone(); }"
    ], flags: ["-Wl,-rpath,/nowhere"]) { pipeline in
      let library = try pipeline.addLibrary(
        "libgone.so", soname: "libgone-example.so", source: "int gone(void) { return 1; }", in: "elsewhere")
      try pipeline.addFixture(
        ["GLOBALS": "extern int gone(void); __attribute__((used)) static int go(void) { return gone(); }"], flags: [library])
      try FileManager.default.removeItem(atPath: pipeline.plugins + "/elsewhere")
    },
    fixture("missing-symbol", ["missing-symbol"], [
      "GLOBALS": "extern int nobody_has_this(void); __attribute__((used)) static int go(void) { return nobody_has_this(); }"
    ]),
    fixture("soname", ["soname"], flags: ["-Wl,-soname,libc.so.6"]),
    fixture("executable-stack", ["hardening"], flags: ["-Wl,-z,execstack"]),
    fixture(
      "text-relocations", ["hardening"],
      [
        "GLOBALS":
          #"__asm__(".text\n.globl spot\nspot: .quad spot\n.previous\n"); extern char spot[]; __attribute__((used)) static void *go(void) { return spot; }"#
      ], flags: ["-Wl,-z,notext"]),
    fixture("relative-library-path", ["hardening"], flags: ["-Wl,-rpath,lib"]),
    fixture("empty-library-path", ["hardening"], flags: ["-Wl,-rpath,/opt/x:"]),
    fixture(
      "network-in-hermetic-run", ["finding"],
      ["GLOBALS": "extern int connect(int, const void *, unsigned); __attribute__((used)) static int go(void) { return connect(3, 0, 0); }"],
      more: ["--hermetic"]),
    fixture(
      "process-in-hermetic-run", ["finding"], ["GLOBALS": "__attribute__((used)) static int go(void) { return fork(); }"],
      more: ["--hermetic"]),
  ]

  private static let signed = "version: 1\nsignatures: { required: true, allowed_signers: allowed_signers }\n"

  static let ofPolicies: [RefusalCase] = [
    policy(
      "policy-rule", ["policy"], "version: 1\nrules:\n  - deny: { id: \"com.example.*\", reason: \"contract ended 2026-03\" }\n"),
    policy(
      "policy-default", ["policy"],
      "version: 1\ndefault: deny\nrules:\n  - allow: { vendor: \"Acme*\", reason: \"audited 2026-10\" }\n"),
    policy(
      "policy-finding", ["finding"], "version: 1\nfindings: { process: deny }\n",
      ["GLOBALS": "__attribute__((used)) static int go(void) { return fork(); }"]),
    policy(
      "policy-hermetic", ["hermetic-plugin"], "version: 1\nrequire_hermetic: true\n",
      ["HERMETIC": "\"incompatible\"", "DESCRIPTOR_HERMETIC": "OMPHALOS_HERMETIC_INCOMPATIBLE"]),
    policy("policy-relaxations", [], "version: 1\nrelaxations: deny\n", status: 2, more: ["--relax", "executable-stack"]),
    policy("policy-unknown-key", [], "version: 1\ndefualt: deny\n", status: 65),
    policy("policy-writable", [], "version: 1\n", status: 65) { try $0.setMode(0o666, of: "policy.yaml") },
    policy("signature-missing", ["signature"], signed) { try $0.folder.write("allowed_signers", "# nobody\n") },
    policy("signature-unusable", ["signature"], signed) {
      try $0.folder.write("allowed_signers", "# nobody\n")
      try $0.folder.write("plugins/fixture.so.sig", "-----BEGIN PGP SIGNATURE-----\n")
    },
    keyed("signature-broken") {
      try $0.sign()
      try $0.addFixture(["COUNT": "3", "VERSION": "\"1.0.1\"", "DESCRIPTOR_VERSION": "VERSION"])
    },
    keyed("signature-namespace") { try $0.sign(namespace: "file") },
    keyed("signature-unknown-key") {
      try $0.folder.write("allowed_signers", "# nobody\n")
      try $0.sign()
    },
    keyed("signature-expired", options: "valid-before=\"20200101Z\"") { try $0.sign() },
    policy("signers-bad-line", [], signed, status: 65) {
      try $0.folder.write("allowed_signers", "release@acme.example namespaces=x ssh-ed25519 AAAA\n")
    },
  ]

  private static func keyed(
    _ name: String, options: String = "namespaces=\"omphalos-plugin\"",
    change: @escaping @Sendable (PipelineFolder) throws -> Void
  ) -> RefusalCase {
    var refusal = policy(name, ["signature"], signed) { pipeline in
      try pipeline.makeKey(options: options)
      try change(pipeline)
    }
    refusal.needs = "ssh-keygen"
    return refusal
  }

  static let ofRuns: [RefusalCase] = [
    fixture("lock-missing", [], more: ["--locked"], status: 65),
    fixture("lock-changed", [], more: ["--locked"]) { pipeline in
      _ = try pipeline.command(["plugins", "lock", "pipeline.yaml", "--plugins", "plugins"])
      try pipeline.addFixture(["VERSION": "\"1.1.0\""])
    },
    fixture("lock-new-and-gone", [], more: ["--locked"]) { pipeline in
      try pipeline.addExamples("csv")
      _ = try pipeline.command(["plugins", "lock", "--plugins", "plugins"])
      try FileManager.default.removeItem(atPath: pipeline.plugins + "/csv.so")
      try pipeline.addExamples("jsonl")
    },
    fixture("strict-without-lock", [], more: ["--pack", "strict"], status: 65),
    fixture("state-changes", [], ["ON_RUN": "setenv(\"LANG\", \"xx\", 1);"], more: ["--policy", "state.yaml"], status: 2) {
      try $0.folder.write("state.yaml", "version: 1\nstate_changes: deny\n")
    },
    fixture("plugin-missing", [], ["ID": "\"com.example.fixtura\""], status: 65),
    fixture("capability-missing", [], [
      "CAPABILITIES": #""[{\"kind\":\"connector\",\"name\":\"sauce\",\"interface_version\":1},{\"kind\":\"exporter\",\"name\":\"product\",\"interface_version\":1}]""#
    ], status: 65),
    fixture("pack-unknown", [], status: 65) { pipeline in
      let text = String(decoding: try pipeline.folder.read("pipeline.yaml"), as: UTF8.self)
      try pipeline.folder.write("pipeline.yaml", text + "rules: { pack: strikt }\n")
    },
    fixture("configuration", [], ["PRODUCT_SCHEMA": #""{\"type\":\"object\",\"properties\":{\"rows\":{\"type\":\"integer\",\"minimum\":1}},\"additionalProperties\":false}""#], status: 65) { pipeline in
      let text = String(decoding: try pipeline.folder.read("pipeline.yaml"), as: UTF8.self)
      try pipeline.folder.write(
        "pipeline.yaml", text.replacing("inputs: [numbers]", with: "inputs: [numbers], config: { rows: 0, row: 1 }"))
    },
    fixture("secret-in-hermetic-run", [], hermetic: true, status: 65) { pipeline in
      let text = String(decoding: try pipeline.folder.read("pipeline.yaml"), as: UTF8.self)
      try pipeline.folder.write(
        "pipeline.yaml",
        text.replacing("inputs: [numbers]", with: "inputs: [numbers], config: { token: { secret: { env: ACME_TOKEN } } }"))
    },
    fixture("secret-missing", [], status: 65) { pipeline in
      let text = String(decoding: try pipeline.folder.read("pipeline.yaml"), as: UTF8.self)
      try pipeline.folder.write(
        "pipeline.yaml",
        text.replacing("inputs: [numbers]", with: "inputs: [numbers], config: { token: { secret: { env: NOT_THERE } } }"))
    },
  ]
}
