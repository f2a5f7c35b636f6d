import OmphalosValues

/// A public key of one of the types that signatures are checked with.
public struct SSHPublicKey: Sendable, Hashable {
  /// Numbers are without leading zeros, so that one key is one value however it was written.
  enum Material: Sendable, Hashable {
    case ed25519([UInt8])
    /// An uncompressed point: 04, X, Y.
    case ecdsaP256(point: [UInt8])
    case rsa(exponent: [UInt8], modulus: [UInt8])
  }

  let material: Material

  /// Ours to choose: what swift-crypto checks signatures with.
  static let smallestModulusBits = 2048
  static let largestModulusBits = 8192
  static let largestExponentBits = 33

  /// As OpenSSH names it.
  public var type: String {
    switch material {
    case .ed25519: "ssh-ed25519"
    case .ecdsaP256: "ecdsa-sha2-nistp256"
    case .rsa: "ssh-rsa"
    }
  }

  /// `SHA256:` and Base64 without padding, as `ssh-keygen -l` prints it.
  public var fingerprint: String {
    var hasher = SHA256Hasher()
    hasher.update(encoded)
    return "SHA256:" + Base64.encodeWithoutPadding(hasher.finalize().bytes)
  }

  /// The one form in which OpenSSH writes this key. Source: RFC 4253, 5656 and 8709.
  var encoded: [UInt8] {
    switch material {
    case .ed25519(let key): Wire.string(type) + Wire.string(key)
    case .ecdsaP256(let point): Wire.string(type) + Wire.string("nistp256") + Wire.string(point)
    case .rsa(let exponent, let modulus): Wire.string(type) + Wire.natural(exponent) + Wire.natural(modulus)
    }
  }

  /// Reads the form that stands in signatures and, as Base64, in lists of keys.
  init(_ bytes: [UInt8]) throws(KeyProblem) {
    var reader = WireReader(bytes)
    let type: String
    let material: Material?
    do throws(WireError) {
      type = String(decoding: try reader.string(), as: UTF8.self)
      material = try Material(type: type, &reader)
      if material != nil { try reader.end() }
    } catch {
      throw .malformed(error.found)
    }
    guard let material else { throw .unsupported(type: type) }
    self.material = material
    try check()
  }

  private func check() throws(KeyProblem) {
    switch material {
    case .ed25519(let key) where key.count != 32: throw .malformed("a key of \(key.count) bytes, not 32")
    case .rsa(let exponent, let modulus):
      let bits = bitCount(modulus)
      guard (Self.smallestModulusBits...Self.largestModulusBits).contains(bits) else { throw .modulus(bits: bits) }
      guard bitCount(exponent) <= Self.largestExponentBits else { throw .exponent(bits: bitCount(exponent)) }
    default: break
    }
    guard PublicKeyAlgorithms.accept(self) else { throw .malformed("values that are no \(type) key") }
  }

  private func bitCount(_ number: [UInt8]) -> Int { number.count * 8 - (number.first?.leadingZeroBitCount ?? 0) }
}

extension SSHPublicKey.Material {
  /// Nil for a type with which no signatures are checked.
  fileprivate init?(type: String, _ reader: inout WireReader) throws(WireError) {
    switch type {
    case "ssh-ed25519": self = .ed25519(try reader.string())
    case "ecdsa-sha2-nistp256":
      let curve = try reader.string()
      guard curve == Array("nistp256".utf8) else {
        throw WireError(found: "the curve \(quotedForMessage(String(decoding: curve, as: UTF8.self)))")
      }
      self = .ecdsaP256(point: try reader.string())
    case "ssh-rsa": self = .rsa(exponent: try reader.natural(), modulus: try reader.natural())
    default: return nil
    }
  }
}

/// Why bytes give no key that signatures can be checked with.
enum KeyProblem: Error, Sendable, Hashable {
  case unsupported(type: String)
  case modulus(bits: Int)
  case exponent(bits: Int)
  /// Followed by what was found.
  case malformed(String)

  static let types = "ssh-ed25519, ecdsa-sha2-nistp256 or ssh-rsa"

  var found: String {
    switch self {
    case .unsupported(let type) where type.hasSuffix("-cert-v01@openssh.com"): "a certificate, \(quotedForMessage(type))"
    case .unsupported(let type) where type.hasPrefix("sk-"): "a key in a hardware token, \(quotedForMessage(type))"
    case .unsupported(let type): quotedForMessage(type)
    case .modulus(let bits): "an ssh-rsa key of \(bits) bits"
    case .exponent(let bits): "an ssh-rsa key with an exponent of \(bits) bits"
    case .malformed(let what): what
    }
  }

  var wanted: String {
    switch self {
    case .unsupported, .malformed: "a plain key of type \(Self.types)"
    case .modulus: "\(SSHPublicKey.smallestModulusBits) to \(SSHPublicKey.largestModulusBits) bits"
    case .exponent: "at most \(SSHPublicKey.largestExponentBits) bits, as in 65537"
    }
  }
}
