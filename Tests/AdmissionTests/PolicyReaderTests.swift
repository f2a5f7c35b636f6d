import Admission
import OmphalosValues
import Testing

@Suite("Reading a policy")
struct PolicyReaderTests {
  @Test(
    "a mistake is told with its line and what was wanted",
    arguments: [
      ("version: 1\ndefaults: deny\n", "policy.yaml:2:1: the policy: the key \"defaults\" is not known; did you mean \"default\"?"),
      ("version: 2\n", "policy.yaml:1:10: version: found the number 2, wanted 1"),
      ("default: deny\n", "policy.yaml:1:1: the policy: the key \"version\" is missing"),
      ("version: 1\ndefault: refuse\n", "policy.yaml:2:10: default: found \"refuse\", wanted one of allow, deny"),
      ("version: 1\nrules:\n  - deny: { id: a.b }\n", "policy.yaml:3:11: rules[0].deny: the key \"reason\" is missing"),
      ("version: 1\nrules:\n  - deny: { reason: \" \" }\n",
        "policy.yaml:3:21: rules[0].deny.reason: found an empty text, wanted why the rule is there"),
      ("version: 1\nrules:\n  - deny: { vendr: x, reason: because }\n",
        "policy.yaml:3:13: rules[0].deny: the key \"vendr\" is not known; did you mean \"vendor\"?"),
      ("version: 1\nrules:\n  - forbid: { reason: because }\n",
        "policy.yaml:3:5: rules[0]: the key \"forbid\" is not known; known are allow, deny"),
      ("version: 1\nrules:\n  - { allow: { reason: because }, deny: { reason: because } }\n",
        "policy.yaml:3:5: rules[0]: found 2 keys, wanted one: allow or deny"),
      ("version: 1\nrules:\n  - deny: { id: [], reason: because }\n",
        "policy.yaml:3:17: rules[0].deny.id: found an empty list, wanted at least one value"),
      ("version: 1\nrules:\n  - deny: { sha256: abc, reason: because }\n",
        "policy.yaml:3:21: rules[0].deny.sha256: \"abc\" is not a valid SHA-256 digest: wanted 64 lower-case hexadecimal digits."),
      ("version: 1\nrules:\n  - deny: { version: \"1.4\", reason: because }\n",
        "policy.yaml:3:22: rules[0].deny.version: \"1.4\" is not a valid semantic version: wanted three numbers without a leading 0, as in 1.4.0 or 2.0.0-rc.1."),
      ("version: 1\nrules:\n  - deny: { capabilities: [Connector], reason: because }\n",
        "policy.yaml:3:28: rules[0].deny.capabilities[0]: \"Connector\" is not a valid capability kind: wanted one of connector, exporter, lineage_sink."),
      ("version: 1\nrules:\n  - allow: { signed_by: me, reason: because }\n",
        "policy.yaml:3:14: rules[0].allow.signed_by: no signer is known without signatures.allowed_signers; name an OpenSSH allowed_signers file there"),
      ("version: 1\nsignatures: { required: true }\n",
        "policy.yaml:2:25: signatures.required: nobody could sign without signatures.allowed_signers; name an OpenSSH allowed_signers file there"),
      ("version: 1\nfindings: { networks: deny }\n",
        "policy.yaml:2:13: findings: the key \"networks\" is not known; did you mean \"network\"?"),
      ("version: 1\nfindings: { network: { own: forbid } }\n",
        "policy.yaml:2:29: findings.network.own: found \"forbid\", wanted one of allow, warn, deny"),
      ("version: 1\nrequire_lock: maybe\n",
        "policy.yaml:2:15: require_lock: found the text \"maybe\", wanted true or false"),
      ("version: 1\nrequire_static_declaration: false\n",
        "policy.yaml:2:29: require_static_declaration: found false, wanted true: a plugin without a declaration note would have to be mapped before anything could be decided about it"),
    ])
  func mistakes(text: String, message: String) {
    let error = #expect(throws: ConfigurationError.self) { _ = try PolicySamples.policy(text) }
    #expect(error?.description == message)
  }

  @Test("a key that comes twice, a file that is no YAML and an empty one are errors")
  func notYAML() {
    for text in ["version: 1\nversion: 1\n", "", "- 1\n", "version: [1\n"] {
      #expect(throws: ConfigurationError.self) { _ = try PolicySamples.policy(text) }
    }
  }

  @Test("every prefix of a whole policy is read or refused, and never more than that")
  func prefixes() throws {
    let whole = """
      version: 1
      default: deny
      require_hermetic: true
      findings: { network: { own: deny, via: warn }, clock: allow }
      rules:
        - deny: { id: ["a.b", "c.*"], version: ">=1.0.0 || ^0.3.0", reason: "r" }
        - allow: { license: [MIT, "Apache-*"], hermetic: compatible, reason: "é" }
      """
    #expect(try PolicySamples.policy(whole).rules.count == 2)
    let bytes = Array(whole.utf8)
    for length in 0..<bytes.count {
      _ = try? Policy.parse(Array(bytes[..<length]), file: "p", layer: .run) { (_, mark) throws(ConfigurationError) in
        throw ConfigurationError(mark: mark, message: "none")
      }
    }
  }
}
