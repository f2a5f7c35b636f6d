import OmphalosValues

/// A default of the host that an operator may switch off for one run, by `--relax NAME`. What was switched off stands in
/// the record of the run, and `verify` shows it. A policy's own demand cannot be switched off, and neither a pipeline
/// nor a policy can switch off anything.
public enum Relaxation: String, Sendable, Hashable, CaseIterable, Comparable {
  case executableStack = "executable-stack"
  case textRelocations = "text-relocations"
  case libraryPath = "library-path"
  case writableByOthers = "writable-by-others"
  case foreignEntry = "foreign-entry"
  case networkImports = "network-imports"
  case processImports = "process-imports"

  /// For the record of a run.
  public var sentence: String {
    switch self {
    case .executableStack:
      "Plugins that ask for an executable stack were admitted (--relax executable-stack): loading one makes every stack "
        + "of the process executable."
    case .textRelocations:
      "Plugins with text relocations, or with segments that are writable and executable, were admitted (--relax "
        + "text-relocations): their code can be overwritten."
    case .libraryPath:
      "Plugins that look for libraries in a relative or empty RPATH or RUNPATH entry were admitted (--relax "
        + "library-path): such an entry is meant from the directory of whoever runs them."
    case .writableByOthers:
      "Plugin files and directories that other users may write, or that belong to another user, were accepted (--relax "
        + "writable-by-others): what is decided on is still what is loaded, but others choose what lies there."
    case .foreignEntry:
      "Plugins whose entry symbol lies in a library that they need were admitted (--relax foreign-entry): what runs first "
        + "is not in the file that was declared."
    case .networkImports:
      "Plugins that import functions of the network were admitted to a hermetic run (--relax network-imports)."
    case .processImports:
      "Plugins that import functions that start processes were admitted to a hermetic run (--relax process-imports)."
    }
  }

  public static func < (left: Relaxation, right: Relaxation) -> Bool { bytesPrecede(left.rawValue, right.rawValue) }
}

/// What a run, or whoever looks at plugins, asks of them.
public struct AdmissionTerms: Sendable {
  /// Plugins that declare themselves incompatible are refused, and some imports with them.
  public var hermetic: Bool
  public var host: HostABI
  public var policies: PolicyStack
  /// Defaults that were switched off.
  public var relaxations: Set<Relaxation>

  public init(
    hermetic: Bool = false, host: HostABI = HostABI(), policies: PolicyStack = .none, relaxations: Set<Relaxation> = []
  ) {
    self.hermetic = hermetic
    self.host = host
    self.policies = policies
    self.relaxations = relaxations
  }
}
