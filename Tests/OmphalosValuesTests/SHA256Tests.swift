import OmphalosValues
import Testing

@Suite("SHA-256")
struct SHA256Tests {
  @Test(
    "the examples of FIPS 180-4 give their published digests",
    arguments: [
      ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
      ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
      (
        "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
      ),
    ])
  func publishedDigests(text: String, hex: String) {
    #expect(SHA256Digest(hashing: text).hex == hex)
    #expect(SHA256Digest(hashing: Array(text.utf8)).description == hex)
  }

  @Test("a digest does not depend on how the bytes were cut into pieces")
  func pieces() {
    let bytes = (0..<1000).map { UInt8(truncatingIfNeeded: $0 * 7) }
    var hasher = SHA256Hasher()
    hasher.update(bytes[..<3])
    hasher.update(Array(bytes[3..<64]))
    hasher.update([])
    hasher.update(bytes[64...])
    #expect(hasher.finalize() == SHA256Digest(hashing: bytes))
  }

  @Test("a digest can be taken in the middle, and hashing goes on")
  func middle() {
    var hasher = SHA256Hasher()
    hasher.update(utf8: "a")
    #expect(hasher.finalize() == SHA256Digest(hashing: "a"))
    var copy = hasher
    copy.update(utf8: "x")
    hasher.update(utf8: "bc")
    #expect(hasher.finalize() == SHA256Digest(hashing: "abc"))
    #expect(copy.finalize() == SHA256Digest(hashing: "ax"))
  }

  @Test("hexadecimal text and bytes lead back to the same digest")
  func roundTrip() throws {
    let digest = SHA256Digest(hashing: "abc")
    #expect(SHA256Digest(hex: digest.hex) == digest)
    #expect(SHA256Digest(bytes: digest.bytes) == digest)
    #expect(digest.leadingWord == 0xba78_16bf_8f01_cfea)
  }

  @Test("upper case, a wrong length and foreign characters are no digest")
  func refusedTexts() {
    let hex = SHA256Digest(hashing: "abc").hex
    for text in [
      hex.uppercased(), String(hex.dropLast()), hex + "0", "g" + hex.dropFirst(), "é" + hex.dropFirst(2), "",
    ] {
      #expect(SHA256Digest(hex: text) == nil, "\(text)")
    }
    #expect(SHA256Digest(bytes: [1, 2, 3]) == nil)
  }

  @Test("digests are ordered as their hexadecimal texts are")
  func order() {
    let digests = (0..<200).map { SHA256Digest(hashing: String($0)) }
    #expect(digests.sorted().map(\.hex) == digests.map(\.hex).sorted())
  }
}
