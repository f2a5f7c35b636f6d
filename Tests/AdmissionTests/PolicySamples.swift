import Admission
import OmphalosValues
import Signatures
import TestSupport

/// Policies and plugins for tests of what policies say.
enum PolicySamples {
  /// A policy without signers.
  static func policy(
    _ text: String, layer: PolicyLayer = .run, file: String = "policy.yaml"
  ) throws(ConfigurationError) -> Policy {
    try Policy.parse(Array(text.utf8), file: file, layer: layer) { (_, mark) throws(ConfigurationError) in
      throw ConfigurationError(mark: mark, message: "no signers here")
    }
  }

  static func stack(_ texts: String...) throws -> PolicyStack {
    let layers: [PolicyLayer] = [.system, .user, .run]
    return PolicyStack(
      try texts.enumerated().map { try policy($1, layer: layers[$0], file: "\(layers[$0].rawValue).yaml") })
  }

  /// A declared plugin, as inspected from a really built file.
  static func plugin(_ change: (inout ExamplePluginSource) -> Void = { _ in }) throws -> InspectedPlugin {
    var source = ExamplePluginSource()
    change(&source)
    return try inspected(c: source.text)
  }

  static let digest = SHA256Digest(hashing: "the plugin")
  static let partDigest = SHA256Digest(hashing: "a library of it")
  static let contentsDigest = SHA256Digest(hashing: "all of it")

  /// Of a plugin with a folder.
  static let evidence = PluginEvidence(
    digests: {
      PluginDigests(file: digest, contents: contentsDigest, parts: [("hello.d/libfoo.so", partDigest)])
    }, signature: { _ in .absent })
}
