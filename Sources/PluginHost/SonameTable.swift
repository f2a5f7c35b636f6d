import Admission
import ELFInspection
import LinuxCalls
import OmphalosValues

/// The SONAMEs of a run. They are one name space for the process, RTLD_LOCAL or not: an object that is loaded under a
/// SONAME answers every later need for that name. A plugin that claims the name of a library takes over its calls, so
/// such a plugin is refused before anything is mapped.
public struct SonameTable: Sendable {
  private let hostLibraries: Set<UTF8String>

  /// - Parameter hostLibraries: the SONAMEs of what this program itself has mapped.
  public init(hostLibraries: [String] = SonameTable.mappedInHost()) {
    self.hostLibraries = Set(hostLibraries.map { UTF8String($0) })
  }

  /// File names of the libraries that this process has mapped; the worker is the same program.
  public static func mappedInHost() -> [String] {
    MemoryMapping.mappedFiles().map { $0.split(separator: "/").last.map(String.init) ?? $0 }.filter {
      $0.contains(".so")
    }
  }

  /// The reasons against each of the plugins of a run, in their order; empty arrays where there is none.
  public func conflicts(among plugins: [(sealed: SealedPlugin, closure: LibraryClosure)]) -> [[AdmissionReason]] {
    plugins.indices.map { index in
      guard let name = plugins[index].sealed.plugin.object.soname else { return [] }
      var reasons: [AdmissionReason] = []
      if hostLibraries.contains(UTF8String(name)) {
        reasons.append(reason(name, "the name of a library of omphalos itself"))
      }
      for other in plugins.indices where other != index {
        if plugins[other].sealed.plugin.object.soname == name, plugins[other].sealed.digest != plugins[index].sealed.digest {
          reasons.append(reason(name, "also that of \(plugins[other].sealed.path), which has other bytes"))
        }
      }
      for (_, closure) in plugins {
        if let library = closure.libraries.first(where: { UTF8String($0.name) == UTF8String(name) }) {
          reasons.append(reason(name, "the name of \(library.path), which a plugin of this run needs"))
          break
        }
      }
      return reasons
    }
  }

  private func reason(_ name: String, _ found: String) -> AdmissionReason {
    AdmissionReason(
      .soname, field: "the SONAME \(name)", found: found,
      wanted: "none, or a name that nothing else in the process has",
      remedy: "link the plugin without -soname: nobody links against a plugin")
  }
}
