import ArtifactStore
import OmphalosValues
import Pipeline
import PluginABI
import RunDirectory

/// What the worker has said so far.
struct WorkerReport {
  struct Failure {
    let exitCode: ExitCode
    let text: String
  }

  private struct MetricKey: Hashable {
    let name: String
    let by: CallIdentity
  }

  var artifacts: [(artifact: CommittedArtifact, call: UInt64)] = []
  /// In the order in which they ended.
  var intervals: [CallInterval] = []
  var inputs: [String: (fingerprint: SHA256Digest, rows: UInt64)] = [:]
  var lineage: [JSONValue] = []
  var metrics: [(name: String, value: Double, by: CallIdentity, call: UInt64)] = []
  private var metricIndices: [MetricKey: Int] = [:]
  var findings: [(plugin: String, subject: String, text: String)] = []
  var failure: Failure?
  var isDone = false

  mutating func take(_ message: WorkerMessage) {
    switch message {
    case .artifact(let artifact, let call): artifacts.append((artifact, call))
    case .interval(let interval): intervals.append(interval)
    case .input(let name, let fingerprint, let rows): inputs[name] = (fingerprint, rows)
    case .lineage(let event): lineage.append(event)
    case .metric(let name, let value, let identity, let call):
      let key = MetricKey(name: name, by: identity)
      if let index = metricIndices[key] {
        metrics[index] = (name, value, identity, call)
      } else {
        metricIndices[key] = metrics.count
        metrics.append((name, value, identity, call))
      }
    case .finding(let plugin, let subject, let text): findings.append((plugin, subject, text))
    case .failure(let code, _, _, let text):
      // The first one is the cause; what follows it is its consequence.
      if failure == nil { failure = Failure(exitCode: ExitCode(rawValue: code) ?? .callFailed, text: text) }
    case .done: isDone = true
    case .log, .progress: break
    }
  }
}

extension WorkerReport {
  /// Who ran when the file system recorded the change, as the end of a sentence; empty where that cannot be known.
  func culprits(of violation: WriteAroundViolation) -> String {
    guard let changed = violation.changed else { return "" }
    let running = CallInterval.running(at: changed, in: intervals).map(\.description)
    return running.isEmpty ? "" : " Its last recorded change is from when \(running.joined(separator: " or ")) ran."
  }
}
