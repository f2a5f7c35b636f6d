import LinuxCalls
import OmphalosValues
import PluginABI
import Synchronization

/// An artifact while it is written: a file that nobody finds, and the digest of what went into it.
///
/// The interface asks for one thread at a time; a plugin that breaks that waits here and harms only its own bytes.
final class ArtifactWriter: Sendable {
  let path: ArtifactPath
  let options: ArtifactOptions
  private let staged: StagedFile
  /// What the plugin itself writes to, of a staged artifact.
  private let room: StagedFile?
  private let state = Mutex(State())

  private let hasher: StreamHasher

  private struct State {
    var byteCount: UInt64 = 0
    var chargedBytes: UInt64 = 0
    // A write failed: what is in the file is not what the plugin meant, so it can never be committed.
    var hasFailed = false
    // Committed, discarded, or about to be: nothing is written any more.
    var isClosed = false
  }

  /// Bytes are written and hashed in parts of this size.
  private static let part = 1 << 18

  /// - Parameter room: the file that the plugin writes to and that is copied on commit; nil where it writes here.
  init(
    _ path: ArtifactPath, _ options: ArtifactOptions, in store: ArtifactStore, copying room: StagedFile?
  ) throws(SystemCallError) {
    self.path = path
    hasher = StreamHasher(on: store.hashing)
    self.options = options
    self.room = room
    do throws(SystemCallError) {
      staged = try StagedFile(for: .artifact, in: store.directory)
    } catch {
      room?.drop()
      throw error
    }
  }

  var isStaged: Bool { room != nil }
  /// How many bytes of it count against the producer's limit.
  var chargedBytes: UInt64 { state.withLock { $0.chargedBytes } }
  var hasFailed: Bool { state.withLock { $0.hasFailed } }

  /// The artifact can only be discarded from now on.
  func fail() { state.withLock { $0.hasFailed = true } }

  func charge(_ bytes: Int) { state.withLock { $0.chargedBytes += UInt64(bytes) } }

  /// Nothing of it will be published.
  func drop() {
    staged.drop()
    room?.drop()
  }

  /// In bytes, of a staged artifact as the plugin has left it.
  func stagedByteCount() throws(SystemCallError) -> UInt64 { try room?.file.status().size ?? 0 }

  /// Copies what the plugin has written. It may still be writing: what is hashed is what is copied.
  func copyStaged(atMost limit: UInt64) throws(SystemCallError) {
    guard let room else { return }
    var offset: UInt64 = 0
    while offset < limit {
      let bytes = try room.file.read(at: offset, count: Int(min(limit - offset, UInt64(Self.part))))
      if bytes.isEmpty { break }
      try state.withLock { (state) throws(SystemCallError) in try append(bytes, to: &state) }
      offset += UInt64(bytes.count)
    }
    room.drop()
  }

  /// Takes the artifact out of the plugin's hands, to commit or to discard it. False if somebody did already.
  func close() -> Bool {
    state.withLock { state in
      defer { state.isClosed = true }
      return !state.isClosed
    }
  }

  /// After a commit that failed: the plugin may still discard it.
  func reopenFailed() {
    state.withLock { state in
      state.isClosed = false
      state.hasFailed = true
    }
  }

  private func write(_ bytes: [UInt8]) throws(SystemCallError) -> Bool {
    try state.withLock { (state) throws(SystemCallError) in
      if state.isClosed { return false }
      try append(bytes, to: &state)
      return true
    }
  }

  private func append(_ bytes: [UInt8], to state: inout State) throws(SystemCallError) {
    do throws(SystemCallError) {
      try staged.file.write(bytes)
    } catch {
      state.hasFailed = true
      throw error
    }
    hasher.update(bytes)
    state.byteCount += UInt64(bytes.count)
  }

  /// False if the artifact was committed or discarded by another thread meanwhile.
  func write(_ bytes: RawSpan) throws(SystemCallError) -> Bool {
    var start = 0
    while start < bytes.byteCount {
      let end = min(start + Self.part, bytes.byteCount)
      guard try write(bytes.copy(start..<end)) else { return false }
      start = end
    }
    return true
  }

  /// Links the file into the run directory; folders on the way are made.
  func publish(in folders: ArtifactFolders, producer: CallIdentity) throws(SystemCallError) -> CommittedArtifact {
    try staged.publish(in: folders.folder(of: path), as: path.parts.last ?? path.text)
    return state.withLock { state in
      CommittedArtifact(
        path: path, digest: hasher.finalize(), byteCount: state.byteCount, options: options,
        producer: producer)
    }
  }
}
