import Admission
import ELFInspection
import LinuxCalls
import OmphalosValues
import Synchronization

/// A plugin's bytes in memory that nobody can change any more, with what was read from exactly those bytes.
public struct SealedPlugin: Sendable {
  public let name: String
  public let path: String
  public let memory: SealedMemory
  public let digest: SHA256Digest
  public let byteCount: UInt64
  public let plugin: InspectedPlugin
  /// Of the memory, from before any plugin ran: what the loader must find under the descriptor, and in the mapping.
  let identity: FileStatus

  /// The descriptor is still that of this memory: a plugin may have closed it or put another file under its number.
  public var isInPlace: Bool {
    guard let now = try? memory.file.status() else { return false }
    return now.device == identity.device && now.inode == identity.inode
  }

  /// Copies the candidate's open file into a sealed memfd, and only then hashes and inspects: another process can write
  /// between a copy and its seal. The original is never read again.
  public init(sealing candidate: PluginCandidate, largest: UInt64) throws(SealingError) {
    guard let file = candidate.file, let id = candidate.id else {
      throw SealingError(file: candidate.path, reason: "it could not be read")
    }
    do {
      memory = try SealedMemory.copy(
        of: file, name: id.text, limit: largest, descriptorAbove: DescriptorNumbers.next())
      DescriptorNumbers.use(memory.file.descriptor)
      identity = try memory.file.status()
      (digest, byteCount) = try memory.file.digest()
      plugin = try InspectedPlugin.inspect(memory.file)
    } catch {
      throw SealingError(file: candidate.path, reason: "\(error)")
    }
    name = candidate.name
    path = candidate.path
  }

  /// Takes over what another process of this program sealed. The seals are read back here; the bytes are inspected
  /// again.
  public init(
    handedOver descriptor: Int32, name: String, path: String, digest: SHA256Digest
  ) throws(SealingError) {
    do {
      memory = try SealedMemory.adopting(descriptor: descriptor, name: name)
      DescriptorNumbers.use(descriptor)
      identity = try memory.file.status()
      byteCount = identity.size
      plugin = try InspectedPlugin.inspect(memory.file)
    } catch {
      throw SealingError(file: path, reason: "\(error)")
    }
    self.name = name
    self.path = path
    self.digest = digest
  }
}

/// A plugin that could not be brought into sealed memory.
public struct SealingError: Error, Diagnosable, Sendable, Hashable {
  public let file: String
  public let reason: String
  public var message: String {
    "\(printable(file)) cannot be sealed for loading: \(reason). Plugins are loaded from sealed memory files "
      + "(memfd_create(2)), read through /proc."
  }
  public var exitCode: ExitCode { .pluginRefused }
}

/// Numbers of descriptors that plugins are loaded from. A number is never used twice in a process: the dynamic linker
/// compares names, `/proc/PID/fd/N`, before it looks at files, and would give back the older plugin in silence.
enum DescriptorNumbers {
  /// Apart from the low numbers, which plugins open and close.
  private static let first: Int32 = 512
  private static let state = Mutex<Int32>(first)

  static func next() -> Int32 { state.withLock { $0 } }

  static func use(_ number: Int32) { state.withLock { $0 = max($0, number + 1) } }
}
