import OmphalosValues
import Supervisor

/// What `omphalos run` prints when it succeeds.
struct RunResult {
  let outcome: RunOutcome

  init(_ outcome: RunOutcome) { self.outcome = outcome }

  var text: String {
    var lines = [headline, "  directory     \(outcome.path)"]
    if let summary = outcome.summary {
      lines.append("  payload root  \(summary.payloadRoot.hex)")
      for plugin in summary.plugins {
        lines.append("  plugin        \(plugin.id) \(plugin.version)  sha256 \(plugin.digest.hex.prefix(16))…")
      }
      for input in summary.inputs { lines.append("  input         \(input.name)  \(input.rows) rows") }
      for artifact in summary.artifacts.prefix(20) {
        lines.append("  artifact      \(artifact.path)  \(artifact.bytes) bytes  by \(artifact.producer)")
      }
      if summary.artifacts.count > 20 { lines.append("  …             and \(summary.artifacts.count - 20) more") }
    }
    lines.append("Check it with: omphalos verify \(outcome.path)")
    return lines.joined(separator: "\n")
  }

  private var headline: String {
    switch outcome.status {
    case .finalized: "Finalized \(outcome.runID)"
    case .reproduced: "Reproduced \(outcome.runID): made again, the same payload; the finalized run stands as it was"
    case .alreadyMade: "Already made: \(outcome.runID)"
    }
  }

  var json: JSONValue {
    var object: JSONObject = [
      "status": .string(outcome.status.rawValue), "run_id": .string(outcome.runID.text),
      "path": .string(outcome.path),
    ]
    if let summary = outcome.summary {
      object["payload_root"] = .string(summary.payloadRoot.hex)
      object["plugins"] = .array(
        summary.plugins.map {
          ["id": .string($0.id), "version": .string($0.version), "sha256": .string($0.digest.hex)]
        })
      object["inputs"] = .array(
        summary.inputs.map { ["name": .string($0.name), "rows": .integer(Int64(clamping: $0.rows))] })
      object["artifacts"] = .array(
        summary.artifacts.map {
          [
            "path": .string($0.path), "bytes": .integer(Int64(clamping: $0.bytes)), "producer": .string($0.producer),
          ]
        })
    }
    return .object(object)
  }
}
