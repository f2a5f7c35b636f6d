import OmphalosValues
import Testing

@Suite("semantic versions")
struct SemanticVersionTests {
  @Test("the order is the one of the specification's section 11")
  func precedence() throws {
    let texts = [
      "0.9.9", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11",
      "1.0.0-rc.1", "1.0.0", "1.0.1", "1.2.0", "1.10.0", "2.0.0",
    ]
    let versions = try texts.map(SemanticVersion.init)
    for (left, leftVersion) in versions.enumerated() {
      for (right, rightVersion) in versions.enumerated() {
        #expect((leftVersion < rightVersion) == (left < right), "\(texts[left]) \(texts[right])")
      }
    }
  }

  @Test("numeric identifiers of a pre-release compare as numbers beyond 64 bits")
  func longIdentifiers() throws {
    let small = try SemanticVersion("1.0.0-99999999999999999999")
    let great = try SemanticVersion("1.0.0-100000000000000000000")
    #expect(small < great)
    #expect(try great < SemanticVersion("1.0.0-a"))
  }

  @Test("build metadata is kept, and decides only between versions that are otherwise equal")
  func build() throws {
    let plain = try SemanticVersion("1.0.0")
    let built = try SemanticVersion("1.0.0+20130313144700.sha-5114f85")
    #expect(plain != built)
    #expect(plain < built)
    #expect(built < (try SemanticVersion("1.0.1")))
    #expect(built.build == ["20130313144700", "sha-5114f85"])
  }

  @Test(
    "what was read is written back unchanged",
    arguments: [
      "0.0.4", "1.2.3", "10.20.30", "1.1.2-prerelease+meta", "1.0.0-alpha0.valid", "1.0.0--", "1.0.0-0A.is.legal",
      "1.0.0+0.build.1-rc.10000aaa-kk-0.1", "1.2.3----RC-SNAPSHOT.12.9.1--.12+788", "18446744073709551615.0.0",
      "1.0.0+001",
    ])
  func roundTrip(text: String) throws {
    #expect(try SemanticVersion(text).description == text)
  }

  @Test(
    "a text that only resembles a version is refused",
    arguments: [
      "", "1", "1.2", "1.2.3.4", "1.2.3-", "1.2.3+", "1.2.3-a..b", "1.2.3-01", "01.2.3", "1.02.3", "1.2.03", "v1.2.3",
      "1.2.3 ", "-1.2.3", "1.2.x", "1.2.3-é", "1.2.3+a+b", "1.2.3-+a", "18446744073709551616.0.0", "1.2.٣", "1..3",
    ])
  func refusedTexts(text: String) throws {
    let error = #expect(throws: ValueError.self) { try SemanticVersion(text) }
    #expect(error?.what == "semantic version")
    #expect(error?.found == text)
  }
}
