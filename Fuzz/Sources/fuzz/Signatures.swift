import OmphalosValues
import Signatures

/// A signature as it lies in a file, and the same bytes as what is inside the armour: few changes of Base64 get far.
func fuzzSignature(_ input: [UInt8]) {
  for (form, bytes) in [("file", input), ("blob", armour(input))] {
    do throws(SSHSignatureError) {
      let signature = try SSHSignature(armoured: bytes, file: "fuzz.sig")
      let again = try SSHSignature(armoured: bytes, file: "fuzz.sig")
      promise(signature == again, "the same \(form) reads differently a second time")
      promise(signature.key.fingerprint.utf8.count == 50, "a fingerprint of another length: \(signature.key.fingerprint)")
      let nobody = AllowedSigners([], file: "nobody")
      let check = SignatureCheck(
        signature, namespace: signature.namespace, signers: nobody, at: Timestamp(secondsSince1970: 0)
      ) { [UInt8](repeating: 0, count: $0.digestBytes) }
      promise(!check.isGood && !check.isSigned(by: ""), "a signature that nobody may make is good")
      promisePrintable(check.words, of: "the check")
    } catch {
      promisePrintable(error.message, of: "the reader of signatures")
    }
  }
}

func fuzzAllowedSigners(_ input: [UInt8]) {
  let list = AllowedSigners(input, file: "fuzz")
  promise(list == AllowedSigners(input, file: "fuzz"), "the same list reads differently a second time")
  for problem in list.problems { promisePrintable(problem.message, of: "the reader of signers") }
  let lines = input.count { $0 == 0x0a } + 1
  promise(list.signers.allSatisfy { 1...lines ~= $0.line }, "a signer stands on a line that is not there")
  promise(list.problems.allSatisfy { 1...lines ~= $0.line ?? 1 }, "a problem stands on a line that is not there")
  for signer in list.signers.prefix(20) {
    for name in ["", "a", signer.principals] { _ = signer.isNamed(name) }
    if let key = signer.key { promise(key.fingerprint.hasPrefix("SHA256:"), "no fingerprint: \(key.fingerprint)") }
    if let after = signer.validAfter, let before = signer.validBefore {
      promise(after.time < before.time, "a signer is valid at no time")
    }
  }
}

/// What `ssh-keygen -Y sign` writes around these bytes.
private func armour(_ bytes: [UInt8]) -> [UInt8] {
  let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
  var text = Array("-----BEGIN SSH SIGNATURE-----\n".utf8)
  for start in stride(from: 0, to: bytes.count, by: 3) {
    let group = bytes[start..<min(start + 3, bytes.count)]
    let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
    for digit in 0..<4 { text.append(digit <= group.count ? alphabet[bits >> (18 - 6 * digit) & 0x3f] : UInt8(ascii: "=")) }
  }
  return text + Array("\n-----END SSH SIGNATURE-----\n".utf8)
}
