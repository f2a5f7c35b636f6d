import OmphalosValues
import PluginABI

/// An artifact that is in the run directory: what the store hashed while it was written.
public struct CommittedArtifact: Sendable, Hashable {
  public let path: ArtifactPath
  public let digest: SHA256Digest
  public let byteCount: UInt64
  public let options: ArtifactOptions
  public let producer: CallIdentity

  public init(
    path: ArtifactPath, digest: SHA256Digest, byteCount: UInt64, options: ArtifactOptions, producer: CallIdentity
  ) {
    self.path = path
    self.digest = digest
    self.byteCount = byteCount
    self.options = options
    self.producer = producer
  }
}
