import OmphalosValues
import Testing

@testable import RunRecord

/// The wanted digests were computed with Python's hashlib and json from the description of the format.
@Suite struct IdentityTests {
  @Test("the payload root is that of format 1.0, in byte order of path whatever the order given")
  func payloadRoot() throws {
    let files = try [("exports/a/x", 1), ("exports/a-b", 20), ("exports/é.csv", 0)].map { path, bytes in
      FileRecord(path: try ArtifactPath(path), sha256: SampleRun.digest(path), bytes: UInt64(bytes))
    }
    let wanted = "fb650885528f27ec0f29d96d8a4cfd0e4d58b313be41a0b8bd9c7602c914d01a"
    #expect(PayloadRoot.compute(files).hex == wanted)
    #expect(PayloadRoot.compute(files.reversed()).hex == wanted)
    #expect(files.sortedByPath().map(\.path.text) == ["exports/a-b", "exports/a/x", "exports/é.csv"])
  }

  @Test("the payload root of nothing is the digest of nothing")
  func emptyPayloadRoot() {
    #expect(PayloadRoot.compute([]) == SHA256Digest(hashing: [UInt8]()))
  }

  @Test("fingerprint and run id follow from the canonical configuration and the digests")
  func runID() {
    let identity = SampleRun.identity
    #expect(identity.fingerprint.hex == "7bce0955695e7f60944cff874778f71a1a78fd3e0fc3ad5dbf34b76dd05e822e")
    #expect(identity.runID.text == "run-c84a76c7-b2ff")
    #expect(identity.identity["config"]?.stringValue == identity.fingerprint.hex)
  }

  @Test("other input bytes or a rebuilt plugin make another run id and leave the fingerprint alone")
  func inputsAndPluginsCount() throws {
    let base = SampleRun.identity
    let otherInput = RunIdentity(
      configPayload: base.configPayload, inputs: [try InstanceName("registry"): SampleRun.digest("other")],
      plugins: base.plugins)
    var plugins = base.plugins
    plugins[SampleRun.csv] = SampleRun.digest("rebuilt")
    let rebuilt = RunIdentity(configPayload: base.configPayload, inputs: base.inputs, plugins: plugins)
    #expect(Set([base.runID, otherInput.runID, rebuilt.runID]).count == 3)
    #expect(otherInput.fingerprint == base.fingerprint)
    #expect(rebuilt.fingerprint == base.fingerprint)
  }

  @Test("an input of one file has that file's digest, one of several a digest over all, whatever their order")
  func inputDigest() {
    let one = InputFileFacts(name: "a", fileName: "x.csv", sha256: SampleRun.digest("1"), bytes: 1)
    let two = InputFileFacts(name: "b", fileName: "y.csv", sha256: SampleRun.digest("22"), bytes: 2)
    #expect(RunIdentity.inputDigest(of: [one]) == one.sha256)
    let both = RunIdentity.inputDigest(of: [two, one])
    #expect(both.hex == "a1411484465c1acb7d9b9ecbde81c3386834c290a0f868b22c5063550f70883a")
    #expect(both == RunIdentity.inputDigest(of: [one, two]))
  }

  @Test("a lineage event is one line with sorted keys, an id of its content and a time of the fingerprint")
  func lineageEvent() throws {
    let event = try #require(SampleRun.facts.lineage.first)
    let wanted =
      #"{"created_at":"2000-04-18T19:51:37Z","details":{"rows":3},"event_id":"ev-2716fa71c193bd09","#
      + #""inputs":["registry"],"kind":"INGEST","outputs":["registry"],"run_id":"run-c84a76c7-b2ff","#
      + #""schema_version":"1.0"}"# + "\n"
    #expect(String(decoding: event.line, as: UTF8.self) == wanted)
  }

  @Test("a line feed inside a detail does not break the line")
  func lineFeedInEvent() {
    let event = LineageEvent.make(
      .analyze, in: SampleRun.identity, inputs: [], outputs: [], details: ["text": "one\ntwo\u{2028}"])
    #expect(event.line.filter { $0 == UInt8(ascii: "\n") }.count == 1)
  }
}
