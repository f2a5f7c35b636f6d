import OmphalosValues

/// The two lines around a signature, and the Base64 between them.
enum SignatureArmour {
  private static let begin = Array("-----BEGIN SSH SIGNATURE-----".utf8)
  private static let end = Array("\n-----END SSH SIGNATURE-----".utf8)

  /// As strict as ssh-keygen at the front; behind the end it ignores everything, and here only blanks may follow.
  static func open(_ bytes: [UInt8], _ complaint: SignatureComplaint) throws(SSHSignatureError) -> [UInt8] {
    func armour(_ found: String, _ wanted: String) -> SSHSignatureError { complaint.about(.armour, found, wanted) }
    guard bytes.starts(with: begin) else {
      throw armour(opening(bytes), "-----BEGIN SSH SIGNATURE----- as the first bytes")
    }
    let afterBegin = bytes[begin.count...]
    guard afterBegin.first == 0x0a else {
      throw armour(
        afterBegin.starts(with: [0x0d, 0x0a]) ? "a line end of Windows (CR LF)" : "more after BEGIN on its line",
        "a line feed after -----BEGIN SSH SIGNATURE-----")
    }
    let text = afterBegin.dropFirst()
    guard let place = text.firstRange(of: end) else {
      throw armour("no end: the file may be cut short", "a line -----END SSH SIGNATURE-----")
    }
    guard text[place.upperBound...].allSatisfy(Base64.isBlank) else {
      throw armour("something after the end", "nothing after -----END SSH SIGNATURE-----")
    }
    guard let blob = Base64.decode(text[..<place.lowerBound]) else {
      throw armour("text between the lines that is not whole Base64", "Base64 with its padding")
    }
    return blob
  }

  /// What a file begins with that does not begin as it should.
  private static func opening(_ bytes: [UInt8]) -> String {
    if bytes.isEmpty { return "an empty file" }
    if bytes.starts(with: SSHSignature.magic) { return "a signature without its armour" }
    if bytes.starts(with: [0xef, 0xbb, 0xbf]) { return "a byte order mark" }
    if bytes.firstRange(of: begin) != nil { return "something before it" }
    return quotedForMessage(String(decoding: bytes.prefix { $0 != 0x0a }.prefix(40), as: UTF8.self))
  }
}
