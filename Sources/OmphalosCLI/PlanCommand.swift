import ArgumentParser
import OmphalosValues
import Pipeline
import PluginHost

/// `omphalos plan`
struct PlanCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan", abstract: "Show what a run would load and read, and its id, without loading anything.",
    discussion: """
      Plugins are found, inspected, decided on and sealed, and inputs are hashed, as for a run; errors and exit codes \
      are those of a run. Nothing of a plugin is mapped, and nothing is written.
      """)

  @Argument(help: "The pipeline file (YAML).")
  var pipeline: String

  @OptionGroup var terms: RunTermsOptions

  @Flag(help: "Plan a hermetic run.")
  var hermetic = false

  @Option(help: "How the result is written.")
  var format = OutputFormat.text

  func run() throws {
    try Terminal.reporting {
      let configuration = try PipelineConfiguration.read(pipeline)
      let plan = try RunPlan(configuration, under: terms.terms(hermetic: hermetic))
      switch format {
      case .text: try Terminal.result(PlanText(plan: plan).text)
      case .json: try Terminal.result(PlanText(plan: plan).json)
      }
    }
  }
}

/// A plan for people and for programs.
struct PlanText {
  let plan: RunPlan

  var text: String {
    var lines = ["Would make \(plan.runID)\(plan.hermetic ? ", hermetic" : "")"]
    for plugin in plan.plugins {
      lines.append(
        "  plugin    \(plugin.id) \(plugin.declaration.version)  \(printable(plugin.sealed.path))  sha256 "
          + plugin.sealed.contentsDigest.hex + parts(of: plugin))
    }
    for input in plan.inputs {
      let source = input.pins.map { "\(printable($0.path)) (\($0.byteCount) bytes, sha256 \($0.digest.hex))" }
      let shown = source.isEmpty ? "not pinned: it names no files" : source.joined(separator: ", ")
      lines.append("  input     \(input.step.name) by \(input.step.use.reference) from \(shown)" + grants(input.step.use))
    }
    for export in plan.configuration.exports {
      let names = export.inputs.map(\.text).joined(separator: ", ")
      lines.append("  export    \(names) by \(export.use.reference)" + grants(export.use))
    }
    for sink in plan.configuration.sinks { lines.append("  lineage   to \(sink.use.reference)" + grants(sink.use)) }
    for reference in secrets { lines.append("  secret    \(printable(reference.what)) from \(reference.source.origin)") }
    for policy in plan.admission.policies.policies where policy.layer != .pack {
      lines.append("  policy    \(policy.description)  sha256 \(policy.digest.hex)")
    }
    lines.append("  pack      \(plan.pack.rawValue)")
    if let lock = plan.lock { lines.append("  lock      \(printable(lock.path))  sha256 \(lock.digest.hex)") }
    for relaxation in plan.relaxations { lines.append("  relaxed   \(relaxation)") }
    for other in plan.otherCandidates {
      let reason = other.refusals.first.map { "refused: \($0.sentence)" } ?? "admissible"
      lines.append("  not used  \(printable(other.path)) (\(reason))")
    }
    return lines.joined(separator: "\n")
  }

  private var secrets: [SecretReference] { plan.configuration.uses.flatMap(\.secrets) }

  /// What the pipeline lets a step do beyond its kind.
  private func grants(_ use: CapabilityUse) -> String {
    let (write, read) = (use.rights.grants.writable, use.rights.grants.readable)
    let granted = [("write", write), ("read", read)].filter { !$0.1.isEmpty }.map { "\($0.0) \(listed($0.1))" }
    return granted.isEmpty ? "" : ", granted to \(granted.joined(separator: " and to "))"
  }

  private func parts(of plugin: AdmittedPlugin) -> String {
    let count = plugin.sealed.parts.count
    return count == 0 ? "" : " (with \(counted(count, "file")) of its folder)"
  }

  var json: JSONValue {
    [
      "run_id": .string(plan.runID.text), "hermetic": .bool(plan.hermetic),
      "fingerprint": .string(plan.identity.fingerprint.hex),
      "plugins": .array(
        plan.plugins.map {
          [
            "id": .string($0.id.text), "version": .string($0.declaration.version.description),
            "path": .string($0.sealed.path), "sha256": .string($0.sealed.digest.hex),
            "contents_sha256": .string($0.sealed.contentsDigest.hex),
            "own_files": .array($0.sealed.parts.map { ["path": .string($0.path), "sha256": .string($0.digest.hex)] }),
            "decision": .string($0.decision.outcome.rawValue),
          ]
        }),
      "pack": .string(plan.pack.rawValue),
      "lock": plan.lock.map { ["path": .string($0.path), "sha256": .string($0.digest.hex)] } ?? .null,
      "policies": .array(plan.admission.policies.policies.map(\.json)),
      "libraries": .array(
        plan.libraries.map { ["path": .string($0.path), "sha256": .string($0.digest.hex)] }),
      "grants": .array(
        plan.configuration.uses.filter { !$0.rights.isEmpty }.map {
          ["instance": .string($0.instance), "capability": .string($0.reference.text), "grants": $0.rights.payload]
        }),
      "secrets": .array(
        secrets.map { ["place": .string($0.what), "value": $0.source.placeholder] }),
      "relaxations": .array(plan.relaxations.map { .string($0) }),
      "inputs": .array(
        plan.inputs.map { input in
          [
            "name": .string(input.step.name.text), "connector": .string(input.step.use.reference.text),
            "files": .array(
              input.pins.map {
                [
                  "name": .string($0.name), "path": .string($0.path), "sha256": .string($0.digest.hex),
                  "bytes": .integer(Int64(clamping: $0.byteCount)),
                ]
              }),
          ]
        }),
      "not_used": .array(
        plan.otherCandidates.map {
          [
            "path": .string($0.path), "decision": .string($0.isAdmissible ? "admissible" : "refused"),
            "reasons": .array($0.refusals.map(\.json)),
          ]
        }),
    ]
  }
}
