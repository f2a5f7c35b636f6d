import OmphalosValues
import RunRecord

/// A run that was made again, against the finalized one with the same id.
public enum RunComparison: Sendable {
  /// The same payload by the same plugins from the same inputs.
  case reproduced
  case different([Difference])
  /// The finalized run is not whole, so nothing can be said.
  case existingIsDamaged(VerifyReport)

  public struct Difference: Sendable, Hashable, CustomStringConvertible {
    /// A path, or for instance `plugin com.example.acme`.
    public let subject: String
    /// A sentence that names the subject.
    public let description: String
  }

  /// Verifies the finalized run at `path` and compares it with what was made now.
  ///
  /// Control files are not compared: they also tell of the machine and of what else lay in the plugin directories.
  public static func compare(_ made: RunManifest, withRunAt path: String) throws -> RunComparison {
    let report = try Verification.verify(path)
    guard report.isWhole else { return .existingIsDamaged(report) }
    let existing = try FinalizedRun.open(path).manifest
    let differences = inventory(existing, made) + payload(existing, made)
    if differences.isEmpty, existing.payloadRoot == made.payloadRoot { return .reproduced }
    return .different(differences)
  }

  /// Plugins and inputs first: they explain the rest.
  private static func inventory(_ existing: RunManifest, _ made: RunManifest) -> [Difference] {
    [("plugins", "plugin"), ("inputs", "input")].flatMap { key, word in
      let before = digests(existing.config["identity"]?[key])
      let after = digests(made.config["identity"]?[key])
      return Set(before.keys).union(after.keys).sorted().compactMap { name -> Difference? in
        guard before[name] != after[name] else { return nil }
        return Difference(
          subject: "\(word) \(name.string)",
          description: "\(word) \(quotedForMessage(name.string)): \(before[name] ?? "none") in the finalized run, "
            + "\(after[name] ?? "none") now")
      }
    }
  }

  private static func digests(_ value: JSONValue?) -> [UTF8String: String] {
    var digests: [UTF8String: String] = [:]
    for (name, digest) in value?.objectValue?.members ?? [] {
      digests[UTF8String(name)] = quotedForMessage(digest.stringValue ?? digest.canonicalText)
    }
    return digests
  }

  private static func payload(_ existing: RunManifest, _ made: RunManifest) -> [Difference] {
    let before = Dictionary(existing.files.map { ($0.path, $0) }) { first, _ in first }
    let after = Dictionary(made.files.map { ($0.path, $0) }) { first, _ in first }
    return Set(before.keys).union(after.keys).sorted().compactMap { path -> Difference? in
      guard before[path] != after[path] else { return nil }
      return Difference(
        subject: path.text,
        description: "\(quotedForMessage(path.text)): \(shown(before[path])) in the finalized run, "
          + "\(shown(after[path])) now")
    }
  }

  private static func shown(_ record: FileRecord?) -> String {
    record.map { "\($0.sha256.hex) of \($0.bytes) bytes" } ?? "not there"
  }
}
