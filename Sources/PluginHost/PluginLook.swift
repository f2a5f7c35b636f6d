import Admission
import ELFInspection
import LinuxCalls
import OmphalosValues
import Signatures

/// What is read and decided of one plugin with its folder and its libraries, whoever asks.
struct PluginLook {
  let plugin: InspectedPlugin
  let folder: PluginFolder?
  let own: OwnFiles
  let closure: LibraryClosure
  let catalog: LibraryCatalog
  /// Against files of the folder.
  let folderRefusals: [Refusal]
  let decision: AdmissionDecision
  let conflicts: [AdmissionReason]
  /// Read, and not checked against the file: who may sign, a policy says.
  let signature: PluginSignatureFile?

  /// - Parameters:
  ///   - name: of the file in `directory`, beside which its folder lies.
  ///   - largest: the most bytes that the file and its folder may have together.
  ///   - catalog: of the libraries of this system; nil for a new one, for whatever machine the plugin is.
  init(
    _ file: File, name: String, in directory: File, ownership: Ownership, largest: UInt64, terms: AdmissionTerms,
    catalog known: LibraryCatalog?
  ) throws {
    plugin = try InspectedPlugin.inspect(file)
    let rest = largest - min(largest, UInt64(plugin.object.size))
    folder = PluginFolder(of: name, in: directory, ownership: ownership, largest: rest)
    var refusals = folder?.refusals ?? []
    own = OwnFiles.inspect((folder?.entries ?? []).map { ($0.path, $0.file) }, of: plugin.object, &refusals)
    folderRefusals = refusals
    catalog = known ?? LibraryCatalog(machine: plugin.object.machine)
    closure = catalog.closure(of: plugin.object, own: own.libraries)
    let signature = PluginSignatureFile.read(beside: name, in: directory, ownership: ownership)
    self.signature = signature
    decision = Admission.decide(
      plugin, under: terms, own: own, closure: closure,
      evidence: PluginEvidence(of: file, name: name, folder?.entries ?? [], signature))
    conflicts = SonameTable.host.conflicts(of: plugin, own, closure)
  }
}
