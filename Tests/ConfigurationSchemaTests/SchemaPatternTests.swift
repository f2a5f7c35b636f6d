import OmphalosValues
import Testing

@testable import ConfigurationSchema

@Suite("patterns")
struct SchemaPatternTests {
  private func matches(_ pattern: String, _ text: String) throws -> Bool? {
    var steps = 1_000_000
    return try SchemaPattern(pattern).matches(text, steps: &steps)
  }

  @Test(
    "a pattern is looked for anywhere, as ECMA-262 reads it",
    arguments: [
      ("a", "xay", true), ("^a", "xa", false), ("a$", "ax", false), ("^a$", "a", true), ("^a$", "a\n", false),
      ("^$", "", true),
      ("", "anything", true), ("a|b", "b", true), ("^(a|bc)$", "bc", true), ("^(a|)$", "", true), ("^a|b$", "xb", true),
      ("^a*$", "aaa", true), ("^a+$", "", false), ("^ab?c$", "ac", true), ("^a{2,3}$", "aaaa", false),
      ("^a{2,}$", "aaaa", true),
      ("^a{2}$", "aa", true), ("^a{0}$", "", true), ("^a{0,2}b$", "b", true), ("^a+?b$", "aab", true),
      ("^(ab)*$", "abab", true),
      ("^(?:ab)+$", "aba", false), ("^(?<year>\\d{4})$", "2026", true), ("^.$", "é", true), ("^.$", "😀", true),
      ("^.$", "\n", false),
      ("^.{2}$", "e\u{301}", true), ("^[a-c]+$", "abcd", false), ("^[^a-c]+$", "xyz", true),
      ("^[^a-c]+$", "xaz", false),
      ("^[]$", "", false), ("^[^]$", "\n", true), ("^[a\\-z]+$", "a-z", true), ("^[-az]+$", "a-", true),
      ("^[az-]+$", "z-", true),
      ("^[\\d_]+$", "1_2", true), ("^[^\\W]+$", "a1_", true), ("^[\\]\\\\]+$", "]\\", true), ("^[.*]$", ".", true),
      ("^[.*]$", "a", false),
      ("^\\d$", "٣", false), ("^\\w$", "é", false), ("^\\W$", "é", true),
      ("^\\s+$", " \t\n\u{a0}\u{2003}\u{feff}", true),
      ("^\\S$", "\u{180e}", true), ("^\\D$", "x", true), ("\\bcat\\b", "a cat!", true), ("\\bcat\\b", "concat", false),
      ("\\Bcat", "concat", true), ("^\\.\\*\\+\\?\\(\\)\\[\\]\\{\\}\\|\\/\\^\\$\\\\$", ".*+?()[]{}|/^$\\", true),
      ("^\\x41\\u0042\\u{1F600}\\ud83d\\ude00$", "AB😀😀", true), ("^\\t\\n\\v\\f\\r\\0$", "\t\n\u{b}\u{c}\r\0", true),
      ("^[\\u{1F600}-\\u{1F64F}]$", "😃", true), ("^[\\b]$", "\u{8}", true), ("^(a*)*$", "aaa", true),
      ("^(a*)*$", "b", false),
      ("(^a|b)c", "bc", true), ("^\u{e9}$", "e\u{301}", false), ("^(?:a|ab)(?:c|bcd)(?:d*)$", "abcd", true),
      ("^[a-z][a-z0-9_-]{0,63}$", "csv_2", true), ("^(?:[0-9]{1,3}\\.){3}[0-9]{1,3}$", "192.168.1.10", true),
    ])
  func semantics(pattern: String, text: String, expected: Bool) throws {
    #expect(try matches(pattern, text) == expected)
  }

  @Test(
    "what is not supported, or no pattern, is refused with its reason",
    arguments: [
      ("(", "a '(' is not closed"), (")", "a ')' has no '('"), ("[a", "a '[' is not closed"),
      ("*a", "nothing to repeat"),
      ("a**", "nothing to repeat"), ("^*", "nothing to repeat"), ("a{", "must be a number"),
      ("a{1", "a '{' is not closed"),
      ("a{2,1}", "wrong order"), ("a{1001}", "at most 1000"), ("a{99999999999999999999}", "at most 1000"),
      ("{1}", "nothing to repeat"),
      ("a}", "stands alone"), ("]", "stands alone"), ("[z-a]", "wrong order"), ("[\\d-z]", "one character at each end"),
      ("(?=a)", "lookahead"), ("(?!a)", "lookahead"), ("(?<=a)", "lookahead"), ("(?i)a", "flags"),
      ("(?<n", "not closed"),
      ("(a)\\1", "references to a group"), ("\\k<n>", "references to a group"), ("\\p{L}", "character properties"),
      ("\\", "ends in a backslash"), ("\\q", "does not exist"), ("\\-", "does not exist"),
      ("\\x4", "2 hexadecimal digits"),
      ("\\u12", "4 hexadecimal digits"), ("\\u{110000}", "is no character"), ("\\ud800", "is no character"),
      ("\\u{}", "1 to 6"),
      ("\\u{12345678901}", "1 to 6"), ("\\00", "references to a group"),
      ("(((a{1000}){1000}){1000}){1000}", "too large"),
      ("((((){1000}){1000}){1000}){1000}", "too large"),
    ])
  func refusals(pattern: String, words: String) throws {
    let error = try #require(throws: PatternError.self) { try SchemaPattern(pattern) }
    #expect(error.problem.contains(words), "\(error.problem)")
  }

  @Test("deep and long patterns are refused before they cost anything")
  func hugePatterns() {
    let deep = String(repeating: "(", count: 40) + String(repeating: ")", count: 40)
    for pattern in [deep, String(repeating: "(", count: 4000), String(repeating: "a", count: 5000)] {
      #expect(throws: PatternError.self) { try SchemaPattern(pattern) }
    }
  }

  @Test(
    "patterns that make other engines backtrack for years are answered within their steps",
    arguments: ["^(a+)+$", "^(a|aa)+$", "^(a|a)*$", "^(.*a){12}$", "(x+x+)+y", "^(([a-z])+.)+[A-Z]([a-z])+$"])
  func backtracking(pattern: String) throws {
    #expect(try matches(pattern, String(repeating: "a", count: 2000) + "!") == false)
  }

  @Test("work beyond the steps that are left is given up, not guessed")
  func exhaustion() throws {
    var steps = 100
    #expect(try SchemaPattern("a{50}b").matches(String(repeating: "a", count: 1000), steps: &steps) == nil)
    #expect(steps == 0)
  }

  @Test("an inverted set holds exactly what the set does not")
  func inversion() {
    for set in [
      ScalarSet.digits, .spaces, .wordCharacters, ScalarSet([]), ScalarSet([0...0x10ffff]), ScalarSet([5...9, 7...20]),
    ] {
      #expect(set.inverted.inverted == set)
      for value in [0, 4, 5, 20, 21, 0x30, 0x39, 0x3a, 0xfeff, 0x10ffff] as [UInt32] {
        guard let scalar = Unicode.Scalar(value) else { continue }
        #expect(set.contains(scalar) != set.inverted.contains(scalar))
      }
    }
  }
}
