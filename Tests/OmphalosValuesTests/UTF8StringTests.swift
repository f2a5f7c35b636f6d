import OmphalosValues
import Testing

@Suite("text compared by bytes")
struct UTF8StringTests {
  private let composed = "\u{e9}"
  private let decomposed = "e\u{301}"

  @Test("composed and decomposed letters are two texts here, though one to String")
  func normalizationForms() {
    #expect(composed == decomposed)
    #expect(UTF8String(composed) != UTF8String(decomposed))
    #expect(Set([UTF8String(composed), UTF8String(decomposed), UTF8String(composed)]).count == 2)
    #expect(!haveEqualBytes(composed, decomposed))
  }

  @Test("texts of equal length whose marks stand in another order differ")
  func reorderedMarks() {
    #expect(UTF8String("a\u{301}\u{323}") != UTF8String("a\u{323}\u{301}"))
  }

  @Test("the order is that of code points, where UTF-16 would have another one")
  func order() {
    let texts: [UTF8String] = ["\u{1F600}", "\u{FB33}", "b", "", "ab", "a", "é"]
    #expect(texts.sorted() == ["", "a", "ab", "b", "é", "\u{FB33}", "\u{1F600}"])
    #expect(bytesPrecede(decomposed, composed))
  }
}
