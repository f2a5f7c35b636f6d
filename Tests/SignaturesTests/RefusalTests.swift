import Foundation
import Signatures
import Testing

@Suite("Signature files and lists of signers that are refused")
struct RefusalTests {
  /// A signature that nobody made, in whose place every check but the last can be tried.
  private static let signature = Blob(
    key: Blob.string("ssh-ed25519") + Blob.string([UInt8](repeating: 7, count: 32)), namespace: "omphalos-plugin",
    signatureType: "ssh-ed25519", signature: [UInt8](repeating: 9, count: 64))

  private func refusal(_ change: (inout Blob) -> Void) -> String {
    var blob = Self.signature
    change(&blob)
    return refusal(of: blob.armoured)
  }

  private func refusal(of bytes: [UInt8]) -> String {
    do {
      _ = try SSHSignature(armoured: bytes, file: "acme.so.sig")
      return "none"
    } catch {
      return error.message
    }
  }

  @Test("a file that is read says whose and what for")
  func accepted() throws {
    let signature = try SSHSignature(armoured: Self.signature.armoured, file: "acme.so.sig")
    #expect(signature.namespace == "omphalos-plugin" && signature.hash == .sha512 && signature.algorithm == "ssh-ed25519")
    #expect(signature.key.fingerprint.hasPrefix("SHA256:") && signature.key.fingerprint.count == 50)
  }

  @Test("a refusal says what was found, what was wanted and what to do")
  func wording() {
    #expect(
      refusal { $0.version = 2 }
        == "The signature acme.so.sig cannot be used: the version: found 2, wanted 1. Remove it and sign again: "
        + "ssh-keygen -Y sign -n omphalos-plugin -f KEY FILE.")
    #expect(
      refusal { $0.key = Blob.string("sk-ssh-ed25519@openssh.com") + Blob.string("x") }
        == "The signature acme.so.sig cannot be used: the public key: found a key in a hardware token, "
        + "\"sk-ssh-ed25519@openssh.com\", wanted a plain key of type ssh-ed25519, ecdsa-sha2-nistp256 or ssh-rsa. "
        + "Sign with another key: ssh-keygen -t ed25519 makes one.")
  }

  @Test(
    "keys of other kinds are refused by their type's name",
    arguments: [
      ("ssh-ed25519-cert-v01@openssh.com", "a certificate, \"ssh-ed25519-cert-v01@openssh.com\""),
      ("sk-ecdsa-sha2-nistp256@openssh.com", "a key in a hardware token, \"sk-ecdsa-sha2-nistp256@openssh.com\""),
      ("ecdsa-sha2-nistp384", "\"ecdsa-sha2-nistp384\""), ("ssh-dss", "\"ssh-dss\""), ("ssh-\u{1b}[2J", "\"ssh-\\u{1b}[2J\""),
      ("", "\"\""),
    ])
  func otherKeys(_ type: String, _ found: String) {
    #expect(refusal { $0.key = Blob.string(type) + Blob.string("rest") }.contains("the public key: found \(found), wanted"))
  }

  @Test("each field that is wrong is named")
  func fields() {
    func expect(_ words: String, _ change: (inout Blob) -> Void) {
      let message = refusal(change)
      #expect(message.contains(words), "\(message)")
    }
    expect("the armour: found Base64 of something that does not begin with SSHSIG") { $0.magic = Array("SSHSUG".utf8) }
    expect("the namespace: found none") { $0.namespace = [] }
    expect("the namespace: found bytes that are not UTF-8") { $0.namespace = [0xff] }
    expect("the reserved field: found 3 bytes, which are not signed, wanted none") { $0.reserved = [1, 2, 3] }
    expect("the hash algorithm: found \"sha1\", wanted sha256 or sha512") { $0.hash = Array("sha1".utf8) }
    expect("the signature: found 63 bytes, wanted 64") { $0.signature.removeLast() }
    expect("found one of type \"ssh-rsa\", wanted ssh-ed25519, for its key is of type ssh-ed25519") { $0.signatureType = Array("ssh-rsa".utf8) }
    expect("the signature: found 1 bytes after the last field") { $0.trailer = [0] }
    expect("the public key: found a key of 31 bytes, not 32") {
      $0.key = Blob.string("ssh-ed25519") + Blob.string([UInt8](repeating: 1, count: 31))
    }
    expect("the public key: found an ssh-rsa key of 1024 bits, wanted 2048 to 8192 bits") {
      $0.key = Blob.string("ssh-rsa") + Blob.natural([3]) + Blob.natural([UInt8](repeating: 0xff, count: 128))
    }
    expect("the public key: found an ssh-rsa key of 8208 bits") {
      $0.key = Blob.string("ssh-rsa") + Blob.natural([3]) + Blob.natural([UInt8](repeating: 0xff, count: 1026))
    }
    expect("an exponent of 40 bits, wanted at most 33 bits") {
      $0.key = Blob.string("ssh-rsa") + Blob.natural([0xff, 1, 1, 1, 1]) + Blob.natural([UInt8](repeating: 0xff, count: 256))
    }
    expect("values that are no ssh-rsa key") {
      $0.key = Blob.string("ssh-rsa") + Blob.natural([2]) + Blob.natural([UInt8](repeating: 0xff, count: 256))
    }
  }

  @Test(
    "armour that is wrong says how",
    arguments: [
      ("", "found an empty file"), ("SSHSIGxx", "found a signature without its armour"), ("\u{feff}-----", "found a byte order mark"),
      ("hello\nworld", "found \"hello\""), ("-----BEGIN SSH SIGNATURE-----\r\n", "found a line end of Windows (CR LF)"),
      ("-----BEGIN SSH SIGNATURE----- \n", "found more after BEGIN on its line"), ("-----BEGIN SSH SIGNATURE-----\nAAAA\n", "found no end"),
      ("x\n-----BEGIN SSH SIGNATURE-----\n", "found something before it"),
      ("-----BEGIN SSH SIGNATURE-----\nA\n-----END SSH SIGNATURE-----", "not whole Base64"),
      ("-----BEGIN SSH SIGNATURE-----\nAAAA\n-----END SSH SIGNATURE-----\nx", "found something after the end"),
    ])
  func armour(_ text: String, _ words: String) {
    let message = refusal(of: Array(text.utf8))
    #expect(message.contains("the armour: ") && message.contains(words), "\(message)")
  }

  @Test("a file of more than 64 KiB is not looked into")
  func tooLarge() {
    #expect(refusal(of: [UInt8](repeating: 0x41, count: (64 << 10) + 1)).contains("the file: found 65537 bytes, wanted at most 65536"))
  }

  @Test("each bad line of a list is told with its number, and the others are read")
  func badLines() {
    let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    let lines = [
      "a@x \(key)", "", "b@x", "c@x namespaces=git \(key)", "d@x touch \(key)", "e@x valid-after=\"20260230\" \(key)",
      "f@x valid-before=\"20260101Z\",Valid-Before=\"20260101Z\" \(key)", "g@x ssh-ed25519 AAAA", "\"h@x \(key)",
      "i@x valid-after=\"20260102Z\",valid-before=\"20260101Z\" \(key)", "j@x \(key)",
    ]
    let list = AllowedSigners(Array(lines.joined(separator: "\n").utf8), file: "/etc/omphalos/allowed_signers")
    #expect(list.signers.map(\.line) == [1, 11])
    let said = list.problems.map(\.message)
    let wanted = [
      ":3: found no key, wanted a type and a key", ":4: found namespaces without a value in quotes, wanted namespaces=\"…\"",
      ":5: found \"touch\" where a type of key or an option should be", ":6: found valid-after=\"20260230\", wanted a day or moment",
      ":7: found the option \"Valid-Before\" twice", ":8: found a key that is not of type ssh-ed25519",
      ":9: found a quote that is not closed in the principals",
      ":10: found valid-before=\"20260101Z\", which is not after valid-after=\"20260102Z\"",
    ]
    #expect(said.count == wanted.count)
    for (message, words) in zip(said, wanted) {
      #expect(message.hasPrefix("/etc/omphalos/allowed_signers\(words)"), "\(message)")
      #expect(message.hasSuffix("Mend the line, or put # before it."))
    }
  }

  @Test("a byte order mark is refused by name")
  func byteOrderMark() {
    let list = AllowedSigners(Array("\u{feff}a@x ssh-ed25519 AAAA\n".utf8), file: "s")
    #expect(list.problems.map(\.message) == ["s:1: found a byte order mark (EF BB BF) before the text, wanted plain UTF-8 without one. Mend the line, or put # before it."])
  }

  @Test("a list of more than 1 MiB is not read, and of many problems the first hundred are told")
  func bounds() {
    let list = AllowedSigners([UInt8](repeating: 0x0a, count: (1 << 20) + 1), file: "s")
    #expect(list.problems.map(\.message) == ["s: found 1048577 bytes, wanted at most 1048576. Shorten the file."])
    let many = AllowedSigners(Array(String(repeating: "x\n", count: 500_000).utf8), file: "s")
    #expect(many.problems.count == 100 && many.problems.last?.line == 100)
  }
}
