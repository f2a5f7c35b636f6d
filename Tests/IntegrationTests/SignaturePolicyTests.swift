import Foundation
import TestSupport
import Testing

private let hasSSH = Shell.find("ssh-keygen") != nil

@Suite("A policy that looks at signatures", .enabled(if: hasSSH, "needs ssh-keygen"))
struct SignaturePolicyTests {
  /// A fixture with a vendor's key, and a policy of the run that knows it as release@acme.example.
  private struct Release {
    let pipeline: PipelineFolder
    let key: String

    init(_ policy: String, options: String = "namespaces=\"omphalos-plugin\"", addLibrary: Bool = false) throws {
      pipeline = try PipelineFolder()
      var flags: [String] = []
      if addLibrary {
        let library = try pipeline.addLibrary("libown.so", soname: "libown-example.so", source: "int own(void) { return 1; }")
        flags = ["-Wl,--no-as-needed", library]
      }
      try pipeline.addFixture(flags: flags)
      try pipeline.writeFixturePipeline()
      key = pipeline.folder.file("key")
      #expect(try Shell.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key]).status == 0)
      let publicKey = String(decoding: try pipeline.folder.read("key.pub"), as: UTF8.self)
      try pipeline.folder.write("allowed_signers", "release@acme.example \(options) \(publicKey)")
      try pipeline.folder.write("policy.yaml", policy)
    }

    func sign(_ file: String = "plugins/fixture.so", namespace: String = "omphalos-plugin") throws {
      let path = pipeline.folder.file(file)
      try? FileManager.default.removeItem(atPath: path + ".sig")
      #expect(try Shell.run(["ssh-keygen", "-q", "-Y", "sign", "-n", namespace, "-f", key, path]).status == 0)
    }
  }

  private let required = "version: 1\nsignatures: { required: true, allowed_signers: allowed_signers }\n"
  private let bySigner = """
    version: 1
    default: deny
    signatures: { allowed_signers: allowed_signers }
    rules:
      - allow: { signed_by: release@acme.example, reason: "our vendor" }

    """

  @Test("admits what a listed signer signed, and records who that was")
  func good() throws {
    for policy in [required, bySigner] {
      let release = try Release(policy)
      try release.sign()
      let outcome = try release.pipeline.run()
      #expect(outcome.status == 0, "\(outcome.stderr)")
      let report = try release.pipeline.recordedPlugins(outcome)
      let plugin = try #require((report["plugins"] as? [[String: Any]])?.first)
      let signature = try #require(plugin["signature"] as? [String: Any])
      #expect(signature["principals"] as? String == "release@acme.example" && signature["key_type"] as? String == "ssh-ed25519")
      #expect((signature["fingerprint"] as? String)?.hasPrefix("SHA256:") == true)
    }
  }

  @Test("refuses what is not signed, saying what is missing and where")
  func unsigned() throws {
    let outcome = try Release(required).pipeline.run()
    #expect(outcome.status == 3)
    #expect(
      outcome.stderr.contains(
        "the signature is missing, wanted a good one by a signer of allowed_signers, as the policy beside the pipeline, policy.yaml, "
          + "line 2 asks; put the vendor's NAME.so.sig beside the plugin, or ask the vendor for one"), "\(outcome.stderr)")
    let byRule = try Release(bySigner).pipeline.run()
    #expect(byRule.status == 3 && byRule.stderr.contains("in no allow rule"))
  }

  @Test("refuses a signature over other bytes, also where no signature is required")
  func altered() throws {
    for policy in [required, bySigner, "version: 1\nsignatures: { allowed_signers: allowed_signers }\n"] {
      let release = try Release(policy)
      try release.sign()
      try release.pipeline.addFixture(["COUNT": "4"])
      let outcome = try release.pipeline.run()
      #expect(outcome.status == 3 && outcome.stderr.contains("the signature is broken: the ssh-ed25519 key"), "\(outcome.stderr)")
    }
  }

  @Test("refuses a signature for another purpose, by a stranger, or after its time, each in its own words")
  func otherReasons() throws {
    let purpose = try Release(required)
    try purpose.sign(namespace: "file")
    #expect(try purpose.pipeline.run().stderr.contains("was made for \"file\", not for \"omphalos-plugin\""))
    let stranger = try Release(required)
    try FileManager.default.removeItem(atPath: stranger.key)
    #expect(try Shell.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", stranger.key]).status == 0)
    try stranger.sign()
    #expect(try stranger.pipeline.run().stderr.contains("which no line of allowed_signers has"))
    let late = try Release(required, options: "valid-before=\"20200101Z\"")
    try late.sign()
    #expect(try late.pipeline.run().stderr.contains("has it until \"20200101Z\" (2020-01-01T00:00:00Z)"))
  }

  @Test("wants the list of all files signed where a plugin has a folder, as sha256sum writes it")
  func folder() throws {
    let release = try Release(required, addLibrary: true)
    // The file alone is not enough: its libraries could be exchanged.
    try release.sign()
    #expect(try release.pipeline.run().status == 3)
    let list = try Shell.run(
      ["sh", "-c", "cd plugins && find fixture.so fixture.d -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum > ../list"],
      directory: release.pipeline.path)
    #expect(list.status == 0)
    try release.sign("list")
    try FileManager.default.removeItem(atPath: release.pipeline.plugins + "/fixture.so.sig")
    try FileManager.default.moveItem(
      atPath: release.pipeline.folder.file("list.sig"), toPath: release.pipeline.plugins + "/fixture.so.sig")
    let outcome = try release.pipeline.run()
    #expect(outcome.status == 0, "\(outcome.stderr)")
  }

  @Test("of the system is not satisfied by a signer that only the run's policy knows")
  func signersOfEachPolicy() throws {
    let release = try Release(required)
    try release.sign()
    try release.pipeline.folder.write(
      "config/omphalos/policy.yaml", "version: 1\nsignatures: { required: true, allowed_signers: signers }\n")
    try release.pipeline.folder.write("config/omphalos/signers", "# nobody yet\n")
    let outcome = try release.pipeline.run(environment: ["XDG_CONFIG_HOME": release.pipeline.folder.file("config")])
    #expect(outcome.status == 3 && outcome.stderr.contains("which no line of"), "\(outcome.stderr)")
    #expect(outcome.stderr.contains("config/omphalos/signers has"))
  }

  @Test("stops at an allowed_signers file that is missing or has a bad line, with the line")
  func badSigners() throws {
    let release = try Release(required)
    try release.pipeline.folder.write("allowed_signers", "a@b namespaces=x ssh-ed25519 AAAA\n")
    let bad = try release.pipeline.run()
    #expect(bad.status == 65 && bad.stderr.contains("policy.yaml:2:48: the allowed_signers file has lines that cannot be used"), "\(bad.stderr)")
    #expect(bad.stderr.contains("allowed_signers:1:"))
    try FileManager.default.removeItem(atPath: release.pipeline.folder.file("allowed_signers"))
    let missing = try release.pipeline.run()
    #expect(missing.status == 65 && missing.stderr.contains("policy.yaml:2:48: the allowed_signers file \"allowed_signers\": there is no such file"))
  }

  @Test("sees the signature that plugins add copied along")
  func added() throws {
    let release = try Release(required)
    try release.sign()
    let result = try release.pipeline.command(["plugins", "add", "plugins/fixture.so", "--to", "other", "--policy", "policy.yaml"])
    #expect(result.status == 0, "\(result.stdout)\(result.stderr)")
    #expect(try release.pipeline.folder.read("other/fixture.so.sig") == release.pipeline.folder.read("plugins/fixture.so.sig"))
  }
}
