import OmphalosValues

extension File {
  /// How much of a file is read at a time: malloc keeps pieces of this size instead of mapping each anew, and the
  /// processor's cache holds one.
  public static let pieceBytes = 64 << 10

  /// SHA-256 of the file from its start to its end, and the number of bytes read.
  public func digest(chunk: Int = pieceBytes) throws(SystemCallError) -> (digest: SHA256Digest, byteCount: UInt64) {
    var hasher = SHA256Hasher()
    var offset: UInt64 = 0
    while true {
      let bytes = try read(at: offset, count: chunk)
      hasher.update(bytes)
      offset += UInt64(bytes.count)
      if bytes.count < chunk { return (hasher.finalize(), offset) }
    }
  }
}
