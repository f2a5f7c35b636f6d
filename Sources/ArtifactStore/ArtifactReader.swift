import LinuxCalls
import PluginABI
import Synchronization

/// An artifact that was opened for reading. Its bytes are hashed before the first of them is given away.
final class ArtifactReader: Sendable {
  let artifact: CommittedArtifact
  private let file: File
  private let store: ArtifactStore
  private let isConfirmed = Atomic(false)
  private let mapping = Mutex<FileMapping?>(nil)

  init(_ artifact: CommittedArtifact, in store: ArtifactStore) throws(SystemCallError) {
    self.artifact = artifact
    self.store = store
    file = try store.directory.openBeneath(artifact.path.text, [.read, .noFollow, .nonBlocking])
  }

  func read(at offset: UInt64, into span: inout MutableRawSpan) throws(ABIFailure) -> Int {
    try confirm()
    guard offset < artifact.byteCount else { return 0 }
    do throws(SystemCallError) {
      return try file.read(at: offset, into: &span)
    } catch {
      throw store.failure(error, "reading", artifact.path)
    }
  }

  private func confirm() throws(ABIFailure) {
    if isConfirmed.load(ordering: .relaxed) { return }
    try store.confirm(artifact, in: file)
    isConfirmed.store(true, ordering: .relaxed)
  }

  /// The same mapping each time, until the reader goes.
  func map() throws(ABIFailure) -> FileMapping {
    try confirm()
    return try mapping.withLock { (mapping) throws(ABIFailure) in
      if let mapping { return mapping }
      do throws(SystemCallError) {
        let new = try FileMapping(file, count: Int(artifact.byteCount))
        mapping = new
        return new
      } catch {
        throw error.errno == .noMemory
          ? ABIFailure(.memory, "mapping \(artifact.path): there is no room for \(artifact.byteCount) bytes.")
          : store.failure(error, "mapping", artifact.path)
      }
    }
  }
}
