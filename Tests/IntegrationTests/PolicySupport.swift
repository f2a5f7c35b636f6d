import Foundation
import TestSupport

extension PipelineFolder {
  /// Writes the operator's own policy, and returns the environment in which it is found.
  func writeUserPolicy(_ text: String) throws -> [String: String] {
    try folder.write("config/omphalos/policy.yaml", text)
    return ["XDG_CONFIG_HOME": folder.file("config")]
  }

  /// Any command in the folder.
  func command(_ arguments: [String], environment: [String: String] = [:]) throws -> Shell.Result {
    try CommandLineTool.run(arguments, environment: environment, directory: path)
  }

  /// The entry of a plugin in the record of the plugins.
  func recordedPlugins(_ outcome: Outcome) throws -> [String: Any] {
    let text = try text(outcome, "reports/plugins.json")
    return try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any] ?? [:]
  }
}
