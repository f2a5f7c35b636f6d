import OmphalosValues

/// One line of a run root's ledger: what became of a run, chained to the line before.
public struct LedgerEntry: Sendable, Hashable {
  public enum Kind: String, Sendable, CaseIterable {
    /// The run was made, and got its name.
    case finalized
    /// The run was there without an entry, was verified, and got one.
    case adopted
    /// The run was given up: from here on its absence is explained.
    case removed
  }

  /// What an entry says of a run, whatever happened to it.
  public struct Subject: Sendable, Hashable {
    public let runID: RunID
    /// Of the file `run_manifest.json`, which has the digests of all others.
    public let manifest: SHA256Digest
    public let payloadRoot: SHA256Digest

    public init(runID: RunID, manifest: SHA256Digest, payloadRoot: SHA256Digest) {
      self.runID = runID
      self.manifest = manifest
      self.payloadRoot = payloadRoot
    }
  }

  public static let formatVersion = "1.0"
  /// What the first entry has as the digest of the line before: 64 zeros. Also the head of a ledger without entries.
  public static let origin = SHA256Digest(bytes: [UInt8](repeating: 0, count: 32))!
  /// Any entry is shorter, in bytes.
  static let longestLine = 4096

  /// Counted from 1: the number of its line.
  public let sequence: Int64
  /// Of the line before, without its line feed.
  public let previous: SHA256Digest
  /// By the clock of the machine that wrote it.
  public let time: Timestamp
  public let kind: Kind
  public let subject: Subject

  public var json: JSONValue {
    [
      "schema_version": .string(Self.formatVersion), "sequence": .integer(sequence), "previous": .string(previous.hex),
      "at": .string(time.description), "kind": .string(kind.rawValue), "run_id": .string(subject.runID.text),
      "manifest_sha256": .string(subject.manifest.hex), "payload_root": .string(subject.payloadRoot.hex),
    ]
  }

  /// The line without its line feed: canonical JSON.
  var line: [UInt8] { json.canonicalBytes }
}

extension LedgerEntry {
  /// Why a line is no entry, for a sentence that begins with the line.
  struct Malformed: Error {
    let cause: String
  }

  init(line: [UInt8]) throws(Malformed) {
    let value: JSONValue
    do {
      value = try JSONValue.parse(line, limits: JSONLimits(bytes: Self.longestLine, depth: 2))
    } catch {
      throw Malformed(cause: "is no JSON: column \(error.column): \(error.problem)")
    }
    func text(_ key: String) throws(Malformed) -> String {
      guard let text = value[key]?.stringValue else { throw Malformed(cause: "has no text \"\(key)\"") }
      return text
    }
    func digest(_ key: String) throws(Malformed) -> SHA256Digest {
      guard let digest = SHA256Digest(hex: try text(key)) else {
        throw Malformed(cause: "has \(quotedForMessage(try text(key))) as \(key), wanted 64 hexadecimal digits")
      }
      return digest
    }
    let version = try text("schema_version")
    guard version == Self.formatVersion else {
      throw Malformed(cause: "has the schema version \(quotedForMessage(version)), wanted \"\(Self.formatVersion)\"")
    }
    guard let kind = Kind(rawValue: try text("kind")) else {
      throw Malformed(cause: "has the kind \(quotedForMessage(try text("kind"))), which is unknown")
    }
    guard let sequence = value["sequence"]?.integerValue, sequence > 0 else {
      throw Malformed(cause: "has no sequence number")
    }
    let entry = LedgerEntry(
      sequence: sequence, previous: try digest("previous"), time: try Self.value(try text("at")) { try Timestamp($0) },
      kind: kind,
      subject: Subject(
        runID: try Self.value(try text("run_id")) { try RunID($0) }, manifest: try digest("manifest_sha256"),
        payloadRoot: try digest("payload_root")))
    // One form only: no further keys, no spaces, no other order.
    guard line == entry.line else { throw Malformed(cause: "is not in the canonical form of an entry") }
    self = entry
  }

  private static func value<Value>(
    _ text: String, _ make: (String) throws -> Value
  ) throws(Malformed) -> Value {
    do {
      return try make(text)
    } catch {
      throw Malformed(cause: "is no entry: \(error)")
    }
  }
}
