import ConfigurationSchema
import OmphalosValues

/// The JSON Schema of a policy file, for editors. The reader has the last word.
public enum PolicySchema {
  private typealias Schema = EditorSchema

  public static var json: JSONValue {
    Schema.file(
      Schema.mapping(
        "A policy of omphalos: which plugins may be loaded. It can only tighten what the policies before it say.",
        required: [("version", ["const": 1, "description": "The one version there is."])],
        optional: [
          ("default", Schema.word("What becomes of a plugin that no rule matches.", ["allow", "deny"])),
          ("rules", ["description": "The first rule that matches decides.", "type": "array", "items": rule]),
          ("signatures", signatures), ("findings", findings),
          (
            "require_static_declaration",
            ["description": "Every plugin has a declaration note; always so.", "const": true]
          ),
          ("require_hermetic", Schema.flag("Every plugin used declares itself hermetic, whether the run is or not.")),
          ("require_lock", Schema.flag("The plugins are those of plugins.lock.")),
          ("relaxations", Schema.word("Whether defaults may be switched off for a run (--relax).", ["allow", "deny"])),
          (
            "state_changes",
            Schema.word(
              "What becomes of a run in which a plugin changed what belongs to the whole process.", ["warn", "deny"])
          ),
        ]), definitions: definitions)
  }

  private static var definitions: JSONObject {
    [
      "patterns": oneOrMore(["type": "string", "minLength": 1, "maxLength": .integer(Int64(GlobPattern.greatestLength))]),
      "action": Schema.word("Listed, told, or refused.", FindingAction.allCases.map(\.rawValue)),
      "conditions": .object(conditions),
    ]
  }

  private static func oneOrMore(_ schema: JSONValue) -> JSONValue {
    ["anyOf": [schema, ["type": "array", "minItems": 1, "items": schema]]]
  }

  private static var rule: JSONValue {
    var schema = Schema.mapping(
      "One rule.",
      optional: PolicyAction.allCases.map { ($0.rawValue, Schema.reference("conditions")) })
    schema["minProperties"] = 1
    schema["maxProperties"] = 1
    return .object(schema)
  }

  private static var conditions: JSONObject {
    let kinds = CapabilityKind.known.map(\.text)
    return Schema.mapping(
      "All conditions have to hold; of several values in one, one is enough.",
      required: [("reason", Schema.text("Why the rule is there.", pattern: "\\S"))],
      optional: [
        ("id", Schema.reference("patterns", "Plugin ids; * and ? stand for any text and any character.")),
        ("vendor", Schema.reference("patterns", "Vendors, as declared; with * and ?.")),
        ("version", Schema.text("Versions: \">=1.4.0 <2.0.0\", \"^1.4.0\", \"~1.4.0\", alternatives with ||.")),
        ("sha256", described(oneOrMore(["type": "string", "pattern": "^[0-9a-f]{64}$"]), "Digests of the plugin's files.")),
        ("license", Schema.reference("patterns", "SPDX identifiers; with * and ?.")),
        (
          "capabilities",
          described(
            oneOrMore(["type": "string", "pattern": "^[a-z][a-z0-9_]{0,63}$"]),
            "Kinds of capabilities: \(kinds.joined(separator: ", ")).")
        ),
        ("signed_by", Schema.reference("patterns", "Names of signers, literally, as in the allowed_signers file.")),
        ("hermetic", Schema.word("What the plugin declares.", HermeticClaim.allCases.map(\.rawValue))),
      ])
  }

  private static func described(_ schema: JSONValue, _ description: String) -> JSONValue {
    guard var object = schema.objectValue else { return schema }
    object["description"] = .string(description)
    return .object(object)
  }

  private static var signatures: JSONValue {
    .object(
      Schema.mapping(
        "Signatures of OpenSSH's format, beside each plugin as NAME.so.sig.",
        optional: [
          ("required", Schema.flag("Every plugin is signed by one of the signers.")),
          ("allowed_signers", Schema.text("An OpenSSH allowed_signers file, relative to this file.")),
        ]))
  }

  private static var findings: JSONValue {
    let distances = Schema.mapping(
      "By distance.", optional: PolicyRequirements.distanceKeys.map { ($0, Schema.reference("action")) })
    return .object(
      Schema.mapping(
        "What becomes of a plugin that imports functions of a category.",
        optional: FindingCategory.allCases.map { category in
          (category.rawValue, ["anyOf": [Schema.reference("action"), .object(distances)]])
        }))
  }
}
