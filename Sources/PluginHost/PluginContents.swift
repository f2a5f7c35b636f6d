import OmphalosValues

/// One digest for all files of a plugin.
public enum PluginContents {
  /// A plugin without a folder is its file. With one it is the SHA-256 of a list with a line for each file, in ascending
  /// byte order of path: the digest in hexadecimal, two spaces, the path, a line feed. `sha256sum` writes the same list:
  ///
  ///     find acme.so acme.d -type f | LC_ALL=C sort | xargs sha256sum | sha256sum
  public static func digest(
    of name: String, _ digest: SHA256Digest, parts: [(path: String, digest: SHA256Digest)]
  ) -> SHA256Digest {
    guard !parts.isEmpty else { return digest }
    var hasher = SHA256Hasher()
    for part in ([(name, digest)] + parts).sorted(by: { bytesPrecede($0.0, $1.0) }) {
      hasher.update(utf8: "\(part.1.hex)  \(part.0)\n")
    }
    return hasher.finalize()
  }
}
