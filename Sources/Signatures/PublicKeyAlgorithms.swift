import Crypto
import CryptoExtras

/// The mathematics of signatures. The only file of this target that knows where they come from.
enum PublicKeyAlgorithms {
  /// Whether the values are those of a key.
  static func accept(_ key: SSHPublicKey) -> Bool {
    switch key.material {
    case .ed25519(let bytes): (try? Curve25519.Signing.PublicKey(rawRepresentation: bytes)) != nil
    case .ecdsaP256(let point): p256(point) != nil
    case .rsa(let exponent, let modulus): (try? _RSA.Signing.PublicKey(n: modulus, e: exponent)) != nil
    }
  }

  static func verify(_ signature: SSHSignature.Body, by key: SSHPublicKey, over signed: [UInt8]) -> Bool {
    switch (key.material, signature) {
    case (.ed25519(let bytes), .ed25519(let signature)):
      return (try? Curve25519.Signing.PublicKey(rawRepresentation: bytes))?.isValidSignature(signature, for: signed) ?? false
    case (.ecdsaP256(let point), .ecdsaP256(let r, let s)):
      let raw = padded(r, to: 32) + padded(s, to: 32)
      guard let key = p256(point), let signature = try? P256.Signing.ECDSASignature(rawRepresentation: raw) else {
        return false
      }
      return key.isValidSignature(signature, for: signed)
    case (.rsa(let exponent, let modulus), .rsa(let hash, let signature)):
      guard let key = try? _RSA.Signing.PublicKey(n: modulus, e: exponent) else { return false }
      let raw = _RSA.Signing.RSASignature(rawRepresentation: padded(signature, to: modulus.count))
      // The padding that OpenSSH uses; the name warns of what it was broken for, which is encryption.
      return switch hash {
      case .sha256: key.isValidSignature(raw, for: SHA256.hash(data: signed), padding: .insecurePKCS1v1_5)
      case .sha512: key.isValidSignature(raw, for: SHA512.hash(data: signed), padding: .insecurePKCS1v1_5)
      }
    default: return false
    }
  }

  /// Only the uncompressed form: it is the one that OpenSSH writes and reads.
  private static func p256(_ point: [UInt8]) -> P256.Signing.PublicKey? {
    guard point.first == 4 else { return nil }
    return try? P256.Signing.PublicKey(x963Representation: point)
  }

  private static func padded(_ number: [UInt8], to count: Int) -> [UInt8] {
    [UInt8](repeating: 0, count: max(0, count - number.count)) + number
  }
}
