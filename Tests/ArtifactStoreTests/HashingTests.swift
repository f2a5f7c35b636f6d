import LinuxCalls
import OmphalosValues
import Testing

@testable import ArtifactStore

@Suite("Hashing while writing")
struct HashingTests {
  private static let sizes = [0, 1, 1000, 512 << 10, (512 << 10) + 1, 3 << 20, 40 << 20]

  @Test("the digest is that of the pieces in their order, on this thread alone and with another one", arguments: sizes)
  func digest(_ size: Int) throws {
    var bytes = [UInt8](repeating: 0, count: size)
    for index in bytes.indices { bytes[index] = UInt8(truncatingIfNeeded: index &* 31 &+ index / 4096) }
    for thread in [nil, try WorkThread()] {
      let hasher = StreamHasher(on: thread)
      var start = 0
      var length = 1
      while start < size {
        let end = min(size, start + length)
        hasher.update(Array(bytes[start..<end]))
        start = end
        length = min(length * 7, 256 << 10)
      }
      #expect(hasher.finalize() == SHA256Digest(hashing: bytes))
    }
  }

  @Test("several large artifacts at once share the thread and do not mix")
  func several() throws {
    let thread = try WorkThread()
    let digests = Cores.map(8) { number in
      let hasher = StreamHasher(on: thread)
      for piece in 0..<100 { hasher.update([UInt8](repeating: UInt8(number &* 16 &+ piece % 16), count: 50_000)) }
      return hasher.finalize()
    }
    let wanted = (0..<8).map { number in
      SHA256Digest(
        hashing: (0..<100).flatMap { [UInt8](repeating: UInt8(truncatingIfNeeded: number &* 16 &+ $0 % 16), count: 50_000) })
    }
    #expect(digests == wanted)
  }
}
