import LinuxCalls
import OmphalosValues
import PluginABI
import Testing

@testable import ArtifactStore

@Suite("Limits of the store")
struct LimitTests {
  @Test("the number of artifacts is counted per capability, and given back by discard and by the end of a call")
  func artifacts() throws {
    let fixture = try StoreFixture(artifacts: 2)
    let session = fixture.session()
    try session.put("exports/a")
    let second = try session.create("exports/b")
    #expect(refusal { try session.put("exports/c") } == .quota)
    // The refused path is free, for others too.
    let other = fixture.session(StoreFixture.other)
    try other.put("exports/c")
    try session.discard(second)
    _ = try session.create("exports/d")
    session.end()
    let later = fixture.session()
    try later.put("exports/e")
    #expect(refusal { try later.put("exports/f") } == .quota)
    #expect(fixture.store.fatalFailure == nil)
  }

  @Test("bytes are counted per capability to the last one, and a write beyond them spoils the artifact")
  func bytes() throws {
    let fixture = try StoreFixture(bytes: 10)
    let session = fixture.session()
    try session.put("exports/a", "1234567")
    let artifact = try session.create("exports/b")
    try session.write(artifact, "890")
    #expect(refusal { try session.write(artifact, "1") } == .quota)
    #expect(refusal { try session.write(artifact, "") } == .state)
    #expect(refusal { try session.commit(artifact) } == .state)
    #expect(refusal { try session.commit(artifact) } == .state)
    try session.discard(artifact)
    try session.put("exports/b", "890")
    #expect(refusal { try session.put("exports/c", "1") } == .quota)
    try session.put("exports/d", "")
    try fixture.session(StoreFixture.other).put("exports/c", "1234567890")
    #expect(try fixture.folder.read("exports/b") == Array("890".utf8))
  }

  @Test("a refused put leaves nothing: no file, no count, no taken path")
  func refusedPut() throws {
    let fixture = try StoreFixture(bytes: 5, artifacts: 1)
    let session = fixture.session()
    for _ in 0..<3 { #expect(refusal { try session.put("exports/a/b", "123456") } == .quota) }
    #expect(try fixture.tree().isEmpty)
    try session.put("exports/a", "12345")
    #expect(fixture.committed.map(\.byteCount) == [5])
  }

  @Test("no limit is no number that overflows")
  func unlimited() throws {
    let fixture = try StoreFixture(bytes: .max, artifacts: .max)
    try fixture.session().put("exports/a")
    #expect(fixture.committed.count == 1)
  }

  @Test("a folder that is gone is the disk's failure: it is kept, and the path is free again")
  func diskFailure() throws {
    let fixture = try StoreFixture()
    fixture.folder.close()
    let session = fixture.session()
    #expect(refusal { _ = try session.create("exports/a") } == .io)
    let first = try #require(fixture.store.fatalFailure)
    #expect(first.status == .io && first.message.contains("exports/a"))
    #expect(refusal { _ = try session.create("exports/a") } == .io)
    #expect(fixture.store.fatalFailure == first)
  }

  @Test("something in the way that did not come through the store is not followed and not replaced")
  func somethingInTheWay() throws {
    let fixture = try StoreFixture()
    let elsewhere = try StoreFixture()
    let session = fixture.session()
    try fixture.folder.write("exports/a", "from around the store")
    let artifact = try session.create("exports/a")
    try session.write(artifact, "mine")
    #expect(refusal { try session.commit(artifact) } == .io)
    #expect(try fixture.folder.read("exports/a") == Array("from around the store".utf8))
    // What could not be committed can be discarded, and nothing else.
    #expect(refusal { try session.write(artifact, "x") } == .state)
    #expect(refusal { try session.commit(artifact) } == .state)
    try session.discard(artifact)
    #expect(fixture.committed.isEmpty && fixture.store.fatalFailure?.status == .io)

    let second = try StoreFixture()
    try symbolicLink(to: elsewhere.folder.path, at: second.folder.file("exports"))
    #expect(refusal { try second.session().put("exports/b") } == .io)
    #expect(try elsewhere.tree().isEmpty)
  }

  @Test("a folder that was swapped for a link after the first artifact is not followed for the second")
  func swappedFolder() throws {
    let fixture = try StoreFixture()
    let elsewhere = try StoreFixture()
    let session = fixture.session()
    try session.put("exports/a/1")
    let root = try File.open(fixture.folder.path, .directory)
    let exports = try root.openBeneath("exports", .directory)
    try exports.rename("a", replacing: "b")
    try symbolicLink(to: elsewhere.folder.path, at: fixture.folder.file("exports/a"))
    // The call that has the folder open writes on into it, wherever it is now; any other is stopped at the link.
    try session.put("exports/a/2")
    #expect(try fixture.tree() == ["exports/", "exports/a", "exports/b/", "exports/b/1", "exports/b/2"])
    #expect(refusal { try fixture.session().put("exports/a/3") } == .io)
    #expect(refusal { _ = try session.open("exports/a/1") } == .io)
    #expect(try elsewhere.tree().isEmpty)
  }

  @Test("a call has a bounded number of handles open at once, and one that is closed makes room")
  func handles() throws {
    let fixture = try StoreFixture()
    let session = fixture.session()
    var cursors: [UInt64] = []
    for _ in 0..<HandleTable.most { cursors.append(try session.listOpen(prefix: [])) }
    #expect(Set(cursors).count == HandleTable.most)
    #expect(refusal { _ = try session.listOpen(prefix: []) } == .quota)
    #expect(refusal { _ = try session.create("exports/a") } == .quota)
    try session.listClose(cursors[1000])
    // What was refused took neither the path nor a place in the quota.
    try session.put("exports/a")
    #expect(fixture.committed.count == 1)
  }
}
