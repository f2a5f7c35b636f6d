import LinuxCalls
import OmphalosValues
import Synchronization

/// The folders of the run directory that a call links artifacts into. The last one stays open: artifacts come in swarms.
///
/// They are opened without following links, so something else under a folder's name is refused by the kernel. One that a
/// plugin moves away while it is open takes its artifacts along; the walk at finalization misses them.
final class ArtifactFolders: Sendable {
  private let directory: File
  private let last = Mutex<(parts: [String], folder: File)?>(nil)

  init(in directory: File) { self.directory = directory }

  func close() { last.withLock { $0 = nil } }

  /// The folder of an artifact; it and those above it are made where they are missing.
  func folder(of path: ArtifactPath) throws(SystemCallError) -> File {
    let parts = Array(path.parts.dropLast())
    if let known = last.withLock({ $0 }), known.parts.elementsEqual(parts, by: haveEqualBytes) { return known.folder }
    var folder = directory
    for part in parts {
      try folder.makeDirectoryIfMissing(part)
      folder = try folder.openBeneath(part, .directory)
    }
    last.withLock { [folder] in $0 = (parts, folder) }
    return folder
  }
}
