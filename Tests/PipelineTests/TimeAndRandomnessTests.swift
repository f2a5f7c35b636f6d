import OmphalosValues
import Testing

@testable import Pipeline

@Suite("Time and randomness for plugins")
struct TimeAndRandomnessTests {
  private let fixed = TimeAndRandomness(fingerprint: SHA256Digest(hashing: "omphalos test"), hermetic: true)
  private let real = TimeAndRandomness(fingerprint: SHA256Digest(hashing: "omphalos test"), hermetic: false)

  private func hex(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  // Python: hmac.new(fingerprint, b"".join(struct.pack("<Q", len(x)) + x for x in (plugin, capability, instance,
  // label)) + struct.pack("<QQ", index, block), "sha256") for block 0, 1 …; the clock as in DeterministicClock.
  @Test("in a hermetic run they are the vectors that Python computes")
  func vectors() {
    #expect(fixed.now() == 1_162_624_574_000_000_000)
    #expect(
      hex(
        fixed.bytes(
          plugin: "com.example.p", capability: "table", instance: "feed", label: Array("rows".utf8), index: 7, count: 40
        ))
        == "99c4e1eb0566829d19f49d56d486750d272ecab890dacbb6b76d24eb4d9baf2bd4fa629687b1dc79")
    #expect(
      hex(fixed.bytes(plugin: "com.example.p", capability: "", instance: "", label: [], index: 0, count: 8))
        == "9c03addb61979b46")
    #expect(
      hex(
        fixed.bytes(
          plugin: "com.example.p", capability: "table", instance: "größe", label: [0, 0xff], index: .max, count: 16))
        == "6533f50cdbbd7e39b93fdac26914ce4f")
  }

  @Test("fewer bytes are the beginning of more")
  func prefixes() {
    func bytes(_ count: Int) -> [UInt8] {
      fixed.bytes(plugin: "p", capability: "c", instance: "i", label: [1], index: 1, count: count)
    }
    let all = bytes(1 << 20)
    for count in [0, 1, 31, 32, 33, 1000] { #expect(bytes(count) == Array(all.prefix(count))) }
    #expect(all.count == 1 << 20)
  }

  @Test("every part of the question counts, and none runs into its neighbour")
  func parts() {
    func bytes(_ plugin: String, _ capability: String, _ instance: String, _ label: String, _ index: UInt64) -> [UInt8]
    {
      fixed.bytes(
        plugin: plugin, capability: capability, instance: instance, label: Array(label.utf8), index: index, count: 16)
    }
    let all = [
      bytes("p", "c", "i", "l", 0), bytes("p", "c", "i", "l", 1), bytes("p", "c", "i", "m", 0),
      bytes("p", "c", "j", "l", 0), bytes("p", "d", "i", "l", 0), bytes("q", "c", "i", "l", 0),
      bytes("pc", "", "i", "l", 0), bytes("p", "ci", "", "l", 0), bytes("p", "c", "il", "", 0),
    ]
    #expect(Set(all).count == all.count)
    let other = TimeAndRandomness(fingerprint: SHA256Digest(hashing: "another"), hermetic: true)
    #expect(
      other.bytes(plugin: "p", capability: "c", instance: "i", label: [108], index: 0, count: 16) != all[0])
    #expect(other.now() != fixed.now())
  }

  @Test("otherwise they are the system's")
  func system() {
    #expect(real.now() > 1_700_000_000_000_000_000)
    func bytes() -> [UInt8] { real.bytes(plugin: "p", capability: "c", instance: "i", label: [], index: 0, count: 32) }
    #expect(bytes().count == 32 && bytes() != bytes())
  }
}
