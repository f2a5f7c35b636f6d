import Testing

@Suite("Lines put together at random", .enabled(if: SigningKit.isThere, "ssh-keygen is not installed"))
struct RandomLineTests {
  private static let principals = [
    "release@acme.example", "*", "*@acme.example", "!release@*", "!x", "release*", "?elease@acme.example", "b@x", "\"", "!", "",
    "RELEASE@acme.example", "\\", "**e", "a b", "'", "=",
  ]
  private static let options = [
    "namespaces=\"omphalos-plugin\"", "namespaces=\"git\"", "namespaces=\"omphalos-*,!git\"", "namespaces=\"\"", "cert-authority",
    "valid-after=\"20260101Z\"", "valid-after=\"20270101Z\"", "valid-before=\"20270101\"", "valid-before=\"20260101120000Z\"",
    "Valid-Before=\"203001010000Z\"", "namespaces=\"a\\\"b,*\"", "valid-after=20260101", "namespaces=\"x y,omphalos-plugin\"", "touch",
  ]

  /// A line that may be good.
  private func line(_ numbers: inout some RandomNumberGenerator) -> String {
    func pick(_ choices: [String]) -> String { choices.randomElement(using: &numbers) ?? "" }
    func some(_ choices: [String], _ range: ClosedRange<Int>, by separators: [String]) -> String {
      (0..<Int.random(in: range, using: &numbers)).reduce("") { text, index in text + (index == 0 ? "" : pick(separators)) + pick(choices) }
    }
    var names = some(Self.principals, 1...4, by: [","])
    if Int.random(in: 0..<4, using: &numbers) == 0 { names = "\"\(names)\"" }
    let rights = some(Self.options, 0...3, by: [",", ",", ",", ",", " ", ""])
    let gap = [" ", " ", "\t", "  "]
    return pick(["", "", "", " ", "#"]) + names + pick(gap) + (rights.isEmpty ? "" : rights + pick(gap))
      + pick(["KEY", "KEY", "KEY", "KEY", "OTHER", "KEY comment", "KEY\r"]) + "\n"
  }

  @Test("ssh-keygen and we find the same signers", arguments: 1...120)
  func agree(_ seed: UInt64) throws {
    let kit = try SigningKit.shared.get()
    var numbers = Numbers(state: seed)
    var given = try Given(kit)
    let text = (0..<Int.random(in: 1...2, using: &numbers)).map { _ in line(&numbers) }.joined()
    try given.trust(text, kit)
    let theirs = try kit.verify(given)
    let ours = given.verdict
    #expect(theirs.isGood == ours.isGood, "\(text)ours: \(ours.words)\nssh-keygen: \(theirs.words)")
  }
}

/// The same numbers each time.
struct Numbers: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return (state ^ state >> 29) &* 0x9e37_79b9_7f4a_7c15
  }
}
