import OmphalosValues
import Testing

@Suite("Ranges of versions")
struct VersionRangeTests {
  @Test(
    "a range holds for the versions that its comparisons hold for",
    arguments: [
      ("1.4.0", ["1.4.0", "1.4.0+build.5"], ["1.4.1", "1.4.0-rc.1"]),
      ("=1.4.0", ["1.4.0"], ["1.4.1"]),
      (">=1.4.0 <2.0.0", ["1.4.0", "1.99.0", "2.0.0-rc.1"], ["1.3.9", "2.0.0", "1.4.0-rc.1"]),
      (">=1.4.0, <2.0.0-0", ["1.4.0"], ["2.0.0-rc.1", "2.0.0-0"]),
      (">1.0.0", ["1.0.1", "1.1.0-a"], ["1.0.0", "1.0.0+x"]),
      ("<=1.0.0", ["1.0.0", "1.0.0-a", "0.1.0"], ["1.0.1"]),
      ("^1.4.2", ["1.4.2", "1.9.0"], ["1.4.1", "2.0.0", "2.0.0-rc.1"]),
      ("^0.4.1", ["0.4.1", "0.4.9"], ["0.5.0", "0.5.0-a"]),
      ("^0.0.3", ["0.0.3"], ["0.0.4", "0.0.4-0"]),
      ("~1.4.2", ["1.4.2", "1.4.9"], ["1.5.0", "1.5.0-rc.1"]),
      ("*", ["0.0.0-0", "99.0.0"], []),
      ("<1.0.0 || >=2.0.0 <3.0.0", ["0.9.0", "2.5.0"], ["1.5.0", "3.0.0"]),
    ] as [(String, [String], [String])])
  func membership(text: String, inside: [String], outside: [String]) throws {
    let range = try VersionRange(text)
    for version in inside { #expect(range.contains(try SemanticVersion(version)), "\(text) and \(version)") }
    for version in outside { #expect(!range.contains(try SemanticVersion(version)), "\(text) and \(version)") }
  }

  @Test("what is no range says what was wanted", arguments: ["", "1.4", ">= 1.4.0", "a", "1.0.0 ||", "|| 1.0.0", ">01.0.0"])
  func refusals(text: String) {
    #expect(throws: ValueError.self) { try VersionRange(text) }
  }
}
