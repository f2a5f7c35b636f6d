import Admission
import OmphalosValues
import PluginHost
import RunRecord

/// What plugins of a run share though each was loaded with RTLD_LOCAL: definitions of one name with STB_GNU_UNIQUE
/// binding, which g++ gives to the statics of inline functions and templates.
enum SharedState {
  /// For each plugin that shares any with one before it, a finding.
  static func findings(_ plugins: [AdmittedPlugin]) -> [FindingFacts] {
    var owners: [UTF8String: PluginID] = [:]
    var findings: [FindingFacts] = []
    for plugin in plugins {
      var shared: [(name: String, with: PluginID)] = []
      for name in Finding.sharedDefinitions(of: plugin.sealed.plugin, own: plugin.sealed.own) {
        if let owner = owners[UTF8String(name)], owner != plugin.id {
          shared.append((name, owner))
        } else {
          owners[UTF8String(name)] = plugin.id
        }
      }
      guard let first = shared.first else { continue }
      let others = Array(Set(shared.map(\.with))).sorted().map(\.text).joined(separator: ", ")
      findings.append(
        FindingFacts(
          plugin: plugin.id, subject: "shared-state",
          message: "\(plugin.id) shares \(counted(shared.count, "static variable")) with \(others) (STB_GNU_UNIQUE), the first is "
            + "\(quotedForMessage(first.name)): what one of them writes there the other reads. Built with "
            + "-fno-gnu-unique they are apart."))
    }
    return findings
  }
}
