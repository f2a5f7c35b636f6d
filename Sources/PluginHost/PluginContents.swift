import LinuxCalls
import OmphalosValues
import Signatures

/// One text, and so one digest and one thing to sign, for all files of a plugin.
public enum PluginContents {
  /// A line for each file, in ascending byte order of path: the digest in hexadecimal, two spaces, the path, a line feed.
  /// `sha256sum` writes the same list:
  ///
  ///     find acme.so acme.d -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum
  public static func list(
    of name: String, _ digest: SHA256Digest, parts: [(path: String, digest: SHA256Digest)]
  ) -> String {
    ([(name, digest)] + parts).sorted { bytesPrecede($0.0, $1.0) }.map { "\($0.1.hex)  \($0.0)\n" }.joined()
  }

  /// A plugin without a folder is its file. With one it is the SHA-256 of the list of its files.
  public static func digest(
    of name: String, _ digest: SHA256Digest, parts: [(path: String, digest: SHA256Digest)]
  ) -> SHA256Digest {
    guard !parts.isEmpty else { return digest }
    var hasher = SHA256Hasher()
    hasher.update(utf8: list(of: name, digest, parts: parts))
    return hasher.finalize()
  }

  /// The raw digest of what a vendor signs: the bytes of the file, or, where it has a folder with files, the list.
  ///
  /// - Parameters:
  ///   - file: the plugin's own, which is read piece by piece, and only where its digest is not known already.
  ///   - digest: of that file.
  static func signedDigest(
    _ hash: SSHSignature.MessageHash, of name: String, _ file: File, _ digest: SHA256Digest,
    parts: [(path: String, digest: SHA256Digest)]
  ) throws(SystemCallError) -> [UInt8] {
    switch hash {
    case .sha256: return Self.digest(of: name, digest, parts: parts).bytes
    case .sha512 where parts.isEmpty: return try file.sha512()
    case .sha512:
      var hasher = SHA512Hasher()
      hasher.update(Array(list(of: name, digest, parts: parts).utf8))
      return hasher.finalize()
    }
  }
}
