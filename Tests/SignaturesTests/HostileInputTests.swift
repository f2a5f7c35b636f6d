import Foundation
import OmphalosValues
import Signatures
import Testing

/// Whatever is read: a value or a refusal, in bounded time, and never a crash.
@Suite("Hostile signatures and lists")
struct HostileInputTests {
  private static let blob = Blob(
    key: Blob.string("ssh-ed25519") + Blob.string([UInt8](repeating: 7, count: 32)), namespace: "omphalos-plugin",
    signatureType: "ssh-ed25519", signature: [UInt8](repeating: 9, count: 64))
  private static let signers = Array(
    """
    # comment
    "a b",*@x,!c@x namespaces="omphalos-*,!x",valid-after="20260101Z",valid-before="20270101" ssh-ed25519 \
    AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA me
    d@x cert-authority ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAAQ\n
    """.utf8)

  /// Reads it as both; a refusal has to say something that a terminal may show.
  private func read(_ bytes: [UInt8]) {
    do {
      let signature = try SSHSignature(armoured: bytes, file: "sig")
      let list = AllowedSigners(bytes, file: "signers")
      let check = SignatureCheck(signature, namespace: signature.namespace, signers: list, at: Timestamp(secondsSince1970: 0)) {
        [UInt8](repeating: 0, count: $0.digestBytes)
      }
      #expect(!check.isGood)
    } catch {
      expectPrintable(error.message)
    }
    let list = AllowedSigners(bytes, file: "signers")
    for problem in list.problems { expectPrintable(problem.message) }
    for signer in list.signers { _ = signer.isNamed("a@x") }
  }

  private func expectPrintable(_ message: String) {
    #expect(message.utf8.count > 20 && !message.unicodeScalars.contains { $0.properties.generalCategory == .control })
  }

  @Test("random bytes")
  func random() {
    var numbers = Numbers(state: 1)
    for _ in 0..<2000 {
      read((0..<Int.random(in: 0..<400, using: &numbers)).map { _ in UInt8.random(in: 0...255, using: &numbers) })
    }
  }

  @Test("a signature and a list with some bytes changed, left out or doubled")
  func mutated() {
    var numbers = Numbers(state: 2)
    let armoured = Self.blob.armoured
    for round in 0..<6000 {
      var bytes = round % 3 == 0 ? armoured : round % 3 == 1 ? Self.signers : Self.blob.bytes
      for _ in 0..<Int.random(in: 1...4, using: &numbers) {
        let place = Int.random(in: 0..<bytes.count, using: &numbers)
        switch Int.random(in: 0..<3, using: &numbers) {
        case 0: bytes[place] = UInt8.random(in: 0...255, using: &numbers)
        case 1: bytes.remove(at: place)
        default: bytes.insert(bytes[place], at: place)
        }
      }
      read(round % 3 == 2 ? Blob.armour(bytes) : bytes)
    }
  }

  @Test("each length of the fields made huge, and the blob cut short at each byte")
  func lengths() {
    let bytes = Self.blob.bytes
    for place in 0..<bytes.count - 4 {
      for value: [UInt8] in [[0xff, 0xff, 0xff, 0xff], [0x7f, 0xff, 0xff, 0xff], [0x80, 0, 0, 0], [0, 0, 0, 0]] {
        var changed = bytes
        changed.replaceSubrange(place..<place + 4, with: value)
        read(Blob.armour(changed))
      }
      read(Blob.armour(Array(bytes.prefix(place))))
    }
  }

  @Test("patterns that take ages by trial and error, and lines of a megabyte")
  func slow() {
    let stars = String(repeating: "*a", count: 500) + "b"
    let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    let list = AllowedSigners(Array("\(stars) \(key)\n".utf8), file: "s")
    #expect(list.signers.first?.isNamed(String(repeating: "a", count: 5000)) == false)
    for text in ["a", "a ", "\"", "a namespaces=\"", ",", "!", "a \\\"", "a ssh-rsa A", "a b=,"] {
      read(Array(String(repeating: text, count: (1 << 20) / text.utf8.count - 1).utf8))
    }
  }
}
