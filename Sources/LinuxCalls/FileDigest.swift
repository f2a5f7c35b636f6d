import OmphalosValues

extension File {
  /// How much of a file is read at a time: malloc keeps pieces of this size instead of mapping each anew, and the
  /// processor's cache holds one.
  public static let pieceBytes = 64 << 10

  /// SHA-256 of the file from its start to its end, and the number of bytes read.
  public func digest(chunk: Int = pieceBytes) throws(SystemCallError) -> (digest: SHA256Digest, byteCount: UInt64) {
    var hasher = SHA256Hasher()
    let byteCount = try forEachPiece(of: chunk) { hasher.update($0) }
    return (hasher.finalize(), byteCount)
  }

  /// SHA-512 of the file from its start to its end, as raw bytes.
  public func sha512() throws(SystemCallError) -> [UInt8] {
    var hasher = SHA512Hasher()
    _ = try forEachPiece(of: Self.pieceBytes) { hasher.update($0) }
    return hasher.finalize()
  }

  /// Gives the file from its start to its end, piece by piece; returns the number of bytes.
  private func forEachPiece(of count: Int, _ body: ([UInt8]) -> Void) throws(SystemCallError) -> UInt64 {
    var offset: UInt64 = 0
    while true {
      let bytes = try read(at: offset, count: count)
      body(bytes)
      offset += UInt64(bytes.count)
      if bytes.count < count { return offset }
    }
  }
}
