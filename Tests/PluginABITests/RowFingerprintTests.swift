import OmphalosValues
import Testing

@testable import PluginABI

@Suite("The fingerprint of a dataset's rows")
struct RowFingerprintTests {
  private let numbers: [Int32?] = [1, nil, 3, -4, 5, nil, 7, 8, 9]
  private let words: [String?] = ["a", "", nil, "längere Wörter", "e", "f", nil, "", "i"]

  /// The documented form, by hand: schema, then a byte and a length and the bytes for each value.
  private func byHand(_ numbers: [Int32?], _ words: [String?]) -> String {
    func number(_ value: Int) -> [UInt8] { TestColumn.bytes([UInt64(value)]) }
    func text(_ text: String) -> [UInt8] { number(text.utf8.count) + Array(text.utf8) }
    var bytes = number(2) + text("n") + text("i") + text("w") + text("u")
    for (value, word) in zip(numbers, words) {
      if let value { bytes += [1] + number(4) + TestColumn.bytes([value]) } else { bytes.append(0) }
      if let word { bytes += [1] + text(word) } else { bytes.append(0) }
    }
    return SHA256Digest(hashing: bytes).hex
  }

  @Test("it is the SHA-256 of the documented bytes")
  func documented() throws {
    #expect(try fingerprint([[.int32("n", numbers), .text("w", words)]]) == byHand(numbers, words))
  }

  @Test("it is the vector that Python computes from the documentation")
  func vector() throws {
    // struct.pack("<Q", n) for lengths, hashlib.sha256: columns n (i): 1, null; w (u): "a", "".
    let found = try fingerprint([[.int32("n", [1, nil]), .text("w", ["a", ""])]])
    #expect(found == "74478e30e41117e2cd52652c1d4768aaf865bc49e28af567f85218bfc8c0efaf")
  }

  @Test("batches of any size, empty ones among them, give the same", arguments: [1, 2, 4, 9])
  func batches(size: Int) throws {
    var batches: [[TestColumn]] = [[.int32("n", []), .text("w", [])]]
    for start in stride(from: 0, to: 9, by: size) {
      let range = start..<min(start + size, 9)
      batches.append([.int32("n", Array(numbers[range])), .text("w", Array(words[range]))])
    }
    #expect(try fingerprint(batches) == byHand(numbers, words))
  }

  @Test("offsets into buffers and slices of text give the same", arguments: [0, 1, 7, 8, 13])
  func offsets(offset: Int) throws {
    let columns: [TestColumn] = [
      .int32("n", numbers, offset: offset), .text("w", words, offset: offset, lead: "before the slice"),
    ]
    #expect(try fingerprint([columns]) == byHand(numbers, words))
  }

  @Test("bits are read at any offset", arguments: [0, 1, 7, 8, 9])
  func bits(offset: Int) throws {
    let values: [Bool?] = [true, false, nil, true, true, false, nil, false, true, true]
    #expect(
      try fingerprint([[.bool("b", values, offset: offset)]]) == fingerprint([[.bool("b", values)]]))
    var other = values
    other[8] = false
    #expect(try fingerprint([[.bool("b", other, offset: offset)]]) != fingerprint([[.bool("b", values)]]))
  }

  @Test(
    "a dictionary of any index type counts as its values",
    arguments: ["c", "C", "s", "S", "i", "I", "l", "L"], [0, 3])
  func dictionaries(format: String, offset: Int) throws {
    let values = TestColumn.text("ignored", ["x", "yy", nil, "zzz"], offset: 2, lead: "lead")
    let coded = TestColumn.coded("w", [3, 0, nil, 1, 1, 2], format: format, offset: offset, values: values)
    #expect(
      try fingerprint([[coded]]) == fingerprint([[.text("w", ["zzz", "x", nil, "yy", "yy", nil])]]))
  }

  @Test("a dictionary of structs counts as a column of structs")
  func dictionaryOfStructs() throws {
    func points(_ rows: [Int32]) -> [TestColumn] { [.int32("x", rows), .int32("y", rows.map { -$0 })] }
    let values = TestColumn.structure("", points([10, 20]), valid: [true, true])
    let plain = TestColumn.structure("p", points([20, 10, 20]), valid: [true, true, true])
    #expect(try fingerprint([[.coded("p", [1, 0, 1], values: values)]]) == fingerprint([[plain]]))
  }

  @Test("null, an empty text and a text of a NUL byte are three things; so are columns that only join alike")
  func distinctions() throws {
    let all: [[[TestColumn]]] = [
      [[.text("w", [nil])]], [[.text("w", [""])]], [[.text("w", ["\0"])]], [[.text("w", [])]],
      [[.text("w", [nil, nil])]], [[.text("v", [nil])]], [[.text("w", [nil], large: true)]],
      [[.text("a", ["bc"]), .text("b", ["d"])]], [[.text("a", ["b"]), .text("b", ["cd"])]],
      [[.text("ab", []), .text("c", [])]], [[.text("a", []), .text("bc", [])]], [[.int32("w", [])]],
      [[.int32("w", [0])]], [[.bool("w", [false])]],
    ]
    #expect(Set(try all.map(fingerprint)).count == all.count)
  }

  @Test("the bytes under a null do not count")
  func hiddenBytes() throws {
    var hidden = TestColumn.int32("n", [1, nil])
    hidden.buffers[1] = TestColumn.bytes([Int32(1), 12_345])
    #expect(try fingerprint([[hidden]]) == fingerprint([[.int32("n", [1, nil])]]))
    var text = TestColumn.text("w", ["a", "bb", "c"])
    text.buffers[0] = TestColumn.bits([true, false, true])
    #expect(try fingerprint([[text]]) == fingerprint([[.text("w", ["a", nil, "c"])]]))
  }

  @Test("lists count by their items, wherever these lie in the child, however the child is cut")
  func lists() throws {
    func lists(start: Int, offset: Int, childOffset: Int, large: Bool = false) throws -> String {
      let items = [Int32?](repeating: 99, count: start) + [1, 2, nil, 4]
      let child = TestColumn.int32("item", items, offset: childOffset)
      return try fingerprint([
        [
          .list(
            "l", of: child, ends: [start + 2, start + 2, nil, start + 4], start: start, offset: offset, large: large)
        ]
      ])
    }
    let plain = try lists(start: 0, offset: 0, childOffset: 0)
    #expect(try lists(start: 3, offset: 0, childOffset: 0) == plain)
    #expect(try lists(start: 0, offset: 5, childOffset: 0) == plain)
    #expect(try lists(start: 2, offset: 1, childOffset: 6) == plain)
    // Another format is another schema.
    #expect(try lists(start: 0, offset: 0, childOffset: 0, large: true) != plain)
    let shifted = TestColumn.list("l", of: .int32("item", [1, 2, nil, 4]), ends: [1, 2, nil, 4])
    #expect(try fingerprint([[shifted]]) != plain)
  }

  @Test("structs count by their parts, at any offset of theirs and of the parts")
  func structs() throws {
    let plain = TestColumn.structure(
      "s", [.int32("x", [1, 2, 3]), .text("y", ["a", nil, "c"])], valid: [true, false, true])
    // Offset 2 of the struct reaches into the children, whose own offset comes on top.
    let shifted = TestColumn.structure(
      "s", [.int32("x", [8, 9, 1, 2, 3], offset: 3), .text("y", ["p", "q", "a", nil, "c"])],
      valid: [true, false, true],
      offset: 2)
    #expect(try fingerprint([[plain]]) == fingerprint([[shifted]]))
    let other = TestColumn.structure(
      "s", [.int32("x", [1, 2, 4]), .text("y", ["a", nil, "c"])], valid: [true, false, true])
    #expect(try fingerprint([[plain]]) != fingerprint([[other]]))
  }

  @Test("two structs of one shape on paper are two schemas, even without a row")
  func nestedSchemas() throws {
    let inner = TestColumn.structure("s", [.structure("a", [.int32("b", [])], valid: []), .int32("c", [])], valid: [])
    let outer = TestColumn.structure("s", [.structure("a", [.int32("b", []), .int32("c", [])], valid: [])], valid: [])
    #expect(try fingerprint([[inner]]) != fingerprint([[outer]]))
  }

  @Test("lists of fixed size are read at the right place under offsets")
  func fixedLists() throws {
    func column(offset: Int, lead: [Int32?]) -> TestColumn {
      TestColumn(
        name: "f", format: "+w:2", length: 2, offset: offset, buffers: [TestColumn.validity([1, 1], offset: offset)],
        children: [.int32("item", lead + [1, 2, 3, nil])])
    }
    #expect(
      try fingerprint([[column(offset: 0, lead: [])]]) == fingerprint([[column(offset: 2, lead: [7, 7, 7, 7])]]))
  }

  @Test("a value of more than 64 KiB and many rows cross the inner buffer without a trace")
  func large() throws {
    let big = String(repeating: "x", count: 200_000)
    let words: [String?] = [big, nil, "", big] + (0..<5000).map { "row \($0)" }
    let numbers = (0..<words.count).map { Int32?(Int32($0)) }
    #expect(try fingerprint([[.int32("n", numbers), .text("w", words)]]) == byHand(numbers, words))
  }
}
