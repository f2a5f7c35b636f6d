import OmphalosValues
import Testing

@Suite("reading YAML")
struct YAMLReaderTests {
  @Test("a pipeline becomes the JSON value that it means")
  func pipeline() throws {
    let node = try YAMLNode.parse(
      bytes: Array(
        """
        # a comment
        schema_version: "1.0"
        run: { name: "trade-screening", seed: 1337, hermetic: true }
        inputs:
          - { name: registry, files: { data: data/entities.csv }, config: { } }
          - name: feed
            config:
              delimiter: ';'
              note: |
                two
                lines
        limits: { call_timeout: 10m, bytes: 10GiB }
        """.utf8), file: "p.yaml")
    #expect(
      node.json == [
        "schema_version": "1.0",
        "run": ["name": "trade-screening", "seed": 1337, "hermetic": true],
        "inputs": [
          ["name": "registry", "files": ["data": "data/entities.csv"], "config": [:]],
          ["name": "feed", "config": ["delimiter": ";", "note": "two\nlines\n"]],
        ],
        "limits": ["call_timeout": "10m", "bytes": "10GiB"],
      ])
  }

  @Test("every value and every key knows its line and column")
  func marks() throws {
    let node = try parse("run:\n  seed: 1\ninputs:\n  - é: [10, 20]\n    b: x\n")
    func place(_ mark: SourceMark) -> String { mark.description }
    #expect(place(node.mark(at: [.key("run"), .key("seed")])) == "p.yaml:2:9")
    #expect(place(node.keyMark(at: [.key("run"), .key("seed")])) == "p.yaml:2:3")
    #expect(place(node.mark(at: [.key("inputs"), .index(0), .key("é"), .index(1)])) == "p.yaml:4:13")
    #expect(place(node.keyMark(at: [.key("inputs"), .index(0), .key("b")])) == "p.yaml:5:5")
  }

  @Test("a path that leads to nothing ends at the last value on it")
  func missingPaths() throws {
    let node = try parse("run:\n  seed: 1\n")
    #expect(node.mark(at: [.key("run"), .key("nmae")]).line == 2)
    #expect(node.mark(at: [.key("x"), .key("y")]).line == 1)
    #expect(node.mark(at: [.key("run"), .index(3)]).line == 2)
    #expect(node.keyMark(at: [.key("run"), .key("missing")]).line == 2)
    #expect(node.keyMark(at: []).line == 1)
  }

  @Test("an alias repeats its anchor's value")
  func aliases() throws {
    let node = try parse("base: &base {a: 1}\nother: *base\nlist: [&x 5, *x]\n")
    #expect(node.json == ["base": ["a": 1], "other": ["a": 1], "list": [5, 5]])
  }

  @Test("aliases that would stand for billions of values are refused, as values and as keys")
  func aliasBombs() throws {
    var text = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n"
    for level in 1...12 {
      let aliases = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ",")
      text += "a\(level): &a\(level) [\(aliases)]\n"
    }
    #expect(try failure(text).message.contains("more than 100000 values"))
    for key in [
      "? *a12\n: 1\n", "? [*a12]\n: 1\n", "*a12 : 1\n", "k: {[*a12, *a12]: 1}\n", "k: {*a12 : 1}\n",
      "?\n  - *a12\n: 1\n",
    ] {
      #expect(try failure(text + key).message.contains("a key must be"), "\(key)")
    }
  }

  @Test("nesting is refused beyond its limit, in every style")
  func depth() throws {
    func flow(_ depth: Int) -> String { String(repeating: "[", count: depth) + String(repeating: "]", count: depth) }
    #expect(throws: Never.self) { try parse(flow(64)) }
    #expect(try failure(flow(70)).message.contains("more than 64 deep"))
    for text in [
      flow(900), flow(100_000), String(repeating: "[", count: 200_000), String(repeating: "{a: ", count: 50_000),
      String(repeating: "- ", count: 5000), String(repeating: "? ", count: 5000),
    ] {
      #expect(throws: ConfigurationError.self) { try parse(text) }
    }
  }

  @Test("a file that is no UTF-8 text is refused at the first wrong byte")
  func encodings() throws {
    let latin = #expect(throws: ConfigurationError.self) {
      try YAMLNode.parse(bytes: Array("a: 1\nb: ".utf8) + [0xe9, 0x0a], file: "p.yaml")
    }
    #expect(latin?.description == "p.yaml:2:4: the file is not valid UTF-8 from byte 8 on: save it as UTF-8")
    let mark = #expect(throws: ConfigurationError.self) {
      try YAMLNode.parse(bytes: [0xef, 0xbb, 0xbf] + Array("a: 1".utf8), file: "p.yaml")
    }
    #expect(mark?.message.contains("byte order mark") == true)
    let wide = #expect(throws: ConfigurationError.self) {
      try YAMLNode.parse(bytes: [0xff, 0xfe, 0x61, 0x00], file: "p.yaml")
    }
    #expect(wide?.message.contains("not valid UTF-8 from byte 0") == true)
    #expect(
      try failure("a: 1\nb: \u{7}").description.hasPrefix("p.yaml:2:4: the file holds the control character U+0007"))
    #expect(try failure("a: \0").message.contains("U+0000"))
  }

  @Test(
    "characters that only YAML 1.1 takes for line breaks are refused, and kept where they are escaped",
    arguments: ["0085", "2028", "2029"])
  func otherLineBreaks(code: String) throws {
    let scalar = try #require(UInt32(code, radix: 16).flatMap(Unicode.Scalar.init))
    // The spaces after the character would be lost.
    let message = try failure("a: 1\nb: \"x\(scalar)   y\"").description
    #expect(message.hasPrefix("p.yaml:2:6: the file holds U+\(code), which is text here and a line break in YAML 1.1"))
    #expect(message.contains("write \\u\(code) in double quotes"))
    let escaped = try YAMLNode.parse(bytes: Array("b: \"x\\u\(code)   y\"".utf8), file: "p.yaml")
    #expect(escaped.json == ["b": .string("x\(scalar)   y")])
  }

  @Test("a file beyond a mebibyte is refused before it is read")
  func size() throws {
    #expect(
      try failure("a: " + String(repeating: "x", count: 1 << 20)).message.contains("at most 1048576 are accepted"))
  }

  @Test("every prefix and every changed byte of a file ends in a value or an error")
  func mutations() {
    let text = Array("a: &x [1, \"é\\n\", 'b']\nb:\n  - *x\n  - {c: !!str d, ? e : f}\n  - |\n   g\n--- # h\n".utf8)
    var outcomes = (values: 0, errors: 0)
    func attempt(_ bytes: [UInt8]) {
      do {
        _ = try YAMLNode.parse(bytes: bytes, file: "p.yaml").json.canonicalBytes
        outcomes.values += 1
      } catch {
        outcomes.errors += 1
      }
    }
    for end in text.indices { attempt(Array(text[..<end])) }
    for index in text.indices {
      for byte in "\0\t\n !\"#%&'*,-.:?@[]{}|>\\~0x\u{80}".utf8 {
        var changed = text
        changed[index] = byte
        attempt(changed)
      }
    }
    #expect(outcomes.values > 0)
    #expect(outcomes.errors > 0)
  }
}

private func parse(_ text: String) throws -> YAMLNode {
  try YAMLNode.parse(bytes: Array(text.utf8), file: "p.yaml")
}

private func failure(_ text: String) throws -> ConfigurationError {
  try #require(throws: ConfigurationError.self) { try parse(text) }
}
