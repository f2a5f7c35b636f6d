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
    let (directory, name) = splitPath(path)
    let look = try PluginLook(
      file, name: name, in: try File.open(directory, .directory), ownership: Ownership(user: user), largest: .max,
      terms: AdmissionTerms(), catalog: nil)
    plugin = look.plugin
    let decision = look.decision.adding(look.folderRefusals.map(\.reason) + look.conflicts)
    let sha256 = try file.digest().digest
    report = InspectionReport(
      plugin, sha256: sha256, decision: decision, closure: look.closure, own: look.own.files,
      digests: try Self.digests(look, name: name, sha256), signature: .init(look.signature, beside: name))
  }

  private static func digests(
    _ look: PluginLook, name: String, _ sha256: SHA256Digest
  ) throws -> InspectionReport.Digests {
    let entries = look.folder?.entries ?? []
    var digests = InspectionReport.Digests()
    for entry in entries { digests.own[entry.path] = try entry.file.digest().digest }
    if !entries.isEmpty {
      digests.contents = PluginContents.digest(of: name, sha256, parts: digests.own.map { ($0.key, $0.value) })
    }
    for library in look.closure.libraries {
      if let pin = try look.catalog.pin(library) { digests.libraries[library.path] = pin.digest }
    }
    return digests
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
