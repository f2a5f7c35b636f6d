import OmphalosValues
import Testing

@Suite("writing JSON")
struct JSONWritingTests {
  @Test("the canonical form has the digests of the published vectors")
  func vectors() throws {
    let first: JSONValue = ["schema": "1.0", "n": 3, "z": [["b": 1, "a": 2]], "s": "é\u{7}/"]
    #expect(first.canonicalText == #"{"n":3,"s":"é\u0007/","schema":"1.0","z":[{"a":2,"b":1}]}"#)
    #expect(
      SHA256Digest(hashing: first.canonicalBytes).hex
        == "aa05f3f935d7c6acb482c1f4d679b6960d56cbcbd045d58e599115678bd0ba20")
    let second: JSONValue = ["b": ["\u{1F600}": "x", "\u{FB33}": "y", "\r": 1], "a": [1, "é", nil, true]]
    #expect(
      SHA256Digest(hashing: second.canonicalBytes).hex
        == "0905e2450a81c6978b8564d3f87c52a007009a3107f07e9e7803f675010cd3c6")
  }

  @Test("only quotes, backslashes and control characters are escaped")
  func escapes() {
    let text = JSONValue.string("\u{8}\t\n\u{c}\r\u{1f}\0\"\\/\u{7f}\u{80}\u{2028}é😀").canonicalText
    #expect(text == #""\b\t\n\f\r\u001f\u0000\"\\/"# + "\u{7f}\u{80}\u{2028}é😀\"")
  }

  @Test("the form for people is indented by two spaces and ends in a newline; what is empty stays on its line")
  func pretty() {
    let value: JSONValue = ["b": [1, ["c": nil]], "a": [], "d": [:]]
    let expected = """
      {
        "a": [],
        "b": [
          1,
          {
            "c": null
          }
        ],
        "d": {}
      }

      """
    #expect(String(decoding: value.prettyBytes, as: UTF8.self) == expected)
  }

  @Test("keys are sorted by their bytes, where String would take two of them for one")
  func keyOrder() {
    let value: JSONValue = ["e\u{301}": 2, "\u{e9}": 1, "10": 0, "9": 0, "": 0]
    #expect(value.canonicalText == "{\"\":0,\"10\":0,\"9\":0,\"e\u{301}\":2,\"\u{e9}\":1}")
  }

  @Test("Python writes the same bytes, canonical and indented, for random values", .enabled(if: Python.isPresent))
  func againstPython() throws {
    let script = """
      import json, random, sys
      r = random.Random(1337)
      letters = ['a','é','e\\u0301','\\ufb33','\\U0001f600','"','\\\\','/','\\x7f','\\u2028','\\x00']
      letters += ['\\x1f','\\n','9','10','']
      def text(): return ''.join(r.choice(letters) for _ in range(r.randrange(6)))
      def value(depth):
          kind = r.randrange(9 if depth < 4 else 6)
          if kind == 0: return None
          if kind == 1: return r.random() < 0.5
          if kind == 2: return r.choice([0, -1, 2**63-1, -2**63, r.randrange(-10**6, 10**6)])
          if kind == 3: return r.choice([0.0, -0.0, 1e16, 1e-5, r.uniform(-1, 1) * 10.0**r.randrange(-300, 300)])
          if kind < 6: return text()
          if kind == 6: return [value(depth + 1) for _ in range(r.randrange(5))]
          return {text(): value(depth + 1) for _ in range(r.randrange(6))}
      cases = []
      for _ in range(1500):
          v = value(0)
          cases.append([json.dumps(v),
              json.dumps(v, sort_keys=True, separators=(',', ':'), ensure_ascii=False),
              json.dumps(v, sort_keys=True, indent=2, ensure_ascii=False) + '\\n'])
      json.dump(cases, sys.stdout)
      """
    let document = try JSONValue.parse(Python.output(of: script))
    let cases = try #require(document.arrayValue)
    #expect(cases.count == 1500)
    for entry in cases {
      let texts = (entry.arrayValue ?? []).compactMap(\.stringValue)
      try #require(texts.count == 3)
      let value = try JSONValue.parse(Array(texts[0].utf8))
      #expect(value.canonicalBytes == Array(texts[1].utf8), "\(texts[0])")
      #expect(value.prettyBytes == Array(texts[2].utf8), "\(texts[0])")
    }
  }

  @Test("what was written reads back as the same value")
  func roundTrip() throws {
    let value: JSONValue = ["a": [1, .number(0.1), "x\u{0}\u{1F600}", nil, [:], []], "b": ["c": true]]
    #expect(try JSONValue.parse(value.canonicalBytes) == value)
    #expect(try JSONValue.parse(value.prettyBytes) == value)
  }
}

@Suite("numbers with a fraction")
struct FiniteDoubleTests {
  @Test(
    "the text is the one of Python's repr",
    arguments: [
      (1.0, "1.0"), (-0.0, "-0.0"), (0.0, "0.0"), (1e15, "1000000000000000.0"), (1e16, "1e+16"), (1e20, "1e+20"),
      (1e22, "1e+22"), (123456789012345680.0, "1.2345678901234568e+17"), (9007199254740993.0, "9007199254740992.0"),
      (1e-4, "0.0001"), (1e-5, "1e-05"), (1.5e-7, "1.5e-07"), (Double.leastNonzeroMagnitude, "5e-324"), (4.5, "4.5"),
      (100.0, "100.0"),
      (333333333.33333329, "333333333.3333333"), (1.7976931348623157e308, "1.7976931348623157e+308"),
      (2.2250738585072014e-308, "2.2250738585072014e-308"), (-1234.5, "-1234.5"), (0.1, "0.1"), (1e100, "1e+100"),
    ])
  func representation(value: Double, text: String) throws {
    #expect(try #require(FiniteDouble(value)).description == text)
  }

  @Test("Python writes the same text for random bit patterns", .enabled(if: Python.isPresent))
  func againstPython() throws {
    let script = """
      import random, struct
      r = random.Random(7)
      for i in range(30000):
          x = r.uniform(-1, 1) * 10.0**r.randrange(-8, 20)
          bits = r.getrandbits(64) if i % 2 else struct.unpack('<Q', struct.pack('<d', x))[0]
          x = struct.unpack('<d', struct.pack('<Q', bits))[0]
          if x == x and abs(x) != float('inf'): print(bits, repr(x))
      """
    let lines = String(decoding: try Python.output(of: script), as: UTF8.self).split(separator: "\n")
    #expect(lines.count > 29_000)
    for line in lines {
      let parts = line.split(separator: " ")
      let bits = try #require(UInt64(parts[0]))
      let value = try #require(FiniteDouble(Double(bitPattern: bits)))
      #expect(value.description == parts[1])
    }
  }

  @Test("infinity and not-a-number cannot be made, so they cannot be written")
  func nonFinite() {
    #expect(FiniteDouble(.infinity) == nil)
    #expect(FiniteDouble(-.infinity) == nil)
    #expect(FiniteDouble(.nan) == nil)
  }

  @Test("zero and minus zero are written differently and are not equal")
  func zeros() throws {
    #expect(FiniteDouble(0.0) != FiniteDouble(-0.0))
  }
}

@Suite("JSON objects")
struct JSONObjectTests {
  @Test("equality and hash ignore the order of members and see their bytes")
  func equality() {
    let left: JSONValue = ["a": 1, "b": ["c": 2, "d": 3]]
    let right: JSONValue = ["b": ["d": 3, "c": 2], "a": 1]
    #expect(left == right)
    #expect(Set([left, right]).count == 1)
    #expect(left != ["a": 1])
    #expect(JSONValue.string("\u{e9}") != JSONValue.string("e\u{301}"))
    #expect(JSONValue.integer(1) != JSONValue.number(1.0))
  }

  @Test("a key can be set, replaced and removed, and the others keep their places")
  func mutation() {
    var object: JSONObject = ["a": 1, "b": 2, "c": 3]
    object["b"] = 20
    #expect(object.keys == ["a", "b", "c"])
    object["a"] = nil
    #expect(object.keys == ["b", "c"])
    #expect(object["c"] == 3)
    object["a"] = 4
    #expect(object.keys == ["b", "c", "a"])
    let refused = object.insert(5, for: "a")
    #expect(!refused)
    #expect(object["a"] == 4)
    let members: [(key: String, value: JSONValue)] = [("x", 1), ("x", 2)]
    #expect(JSONObject(members) == nil)
  }
}
