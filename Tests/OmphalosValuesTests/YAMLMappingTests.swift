import OmphalosValues
import Testing

@Suite("reading configurations")
struct YAMLMappingTests {
  private func mapping(_ text: String) throws -> YAMLMapping {
    try YAMLMapping(YAMLNode.parse(bytes: Array(text.utf8), file: "p.yaml"), what: "run")
  }

  @Test("values of every type are read")
  func types() throws {
    let run = try mapping("name: x\nseed: 7\nhermetic: true\nlist: [a, b]\ntimeout: 1h30m\nbytes: 10GiB\ncount: 1000\n")
    #expect(try run.require("name").string() == "x")
    #expect(try run.require("seed").integer() == 7)
    #expect(try run.require("seed").integer("run.seed", in: 0...7) == 7)
    #expect(try run.require("hermetic").bool())
    #expect(try run.require("list").list().map { try $0.string() } == ["a", "b"])
    #expect(try run.require("timeout").duration() == .seconds(5400))
    #expect(try run.require("bytes").byteSize() == 10 << 30)
    #expect(try run.require("count").byteSize() == 1000)
    #expect(try run.require("name").value("run.name", InstanceName.init).text == "x")
  }

  @Test("a value of another type is refused at its place with what was found")
  func wrongTypes() throws {
    let run = try mapping("a: 1.0\nb: text\nc: [1]\nd: {x: 1}\ne: \"\"\nf: 5\n")
    func failure(_ body: () throws -> Void) throws -> String {
      try #require(throws: ConfigurationError.self) { try body() }.description
    }
    #expect(
      try failure { _ = try run.require("a").string("run.a") }
        == "p.yaml:1:4: run.a: found the number 1.0, wanted a text: put it in quotes")
    #expect(
      try failure { _ = try run.require("a").integer("run.a") }
        == "p.yaml:1:4: run.a: found the number 1.0, wanted a whole number")
    #expect(
      try failure { _ = try run.require("b").bool("run.b") }
        == "p.yaml:2:4: run.b: found the text \"text\", wanted true or false")
    #expect(
      try failure { _ = try run.require("c").string("run.c") } == "p.yaml:3:4: run.c: found a sequence, wanted a text")
    #expect(
      try failure { _ = try run.require("d").list("run.d") } == "p.yaml:4:4: run.d: found a mapping, wanted a sequence")
    #expect(try failure { _ = try YAMLMapping(run.require("b"), what: "run.b") }.hasSuffix("wanted a mapping"))
    #expect(try failure { _ = try run.require("f").duration("run.f") }.contains("with its unit"))
    #expect(
      try failure { _ = try run.require("f").integer("run.f", in: 6...9) }
        == "p.yaml:6:4: run.f: found 5, wanted 6 to 9")
    #expect(try failure { _ = try run.require("b").value("run.b", PluginID.init) }.contains("is not a valid plugin id"))
  }

  @Test("a missing key is named, and so is what it may have been misspelled as")
  func missingKeys() throws {
    let run = try mapping("nmae: x\nseed:\n")
    let missing = try #require(throws: ConfigurationError.self) { try run.require("name") }
    #expect(missing.description == "p.yaml:1:1: run: the key \"name\" is missing; is \"nmae\" a misspelling of it?")
    let empty = try #require(throws: ConfigurationError.self) { try run.require("seed") }
    #expect(empty.description == "p.yaml:2:1: run.seed has no value")
    #expect(run.optional("seed") == nil)
    #expect(run.optional("name") == nil)
  }

  @Test("an unknown key is refused with the known one it resembles")
  func unknownKeys() throws {
    let run = try mapping("seed: 1\nhermtic: true\n")
    #expect(throws: Never.self) { try run.finish(known: ["seed", "hermtic"]) }
    let near = try #require(throws: ConfigurationError.self) { try run.finish(known: ["seed", "hermetic"]) }
    #expect(near.description == "p.yaml:2:1: run: the key \"hermtic\" is not known; did you mean \"hermetic\"?")
    let far = try #require(throws: ConfigurationError.self) { try run.finish(known: ["seed", "x"]) }
    #expect(far.message == "run: the key \"hermtic\" is not known; known are seed, x")
  }
}

@Suite("amounts with a unit")
struct QuantityTests {
  @Test(
    "durations",
    arguments: [
      ("10m", 600_000), ("90s", 90_000), ("1h30m", 5_400_000), ("500ms", 500), ("1h2m3s4ms", 3_723_004), ("0s", 0),
    ] as [(String, Int64)])
  func durations(text: String, milliseconds: Int64) throws {
    #expect(try Quantity.duration(text) == .milliseconds(milliseconds))
  }

  @Test(
    "a text that is no duration is refused",
    arguments: [
      "", "10", "m", "10x", "-5s", "1.5h", "30m1h", "1m1m", "10 ", "1d", "9999999999999999999h", "9223372036854775807h",
      "2562047788015h9999999999999999m", "1h 2m", "10M", "10min",
    ])
  func refusedDurations(text: String) {
    #expect(throws: ValueError.self) { try Quantity.duration(text) }
  }

  @Test(
    "sizes",
    arguments: [
      ("1000", 1000), ("0", 0), ("10B", 10), ("10 GiB", 10 << 30), ("256MiB", 256 << 20), ("1KiB", 1024),
      ("2TiB", 2 << 40),
      ("5kB", 5000), ("5MB", 5_000_000), ("1GB", 1_000_000_000), ("1TB", 1_000_000_000_000),
    ] as [(String, Int64)])
  func sizes(text: String, bytes: Int64) throws {
    #expect(try Quantity.byteSize(text) == bytes)
  }

  @Test(
    "a text that is no size is refused",
    arguments: [
      "", "GiB", "10gib", "1.5GiB", "-1", "10 ", "10GiB5MiB", "9223372036854775808", "9000000TiB", "10G",
    ])
  func refusedSizes(text: String) {
    #expect(throws: ValueError.self) { try Quantity.byteSize(text) }
  }
}
