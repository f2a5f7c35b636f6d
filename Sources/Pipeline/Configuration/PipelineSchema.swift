import ArtifactStore
import ConfigurationSchema
import OmphalosValues
import RunRecord

/// The JSON Schema of a pipeline file, for editors: it completes keys, shows what they mean, and marks what is wrong.
///
/// In the vocabulary of configurations, so that our own validator applies it as well. The readers have the last word:
/// names that refer to something, and what depends on two keys, no schema tells.
public enum PipelineSchema {
  fileprivate typealias Schema = EditorSchema

  public static var json: JSONValue {
    let schema = Schema.mapping(
      "A pipeline of omphalos: what to read, who reads it, who writes what.",
      required: [
        ("schema_version", ["const": "1.0", "description": "The one version there is, in quotes."]), ("run", run),
        (
          "inputs",
          ["description": "The datasets, at least one.", "type": "array", "minItems": 1, "items": input]
        ),
      ],
      optional: [
        ("rules", rules),
        ("exports", ["description": "What is made of the datasets, in this order.", "type": "array", "items": export]),
        ("lineage", ["description": "Who hears of lineage events.", "type": "array", "items": sink]),
        ("limits", limits),
      ])
    return Schema.file(schema, definitions: definitions)
  }

  /// What stands in more than one place.
  private static var definitions: JSONObject {
    [
      "name": Schema.text(
        "1 to 128 letters, digits, '_', '.' and '-', beginning with a letter, a digit or '_'.",
        pattern: "^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$"),
      "capability": Schema.text(
        "A capability: a plugin id, '/' and a capability name, as `omphalos plugins list` shows them.",
        pattern: "^[a-z]([a-z0-9-]*[a-z0-9])?(\\.[a-z]([a-z0-9-]*[a-z0-9])?)+/[a-z][a-z0-9_-]{0,63}$"),
      "size": [
        "description": "A number of bytes: 1000, 256MiB, 10GiB, 5MB.",
        "anyOf": [
          ["type": "integer", "minimum": 0],
          ["type": "string", "pattern": "^[0-9]{1,19}( ?(B|kB|MB|GB|TB|KiB|MiB|GiB|TiB))?$"],
        ],
      ],
      "count": ["description": "A whole number.", "type": "integer", "minimum": 0, "maximum": 1_000_000_000],
      "folder": Schema.text(
        "A folder of the run: exports, warehouse or lineage, or one in them.",
        pattern: "^(\(RunLayout.payloadFolders.joined(separator: "|")))(/[^/]+)*$"),
      "variable": Schema.text("The name of a variable of the environment.", pattern: "^[A-Za-z_][A-Za-z0-9_]*$"),
      "grants": .object(grants), "stepLimits": .object(stepLimits), "config": config, "value": value, "secret": secret,
    ]
  }
}

extension PipelineSchema {
  private static var run: JSONValue {
    let variables: JSONValue = [
      "description": "Variables that plugins get from your environment; an error in a hermetic run.", "type": "array",
      "items": [
        "allOf": [Schema.reference("variable"), ["not": ["pattern": "^(LD_.*|MALLOC_.*|SWIFT_.*|GLIBC_TUNABLES|PATH|HOME|LC_ALL|TZ)$"]]]
      ],
    ]
    return .object(
      Schema.mapping(
        "The run as a whole.", required: [("name", Schema.reference("name", "The name of the pipeline."))],
        optional: [
          (
            "seed",
            [
              "description": "Part of what seeds clock and randomness in a hermetic run.", "type": "integer", "minimum": 0,
              "maximum": .integer(1 << 53 - 1), "default": 0,
            ]
          ),
          (
            "hermetic",
            [
              "description": "Refuse plugins that need network, clock, randomness or environment of their own.",
              "type": "boolean", "default": false,
            ]
          ),
          (
            "output_root",
            [
              "description": "Where run directories are made, relative to this file.", "type": "string", "default": "runs",
            ]
          ),
          (
            "as_of",
            Schema.text(
              "Of which day the data is, as in \"2026-05-31\"; needed where an input names no files.",
              pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}$")
          ), ("env", variables),
        ]))
  }

  private static var rules: JSONValue {
    .object(
      Schema.mapping(
        "The bar that a run has to meet.",
        optional: [
          (
            "pack",
            [
              "description": "baseline for iteration, strict for certification and release.", "enum": ["baseline", "strict"],
              "default": "baseline",
            ]
          )
        ]))
  }

  private static var limits: JSONValue {
    let duration: JSONValue = [
      "description": "For each call of a function of a plugin: 500ms, 90s, 1h30m.", "type": "string", "minLength": 1,
      "pattern": "^([0-9]{1,18} ?h)?([0-9]{1,18} ?m)?([0-9]{1,18} ?s)?([0-9]{1,18} ?ms)?$", "default": "10m",
    ]
    func size(_ description: String, _ usual: JSONValue) -> JSONValue {
      ["description": .string(description), "$ref": "#/$defs/size", "default": usual]
    }
    return .object(
      Schema.mapping(
        "What plugins may use.",
        optional: [
          ("call_timeout", duration),
          ("bytes", size("What a capability may write, all its uses together.", "10GiB")),
          (
            "artifacts",
            ["description": "How many artifacts, likewise.", "$ref": "#/$defs/count", "default": 100_000]
          ),
          ("buffer", size("How much of the inputs that several exporters read is kept in memory.", "256MiB")),
          ("plugin_bytes", size("The largest plugin that is copied into memory.", "512MiB")),
        ]))
  }
}

extension PipelineSchema {
  private static func step(_ description: String, required: [Schema.Member], optional: [Schema.Member] = []) -> JSONValue {
    .object(
      Schema.mapping(
        description, required: required,
        optional: optional + [
          ("config", Schema.reference("config")), ("grants", Schema.reference("grants")), ("limits", Schema.reference("stepLimits")),
        ]))
  }

  private static var input: JSONValue {
    let files: JSONValue = [
      "description": "Paths, relative to this file, by the names that the connector asks for.", "type": "object",
      "additionalProperties": ["type": "string", "minLength": 1],
    ]
    return step(
      "A dataset.",
      required: [
        ("name", Schema.reference("name", "What exporters call the dataset; unique.")),
        ("connector", Schema.reference("capability", "Who reads it.")),
      ], optional: [("files", files)])
  }

  private static var export: JSONValue {
    let inputs: JSONValue = [
      "description": "Names of inputs; the exporter gets them in this order.", "type": "array", "minItems": 1,
      "items": Schema.reference("name"),
    ]
    return step("A product.", required: [("exporter", Schema.reference("capability", "Who writes it.")), ("inputs", inputs)])
  }

  private static var sink: JSONValue {
    step("A sink for lineage events.", required: [("sink", Schema.reference("capability", "Who gets them."))])
  }

  private static var grants: JSONObject {
    func folders(_ description: String) -> JSONValue {
      ["description": .string(description), "type": "array", "items": Schema.reference("folder")]
    }
    return Schema.mapping(
      "Folders of the run beyond those of the step's kind.",
      optional: [
        ("write", folders("May write artifacts below them, and read them.")),
        ("read", folders("May read what this run has committed below them.")),
      ])
  }

  private static var stepLimits: JSONObject {
    Schema.mapping(
      "Limits of this one use, beside those of the pipeline.",
      optional: [("bytes", Schema.reference("size")), ("artifacts", Schema.reference("count"))])
  }

  /// Belongs to the vendor of the capability, but for what stands for secrets.
  private static var config: JSONValue {
    [
      "description": .string(
        "What the capability's vendor says: see `omphalos plugin inspect`. A text may be { secret: { env: NAME } } or "
          + "{ secret: { file: PATH } }."),
      "type": "object", "additionalProperties": Schema.reference("value"), "not": isReference,
    ]
  }

  private static var value: JSONValue {
    [
      "anyOf": [
        Schema.reference("secret"), ["type": ["string", "number", "boolean", "null"]],
        ["type": "array", "items": Schema.reference("value")],
        [
          "type": "object", "additionalProperties": Schema.reference("value"),
          "allOf": [["not": isMistaken], ["not": isReference]],
        ],
      ]
    ]
  }

  /// Alone in its mapping, and neither a reference nor a key of the plugin's own that holds one.
  private static var isMistaken: JSONValue {
    let holdsReference: JSONValue = ["required": ["secret"], "maxProperties": 1]
    return [
      "required": ["secret"], "maxProperties": 1, "properties": ["secret": ["type": "object", "not": holdsReference]],
    ]
  }

  /// What the reader takes for one, or for one with something beside it.
  private static var isReference: JSONValue {
    [
      "required": ["secret"],
      "properties": [
        "secret": ["type": "object", "maxProperties": 1, "anyOf": [["required": ["env"]], ["required": ["file"]]]]
      ],
    ]
  }

  private static var secret: JSONValue {
    [
      "description": "Stands for a text that the plugin gets and the record does not have.", "type": "object",
      "additionalProperties": false, "required": ["secret"],
      "properties": [
        "secret": [
          "description": "Where the value comes from.", "type": "object", "additionalProperties": false, "minProperties": 1,
          "maxProperties": 1,
          "properties": [
            "env": Schema.reference("variable"),
            "file": [
              "description": "Relative to this file; closed to others (chmod 600).", "type": "string", "minLength": 1,
            ],
          ],
        ]
      ],
    ]
  }
}
