import PluginABI
import Synchronization

/// A list of artifacts as it was when it was opened, in ascending order of the bytes of their paths.
final class ArtifactCursor: Sendable {
  private let artifacts: [CommittedArtifact]
  private let position = Mutex(0)

  init(_ artifacts: [CommittedArtifact]) { self.artifacts = artifacts }

  /// The next one, if its path has at most `capacity` bytes; otherwise it comes again. Nil after the last.
  func next(capacity: Int) -> ListedArtifact? {
    position.withLock { position in
      guard position < artifacts.count else { return nil }
      let artifact = artifacts[position]
      let path = Array(artifact.path.text.utf8)
      if path.count <= capacity { position += 1 }
      return ListedArtifact(path: path, byteCount: artifact.byteCount)
    }
  }
}
