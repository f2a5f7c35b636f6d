import OmphalosValues

/// One check of the quality report.
public struct QualityCheck: Sendable {
  public enum Status: String, Sendable {
    case pass = "PASS"
    case fail = "FAIL"
    case warn = "WARN"
  }

  public enum Severity: String, Sendable {
    case low = "LOW"
    case medium = "MEDIUM"
    case high = "HIGH"
  }

  public let name: String
  public let status: Status
  /// How much it matters where the check does not pass.
  public let severity: Severity
  /// A sentence.
  public let message: String
  public let details: JSONObject

  public init(name: String, status: Status, severity: Severity, message: String, details: JSONObject = [:]) {
    self.name = name
    self.status = status
    self.severity = severity
    self.message = message
    self.details = details
  }

  var json: JSONValue {
    [
      "details": .object(details), "message": .string(message), "name": .string(name),
      "severity": .string(severity.rawValue), "status": .string(status.rawValue),
    ]
  }
}

/// The checks that follow from the facts of a run. A check that nobody made is not listed.
enum QualityChecks {
  static func of(_ facts: RunFacts) -> [QualityCheck] {
    var checks: [QualityCheck] = []
    if let tree = facts.treeCheck { checks.append(treeEqualsIndex(tree)) }
    if !facts.inputs.isEmpty {
      checks.append(everyRowCounted(facts.inputs))
      checks.append(inputsPinned(facts.inputs))
    }
    if let check = inputsUnchanged(facts.inputs) { checks.append(check) }
    checks.append(noRelaxations(facts.relaxations))
    checks.append(noFindings(facts.findings))
    return checks + facts.furtherChecks
  }

  private static func treeEqualsIndex(_ tree: TreeCheckFacts) -> QualityCheck {
    let details: JSONObject = [
      "bytes": .integer(Int64(clamping: tree.byteCount)), "files": .integer(Int64(tree.fileCount)),
      "violations": .array(tree.violations.map(JSONValue.string)),
    ]
    return QualityCheck(
      name: "tree_equals_store_index", status: tree.violations.isEmpty ? .pass : .fail, severity: .high,
      message: tree.violations.isEmpty
        ? "Every file was hashed again from disk after the worker was gone, and equals the store's index."
        : "The files on disk differ from the store's index.",
      details: details)
  }

  private static func everyRowCounted(_ inputs: [InputFacts]) -> QualityCheck {
    let cut = inputs.filter { !$0.wasReadToEnd }.map(\.name.text)
    var rows = JSONObject()
    for input in inputs { rows[input.name.text] = .integer(Int64(clamping: input.rowCount)) }
    return QualityCheck(
      name: "every_input_row_counted", status: cut.isEmpty ? .pass : .warn, severity: .medium,
      message: cut.isEmpty
        ? "Every input was read to its end."
        : "Not read to the end, so count and fingerprint cover a part of: \(cut.joined(separator: ", ")).",
      details: ["rows": .object(rows)])
  }

  private static func inputsPinned(_ inputs: [InputFacts]) -> QualityCheck {
    let loose = inputs.filter { !$0.isPinned }.map(\.name.text)
    return QualityCheck(
      name: "inputs_pinned", status: loose.isEmpty ? .pass : .warn, severity: .medium,
      message: loose.isEmpty
        ? "Every input is known by the digest of its files."
        : "Not known by the digest of a file, so the run may not be repeatable: \(loose.joined(separator: ", ")).")
  }

  private static func inputsUnchanged(_ inputs: [InputFacts]) -> QualityCheck? {
    let checked = inputs.filter { $0.filesStayedUnchanged != nil }
    guard !checked.isEmpty else { return nil }
    let changed = checked.filter { $0.filesStayedUnchanged == false }.map(\.name.text)
    return QualityCheck(
      name: "inputs_unchanged", status: changed.isEmpty ? .pass : .fail, severity: .high,
      message: changed.isEmpty
        ? "The input files are after the run what they were before it."
        : "Files of these inputs changed during the run: \(changed.joined(separator: ", ")).",
      details: ["checked": .array(checked.map { .string($0.name.text) })])
  }

  private static func noRelaxations(_ relaxations: [String]) -> QualityCheck {
    QualityCheck(
      name: "no_relaxations", status: relaxations.isEmpty ? .pass : .warn, severity: .medium,
      message: relaxations.isEmpty
        ? "No default was switched off for this run." : "Defaults were switched off for this run.",
      details: ["relaxations": .array(relaxations.map(JSONValue.string))])
  }

  private static func noFindings(_ findings: [FindingFacts]) -> QualityCheck {
    QualityCheck(
      name: "no_plugin_findings", status: findings.isEmpty ? .pass : .warn, severity: .low,
      message: findings.isEmpty
        ? "Nothing was noticed about the plugins; that proves nothing about what they do."
        : "Something was noticed about the plugins; see \(RunLayout.plugins.text).",
      details: ["findings": .integer(Int64(findings.count))])
  }
}
