import OmphalosValues
import Testing

@Suite("Patterns for names")
struct GlobPatternTests {
  @Test(
    "a star takes any text, a question mark one character, and nothing else is special",
    arguments: [
      ("com.example.*", "com.example.acme", true), ("com.example.*", "com.example.", true),
      ("com.example.*", "com.examples.acme", false), ("*", "", true), ("*", "anything at all", true),
      ("a?c", "abc", true), ("a?c", "ac", false), ("a?c", "aéc", true), ("Acme*", "acme", false),
      ("*acme*", "the acme company", true), ("*a*b*c", "xxaxxbxxc", true), ("*a*b*c", "xxaxxbxxcx", false),
      ("[a-z]", "a", false), ("[a-z]", "[a-z]", true), ("**", "x", true), ("a.c", "abc", false), ("é", "e\u{301}", false),
    ])
  func matching(pattern: String, name: String, matches: Bool) throws {
    #expect(try GlobPattern(pattern).matches(name) == matches)
  }

  @Test("a pattern made to be slow ends at once")
  func slow() throws {
    let pattern = try GlobPattern(String(repeating: "*a", count: 500) + "b")
    #expect(!pattern.matches(String(repeating: "a", count: 4_000)))
  }

  @Test("an empty pattern and one without end are none")
  func bounds() {
    #expect(throws: ValueError.self) { try GlobPattern("") }
    #expect(throws: ValueError.self) { try GlobPattern(String(repeating: "a", count: 1025)) }
  }
}
