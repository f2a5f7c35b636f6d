import ConfigurationSchema
import OmphalosValues

/// The JSON Schema of plugins.lock, for tools that read it.
public enum LockSchema {
  private typealias Schema = EditorSchema

  public static var json: JSONValue {
    Schema.file(
      Schema.mapping(
        "The plugins that runs with --locked may load. Written by `omphalos plugins lock`.",
        required: [
          ("version", ["const": 1, "description": "The one version there is."]),
          ("scope", Schema.word("What the lock speaks for.", PluginLock.Scope.allCases.map(\.rawValue))),
          (
            "plugins",
            ["description": "By id.", "type": "object", "additionalProperties": Schema.reference("plugin")]
          ),
        ]), definitions: ["plugin": .object(plugin), "digest": digest, "digests": digests])
  }

  private static let digest: JSONValue = ["type": "string", "pattern": "^[0-9a-f]{64}$"]
  private static let digests: JSONValue = ["type": "object", "additionalProperties": EditorSchema.reference("digest")]

  private static var plugin: JSONObject {
    Schema.mapping(
      "What was reviewed of a plugin.",
      required: [
        ("version", Schema.text("By Semantic Versioning 2.0.0.")),
        ("sha256", Schema.reference("digest", "Of everything that is the plugin.")),
        ("hermetic", Schema.word("What it declares.", HermeticClaim.allCases.map(\.rawValue))),
        (
          "capabilities",
          ["description": "Kind, name and interface version of each.", "type": "array", "items": ["type": "string"]]
        ),
      ],
      optional: [
        ("files", Schema.reference("digests", "The files of its folder.")),
        ("closure", Schema.reference("digests", "The system's libraries that it brings along.")),
      ])
  }
}
