import OmphalosValues

/// One digest for all that a run produced.
///
/// SHA-256 over, for every file in ascending byte order of path, `path \0 sha256hex \0 size-in-decimal \n`. The rule is
/// that of format 1.0, so verifiers written by others come to the same digest.
public struct PayloadRoot: Sendable {
  private var hasher = SHA256Hasher()

  init() {}

  /// Files must come in ascending byte order of path.
  mutating func add(path: some Sequence<UInt8>, sha256: SHA256Digest, bytes: UInt64) {
    hasher.update(Array(path) + Array("\0\(sha256.hex)\0\(bytes)\n".utf8))
  }

  var digest: SHA256Digest { hasher.finalize() }

  public static func compute(_ files: [FileRecord]) -> SHA256Digest {
    var root = PayloadRoot()
    for file in files.sortedByPath() { root.add(path: file.path.text.utf8, sha256: file.sha256, bytes: file.bytes) }
    return root.digest
  }
}
