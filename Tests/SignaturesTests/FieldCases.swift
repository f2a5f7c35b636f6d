import CryptoExtras
import Foundation

extension AgreementCase {
  /// A case in which only the fields of the signature are others.
  private static func field(
    _ name: String, _ verdict: Verdict, key: String = "ed25519", differs difference: String? = nil,
    _ change: @escaping @Sendable (inout Blob) throws -> Void
  ) -> AgreementCase {
    AgreementCase("field: \(name)", verdict, differs: difference) { given, kit in
      try given.sign(kit, key: key)
      try given.edit(change)
    }
  }

  /// The two numbers of an ECDSA signature changed.
  private static func numbers(
    _ name: String, _ verdict: Verdict, _ change: @escaping @Sendable (inout [[UInt8]]) -> Void
  ) -> AgreementCase {
    field("ECDSA, \(name)", verdict, key: "p256") { blob in
      var numbers = Blob.fields(blob.signature)
      change(&numbers)
      blob.signature = numbers.flatMap { Blob.string($0) }
    }
  }

  private static func flip(_ bytes: inout [UInt8]) { bytes[bytes.count / 2] ^= 1 }

  static let fields: [AgreementCase] = [
    field("the same again", .good) { _ in },
    AgreementCase("the file was altered", .bad) { given, _ in flip(&given.message) },
    AgreementCase("the file is longer", .bad) { given, _ in given.message.append(0) },
    AgreementCase("the file is empty", .bad) { given, _ in given.message = [] },
    AgreementCase("an empty file, signed", .good) { given, kit in
      given.message = []
      try given.sign(kit, key: "ed25519")
    },
    field("the magic", .bad) { $0.magic[0] ^= 1 },
    field("version 0", .good, differs: "version 0") { $0.version = 0 },
    field("version 2", .bad) { $0.version = 2 },
    field("the greatest version", .bad) { $0.version = .max },
    field("the key altered", .bad) { flip(&$0.key) },
    field("the namespace altered", .bad) { flip(&$0.namespace) },
    field("the namespace in capitals", .bad) { $0.namespace = Array("OMPHALOS-PLUGIN".utf8) },
    field("no namespace", .bad) { $0.namespace = [] },
    field("a NUL after the namespace", .good, differs: "a NUL byte after a name") { $0.namespace.append(0) },
    field("a NUL inside the namespace", .bad) { $0.namespace += [0, 0x61] },
    field("something reserved, not signed", .good, differs: "a reserved field") { $0.reserved = Array("abc".utf8) },
    field("the other hash", .bad) { $0.hash = Array("sha256".utf8) },
    field("hash sha1", .bad) { $0.hash = Array("sha1".utf8) },
    field("hash sha384", .bad) { $0.hash = Array("sha384".utf8) },
    field("hash SHA512", .bad) { $0.hash = Array("SHA512".utf8) },
    field("a NUL after the hash", .good, differs: "a NUL byte after a name") { $0.hash.append(0) },
    field("no hash", .bad) { $0.hash = [] },
    field("the signature altered", .bad) { flip(&$0.signature) },
    field("the signature's type", .bad) { $0.signatureType = Array("ecdsa-sha2-nistp256".utf8) },
    field("a NUL after the signature's type", .good, differs: "a NUL byte after a name") { $0.signatureType.append(0) },
    field("a NUL after the key's type", .good, differs: "a NUL byte after a name") { blob in
      blob.key = Blob.string(Array("ssh-ed25519\0".utf8)) + Blob.string(Blob.fields(blob.key)[1])
    },
    field("a byte after the last field", .bad) { $0.trailer = [0] },
    field("a byte after the signature in its field", .bad) { $0.insideTrailer = [0] },
    field("a byte after the key in its field", .bad) { $0.key.append(0) },
    field("ed25519, a short signature", .bad) { $0.signature.removeLast() },
    field("ed25519, a long signature", .bad) { $0.signature.append(0) },
    field("ed25519, no signature", .bad) { $0.signature = [] },
    field("ed25519, S with the order of the group added", .good, differs: "a great S") { blob in
      let s = BigBytes.add(Array(blob.signature[32...].reversed()), BigBytes.orderOfEd25519)
      blob.signature.replaceSubrange(32..<64, with: s.reversed())
    },
    field("ed25519, a short key", .bad) { blob in
      blob.key = Blob.string("ssh-ed25519") + Blob.string(Array(Blob.fields(blob.key)[1].dropLast()))
    },
    AgreementCase("field: cut short", .bad) { given, _ in
      let bytes = Blob(armoured: given.signature).bytes
      given.signature = Blob.armour(Array(bytes.dropLast()))
    },
    AgreementCase("field: a length beyond the end", .bad) { given, _ in
      var bytes = Blob(armoured: given.signature).bytes
      bytes.replaceSubrange(10..<14, with: [0xff, 0xff, 0xff, 0xff])
      given.signature = Blob.armour(bytes)
    },
    numbers("the same again", .good) { _ in },
    numbers("leading zeros", .good) { $0 = $0.map { [0, 0, 0] + $0 } },
    numbers("the other S", .good) { numbers in
      let s = [UInt8](repeating: 0, count: 32) + numbers[1]
      let other = BigBytes.subtract(BigBytes.orderOfP256, Array(s.suffix(32)))
      numbers[1] = (other[0] & 0x80 != 0 ? [0] : []) + other
    },
    numbers("R altered", .bad) { flip(&$0[0]) },
    numbers("S altered", .bad) { flip(&$0[1]) },
    numbers("R is zero", .bad) { $0[0] = [] },
    numbers("S is zero", .bad) { $0[1] = [0] },
    numbers("R of 40 bytes", .bad) { $0[0] = [UInt8](repeating: 1, count: 40) },
    numbers("S negative", .bad) { $0[1] = [UInt8](repeating: 0xff, count: 32) },
    numbers("one number only", .bad) { $0.removeLast() },
    numbers("three numbers", .bad) { $0.append([1]) },
    numbers("R and S exchanged", .bad) { $0.swapAt(0, 1) },
    field("ECDSA, R and S without their lengths", .bad, key: "p256") { blob in
      let numbers = Blob.fields(blob.signature).map { ([UInt8](repeating: 0, count: 32) + $0).suffix(32) }
      blob.signature = Array(numbers.joined())
    },
    field("ECDSA, the point compressed", .bad, key: "p256") { blob in
      let point = Blob.fields(blob.key)[2]
      let compressed = [2 + point[64] % 2] + point[1..<33]
      blob.key = Blob.string("ecdsa-sha2-nistp256") + Blob.string("nistp256") + Blob.string(compressed)
    },
    field("ECDSA, a point that is not on the curve", .bad, key: "p256") { $0.key[$0.key.count - 1] ^= 1 },
    field("ECDSA, another curve's name", .bad, key: "p256") { blob in
      blob.key = Blob.string("ecdsa-sha2-nistp256") + Blob.string("nistp384") + Blob.string(Blob.fields(blob.key)[2])
    },
  ]
}
