import OmphalosValues

/// One step of a run, for `lineage/lineage.jsonl` and for lineage sinks.
public struct LineageEvent: Hashable, Sendable {
  /// The kinds of format 1.0.
  public enum Kind: String, Sendable, CaseIterable {
    case ingest = "INGEST"
    case normalize = "NORMALIZE"
    case resolve = "RESOLVE"
    case analyze = "ANALYZE"
    case warehouse = "WAREHOUSE"
    case export = "EXPORT"
    case report = "REPORT"
  }

  /// `ev-` and 16 hexadecimal digits of SHA-256 of the event without `event_id` and `created_at`.
  public let id: String
  public let kind: Kind
  public let createdAt: Timestamp
  /// All keys of the event.
  public let json: JSONValue

  /// - Parameters:
  ///   - inputs: names of what the step read: inputs, datasets, artifact paths.
  ///   - outputs: names of what it made.
  ///   - details: anything else; goes into the event's id.
  public static func make(
    _ kind: Kind, in run: RunIdentity, inputs: [String], outputs: [String], details: JSONObject = [:]
  ) -> LineageEvent {
    make(
      kind: kind, runID: run.runID, fingerprint: run.fingerprint, inputs: inputs, outputs: outputs, details: details)
  }

  /// The same for those who make many events and computed `runID` and the configuration's `fingerprint` once.
  public static func make(
    kind: Kind, runID: RunID, fingerprint: SHA256Digest, inputs: [String], outputs: [String], details: JSONObject
  ) -> LineageEvent {
    var event: JSONObject = [
      "details": .object(details), "inputs": .array(inputs.map(JSONValue.string)), "kind": .string(kind.rawValue),
      "outputs": .array(outputs.map(JSONValue.string)), "run_id": .string(runID.text),
      "schema_version": .string(RunLayout.formatVersion),
    ]
    let id = eventID(of: event)
    let createdAt = DeterministicClock.time(seed: fingerprint.hex, salt: id)
    event["event_id"] = .string(id)
    event["created_at"] = .string(createdAt.description)
    return LineageEvent(id: id, kind: kind, createdAt: createdAt, json: .object(event))
  }

  /// One line with its line feed, keys sorted.
  public var line: [UInt8] { json.canonicalBytes + [UInt8(ascii: "\n")] }

  /// The id that an event must bear; its `event_id` and `created_at` are left out of account.
  public static func eventID(of event: JSONObject) -> String {
    var counted = event
    counted["event_id"] = nil
    counted["created_at"] = nil
    return "ev-" + SHA256Digest(hashing: JSONValue.object(counted).canonicalBytes).hex.prefix(16)
  }
}
