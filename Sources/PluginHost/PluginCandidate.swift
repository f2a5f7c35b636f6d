import Admission
import ELFInspection
import LinuxCalls
import OmphalosValues
import Signatures

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
  /// What lies in the folder beside it.
  public let own: OwnFiles
  /// Its libraries on paper; nil where its bytes could not be read.
  let closure: LibraryClosure?
  /// What lay beside it as `NAME.so.sig`, read once; nil where nothing did.
  public let signature: PluginSignatureFile?
  /// What was decided on its declaration and its file; nil where its bytes could not be read.
  public let decision: AdmissionDecision?
  public internal(set) var refusals: [Refusal]
  /// The directory that was checked; the folder is opened in it.
  let directory: File
  let ownership: Ownership

  public var declaration: Declaration? { try? plugin?.declaration?.get() }
  public var id: PluginID? { declaration?.id }
  public var isAdmissible: Bool { refusals.isEmpty }

  /// Refused for its owner, mode, kind, mount or size, whatever its bytes say.
  var isRefusedAsFile: Bool {
    refusals.contains { if case .file = $0 { true } else { false } }
  }

  /// The libraries of the sealed bytes on paper. What was found for the candidate holds for them as well where they are
  /// the same object, as read from the seal; nothing else of the candidate is believed.
  public func closure(of sealed: SealedPlugin, in catalog: LibraryCatalog) -> LibraryClosure {
    if let closure, own.libraries.isEmpty, sealed.own.libraries.isEmpty, plugin?.object == sealed.plugin.object {
      return closure
    }
    return catalog.closure(of: sealed.plugin.object, own: sealed.own.libraries)
  }

  /// The folder with its files, as it is now; nil where there is none.
  ///
  /// - Parameter largest: the most bytes that its files may have together.
  func openFolder(largest: UInt64) -> PluginFolder? {
    PluginFolder(of: name, in: directory, ownership: ownership, largest: largest)
  }

  /// Of its files as they are now. What is loaded is hashed again once it is sealed.
  public var evidence: PluginEvidence {
    guard let file else { return .none }
    return PluginEvidence(of: file, name: name, openFolder(largest: .max)?.entries ?? [], signature)
  }

  /// The raw digest of what a vendor signs, of its files as they are now; nil where it has no file that can be opened.
  /// What is loaded is decided on by that of `SealedPlugin`.
  public func signedDigest(_ hash: SSHSignature.MessageHash) throws(SystemCallError) -> [UInt8]? {
    guard let file, let digests = evidence.digests() else { return nil }
    return try PluginContents.signedDigest(hash, of: name, file, digests.file, parts: digests.parts)
  }

  /// Of all its files together; nil where they cannot be read.
  public var contentsDigest: SHA256Digest? { evidence.digests()?.contents }
}
