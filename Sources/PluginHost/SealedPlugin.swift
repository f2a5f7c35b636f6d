import Admission
import ELFInspection
import LinuxCalls
import OmphalosValues
import Signatures

/// A plugin with all its files out of reach of changes, and what was read from exactly those bytes.
public struct SealedPlugin: Sendable {
  /// A file of the plugin's folder.
  public struct Part: Sendable {
    /// Beginning with the folder: "acme.d/libfoo.so".
    public let path: String
    public let image: ObjectImage
    public let digest: SHA256Digest
    public let byteCount: UInt64
  }

  public let name: String
  public let path: String
  public let image: ObjectImage
  /// Of the plugin's own file.
  public let digest: SHA256Digest
  public let byteCount: UInt64
  public let plugin: InspectedPlugin
  /// Sorted by the bytes of their paths.
  public let parts: [Part]
  /// What the parts are.
  public let own: OwnFiles
  /// What lay beside the file as `NAME.so.sig` when it was found; nil where nothing did, and in the process that was
  /// handed the plugin, which decides about no signature.
  public let signature: PluginSignatureFile?

  /// In memory files; else in private copies.
  public var isSealed: Bool { image.place == .sealedMemory }

  public var isInPlace: Bool { image.isInPlace && parts.allSatisfy(\.image.isInPlace) }

  /// Of everything that is the plugin: of its file, or, where it has a folder, of the list of all its files.
  public var contentsDigest: SHA256Digest {
    PluginContents.digest(of: name, digest, parts: parts.map { ($0.path, $0.digest) })
  }

  /// The raw digest of what a vendor signs, of the sealed bytes.
  public func signedDigest(_ hash: SSHSignature.MessageHash) throws(SystemCallError) -> [UInt8] {
    try PluginContents.signedDigest(hash, of: name, image.file, digest, parts: parts.map { ($0.path, $0.digest) })
  }

  public func part(_ path: String) -> Part? { parts.first { haveEqualBytes($0.path, path) } }

  /// Copies the candidate's open file, and those of its folder, and only then hashes and inspects: another process can
  /// write between a copy and its seal. The originals are never read again.
  ///
  /// - Parameter index: of the plugin in the run, which keeps copies in a private folder apart.
  /// - Throws: `SealingError`, or `PluginRefused` for a folder that is not what it was found to be.
  public init(sealing candidate: PluginCandidate, mode: LoadMode = .sealedMemory, index: Int = 0, largest: UInt64) throws {
    guard let file = candidate.file, let id = candidate.id else {
      throw SealingError(file: candidate.path, reason: "it could not be read")
    }
    func part(_ file: File, name: String, path: String) throws(SystemCallError) -> Part {
      let image = try mode.image(of: file, name: name, path: "\(index)/\(path)", largest: largest)
      let (digest, byteCount) = try image.file.digest()
      return Part(path: path, image: image, digest: digest, byteCount: byteCount)
    }
    let (main, parts) = try Self.naming(candidate.path) {
      let main = try part(file, name: id.text, path: candidate.name)
      let folder = candidate.openFolder(largest: largest - min(largest, main.byteCount))
      if let folder, !folder.refusals.isEmpty {
        throw PluginRefused(file: candidate.path, id: id, refusals: folder.refusals)
      }
      return (main, try (folder?.entries ?? []).map { try part($0.file, name: $0.path, path: $0.path) })
    }
    try self.init(
      main, parts.sorted { bytesPrecede($0.path, $1.path) }, name: candidate.name, path: candidate.path, id: id,
      signature: candidate.signature)
    // Whoever names the one must not get the other; all else is decided on as it was sealed.
    if let now = try? plugin.declaration?.get().id, now != id {
      throw SealingError(file: candidate.path, reason: "it was \(id) when it was found, and is \(now) now")
    }
  }

  /// Takes over what another process of this program brought out of reach. Seals are read back, copies are hashed
  /// again, and everything is inspected again.
  public init(handedOver order: HandedOver) throws {
    let (main, parts) = try Self.naming(order.path) { (try Part(order.file), try order.parts.map(Part.init)) }
    try self.init(main, parts, name: order.name, path: order.path, id: nil, signature: nil)
  }

  /// Inspects what is out of reach.
  private init(
    _ main: Part, _ parts: [Part], name: String, path: String, id: PluginID?, signature: PluginSignatureFile?
  ) throws {
    plugin = try Self.naming(path) { try InspectedPlugin.inspect(main.image.file) }
    var refusals: [Refusal] = []
    own = OwnFiles.inspect(parts.map { ($0.path, $0.image.file) }, of: plugin.object, &refusals)
    guard refusals.isEmpty else { throw PluginRefused(file: path, id: id, refusals: refusals) }
    (image, digest, byteCount) = (main.image, main.digest, main.byteCount)
    self.signature = signature
    self.parts = parts
    self.name = name
    self.path = path
  }

  /// Failures of the system and of the format become those of this plugin.
  private static func naming<Result>(_ file: String, _ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let error as SystemCallError {
      throw SealingError(file: file, reason: "\(error)", isOfSystem: error.errno != .fileTooLarge)
    } catch let error as ELFError {
      throw SealingError(file: file, reason: "\(error)")
    }
  }
}

extension SealedPlugin.Part {
  fileprivate init(_ part: HandedOver.File) throws {
    let image = try ObjectImage(handedOver: part)
    self.init(path: part.path, image: image, digest: part.digest, byteCount: image.identity.size)
  }
}

/// A plugin that could not be brought out of reach.
public struct SealingError: Error, Diagnosable, Sendable, Hashable {
  public let file: String
  public let reason: String
  /// A call of the system failed: there may be another way to load plugins here.
  public var isOfSystem = false

  public var message: String {
    let advice =
      " Plugins are loaded from sealed memory files (memfd_create(2)), read through /proc; where a system has none, "
      + "--load-mode path loads from private copies."
    return "\(printable(file)) cannot be sealed for loading: \(reason)." + (isOfSystem ? advice : "")
  }
  public var exitCode: ExitCode { .pluginRefused }
}
