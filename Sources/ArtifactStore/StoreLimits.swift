/// The most that somebody may write in a run.
public struct StoreLimits: Sendable, Hashable {
  public var bytes: UInt64
  public var artifacts: Int

  public init(bytes: UInt64 = 10 << 30, artifacts: Int = 100_000) {
    self.bytes = bytes
    self.artifacts = artifacts
  }
}

/// What was written against limits, and in whose name it counts.
struct Quotas {
  /// One account: a capability with all its uses, or one use of it.
  struct Account: Sendable {
    let key: String
    let limits: StoreLimits
    /// Where the limits are set: "limits", "exports[0].limits".
    let source: String
  }

  private struct Usage {
    var bytes: UInt64 = 0
    var artifacts = 0
  }

  private var usage: [String: Usage] = [:]

  /// Counts one artifact on each account, or on none.
  mutating func addArtifact(to accounts: [Account]) -> String? {
    for account in accounts where usage[account.key, default: Usage()].artifacts >= account.limits.artifacts {
      return "the limit of \(account.limits.artifacts) artifacts (\(account.source).artifacts) is reached."
    }
    for account in accounts { usage[account.key, default: Usage()].artifacts += 1 }
    return nil
  }

  /// Counts bytes on each account, or on none.
  mutating func add(_ bytes: Int, to accounts: [Account]) -> String? {
    for account in accounts {
      let used = usage[account.key, default: Usage()].bytes
      let limit = account.limits.bytes
      guard UInt64(bytes) <= limit - min(used, limit) else {
        return "the limit of \(limit) bytes (\(account.source).bytes) is reached: \(used) written, \(bytes) more asked."
      }
    }
    for account in accounts { usage[account.key, default: Usage()].bytes += UInt64(bytes) }
    return nil
  }

  /// Gives back an artifact that is dropped.
  mutating func remove(_ bytes: UInt64, from accounts: [Account]) {
    for account in accounts {
      usage[account.key]?.artifacts -= 1
      usage[account.key]?.bytes -= bytes
    }
  }
}
