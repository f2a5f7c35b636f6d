import OmphalosValues

/// One digest for all that a run produced.
public enum PayloadRoot {
  /// SHA-256 over, for every file in ascending byte order of path, `path \0 sha256hex \0 size-in-decimal \n`.
  /// The rule is that of format 1.0, so verifiers written by others come to the same digest.
  public static func compute(_ files: [FileRecord]) -> SHA256Digest {
    var hasher = SHA256Hasher()
    for file in files.sortedByPath() {
      hasher.update(utf8: "\(file.path.text)\0\(file.sha256.hex)\0\(file.bytes)\n")
    }
    return hasher.finalize()
  }
}
