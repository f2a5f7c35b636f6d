import Testing

@testable import OmphalosValues

@Suite("Unicode forms", .enabled(if: Python.isPresent))
struct UnicodeFormsTests {
  @Test("normalization form C is Python's for every character and for random sequences of marks")
  func normalization() throws {
    let script = """
      import json, random, sys, unicodedata as u
      r = random.Random(3)
      known = [c for c in map(chr, range(0x110000)) if u.category(c) not in ('Cn', 'Cs')]
      texts = [c for c in known if u.normalize('NFC', c) != c or u.normalize('NFD', c) != c]
      texts += [u.normalize('NFD', c) for c in texts]
      marks = [c for c in known if u.combining(c)]
      bases = texts + list('aeiouAEIOU가각')
      texts += [r.choice(bases) + ''.join(r.choices(marks, k=r.randrange(4))) + r.choice(bases) for _ in range(20000)]
      texts += [r.choice(marks) + t for t in '\\u0f73\\u0f75\\u0f81' for _ in range(300)]
      json.dump([[t, u.normalize('NFC', t)] for t in texts], sys.stdout)
      """
    let document = try JSONValue.parse(Python.output(of: script))
    let cases = try #require(document.arrayValue)
    #expect(cases.count > 40_000)
    for entry in cases {
      let texts = (entry.arrayValue ?? []).compactMap(\.stringValue)
      try #require(texts.count == 2)
      let normal = texts[0].inNormalizationFormC
      if !haveEqualBytes(normal, texts[1]) {
        Issue.record("\(texts[0].unicodeScalars.map { String($0.value, radix: 16) })")
      }
    }
  }

  @Test("what Python's full case folding makes equal has equal keys here")
  func folding() throws {
    let script = """
      import json, sys, unicodedata as u
      known = [c for c in map(chr, range(0x110000)) if u.category(c) not in ('Cn', 'Cs')]
      json.dump([[c, c.casefold()] for c in known if c.casefold() != c], sys.stdout)
      """
    let document = try JSONValue.parse(Python.output(of: script))
    let cases = try #require(document.arrayValue)
    #expect(cases.count > 1000)
    for entry in cases {
      let texts = (entry.arrayValue ?? []).compactMap(\.stringValue)
      try #require(texts.count == 2)
      if !haveEqualBytes(texts[0].caseFolded, texts[1].caseFolded) {
        Issue.record("\(texts[0].unicodeScalars.map { String($0.value, radix: 16) })")
      }
    }
  }
}
