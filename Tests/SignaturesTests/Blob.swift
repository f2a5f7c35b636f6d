import Foundation

/// The fields of a signature, to put wrong ones into it.
struct Blob {
  var magic = Array("SSHSIG".utf8)
  var version: UInt32 = 1
  var key: [UInt8]
  var namespace: [UInt8]
  var reserved: [UInt8]
  var hash: [UInt8]
  var signatureType: [UInt8]
  var signature: [UInt8]
  /// After the signature, inside and outside of its field.
  var insideTrailer: [UInt8] = []
  var trailer: [UInt8] = []

  init(key: [UInt8], namespace: String, signatureType: String, signature: [UInt8]) {
    self.key = key
    self.namespace = Array(namespace.utf8)
    reserved = []
    hash = Array("sha512".utf8)
    self.signatureType = Array(signatureType.utf8)
    self.signature = signature
  }

  init(armoured: [UInt8]) {
    let lines = String(decoding: armoured, as: UTF8.self).split(separator: "\n")
    let bytes = [UInt8](Data(base64Encoded: lines.dropFirst().dropLast().joined()) ?? Data())
    let fields = Self.fields(Array(bytes.dropFirst(10)))
    (key, namespace, reserved, hash) = (fields[0], fields[1], fields[2], fields[3])
    let inner = Self.fields(fields[4])
    (signatureType, signature) = (inner[0], inner[1])
  }

  var bytes: [UInt8] {
    magic + Self.number(version) + Self.string(key) + Self.string(namespace) + Self.string(reserved) + Self.string(hash)
      + Self.string(Self.string(signatureType) + Self.string(signature) + insideTrailer) + trailer
  }

  var armoured: [UInt8] { Self.armour(bytes) }

  static func armour(_ bytes: [UInt8], width: Int = 70) -> [UInt8] {
    var text = Data(bytes).base64EncodedString()[...]
    var lines: [Substring] = []
    while !text.isEmpty {
      lines.append(text.prefix(width))
      text = text.dropFirst(width)
    }
    return Array("-----BEGIN SSH SIGNATURE-----\n\(lines.joined(separator: "\n"))\n-----END SSH SIGNATURE-----\n".utf8)
  }

  static func number(_ value: UInt32) -> [UInt8] { [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> UInt32($0)) } }
  static func string(_ bytes: [UInt8]) -> [UInt8] { number(UInt32(bytes.count)) + bytes }
  static func string(_ text: String) -> [UInt8] { string(Array(text.utf8)) }
  /// A number that is not negative.
  static func natural(_ bytes: [UInt8]) -> [UInt8] { string((bytes.first ?? 0) & 0x80 != 0 ? [0] + bytes : bytes) }

  static func fields(_ bytes: [UInt8]) -> [[UInt8]] {
    var (rest, fields) = (bytes[...], [[UInt8]]())
    while rest.count >= 4 {
      let count = rest.prefix(4).reduce(0) { $0 << 8 | Int($1) }
      fields.append(Array(rest.dropFirst(4).prefix(count)))
      rest = rest.dropFirst(4 + count)
    }
    return fields
  }
}

/// Arithmetic on numbers of many bytes, the greatest first.
enum BigBytes {
  static func add(_ left: [UInt8], _ right: [UInt8]) -> [UInt8] { combine(left, right, sign: 1) }
  static func subtract(_ left: [UInt8], _ right: [UInt8]) -> [UInt8] { combine(left, right, sign: -1) }

  private static func combine(_ left: [UInt8], _ right: [UInt8], sign: Int) -> [UInt8] {
    var result = left
    var carry = 0
    for index in left.indices.reversed() {
      let sum = Int(left[index]) + sign * Int(right[index]) + carry
      result[index] = UInt8(sum & 0xff)
      carry = sum >> 8
    }
    return result
  }

  static func hex(_ text: String) -> [UInt8] {
    let digits = Array(text.filter { !$0.isWhitespace })
    return stride(from: 0, to: digits.count, by: 2).map { UInt8(String(digits[$0..<$0 + 2]), radix: 16) ?? 0 }
  }

  /// The number of points that P-256's generator reaches. Source: SEC 2.
  static let orderOfP256 = hex("ffffffff00000000 ffffffffffffffff bce6faada7179e84 f3b9cac2fc632551")
  /// That of edwards25519. Source: RFC 8032.
  static let orderOfEd25519 = hex("1000000000000000 0000000000000000 14def9dea2f79cd6 5812631a5cf5d3ed")
}
