import Admission
import ELFInspection
import LinuxCalls
import OmphalosValues

/// One plugin that somebody named, with its folder and its libraries: what `plugin inspect` shows.
public struct ExaminedPlugin: Sendable {
  public let plugin: InspectedPlugin
  public let report: InspectionReport

  /// - Parameter path: under which `file` was opened; the folder lies beside it.
  /// - Throws: `ELFError`, `SystemCallError`.
  public init(_ file: File, path: String, user: UInt32 = Processes.currentUser) throws {
    plugin = try InspectedPlugin.inspect(file)
    let sha256 = try file.digest().digest
    let (directory, name) = Self.split(path)
    var refusals: [Refusal] = []
    let folder = PluginFolder(
      of: name, in: try File.open(directory, .directory), ownership: Ownership(user: user), largest: .max)
    refusals += folder?.refusals ?? []
    let entries = folder?.entries ?? []
    let own = OwnFiles.inspect(entries.map { ($0.path, $0.file) }, of: plugin.object, &refusals)
    let catalog = LibraryCatalog(machine: plugin.object.machine)
    let closure = catalog.closure(of: plugin.object, own: own.libraries)
    var decision = Admission.decide(plugin, hermetic: false, own: own, closure: closure)
    for reason in refusals.map(\.reason) + SonameTable.host.conflicts(of: plugin, own, closure) {
      decision = decision.adding(reason)
    }
    report = InspectionReport(
      plugin, sha256: sha256, decision: decision, closure: closure, own: own.files,
      digests: try Self.digests(entries, closure, catalog, name: name, sha256))
  }

  private static func digests(
    _ entries: [PluginFolder.Entry], _ closure: LibraryClosure, _ catalog: LibraryCatalog, name: String,
    _ sha256: SHA256Digest
  ) throws -> InspectionReport.Digests {
    var digests = InspectionReport.Digests()
    for entry in entries { digests.own[entry.path] = try entry.file.digest().digest }
    if !entries.isEmpty {
      digests.contents = PluginContents.digest(of: name, sha256, parts: digests.own.map { ($0.key, $0.value) })
    }
    for library in closure.libraries {
      if let pin = try catalog.pin(library) { digests.libraries[library.path] = pin.digest }
    }
    return digests
  }

  private static func split(_ path: String) -> (directory: String, name: String) {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return (".", path) }
    let directory = String(path[..<slash])
    return (directory.isEmpty ? "/" : directory, String(path[path.utf8.index(after: slash)...]))
  }
}

extension Refusal {
  /// As a reason among those of admission.
  var reason: AdmissionReason {
    if case .admission(let reason) = self { return reason }
    let facts = facts
    return AdmissionReason(
      .ownFile, field: facts.field, found: facts.found, wanted: facts.wanted, remedy: facts.remedy)
  }
}
