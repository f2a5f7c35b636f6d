import LinuxCalls
import OmphalosValues
import Synchronization

/// The bytes of one file of a plugin, out of reach of whoever may change the file that they came from.
public struct ObjectImage: Sendable {
  public enum Place: Sendable, Hashable {
    /// A sealed memory file: nobody can change it, not even we.
    case sealedMemory
    /// A copy in a private folder, for systems that have no memory files: the same user could change it.
    case copy(path: String)
  }

  public let file: File
  public let place: Place
  /// From before any plugin ran: what the loader must find under the descriptor, and in the mapping.
  let identity: FileStatus

  init(file: File, place: Place) throws(SystemCallError) {
    self.file = file
    self.place = place
    identity = try file.status()
  }

  /// The descriptor still is that of this file: a plugin may have closed it or put another file under its number. A copy
  /// also has to be unchanged, as far as the file system tells.
  public var isInPlace: Bool {
    guard let now = try? file.status() else { return false }
    switch place {
    case .sealedMemory: return now.isSameFile(as: identity)
    case .copy: return now.isUnchanged(from: identity)
    }
  }

  /// Whether a mapping is one of this file.
  func isMapped(by mapping: MemoryMapping) -> Bool {
    switch place {
    case .sealedMemory: mapping.inode == identity.inode && mapping.device == identity.device
    // On btrfs a mapping shows another device number than the file itself.
    case .copy: mapping.inode == identity.inode
    }
  }

  /// The name to load it by.
  ///
  /// - Parameter processDirectory: of this process in /proc, by number: debuggers read the name too, and `self` would
  ///   be themselves.
  func loadName(processDirectory: String) -> String {
    switch place {
    case .sealedMemory: "\(processDirectory)/fd/\(file.descriptor)"
    case .copy(let path): path
    }
  }
}

/// How plugins are brought out of reach before they are decided on.
public enum LoadMode: Sendable {
  case sealedMemory
  /// A relaxation, for systems without memory files, and for tools that want files.
  case copies(PrivateFolder)

  /// The word for options and records.
  public enum Name: String, Sendable, CaseIterable { case memory, path }

  /// What the mode gives up, as sentences for the run's record.
  public var relaxations: [String] {
    switch self {
    case .sealedMemory: []
    case .copies:
      [
        "Plugins were loaded from copies in a private folder (--load-mode path), not from sealed memory: another "
          + "process of the same user could have changed them between the decision and loading."
      ]
    }
  }

  /// Copies a file from its start, so that the original is not read again.
  ///
  /// - Parameters:
  ///   - name: of the memory file, for those who look at /proc/PID/maps.
  ///   - path: where the copy goes in the private folder: "0/acme.d/libfoo.so".
  func image(of source: File, name: String, path: String, largest: UInt64) throws(SystemCallError) -> ObjectImage {
    switch self {
    case .sealedMemory:
      let memory = try SealedMemory.copy(
        of: source, name: name, limit: largest, descriptorAbove: DescriptorNumbers.next())
      DescriptorNumbers.use(memory.file.descriptor)
      return try ObjectImage(file: memory.file, place: .sealedMemory)
    case .copies(let folder):
      let file = try folder.copy(source, to: path, limit: largest).duplicate(above: DescriptorNumbers.next())
      DescriptorNumbers.use(file.descriptor)
      return try ObjectImage(file: file, place: .copy(path: "\(folder.path)/\(path)"))
    }
  }
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
