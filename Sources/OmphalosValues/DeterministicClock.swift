/// Moments that depend on a seed only, so that a run made again carries the same times.
///
/// The rule is that of the published run directory, format 1.0: the first 16 hexadecimal digits of
/// SHA-256(`seed|salt`) as an integer, modulo twenty years of 365 days, in seconds after 2000-01-01T00:00:00Z.
public enum DeterministicClock {
  private static let start: Int64 = 946_684_800
  private static let spanSeconds: UInt64 = 20 * 365 * 24 * 3600

  public static func time(seed: String, salt: String) -> Timestamp {
    let word = SHA256Digest(hashing: seed + "|" + salt).leadingWord
    return Timestamp(secondsSince1970: start + Int64(word % spanSeconds))
  }
}
