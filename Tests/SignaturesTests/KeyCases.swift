import Crypto
import CryptoExtras
import Foundation
import TestSupport

extension AgreementCase {
  /// A case with a signature of the RSA key that ssh-keygen does not make itself.
  private static func rsa(
    _ name: String, _ verdict: Verdict, differs difference: String? = nil, _ type: String = "rsa-sha2-512",
    _ sign: @escaping @Sendable (_RSA.Signing.PrivateKey, [UInt8], inout Blob) throws -> [UInt8]
  ) -> AgreementCase {
    AgreementCase("RSA: \(name)", verdict, differs: difference) { given, kit in
      try given.sign(kit, key: "rsa")
      let message = given.message
      try given.edit { blob in
        blob.signatureType = Array(type.utf8)
        blob.signature = try sign(try kit.rsaKey(), blob.signedBytes(message), &blob)
      }
    }
  }

  private static func pkcs1(_ key: _RSA.Signing.PrivateKey, _ bytes: [UInt8]) throws -> [UInt8] {
    [UInt8](try key.signature(for: SHA512.hash(data: bytes), padding: .insecurePKCS1v1_5).rawRepresentation)
  }

  /// Only one of 256 signatures begins with a zero: the message is changed until one does.
  private static func zeroFirst(_ given: inout Given, _ kit: SigningKit) throws -> [UInt8] {
    try given.sign(kit, key: "rsa")
    let key = try kit.rsaKey()
    for number in 0..<10_000 {
      let message = kit.message + Array("\(number)".utf8)
      let signature = try pkcs1(key, Blob(armoured: given.signature).signedBytes(message))
      guard signature[0] == 0, signature[1] & 0x80 == 0 else { continue }
      given.message = message
      return signature
    }
    return []
  }

  /// A case with a key of a size that ssh-keygen does not make.
  private static func unusual(
    bits: Int, exponent: Int, _ verdict: Verdict, differs difference: String? = nil
  ) -> AgreementCase {
    AgreementCase("RSA: \(bits) bits, exponent \(exponent)", verdict, differs: difference) { given, kit in
      var blob = Blob(armoured: given.signature)
      let signed = blob.signedBytes(given.message).map { String(format: "%02x", $0) }.joined()
      let script = Compiler.root + "/Tests/SignaturesTests/rsa_numbers.py"
      let numbers = try Shell.run(["python3", script, "\(bits)", "\(exponent)", signed]).stdout
        .split(whereSeparator: \.isWhitespace).map { BigBytes.hex(String($0)) }
      guard numbers.count == 2 else { throw SigningKit.Failure(description: "rsa_numbers.py wrote no numbers") }
      let exponentBytes = withUnsafeBytes(of: exponent.bigEndian) { Array($0.drop { $0 == 0 }) }
      blob.key = Blob.string("ssh-rsa") + Blob.natural(exponentBytes) + Blob.natural(Array(numbers[0].drop { $0 == 0 }))
      blob.signatureType = Array("rsa-sha2-512".utf8)
      blob.signature = numbers[1]
      given.signature = blob.armoured
      given.signers = Array("\(SigningKit.principal) ssh-rsa \(Data(blob.key).base64EncodedString())\n".utf8)
    }
  }

  private static func good(_ key: String, _ hash: String) -> AgreementCase {
    AgreementCase("a good signature by \(key) with \(hash)", .good) { given, kit in
      try given.sign(kit, key: key, hash: hash)
    }
  }

  static let keys: [AgreementCase] = [
    good("ed25519", "sha256"), good("ed25519", "sha512"), good("p256", "sha256"), good("p256", "sha512"),
    good("rsa", "sha256"), good("rsa", "sha512"),
    AgreementCase("a signature for another namespace", .bad) { given, kit in
      given.signature = try kit.sign(given.message, namespace: "file")
    },
    AgreementCase("a good signature by an unknown key", .bad) { given, kit in
      given.signature = try kit.sign(given.message, key: "other")
    },
    AgreementCase("another key's signature under the good key", .bad) { given, kit in
      let other = Blob(armoured: try kit.sign(given.message, key: "other"))
      given.edit { $0.signature = other.signature }
    },
    AgreementCase("a P-384 key", .good, differs: "keys of other types") { given, kit in
      try given.sign(kit, key: "p384")
    },
    AgreementCase("an RSA key of 1024 bits", .good, differs: "RSA below 2048 bits") { given, kit in
      try given.sign(kit, key: "rsa1024")
    },
    AgreementCase("a certificate", .good, differs: "certificates") { given, kit in
      given.signature = try kit.sign(given.message, key: "ed25519-cert.pub")
      given.signers = Array("\(SigningKit.principal) cert-authority \(try kit.publicKey("ca"))\n".utf8)
    },
    AgreementCase("a certificate with the plain key listed", .bad) { given, kit in
      given.signature = try kit.sign(given.message, key: "ed25519-cert.pub")
    },
    unusual(bits: 2050, exponent: 65_537, .good),
    unusual(bits: 2050, exponent: 4_294_967_311, .good),
    unusual(bits: 2050, exponent: 8_589_934_609, .good, differs: "an RSA exponent above 33 bits"),
    unusual(bits: 8200, exponent: 65_537, .good, differs: "RSA above 8192 bits"),
    rsa("made by the library", .good) { key, bytes, _ in try pkcs1(key, bytes) },
    rsa("rsa-sha2-256", .good, "rsa-sha2-256") { key, bytes, _ in
      [UInt8](try key.signature(for: SHA256.hash(data: bytes), padding: .insecurePKCS1v1_5).rawRepresentation)
    },
    rsa("the type of the other hash", .bad, "rsa-sha2-256") { key, bytes, _ in try pkcs1(key, bytes) },
    rsa("the type of SHA-1", .bad, "ssh-rsa") { key, bytes, _ in try pkcs1(key, bytes) },
    rsa("PSS", .bad) { key, bytes, _ in
      [UInt8](try key.signature(for: SHA512.hash(data: bytes), padding: .PSS).rawRepresentation)
    },
    rsa("a zero before it", .bad) { key, bytes, _ in [0] + (try pkcs1(key, bytes)) },
    rsa("a byte after it", .bad) { key, bytes, _ in try pkcs1(key, bytes) + [0] },
    rsa("its last byte missing", .bad) { key, bytes, _ in try pkcs1(key, bytes).dropLast() },
    rsa("its first byte missing", .bad) { key, bytes, _ in Array(try pkcs1(key, bytes).dropFirst()) },
    rsa("none", .bad) { _, _, _ in [] },
    rsa("zeros", .bad) { _, _, _ in [UInt8](repeating: 0, count: 256) },
    rsa("greater than the modulus", .bad) { _, _, _ in [UInt8](repeating: 0xff, count: 256) },
    AgreementCase("RSA: a zero at its front", .good) { given, kit in
      let signature = try zeroFirst(&given, kit)
      given.edit { $0.signature = signature }
    },
    AgreementCase("RSA: the zero at its front left out", .good) { given, kit in
      let signature = try zeroFirst(&given, kit)
      given.edit { $0.signature = Array(signature.dropFirst()) }
    },
    rsa("a key with leading zeros", .good) { key, bytes, blob in
      let fields = Blob.fields(blob.key)
      blob.key = Blob.string(fields[0]) + Blob.string([0, 0] + fields[1]) + Blob.string([0, 0, 0] + fields[2])
      return try pkcs1(key, bytes)
    },
    rsa("a key with a negative exponent", .bad) { key, bytes, blob in
      let fields = Blob.fields(blob.key)
      blob.key = Blob.string(fields[0]) + Blob.string([0xff]) + Blob.string(fields[2])
      return try pkcs1(key, bytes)
    },
    rsa("exponent and modulus exchanged", .bad) { key, bytes, blob in
      let fields = Blob.fields(blob.key)
      blob.key = Blob.string(fields[0]) + Blob.string(fields[2]) + Blob.string(fields[1])
      return try pkcs1(key, bytes)
    },
  ]
}

extension Blob {
  /// What a key signs for this blob. Source: PROTOCOL.sshsig of openssh-portable.
  func signedBytes(_ message: [UInt8]) -> [UInt8] {
    let hashed: [UInt8] = hash == Array("sha256".utf8) ? Array(SHA256.hash(data: message)) : Array(SHA512.hash(data: message))
    return Array("SSHSIG".utf8) + Self.string(namespace) + Self.string("") + Self.string(hash) + Self.string(hashed)
  }
}
