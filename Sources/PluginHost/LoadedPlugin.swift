import Admission
import LinuxCalls
import OmphalosValues
import PluginABI

/// A plugin that is mapped, whose descriptor says what its note said.
public struct LoadedPlugin: Sendable {
  public let admitted: AdmittedPlugin
  public let module: PluginModule
  /// The lowest address of the mapping that holds the entry, for debuggers.
  public let baseAddress: UInt64

  public var id: PluginID { admitted.id }

  /// The place of a capability in the descriptor; nil if the plugin has none of that name.
  public func index(of capability: CapabilityName) -> Int? {
    module.descriptor.capabilities.firstIndex { $0.name == capability.text }
  }
}

/// A plugin that was admitted and mapped, and then did not hold what it promised. Some of its code has run.
public struct LoadFailure: Error, Diagnosable, Sendable {
  public enum Stage: String, Sendable {
    case load = "failed to load"
    case confirm = "failed confirmation"
  }

  public let file: String
  public let id: PluginID
  public let stage: Stage
  /// Sentences without their full stops.
  public let reasons: [String]

  public init(file: String, id: PluginID, stage: Stage, reasons: [String]) {
    self.file = file
    self.id = id
    self.stage = stage
    self.reasons = reasons
  }

  public var message: String {
    let lines = reasons.map { "  - \($0)." }.joined(separator: "\n")
    return "The plugin \(printable(file)) (\(id)) \(stage.rawValue); code of it may have run:\n\(lines)"
  }
  public var exitCode: ExitCode { .pluginRefused }
}
