import OmphalosValues

/// One file of a run as the manifest lists it.
public struct FileRecord: Hashable, Sendable {
  /// Relative to the run directory.
  public let path: ArtifactPath
  public let sha256: SHA256Digest
  /// The size.
  public let bytes: UInt64

  public init(path: ArtifactPath, sha256: SHA256Digest, bytes: UInt64) {
    self.path = path
    self.sha256 = sha256
    self.bytes = bytes
  }

  public var json: JSONValue {
    ["bytes": .integer(Int64(clamping: bytes)), "path": .string(path.text), "sha256": .string(sha256.hex)]
  }
}

/// A file that the host writes itself, with its content.
public struct RecordFile: Hashable, Sendable {
  public let path: ArtifactPath
  public let content: [UInt8]
  /// Digest and size of `content`.
  public let record: FileRecord

  public init(path: ArtifactPath, content: [UInt8]) {
    self.path = path
    self.content = content
    record = FileRecord(path: path, sha256: SHA256Digest(hashing: content), bytes: UInt64(content.count))
  }

  init(path: ArtifactPath, json: JSONValue) { self.init(path: path, content: json.prettyBytes) }
}

extension Sequence<FileRecord> {
  /// In the byte order of their paths, which is the order of every list in a manifest.
  public func sortedByPath() -> [FileRecord] { sorted { $0.path < $1.path } }
}
