/// The most that each capability of a run may write.
public struct StoreLimits: Sendable, Hashable {
  public var bytes: UInt64
  public var artifacts: Int

  public init(bytes: UInt64 = 10 << 30, artifacts: Int = 100_000) {
    self.bytes = bytes
    self.artifacts = artifacts
  }
}
