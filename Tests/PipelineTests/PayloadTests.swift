import OmphalosValues
import RunRecord
import Testing

@testable import Pipeline

@Suite("What makes two configurations the same")
struct PayloadTests {
  private func fingerprint(_ text: String, hermetic: Bool = true, file: String = "dir/pipeline.yaml") throws -> String {
    SHA256Digest(hashing: try pipeline(text, file: file).payload(hermetic: hermetic, pack: .baseline).canonicalBytes).hex
  }

  @Test(
    "these change nothing: places, limits, order of keys, comments",
    arguments: [
      ("output_root: out/runs", "output_root: elsewhere"), ("data/a.csv", "other/place.csv"),
      ("limits: { call_timeout: 1h30m, bytes: 5GiB", "limits: { call_timeout: 5s, bytes: 1GiB"),
      ("{ name: screening, seed: 1337,", "{ seed: 1337, name: screening,"), ("rules: { pack: baseline }", ""),
      ("run:", "# a comment\nrun:"), ("delimiter: \";\"", "\"delimiter\": ';'"),
    ])
  func same(from: String, to: String) throws {
    let changed = wholePipeline.replacing(from, with: to)
    #expect(changed != wholePipeline)
    #expect(try fingerprint(changed) == fingerprint(wholePipeline))
  }

  @Test("the name of the pipeline's file changes nothing")
  func fileName() throws {
    #expect(try fingerprint(wholePipeline, file: "/x/other.yaml") == fingerprint(wholePipeline))
  }

  @Test(
    "each of these changes it",
    arguments: [
      ("name: screening", "name: screening2"), ("seed: 1337", "seed: 1338"), ("\"2026-05-31\"", "\"2026-06-01\""),
      ("name: feed, connector: org.example.csv/csv", "name: feed, connector: org.example.csv/other"),
      ("delimiter: \";\"", "delimiter: \",\""), ("title: \"Größe\"", "title: \"Grösse\""),
      ("data: data/a.csv", "data2: data/a.csv"), ("inputs: [feed, registry]", "inputs: [registry, feed]"),
      ("sink: org.example.jsonl/jsonl", "sink: org.example.jsonl/other"), ("lineage: [", "#"),
      ("delimiter: \";\"", "delimiter: \";\", quote: true"), ("delimiter: \";\"", "delimiter: 1"),
    ])
  func different(from: String, to: String) throws {
    let changed = wholePipeline.replacing(from, with: to)
    #expect(changed != wholePipeline)
    #expect(try fingerprint(changed) != fingerprint(wholePipeline))
  }

  @Test("hermetic counts as it was decided for the run, not as it is written")
  func hermetic() throws {
    let loose = wholePipeline.replacing("hermetic: true", with: "hermetic: false")
    #expect(try fingerprint(loose, hermetic: true) == fingerprint(wholePipeline, hermetic: true))
    #expect(try fingerprint(loose, hermetic: false) != fingerprint(loose, hermetic: true))
  }
}
