import OmphalosValues

@testable import RunRecord

/// A run with something of everything, made of constants.
enum SampleRun {
  static func digest(_ text: String) -> SHA256Digest { SHA256Digest(hashing: text) }

  static let configPayload: JSONValue = [
    "schema_version": "1.0", "run": ["name": "sample", "seed": 1337, "hermetic": true], "rules": ["pack": "baseline"],
    "inputs": [["name": "registry", "connector": "org.omphalos.csv/csv", "config": ["delimiter": ";"]]],
    "exports": [["exporter": "com.example.report/tables", "inputs": ["registry"], "config": ["title": "Čísla"]]],
  ]

  static let csv = try! PluginID("org.omphalos.csv")
  static let report = try! PluginID("com.example.report")

  static var identity: RunIdentity {
    RunIdentity(
      configPayload: configPayload, inputs: [try! InstanceName("registry"): digest("input bytes")],
      plugins: [csv: digest("csv.so"), report: digest("report.so")])
  }

  static var facts: RunFacts {
    var facts = RunFacts(
      identity: identity, pipeline: PipelineSource(name: "pipeline.yaml", sha256: digest("pipeline")), hermetic: true,
      host: HostFacts(version: "0.1.0", sha256: digest("omphalos")))
    facts.inputs = [input]
    facts.artifacts = [
      artifact("exports/tables/b.csv", .briefingTable), artifact("exports/tables/a.csv", .briefingTable),
      artifact("exports/packet.json", .packet), artifact("exports/notes.md", .narrative),
      artifact("exports/other.bin", .other),
    ]
    facts.lineage = [
      LineageEvent.make(
        .ingest, in: identity, inputs: ["registry"], outputs: ["registry"], details: ["rows": 3]),
      LineageEvent.make(.export, in: identity, inputs: ["registry"], outputs: ["exports/packet.json"]),
    ]
    facts.plugins = [csvPlugin, reportPlugin]
    facts.otherFiles = [
      PluginFileFacts(
        name: "unused.so", sha256: digest("unused.so"), id: try! PluginID("com.example.unused"),
        version: try! SemanticVersion("3.0.0"), decision: .admissible, reasons: []),
      PluginFileFacts(
        name: "notes.so", sha256: nil, id: nil, version: nil, decision: .refused,
        reasons: [
          DecisionReason(
            field: "file", found: "permission denied", wanted: "a readable file", remedy: "make it readable")
        ]),
    ]
    facts.policies = [
      PolicyFacts(layer: "user", name: "policy.yaml", sha256: digest("policy")),
      PolicyFacts(layer: "pack", name: "strict", sha256: digest("strict")),
    ]
    facts.lock = digest("plugins.lock")
    facts.metrics = [MetricFacts(name: "rows_skipped", value: 2.5, producer: producer)]
    facts.findings = [FindingFacts(plugin: report, subject: "import getrandom", message: "It imports getrandom.")]
    facts.treeCheck = TreeCheckFacts(fileCount: 5, byteCount: 123, violations: [])
    return facts
  }

  static var input: InputFacts {
    InputFacts(
      name: try! InstanceName("registry"), connector: try! CapabilityReference("org.omphalos.csv/csv"),
      fingerprint: digest("rows"), rowCount: 3,
      files: [InputFileFacts(name: "data", fileName: "registry.csv", sha256: digest("input bytes"), bytes: 11)],
      wasReadToEnd: true, filesStayedUnchanged: true)
  }

  static let producer = Producer(
    plugin: report, capability: try! CapabilityName("tables"), instance: "exports[0]", call: 2)

  static func artifact(_ path: String, _ role: ArtifactRole) -> ArtifactFacts {
    ArtifactFacts(
      record: FileRecord(path: try! ArtifactPath(path), sha256: digest(path), bytes: UInt64(path.utf8.count)),
      role: role, mediaType: "text/csv", description: "", producer: producer)
  }

  static var csvPlugin: PluginFacts {
    PluginFacts(
      id: csv, version: try! SemanticVersion("1.0.0"), vendor: "omphalos", license: "Apache-2.0", summary: "Reads CSV",
      file: PluginFile(
        name: "csv.so", sha256: digest("csv.so"), bytes: 40_960, buildID: "00ff", soname: nil,
        neededLibraries: ["libstdc++.so.6", "libc.so.6"]),
      abi: PluginABIFacts(major: 1, minorRequired: 0, minorBuilt: 0, draft: 1), declaresHermetic: true,
      capabilities: [
        PluginCapabilityFacts(
          kind: "connector", name: try! CapabilityName("csv"), interfaceVersion: 1, isHermetic: true, isUsed: true)
      ],
      decision: .admissible)
  }

  static var reportPlugin: PluginFacts {
    var plugin = csvPlugin
    plugin.id = report
    plugin.version = try! SemanticVersion("2.1.0+build.7")
    plugin.vendor = "Example"
    plugin.policies = [
      PolicyDecisionFacts(layer: "user", line: 7, reason: "audited 2026-10"),
      PolicyDecisionFacts(layer: "pack", line: nil, reason: nil),
    ]
    plugin.signature = SignatureFacts(
      principals: "release@example.com", keyType: "ssh-ed25519", fingerprint: "SHA256:abc")
    plugin.imports = [
      ImportFacts(category: "clock", symbol: "time", distance: "own", subject: "report.so", action: "warn")
    ]
    plugin.license = "MIT OR Apache-2.0"
    plugin.file = PluginFile(
      name: "report.so", sha256: digest("report.so"), bytes: 8_192, buildID: nil, soname: "report.so",
      neededLibraries: [])
    plugin.capabilities = [
      PluginCapabilityFacts(
        kind: "exporter", name: try! CapabilityName("tables"), interfaceVersion: 1, isHermetic: true, isUsed: true)
    ]
    return plugin
  }

  static let log = FileRecord(path: RunLayout.log, sha256: digest("log"), bytes: 3)
}
