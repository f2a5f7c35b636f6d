import OmphalosValues
import Testing

@Suite("mistakes in YAML")
struct YAMLErrorTests {
  @Test(
    "a key that comes twice is shown where it comes again, whatever the style",
    arguments: [
      ("a: 1\nb: 2\na: 3\n", "p.yaml:3:1", 1),
      ("run:\n  seed: 1\n  name: x\n  \"seed\": 2\n", "p.yaml:4:3", 2),
      ("x: {a: 1, b: 2, a: 3}\n", "p.yaml:1:17", 1),
      ("- k: 1\n  k: 2\n", "p.yaml:2:3", 1),
      ("a:\n  k: 1\nb:\n  k:\n    k: 1\n  # k: 5\n  'k' : 2\n", "p.yaml:7:3", 4),
      ("é: {ü: 1, ü: 2}\n", "p.yaml:1:11", 1),
      ("a: 1\na: |\n  a: 2\n", "p.yaml:2:1", 1),
    ])
  func duplicateKeys(text: String, place: String, firstLine: Int) throws {
    let error = try failure(text)
    #expect(error.mark?.description == place)
    #expect(error.message.hasSuffix("comes twice in this mapping, first in line \(firstLine): keep one of them"))
  }

  @Test("a key that comes twice is shown at its first place where the second cannot be told")
  func untraceableDuplicates() throws {
    let error = try failure("a: {k: 1,\n  k: 2}\n")
    #expect(error.mark?.line == 1 || error.mark?.line == 2)
    #expect(error.message.contains("the key \"k\" comes twice"))
  }

  @Test("equal keys in different mappings are no duplicates")
  func independentKeys() throws {
    #expect(try parse("a: {k: 1}\nb: {k: 1}\nc: [{k: 1}, {k: 2}]\n").json["c"]?.arrayValue?.count == 2)
  }

  @Test(
    "a mistake has its place and a way out",
    arguments: [
      ("a:\n\tb: 1\n", 2, "use spaces"),
      ("a: b: c\n", 1, "in quotes"),
      ("a: *x\n", 1, "an alias needs its anchor above it"),
      ("a: *.csv\n", 1, "'*'"),
      ("a: @x\n", 1, "in quotes"),
      ("a: \"x\n\n", 1, "a quote or a bracket is not closed"),
      ("a: [1,\nb: 2\n", 3, "a flow sequence that begins in line 1"),
      ("--- 1\n--- 2\n", 2, "a configuration is one document"),
      ("a: 1\n b: 2\n", 2, "check the indent"),
      ("a:\n  b: 1\n c: 2\n", 3, "indent"),
      ("a: \"\\q\"\n", 1, "use single quotes"),
      ("", 1, "the file is empty"),
      ("# nothing\n", 1, "the file is empty"),
      ("1: x\n", 1, "a key must be a text, found the number 1: put it in quotes"),
      ("true: x\n", 1, "a key must be a text, found the boolean true"),
      ("~: x\n", 1, "a key must be a text"),
      ("on: x\n", 1, "the boolean true in YAML 1.1"),
      ("? [a]\n: b\n", 1, "a key must be a text; sequences and mappings are not supported"),
      ("&k a: 1\n", 1, "an anchor on a key is not supported"),
      ("<<: {a: 1}\n", 1, "a merge key in YAML 1.1"),
      ("a: !!set {x: 1}\n", 1, "the tag \"tag:yaml.org,2002:set\" is not supported"),
      ("%YAML 9.9\n---\na: 1\n", 1, "this is not YAML"),
    ])
  func mistakes(text: String, line: Int, words: String) throws {
    let error = try failure(text)
    #expect(error.message.contains(words), "\(error)")
    #expect(error.mark?.line == line, "\(error)")
  }

  @Test("an anchored key that an alias repeats cannot change what the value means")
  func anchoredKeys() throws {
    #expect(throws: ConfigurationError.self) { try parse("&a 5: x\nb: *a\n") }
  }
}

private func parse(_ text: String) throws -> YAMLNode {
  try YAMLNode.parse(bytes: Array(text.utf8), file: "p.yaml")
}

private func failure(_ text: String) throws -> ConfigurationError {
  try #require(throws: ConfigurationError.self) { try parse(text) }
}
