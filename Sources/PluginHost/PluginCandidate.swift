import Admission
import LinuxCalls
import OmphalosValues

/// A file in a plugins directory, inspected and not loaded.
public struct PluginCandidate: Sendable {
  /// Without its folder.
  public let name: String
  /// As it was found.
  public let path: String
  /// Where a symbolic link led; nil if the file is none.
  public let target: String?
  /// The opened file; nil if it could not be opened or is nothing to open.
  public let file: File?
  /// What its bytes say; nil if they could not be read.
  public let plugin: InspectedPlugin?
  public internal(set) var refusals: [Refusal]

  public var declaration: Declaration? { try? plugin?.declaration?.get() }
  public var id: PluginID? { declaration?.id }
  public var isAdmissible: Bool { refusals.isEmpty }

  /// Refused for its owner, mode, kind, mount or size, whatever its bytes say.
  var isRefusedAsFile: Bool {
    refusals.contains { if case .file = $0 { true } else { false } }
  }
}
