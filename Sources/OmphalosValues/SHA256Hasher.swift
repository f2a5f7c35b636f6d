import Crypto

/// Computes a SHA-256 digest piece by piece. The only file that knows where the hash algorithms come from.
public struct SHA256Hasher: Sendable {
  private var state = Crypto.SHA256()

  public init() {}

  public mutating func update(_ bytes: [UInt8]) {
    state.update(data: bytes)
  }

  public mutating func update(_ bytes: ArraySlice<UInt8>) {
    state.update(data: bytes)
  }

  /// Adds the text's UTF-8 bytes, with no normalization and no terminator.
  public mutating func update(utf8 text: String) {
    state.update(data: Array(text.utf8))
  }

  /// The digest of everything added so far; more may be added afterwards.
  public func finalize() -> SHA256Digest {
    guard let digest = SHA256Digest(bytes: Array(state.finalize())) else {
      preconditionFailure("a SHA-256 digest has 32 bytes")
    }
    return digest
  }
}

/// Keyed hashing by HMAC-SHA-256. Source: RFC 2104.
public enum HMACSHA256 {
  /// The 32 bytes of the authentication code.
  public static func authenticate(_ message: [UInt8], key: [UInt8]) -> [UInt8] {
    Array(HMAC<Crypto.SHA256>.authenticationCode(for: message, using: SymmetricKey(data: key)))
  }
}

/// Computes a SHA-512 digest piece by piece.
public struct SHA512Hasher: Sendable {
  private var state = Crypto.SHA512()

  public init() {}

  public mutating func update(_ bytes: [UInt8]) {
    state.update(data: bytes)
  }

  /// The 64 bytes of the digest of everything added so far; more may be added afterwards.
  public func finalize() -> [UInt8] { Array(state.finalize()) }
}
