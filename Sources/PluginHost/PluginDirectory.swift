import Admission
import LinuxCalls
import OmphalosValues

/// A directory to look for plugins in.
public struct PluginDirectory: Sendable, Hashable {
  public let path: String
  /// Somebody named it: a directory that is missing then is an error. Default places may be missing.
  public let isExplicit: Bool

  public init(path: String, isExplicit: Bool) {
    self.path = path
    self.isExplicit = isExplicit
  }

  /// Where the user's own plugins lie; nil where the environment tells no place.
  public static func usersPath(environment: [String: String]) -> String? {
    if let data = environment["XDG_DATA_HOME"], data.hasPrefix("/") { return "\(data)/omphalos/plugins" }
    guard let home = environment["HOME"], home.hasPrefix("/") else { return nil }
    return "\(home)/.local/share/omphalos/plugins"
  }

  /// The places in their order: `--plugins`, `OMPHALOS_PLUGIN_PATH`, the user's, the system's.
  public static func searchPath(explicit: [String], environment: [String: String]) -> [PluginDirectory] {
    var paths = explicit.map { PluginDirectory(path: $0, isExplicit: true) }
    var defaults = environment["OMPHALOS_PLUGIN_PATH"]?.split(separator: ":").map(String.init) ?? []
    if let user = usersPath(environment: environment) { defaults.append(user) }
    defaults += ["/usr/local/lib/omphalos/plugins", "/usr/lib/omphalos/plugins"]
    paths += defaults.map { PluginDirectory(path: $0, isExplicit: false) }
    return paths
  }
}

/// A directory in which no plugin can be looked for.
public struct PluginDirectoryError: Error, Diagnosable, Sendable, Hashable {
  public let directory: PluginDirectory
  public let message: String
  public let exitCode: ExitCode
}

/// Who may own plugins and their directories, and whether others may write them.
struct Ownership {
  let user: UInt32
  /// It was switched off for this run.
  let isRelaxed: Bool

  init(user: UInt32, _ terms: AdmissionTerms = AdmissionTerms()) {
    self.user = user
    isRelaxed = terms.relaxations.contains(.writableByOthers)
  }

  /// What is wrong, as the end of a sentence that begins with "is"; nil if nothing is.
  func problem(of status: FileStatus) -> (found: String, wanted: String, remedy: String)? {
    if isRelaxed { return nil }
    if status.othersMayWrite {
      return (
        "writable by group or others (mode \(octal(status.permissions)))", "writable by its owner alone",
        "take the right away with chmod go-w")
    }
    if status.owner != user && status.owner != 0 {
      return (
        "owned by user \(status.owner)",
        user == 0 ? "owned by root, who runs this" : "owned by user \(user), who runs this, or by root",
        "change the owner, or copy the file")
    }
    return nil
  }

  private func octal(_ mode: UInt32) -> String {
    let digits = String(mode, radix: 8)
    return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }
}
