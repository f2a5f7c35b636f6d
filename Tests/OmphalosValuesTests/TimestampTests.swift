import OmphalosValues
import Testing

@Suite("times")
struct TimestampTests {
  @Test(
    "known moments are written as the calendar has them",
    arguments: [
      (0, "1970-01-01T00:00:00Z"), (-1, "1969-12-31T23:59:59Z"), (946_684_800, "2000-01-01T00:00:00Z"),
      (951_782_400, "2000-02-29T00:00:00Z"), (951_868_799, "2000-02-29T23:59:59Z"),
      (4_107_542_400, "2100-03-01T00:00:00Z"),
      (253_402_300_799, "9999-12-31T23:59:59Z"), (-62_135_596_800, "0001-01-01T00:00:00Z"),
    ] as [(Int64, String)])
  func knownMoments(seconds: Int64, text: String) throws {
    #expect(Timestamp(secondsSince1970: seconds).description == text)
    #expect(try Timestamp(text).secondsSince1970 == seconds)
  }

  @Test("Python has the same dates for moments of three thousand years", .enabled(if: Python.isPresent))
  func againstPython() throws {
    let script = """
      import datetime, random
      r = random.Random(5)
      epoch = datetime.datetime(1970, 1, 1)
      for _ in range(5000):
          s = r.randrange(-40_000_000_000, 60_000_000_000)
          print(s, (epoch + datetime.timedelta(seconds=s)).strftime('%4Y-%m-%dT%H:%M:%SZ'))
      """
    for line in String(decoding: try Python.output(of: script), as: UTF8.self).split(separator: "\n") {
      let parts = line.split(separator: " ")
      let seconds = try #require(Int64(parts[0]))
      #expect(Timestamp(secondsSince1970: seconds).description == parts[1])
    }
  }

  @Test(
    "a text that is no moment is refused",
    arguments: [
      "", "2026-03-01", "2026-03-01T12:00:00", "2026-03-01 12:00:00Z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z",
      "2026-02-29T00:00:00Z", "2026-04-31T00:00:00Z", "2026-01-00T00:00:00Z", "2026-01-01T24:00:00Z",
      "2026-01-01T00:60:00Z", "2026-01-01T00:00:60Z", "2026-01-01T00:00:00z", "2026-01-01T00:00:00.0Z",
      "x026-01-01T00:00:00Z",
    ])
  func refusedTexts(text: String) {
    #expect(throws: ValueError.self) { try Timestamp(text) }
  }

  @Test("the extreme moments are written without a trap")
  func extremes() {
    #expect(Timestamp(secondsSince1970: .min).description == "-292277022657-01-27T08:29:52Z")
    #expect(Timestamp(secondsSince1970: .max).description == "292277026596-12-04T15:30:07Z")
  }

  @Test("the deterministic clock follows the published rule", .enabled(if: Python.isPresent))
  func deterministicClock() throws {
    let script = """
      import datetime, hashlib
      for i in range(200):
          seed, salt = 'é%d' % i, 'manifest'
          n = int(hashlib.sha256((seed + '|' + salt).encode()).hexdigest()[:16], 16) % (20 * 365 * 24 * 3600)
          print(seed, (datetime.datetime(2000, 1, 1) + datetime.timedelta(seconds=n)).strftime('%Y-%m-%dT%H:%M:%SZ'))
      """
    for line in String(decoding: try Python.output(of: script), as: UTF8.self).split(separator: "\n") {
      let parts = line.split(separator: " ").map(String.init)
      #expect(DeterministicClock.time(seed: parts[0], salt: "manifest").description == parts[1])
    }
  }

  @Test("the deterministic clock gives one known moment everywhere")
  func knownClock() {
    #expect(DeterministicClock.time(seed: "a", salt: "b").description == "2003-12-10T00:06:12Z")
  }
}
