import LinuxCalls
import OmphalosValues

/// Time and randomness for plugins: constants of the run in a hermetic one, else the system's.
struct TimeAndRandomness: Sendable {
  let fingerprint: SHA256Digest
  let hermetic: Bool

  /// Nanoseconds since 1970-01-01T00:00:00Z; in a hermetic run the deterministic clock with the salt `run`.
  func now() -> Int64 {
    guard hermetic else { return WallClock.now() }
    return DeterministicClock.time(seed: fingerprint.hex, salt: "run").secondsSince1970 * 1_000_000_000
  }

  /// In a hermetic run HMAC-SHA-256, keyed by the fingerprint of the configuration (which contains the seed), in counter
  /// mode over plugin, capability, instance, label and index: whatever thread asks gets the same bytes.
  func bytes(
    plugin: String, capability: String, instance: String, label: [UInt8], index: UInt64, count: Int
  ) -> [UInt8] {
    guard hermetic else { return SystemRandom.bytes(count) }
    var prefix: [UInt8] = []
    for part in [Array(plugin.utf8), Array(capability.utf8), Array(instance.utf8), label] {
      // Lengths keep ("ab", "c") apart from ("a", "bc").
      prefix += littleEndian(UInt64(part.count)) + part
    }
    prefix += littleEndian(index)
    var stream: [UInt8] = []
    var block: UInt64 = 0
    while stream.count < count {
      stream += HMACSHA256.authenticate(prefix + littleEndian(block), key: fingerprint.bytes)
      block += 1
    }
    return Array(stream.prefix(count))
  }

  private func littleEndian(_ number: UInt64) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
  }
}
