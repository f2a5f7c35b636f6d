import OmphalosValues

/// What `verify` found. Values only: the command prints them.
public struct VerifyReport: Sendable {
  public struct Problem: Sendable, Hashable, CustomStringConvertible {
    public enum Kind: String, Sendable {
      case missing
      case changed
      case extra
      case notARegularFile = "not-a-regular-file"
      case unreadable
      case manifest
      case payloadRoot = "payload-root"
      case identity
    }

    public let kind: Kind
    /// Relative to the run directory; of problems with the manifest, the manifest.
    public let path: String
    /// A sentence that names the thing.
    public let description: String

    init(_ kind: Kind, _ path: String, _ description: String) {
      self.kind = kind
      self.path = path
      self.description = description
    }
  }

  /// As it was given.
  public let path: String
  /// Nil where the manifest does not tell.
  public let runID: RunID?
  public let statedRoot: SHA256Digest?
  /// Of the payload files as they are on disk.
  public let foundRoot: SHA256Digest
  public let payloadFileCount: Int
  public let controlFileCount: Int
  /// Of all files that were hashed.
  public let byteCount: UInt64
  /// The first ones; of a great many the others are only counted.
  public let problems: [Problem]
  public let problemCount: Int
  /// What a reader should know though nothing is wrong, each a sentence.
  public let notes: [String]
  /// The defaults that were switched off for the run, as it says itself.
  public let relaxations: [String]

  public var isWhole: Bool { problemCount == 0 }
  public var exitCode: ExitCode { isWhole ? .done : .checkFailed }

  /// For a terminal: problems first, the verdict last.
  public var text: String {
    var lines = problems.map(\.description)
    if problemCount > problems.count { lines.append("And \(counted(problemCount - problems.count, "problem")) more.") }
    // What a foreign manifest says must not steer the terminal.
    lines += relaxations.map { "Relaxed for this run: \(quotedForMessage($0, limit: 500))" }
    lines += notes.map { "Note: \($0)" }
    let name = runID?.text ?? quotedForMessage(path)
    let extent = "\(payloadFileCount) payload and \(controlFileCount) control files, \(byteCount) bytes"
    lines.append(
      isWhole
        ? "\(name) is whole: \(extent), payload root \(foundRoot.hex)."
        : "\(name) is NOT whole: \(counted(problemCount, "problem")) in \(extent).")
    return lines.joined(separator: "\n") + "\n"
  }

  public var json: JSONValue {
    [
      "path": .string(path), "run_id": runID.map { .string($0.text) } ?? .null,
      "status": .string(isWhole ? "PASS" : "FAIL"),
      "payload_root": [
        "stated": statedRoot.map { .string($0.hex) } ?? .null, "found": .string(foundRoot.hex),
      ],
      "payload_files": .integer(Int64(payloadFileCount)), "control_files": .integer(Int64(controlFileCount)),
      "bytes": .integer(Int64(clamping: byteCount)),
      "problems": .array(
        problems.map {
          ["kind": .string($0.kind.rawValue), "path": .string($0.path), "message": .string($0.description)]
        }),
      "problem_count": .integer(Int64(problemCount)),
      "notes": .array(notes.map(JSONValue.string)),
      "relaxations": .array(relaxations.map(JSONValue.string)),
    ]
  }
}
