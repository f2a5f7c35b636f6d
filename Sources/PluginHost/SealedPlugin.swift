import Admission
import ELFInspection
import LinuxCalls
import OmphalosValues

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

  /// In memory files; else in private copies.
  public var isSealed: Bool { image.place == .sealedMemory }

  public var isInPlace: Bool { image.isInPlace && parts.allSatisfy(\.image.isInPlace) }

  /// Of everything that is the plugin: of its file, or, where it has a folder, of the list of all its files.
  public var contentsDigest: SHA256Digest {
    PluginContents.digest(of: name, digest, parts: parts.map { ($0.path, $0.digest) })
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
    do {
      image = try mode.image(of: file, name: id.text, path: "\(index)/\(candidate.name)", largest: largest)
      (digest, byteCount) = try image.file.digest()
      plugin = try InspectedPlugin.inspect(image.file)
      // Whoever names the one must not get the other; all else is decided on as it was sealed.
      if let now = try? plugin.declaration?.get().id, now != id {
        throw SealingError(file: candidate.path, reason: "it was \(id) when it was found, and is \(now) now")
      }
      var parts: [Part] = []
      var refusals: [Refusal] = []
      if let folder = candidate.openFolder(largest: largest - min(largest, byteCount)) {
        refusals = folder.refusals
        for entry in refusals.isEmpty ? folder.entries : [] {
          let image = try mode.image(
            of: entry.file, name: entry.path, path: "\(index)/\(entry.path)", largest: largest)
          let (digest, byteCount) = try image.file.digest()
          parts.append(Part(path: entry.path, image: image, digest: digest, byteCount: byteCount))
        }
      }
      self.parts = parts.sorted { bytesPrecede($0.path, $1.path) }
      own = Self.inspect(self.parts, of: plugin, &refusals)
      guard refusals.isEmpty else { throw PluginRefused(file: candidate.path, id: id, refusals: refusals) }
    } catch let error as SystemCallError {
      throw SealingError(file: candidate.path, reason: "\(error)", isOfSystem: error.errno != .fileTooLarge)
    } catch let error as ELFError {
      throw SealingError(file: candidate.path, reason: "\(error)")
    }
    name = candidate.name
    path = candidate.path
  }

  /// Takes over what another process of this program brought out of reach. Seals are read back, copies are hashed
  /// again, and everything is inspected again.
  public init(handedOver order: HandedOver) throws {
    do {
      let image = try ObjectImage(handedOver: order.file)
      let parts = try order.parts.map { part in
        let image = try ObjectImage(handedOver: part)
        return Part(path: part.path, image: image, digest: part.digest, byteCount: image.identity.size)
      }
      self.image = image
      byteCount = image.identity.size
      plugin = try InspectedPlugin.inspect(image.file)
      self.parts = parts
      var refusals: [Refusal] = []
      own = Self.inspect(parts, of: plugin, &refusals)
      guard refusals.isEmpty else { throw PluginRefused(file: order.path, id: nil, refusals: refusals) }
    } catch let error as SystemCallError {
      throw SealingError(file: order.path, reason: "\(error)", isOfSystem: true)
    } catch let error as ELFError {
      throw SealingError(file: order.path, reason: "\(error)")
    }
    name = order.name
    path = order.path
    digest = order.file.digest
  }

  private static func inspect(
    _ parts: [Part], of plugin: InspectedPlugin, _ refusals: inout [Refusal]
  ) -> OwnFiles {
    OwnFiles.inspect(parts.map { ($0.path, $0.image.file) }, of: plugin.object, &refusals)
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
