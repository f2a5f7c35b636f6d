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
