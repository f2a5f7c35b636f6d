import Foundation
import OmphalosValues
import Signatures
import Testing

@Suite("What a signature is worth", .enabled(if: SigningKit.isThere, "ssh-keygen is not installed"))
struct OutcomeTests {
  private let kit: SigningKit
  private let noon = Timestamp(secondsSince1970: 1_772_366_400)

  init() throws { kit = try SigningKit.shared.get() }

  private func check(
    _ signers: String, key: String = "ed25519", namespace: String = SigningKit.namespace, message: [UInt8]? = nil,
    hash: String? = nil
  ) throws -> SignatureCheck {
    let signature = try SSHSignature(
      armoured: kit.sign(kit.message, key: key, namespace: namespace, hash: hash), file: "acme.so.sig")
    let text = signers.replacing("KEY", with: try kit.publicKey(key))
    let list = AllowedSigners(Array(text.utf8), file: "allowed_signers")
    return SignatureCheck(signature, namespace: SigningKit.namespace, signers: list, at: noon) {
      digest(message ?? kit.message, $0)
    }
  }

  @Test("a good one names line, patterns, type of key and fingerprint, the one that ssh-keygen prints", arguments: ["ed25519", "p256", "rsa"])
  func good(_ key: String) throws {
    let check = try check("# a comment\nrelease@acme.example,*@example.org KEY\n", key: key)
    guard case .good(let signer) = check.outcome else { throw SigningKit.Failure(description: check.words) }
    let type = ["ed25519": "ssh-ed25519", "p256": "ecdsa-sha2-nistp256", "rsa": "ssh-rsa"][key]
    #expect(signer.line == 2 && signer.principals == "release@acme.example,*@example.org")
    #expect(check.signature.key.type == type)
    #expect(try check.signature.key.fingerprint == kit.fingerprint(key))
    #expect(check.words.hasPrefix("is good: made by the \(type ?? "") key SHA256:"))
    #expect(check.words.hasSuffix("which allowed_signers:2 lists for release@acme.example,*@example.org"))
    #expect(check.isGood && check.isSigned(by: "release@acme.example") && check.isSigned(by: "a@example.org"))
    #expect(!check.isSigned(by: "other@acme.example") && !check.isSigned(by: "*"))
  }

  @Test("the digest is asked for by the signature's hash, once")
  func digests() throws {
    for hash in SSHSignature.MessageHash.allCases {
      let signature = try SSHSignature(armoured: kit.sign(kit.message, hash: hash.rawValue), file: "x")
      var asked: [SSHSignature.MessageHash] = []
      let list = AllowedSigners([], file: "none")
      let check = SignatureCheck(signature, namespace: SigningKit.namespace, signers: list, at: noon) {
        asked.append($0)
        return digest(kit.message, $0)
      }
      #expect(check.outcome == .unknownKey && asked == [hash])
    }
  }

  @Test("one over other bytes is broken, whoever may sign")
  func broken() throws {
    let check = try check("* KEY\n", message: [1])
    #expect(check.outcome == .broken && !check.isGood && !check.isSigned(by: "x"))
    #expect(check.words.contains("did not make it over these bytes"))
  }

  @Test("one for something else says for what")
  func namespace() throws {
    let check = try check("* KEY\n", namespace: "git")
    #expect(check.outcome == .wrongNamespace(found: "git", wanted: "omphalos-plugin"))
    #expect(check.words == "was made for \"git\", wanted \"omphalos-plugin\"")
  }

  @Test("one by a key that nobody lists names the key")
  func unknown() throws {
    let check = try check("* ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n")
    #expect(check.outcome == .unknownKey)
    #expect(check.words == "was made by the ssh-ed25519 key \(try kit.fingerprint("ed25519")), which no line of allowed_signers has")
  }

  @Test("a key that is listed and not permitted says for each line why, with the bound as written and in UTC")
  func barred() throws {
    let check = try check(
      """
      a@x namespaces="git,file" KEY
      b@x valid-after="20260302" KEY
      c@x valid-before="202603011159Z" KEY
      d@x cert-authority KEY

      """)
    guard case .barred(let bars) = check.outcome else { throw SigningKit.Failure(description: check.words) }
    #expect(bars.map(\.line) == [1, 2, 3])
    #expect(bars.map(\.principals) == ["a@x", "b@x", "c@x"])
    #expect(
      check.words.hasSuffix(
        "which is not permitted: allowed_signers:1 (a@x) has it for the namespaces \"git,file\" only; "
          + "allowed_signers:2 (b@x) has it from \"20260302\" (2026-03-02T00:00:00Z) on, and it is 2026-03-01T12:00:00Z; "
          + "allowed_signers:3 (c@x) has it until \"202603011159Z\" (2026-03-01T11:59:00Z), and it is 2026-03-01T12:00:00Z"))
    #expect(!check.isSigned(by: "a@x"))
  }

  @Test("a later line that permits the key is found, and only its names are those of the signer")
  func laterLine() throws {
    let check = try check("a@x valid-before=\"20260101Z\" KEY\nb@x KEY\nc@x KEY\n")
    guard case .good(let signer) = check.outcome else { throw SigningKit.Failure(description: check.words) }
    #expect(signer.line == 2)
    #expect(!check.isSigned(by: "a@x") && check.isSigned(by: "b@x") && check.signer(named: "c@x")?.line == 3)
  }
}
