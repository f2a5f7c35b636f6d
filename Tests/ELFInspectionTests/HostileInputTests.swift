import ELFInspection
import OmphalosValues
import TestSupport
import Testing

/// Numbers that are the same in every run: a failure can be repeated.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var value = state
    value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
    value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
    return value ^ (value >> 31)
  }
}

/// Counts what is read, and fails on what lies outside.
final class CountingSource: ByteSource {
  let bytes: [UInt8]
  private(set) var reads = 0
  private(set) var total = 0
  init(_ bytes: [UInt8]) { self.bytes = bytes }
  var byteCount: Int { bytes.count }
  var name: String { "counted.so" }
  func bytes(at offset: Int, count: Int) throws -> [UInt8] {
    reads += 1
    total += count
    return try MemoryBytes(bytes, name: name).bytes(at: offset, count: count)
  }
}

@Suite("Hostile input ends in facts or in one error, never in a trap")
struct HostileInputTests {
  @Test("a file that is cut at any length is read or refused")
  func everyLength() throws {
    let bytes = try Plain.object.bytes
    let whole = try Plain.object.inspect()
    for length in Array(0..<min(4_096, bytes.count)) + stride(from: 4_096, to: bytes.count, by: 61) {
      let cut = SharedObject(Array(bytes.prefix(length)))
      do throws(ELFError) {
        // Only the section headers at the end may be missing.
        let facts = try cut.inspect()
        #expect(facts.exports == whole.exports && facts.notes == whole.notes)
      } catch {
        #expect(!error.message.isEmpty)
      }
    }
  }

  @Test("flipped bytes never trap", arguments: 0..<8 as Range<UInt64>)
  func flippedBytes(seed: UInt64) throws {
    var random = SplitMix(state: seed)
    let plain = try Plain.object
    // Headers, dynamic section and tables lie in the first pages: hit them more often than code.
    let interesting = min(plain.bytes.count, 4_096)
    for round in 0..<1_500 {
      var object = plain
      for _ in 0..<Int.random(in: 1...6, using: &random) {
        let limit = round % 3 == 0 ? plain.bytes.count : interesting
        object.bytes[Int.random(in: 0..<limit, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      _ = object.fault
    }
  }

  @Test("extreme numbers in every field of headers and dynamic section never trap")
  func extremeNumbers() throws {
    let plain = try Plain.object
    let dynamic = try #require(plain.programHeaders(type: 2).first)
    let dynamicStart = Int(plain.number(at: dynamic + 8, bytes: 8))
    let dynamicEnd = dynamicStart + Int(plain.number(at: dynamic + 32, bytes: 8))
    let headers = Array(stride(from: 16, to: 64 + Int(plain.number(at: 56, bytes: 2)) * 56, by: 8))
    let extremes: [UInt64] = [
      0, 1, 7, 8, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, 1 << 32, .max >> 1, 1 << 63, .max - 7, .max,
      UInt64(plain.bytes.count), UInt64(plain.bytes.count) - 1,
    ]
    for offset in headers + stride(from: dynamicStart, to: dynamicEnd, by: 8) {
      for value in extremes {
        var object = plain
        object.set(value, at: offset, bytes: 8)
        _ = object.fault
      }
    }
  }

  @Test("extreme numbers in hash tables, symbols and versions never trap", arguments: ["gnu", "sysv"])
  func extremeTables(style: String) throws {
    let plain = try SharedObject(c: plainSource, flags: ["-Wl,--hash-style=\(style)"])
    for tag in [4, 5, 6, 7, 23, 0x6fff_fef5, 0x6fff_fff0, 0x6fff_fffe] as [UInt64] {
      guard let place = plain.dynamicValue(tag: tag), let start = plain.offset(of: plain.number(at: place, bytes: 8))
      else { continue }
      for offset in start..<min(start + 160, plain.bytes.count - 4) {
        for value in [0, 1, 0x8000, 0x7fff_ffff, 0xffff_ffff] as [UInt64] {
          var object = plain
          object.set(value, at: offset, bytes: 4)
          _ = object.fault
        }
      }
    }
  }

  @Test("names that overlap cannot make the reader do more work than the limit allows")
  func nameBudget() throws {
    // 300 KB of names, and thousands of symbols that all begin at the front of the longest one.
    let long = String(repeating: "x", count: 60_000)
    var source = "int \(long);\n"
    for index in 0..<4_000 { source += "int s\(index);\n" }
    var object = try SharedObject(c: source, flags: ["-Wl,--hash-style=sysv"])
    let symbols = try #require(
      object.dynamicValue(tag: 6).flatMap { object.offset(of: object.number(at: $0, bytes: 8)) })
    let hash = try #require(object.dynamicValue(tag: 4).flatMap { object.offset(of: object.number(at: $0, bytes: 8)) })
    let count = Int(object.number(at: hash + 4, bytes: 4))
    let longest = (1..<count).map { object.number(at: symbols + $0 * 24, bytes: 4) }
    let strings = try #require(
      object.dynamicValue(tag: 5).flatMap { object.offset(of: object.number(at: $0, bytes: 8)) })
    let name = try #require(longest.first { object.bytes[strings + Int($0) + 1] == UInt8(ascii: "x") })
    for index in 1..<count { object.set(name, at: symbols + index * 24, bytes: 4) }
    guard case .tooLarge(let what, _, _) = object.fault else {
      Issue.record("\(object.message)")
      return
    }
    #expect(what == "the sum of all names")
  }

  @Test("a large object costs a few large reads, not one for each symbol")
  func fewReads() throws {
    var source = "#include <stdio.h>\n"
    for index in 0..<3_000 { source += "int function_number_\(index)(void) { return puts(\"\(index)\"); }\n" }
    let source_ = CountingSource(try SharedObject(c: source).bytes)
    #expect(try ELFInspector.inspect(source_).exports.count >= 3_000)
    #expect(source_.reads <= 20)
    #expect(source_.total <= source_.byteCount * 2)
  }

  @Test("a source that fails while it is read is reported with its own words")
  func failingSource() throws {
    struct Failing: ByteSource {
      let byteCount = 4_096
      let name = "broken.so"
      func bytes(at offset: Int, count: Int) throws -> [UInt8] {
        throw ValueError(what: "disk", found: "x", wanted: "a better one")
      }
    }
    do throws(ELFError) {
      _ = try ELFInspector.inspect(Failing())
      Issue.record("it was read")
    } catch {
      #expect(error.message == "broken.so cannot be read: \"x\" is not a valid disk: wanted a better one.")
    }
  }
}
