import Foundation
import TestSupport
import Testing

@Suite("Inspecting a signed plugin", .enabled(if: Shell.find("ssh-keygen") != nil, "ssh-keygen is not installed"))
struct SignatureInspectTests {
  private let pipeline: PipelineFolder
  private let plugin: String

  init() throws {
    pipeline = try PipelineFolder()
    plugin = try pipeline.addFixture()
  }

  private func shell(_ command: String) throws -> String {
    let result = try Shell.run(["bash", "-c", "set -e; umask 022; \(command)"], directory: pipeline.plugins)
    try #require(result.status == 0, "\(command): \(result.stderr)")
    return result.stdout
  }

  private func inspect() throws -> (text: String, signature: Any?) {
    let text = try CommandLineTool.run(["plugin", "inspect", plugin])
    #expect(text.status == 0)
    let json = try CommandLineTool.run(["plugin", "inspect", plugin, "--format", "json"])
    let root = try JSONSerialization.jsonObject(with: Data(json.stdout.utf8)) as? [String: Any]
    return (text.stdout, root?["signature"])
  }

  @Test("shows file, key, fingerprint and namespace, and that it checked nothing")
  func shows() throws {
    let line = try shell(
      """
      ssh-keygen -q -t ecdsa -b 256 -N '' -C '' -f ../key
      ssh-keygen -q -Y sign -f ../key -n omphalos-plugin fixture.so
      ssh-keygen -l -f ../key
      """)
    let fingerprint = String(line.split(separator: " ")[1])
    let (text, json) = try inspect()
    #expect(text.contains("\nSignature\n  file          fixture.so.sig, not checked: inspect knows no signers\n"), "\(text)")
    #expect(text.contains("  key           ecdsa-sha2-nistp256 \(fingerprint)\n"))
    #expect(text.contains("  namespace     \"omphalos-plugin\", message hash sha512\n"))
    let signature = try #require(json as? [String: Any])
    #expect(signature["file"] as? String == "fixture.so.sig" && signature["checked"] as? Bool == false)
    #expect(signature["key_type"] as? String == "ecdsa-sha2-nistp256" && signature["fingerprint"] as? String == fingerprint)
    #expect(signature["namespace"] as? String == "omphalos-plugin" && signature["hash"] as? String == "sha512")
    #expect(signature["note"] as? String == "not checked: inspect knows no signers" && signature["problem"] is NSNull)
  }

  @Test("says that there is none")
  func none() throws {
    let (text, json) = try inspect()
    #expect(text.contains("\nSignature\n  file          none: there is no fixture.so.sig\n"))
    #expect(json is NSNull)
  }

  @Test("shows why one cannot be used, and nothing that moves the cursor")
  func problem() throws {
    _ = try shell("printf '\\033[2Jhello' > fixture.so.sig")
    let (text, json) = try inspect()
    #expect(text.contains("problem       The signature fixture.so.sig cannot be used: the armour: found \"\\u{1b}[2Jhello\""), "\(text)")
    #expect(!text.contains("\u{1b}"))
    #expect(((json as? [String: Any])?["problem"] as? String)?.contains("the armour") == true)
  }

  @Test("a run does not ask for signatures as long as no policy does")
  func run() throws {
    _ = try shell("echo nonsense > fixture.so.sig")
    try pipeline.writeFixturePipeline()
    let outcome = try pipeline.run()
    #expect(outcome.status == 0, "\(outcome.stderr)")
  }
}

@Suite("The guide on signatures", .enabled(if: Shell.find("ssh-keygen") != nil, "ssh-keygen is not installed"))
struct SignatureGuideTests {
  @Test("its commands sign a plugin and one with a folder, and ssh-keygen finds them good")
  func commands() throws {
    let guide = try String(contentsOfFile: Compiler.root + "/docs/signatures.md", encoding: .utf8)
    let blocks = guide.matches(of: /(?s)\n```sh\n(.*?)```/).map { String($0.1) }
    let (sign, signFolder, verify) = try #require(blocks.count == 3 ? (blocks[0], blocks[1], blocks[2]) : nil)
    let pipeline = try PipelineFolder()
    try pipeline.addFixture(name: "acme.so")
    func run(_ command: String) throws -> Shell.Result {
      // Without a terminal ssh-keygen asks nobody for a passphrase.
      try Shell.run(["setsid", "-w", "bash", "-c", "set -eo pipefail; umask 022; \(command)"], directory: pipeline.plugins)
    }

    let signed = try run(sign)
    try #require(signed.status == 0, "\(signed.stderr)")
    #expect(try run("printf 'release@acme.example %s\\n' \"$(cat release_key.pub)\" > allowed_signers").status == 0)
    let verified = try run(verify)
    #expect(verified.status == 0 && verified.stdout.hasPrefix("Good \"omphalos-plugin\" signature for release@acme.example"))

    #expect(try run("mkdir acme.d; echo one > 'acme.d/a b'; rm acme.so.sig").status == 0)
    let folder = try run(signFolder)
    #expect(folder.status == 0, "\(folder.stderr)")
    let list = signFolder.components(separatedBy: "|\n")[0]
    #expect(try run(verify.replacing("< acme.so", with: "< <(\(list))")).status == 0)
    #expect(try run(verify).status != 0)
    let inspected = try CommandLineTool.run(["plugin", "inspect", "acme.so"], directory: pipeline.plugins)
    #expect(inspected.stdout.contains("acme.so.sig, not checked"), "\(inspected.stdout)")
  }
}
