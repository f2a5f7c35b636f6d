import LinuxCalls
import OmphalosValues
import PluginABI
import Testing

@testable import ArtifactStore

@Suite("Writing artifacts")
struct WritingTests {
  private let fixture: StoreFixture
  private let session: any StoreSession

  init() throws {
    fixture = try StoreFixture()
    session = fixture.session()
  }

  @Test("put makes the whole file, its folders, and an entry with digest, size, options and producer")
  func put() throws {
    let options = ArtifactOptions(mediaType: "text/csv", role: .briefingTable, description: "Table")
    try session.put(Array("exports/a/b.csv".utf8), options, Array("a,b\n1,2\n".utf8).span.bytes)
    #expect(try fixture.folder.read("exports/a/b.csv") == Array("a,b\n1,2\n".utf8))
    #expect(
      fixture.committed == [
        CommittedArtifact(
          path: try ArtifactPath("exports/a/b.csv"), digest: SHA256Digest(hashing: "a,b\n1,2\n"), byteCount: 8,
          options: options, producer: StoreFixture.exporter)
      ])
    let status = try File.open(fixture.folder.file("exports/a/b.csv")).status()
    #expect(status.permissions == 0o444 && status.links == 1)
  }

  @Test("an artifact in pieces is their sequence, of any size, an empty piece and none at all included")
  func pieces() throws {
    let big = String(repeating: "0123456789abcdef", count: 50_000)
    let artifact = try session.create("exports/big")
    for piece in ["head ", "", big, " tail"] { try session.write(artifact, piece) }
    try session.commit(artifact)
    try session.commit(try session.create("exports/empty"))
    #expect(try fixture.folder.read("exports/big") == Array("head \(big) tail".utf8))
    #expect(fixture.committed[0].digest == SHA256Digest(hashing: "head \(big) tail"))
    #expect(fixture.committed[0].byteCount == 800_010)
    #expect(try fixture.folder.read("exports/empty").isEmpty)
    #expect(fixture.committed[1].digest == SHA256Digest(hashing: ""))
  }

  @Test("nothing is visible before commit, not even a folder, and nothing ever after discard")
  func invisible() throws {
    let artifact = try session.create("exports/deep/down/file")
    try session.write(artifact, "secret")
    #expect(try fixture.tree().isEmpty)
    try session.discard(artifact)
    #expect(try fixture.tree().isEmpty && fixture.committed.isEmpty)
  }

  @Test("a path is written once: by put, create, another call, another plugin, and after reading it")
  func writeOnce() throws {
    try session.put("exports/a", "first")
    let other = fixture.session(StoreFixture.other)
    for attempt in [session, other, fixture.session()] {
      #expect(refusal { try attempt.put("exports/a", "second") } == .exists)
      #expect(refusal { _ = try attempt.create("exports/a") } == .exists)
    }
    #expect(try fixture.folder.read("exports/a") == Array("first".utf8))
    #expect(fixture.committed.count == 1)
  }

  @Test("a path is taken from create on, and free again after discard, or when its call ends")
  func takenFromCreate() throws {
    let first = try session.create("exports/a")
    let other = fixture.session(StoreFixture.other)
    #expect(refusal { try other.put("exports/a") } == .exists)
    try session.discard(first)
    let second = try other.create("exports/a")
    try other.write(second, "half")
    other.end()
    #expect(try fixture.tree().isEmpty)
    try session.put("exports/a", "whole")
    #expect(try fixture.folder.read("exports/a") == Array("whole".utf8))
  }

  @Test(
    "paths that differ only in case are one, files and folders alike",
    arguments: [
      ("exports/a.csv", "exports/A.csv"), ("exports/dir/x", "exports/Dir/y"), ("exports/straße", "exports/STRASSE"),
      ("exports/Ä/x", "exports/ä/y"), ("exports/a/B/c", "exports/a/b/d"),
    ])
  func caseFolding(first: String, second: String) throws {
    try session.put(first)
    #expect(refusal { try session.put(second) } == .exists)
    #expect(refusal { _ = try session.open(second) } == .notFound)
    #expect(fixture.committed.map(\.path.text) == [first])
  }

  @Test("an artifact is no folder, and a folder no artifact")
  func filesAndFolders() throws {
    try session.put("exports/a")
    #expect(refusal { try session.put("exports/a/b") } == .exists)
    #expect(refusal { try session.put("exports/a/b/c") } == .exists)
    try session.put("exports/d/e")
    #expect(refusal { try session.put("exports/d") } == .exists)
    #expect(refusal { try session.put("exports/D") } == .exists)
    let open = try session.create("exports/f/g")
    #expect(refusal { try session.put("exports/f") } == .exists)
    try session.put("exports/f/h")
    try session.discard(open)
    #expect(refusal { try session.put("exports/f") } == .exists)
  }

  @Test("folders of discarded artifacts are forgotten with the last of them")
  func forgottenFolders() throws {
    let first = try session.create("exports/a/b/c")
    let second = try session.create("exports/a/d")
    try session.discard(first)
    #expect(refusal { try session.put("exports/a") } == .exists)
    #expect(refusal { try session.put("exports/A/x") } == .exists)
    try session.put("exports/a/b", "a file where a folder was to be")
    try session.discard(second)
    #expect(refusal { try session.put("exports/A/x") } == .exists)
    let third = try session.create("exports/Q/x")
    try session.discard(third)
    try session.put("exports/q")
    // Creating what is refused leaves no folder behind either.
    #expect(refusal { try session.put("exports/q/z/y") } == .exists)
    #expect(try fixture.tree() == ["exports/", "exports/a/", "exports/a/b", "exports/q"])
  }

  @Test(
    "paths that are not well-formed are E_PATH, and nothing appears anywhere",
    arguments: [
      "", "/exports/a", "exports/../x", "../x", "exports/./a", "exports//a", "exports/", "exports/a/", "./exports/a",
      "exports/a\0b", "exports/a\nb", "exports/a\u{7f}", "exports/a\u{85}", "exports/e\u{301}",
      "exports/" + String(repeating: "n", count: 256), "exports/" + String(repeating: "d/", count: 600) + "x",
    ])
  func badPaths(path: String) throws {
    #expect(refusal { try session.put(path) } == .path)
    #expect(refusal { _ = try session.create(path) } == .path)
    #expect(refusal { _ = try session.open(path) } == .path)
    #expect(try fixture.tree().isEmpty)
  }

  @Test("bytes that are not UTF-8 are E_PATH; 255 bytes a part and 1,024 in all are taken")
  func limits() throws {
    #expect(refusal { try session.put([0x65, 0xff], ArtifactOptions(), [UInt8]().span.bytes) } == .path)
    let part = String(repeating: "n", count: 255)
    try session.put("exports/\(part)")
    let long = "exports/" + [part, part, part, String(repeating: "m", count: 248)].joined(separator: "/")
    #expect(long.utf8.count == 1024)
    #expect(refusal { try session.put(long + "m") } == .path)
    #expect(refusal { try session.put(long) } == .exists)
    try session.put(long.replacing("n", with: "o"))
    #expect(try fixture.folder.read(long.replacing("n", with: "o")).count == 1)
  }

  @Test(
    "each kind of capability writes and reads where it may, and nowhere else",
    arguments: [
      (StoreScope.exporter, ["exports/a", "warehouse/a"], ["lineage/a", "reports/a", "logs/a", "run_manifest.json"]),
      (.lineageSink, ["lineage/a"], ["exports/a", "warehouse/a", "a", "lineage"]),
      (.connector, [], ["exports/a", "warehouse/a", "lineage/a", "a"]),
      (StoreScope(writable: ["extra"]), ["extra/a"], ["exports/a", "extra", "extras/a", "Extra/a"]),
    ])
  func scopes(scope: StoreScope, granted: [String], denied: [String]) throws {
    let session = fixture.session(StoreFixture.other, scope)
    for path in granted {
      try session.put(path)
      #expect(try session.read(session.open(path).artifact) == [120])
    }
    for path in denied {
      #expect(refusal { try session.put(path) } == .denied, "\(path)")
      #expect(refusal { _ = try session.open(path) } == .denied, "\(path)")
    }
    #expect(fixture.committed.map(\.path.text) == granted)
  }

  @Test(
    "the host's own files are taken from the start, as files and as folders, in any case",
    arguments: ["warehouse/index.jsonl", "warehouse/INDEX.jsonl", "warehouse/index.jsonl/x"])
  func hostFiles(path: String) throws {
    #expect(refusal { try session.put(path) } == .exists)
    let sink = fixture.session(StoreFixture.other, .lineageSink)
    #expect(refusal { try sink.put("lineage/lineage.jsonl") } == .exists)
    #expect(refusal { _ = try sink.open("lineage/lineage.jsonl") } == .notFound)
  }
}
