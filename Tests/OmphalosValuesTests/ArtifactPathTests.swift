import OmphalosValues
import Testing

@Suite("artifact paths")
struct ArtifactPathTests {
  @Test(
    "an ordinary path is taken as it stands",
    arguments: [
      "exports/a.csv", "a", "lineage/...", "warehouse/.hidden", "exports/é ü.txt", "exports/back\\slash", "exports/😀",
    ])
  func accepted(text: String) throws {
    let path = try ArtifactPath(text)
    #expect(path.text == text)
    #expect(try ArtifactPath(utf8: Array(text.utf8)) == path)
    #expect(path.parts.joined(separator: "/") == text)
  }

  @Test(
    "each broken rule is named",
    arguments: [
      ("", "at least one part"), ("/etc/passwd", "relative"), ("exports//a", "empty part"), ("exports/", "empty part"),
      ("..", "'.' or '..'"), ("exports/../x", "'.' or '..'"), ("./a", "'.' or '..'"), ("exports/.", "'.' or '..'"),
      ("exports/a\0b", "found U+0000"), ("a\u{1b}[31m", "found U+001B"), ("a\u{7f}", "found U+007F"),
      ("a\u{85}b", "found U+0085"), ("exports/e\u{301}", "normalization form C"), ("\u{212b}", "normalization form C"),
      ("a\u{323}\u{307}", "normalization form C"),
    ])
  func refused(text: String, rule: String) throws {
    let error = #expect(throws: ValueError.self) { try ArtifactPath(text) }
    #expect(error?.message.contains(rule) == true, "\(String(describing: error))")
    #expect(throws: ValueError.self) { try ArtifactPath(utf8: Array(text.utf8)) }
  }

  @Test("a part may have 255 bytes and a path 1,024, and not one more")
  func lengths() throws {
    let part = String(repeating: "a", count: 255)
    let longest = [part, part, part, String(repeating: "é", count: 127) + "ab"].joined(separator: "/") + "c"
    #expect(throws: ValueError.self) { try ArtifactPath(longest) }
    let whole = [part, part, part, String(part.dropLast(0))].joined(separator: "/")
    #expect(whole.utf8.count == 1023)
    #expect(try ArtifactPath(whole).parts.count == 4)
    #expect(throws: ValueError.self) { try ArtifactPath(whole + "/a") }
    #expect(throws: ValueError.self) { try ArtifactPath(part + "a") }
    let umlauts = String(repeating: "é", count: 127) + "a"
    #expect(try ArtifactPath(umlauts).text == umlauts)
    #expect(throws: ValueError.self) { try ArtifactPath(umlauts + "a") }
  }

  @Test("bytes that are not UTF-8 are refused, and the message can be printed")
  func invalidUTF8() throws {
    for bytes: [UInt8] in [[0xff], [0x61, 0xc3], [0xed, 0xa0, 0x80], [0xc0, 0xae, 0xc0, 0xae]] {
      let error = #expect(throws: ValueError.self) { try ArtifactPath(utf8: bytes) }
      #expect(error?.wanted == "valid UTF-8")
    }
    let error = #expect(throws: ValueError.self) { try ArtifactPath("a\u{1b}]0;x\u{7}") }
    #expect(error?.message.unicodeScalars.contains("\u{1b}") == false)
  }

  @Test("being under a folder wants the whole name of the folder and something in it")
  func isUnder() throws {
    #expect(try ArtifactPath("exports/a").isUnder("exports"))
    #expect(try ArtifactPath("exports/a/b").isUnder("exports"))
    #expect(try !ArtifactPath("exports").isUnder("exports"))
    #expect(try !ArtifactPath("exports2/a").isUnder("exports"))
    #expect(try !ArtifactPath("Exports/a").isUnder("exports"))
  }

  @Test(
    "paths that a file system without case could take for one have one folded key",
    arguments: [
      ("exports/A.csv", "exports/a.csv"), ("É", "é"), ("Straße", "STRASSE"), ("ſ", "s"), ("\u{3c2}", "\u{3c3}"),
      ("ǅ", "ǆ"), ("ﬁ", "fi"), ("\u{1e9e}", "ß"),
    ])
  func collisions(left: String, right: String) throws {
    #expect(try ArtifactPath(left).foldedKey == ArtifactPath(right).foldedKey)
    #expect(try ArtifactPath(left) != ArtifactPath(right))
  }

  @Test("different names keep different folded keys")
  func distinctNames() throws {
    #expect(try ArtifactPath("a").foldedKey != ArtifactPath("á").foldedKey)
    #expect(try ArtifactPath("a-b").foldedKey != ArtifactPath("a_b").foldedKey)
  }

  @Test("paths are ordered by bytes, as the payload root needs it")
  func order() throws {
    let paths = try ["exports/\u{1F600}", "exports/\u{FB20}", "exports-a", "exports/a"].map(ArtifactPath.init)
    #expect(paths.sorted().map(\.text) == ["exports-a", "exports/a", "exports/\u{FB20}", "exports/\u{1F600}"])
  }
}
