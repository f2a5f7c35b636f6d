import OmphalosValues

extension File {
  /// SHA-256 of the file from its start to its end, and the number of bytes read.
  public func digest(chunk: Int = 1 << 20) throws(SystemCallError) -> (digest: SHA256Digest, byteCount: UInt64) {
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
