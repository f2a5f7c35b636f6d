import LinuxCalls
import OmphalosValues
import PluginABI
import Testing

@testable import ArtifactStore

@Suite("Handles of artifacts")
struct HandleTests {
  private let fixture: StoreFixture
  private let session: any StoreSession

  init() throws {
    fixture = try StoreFixture()
    session = fixture.session()
  }

  @Test("an invented handle is refused, one bit off a real one too, and so is another call's")
  func invented() throws {
    let artifact = try session.create("exports/a")
    for bit in 0..<64 { #expect(refusal { try session.write(artifact ^ 1 << bit, "x") } == .handle, "bit \(bit)") }
    for handle in [0, 1, UInt64.max] {
      #expect(refusal { try session.commit(handle) } == .handle)
      #expect(refusal { try session.discard(handle) } == .handle)
      #expect(refusal { try session.close(handle) } == .handle)
      #expect(refusal { _ = try session.read(handle) } == .handle)
    }
    let other = fixture.session(StoreFixture.other)
    #expect(refusal { try other.write(artifact, "x") } == .handle)
    #expect(refusal { try other.commit(artifact) } == .handle)
    try session.commit(artifact)
  }

  @Test("a handle is gone after commit, discard and close, even when its slot is used again a thousand times")
  func stale() throws {
    let artifact = try session.create("exports/a")
    try session.commit(artifact)
    let dropped = try session.create("exports/b")
    try session.discard(dropped)
    let opened = try session.open("exports/a").artifact
    try session.close(opened)
    var seen: Set<UInt64> = [artifact, dropped, opened]
    for round in 0..<1000 {
      let next = try session.create("exports/r\(round)")
      #expect(seen.insert(next).inserted)
      for old in [artifact, dropped, opened] {
        #expect(refusal { try session.write(old, "x") } == .handle)
        #expect(refusal { _ = try session.read(old) } == .handle)
      }
      try session.discard(next)
    }
  }

  @Test("a handle for writing cannot read, one for reading cannot write")
  func wrongUse() throws {
    let writing = try session.create("exports/a")
    #expect(refusal { _ = try session.read(writing) } == .state)
    #expect(refusal { try session.close(writing) } == .state)
    try session.commit(writing)
    let reading = try session.open("exports/a").artifact
    #expect(refusal { try session.write(reading, "x") } == .state)
    #expect(refusal { try session.commit(reading) } == .state)
    #expect(refusal { try session.discard(reading) } == .state)
    try session.close(reading)
  }

  @Test("the end of the call ends all its handles, and drops what was not committed, but nothing of other calls")
  func end() throws {
    let other = fixture.session(StoreFixture.other)
    let kept = try other.create("exports/kept")
    try session.put("exports/done")
    let half = try session.create("exports/half")
    let reading = try session.open("exports/done").artifact
    session.end()
    #expect(refusal { try session.write(half, "x") } == .handle)
    #expect(refusal { _ = try session.read(reading) } == .handle)
    try other.put("exports/half", "by another")
    try other.commit(kept)
    #expect(fixture.committed.map(\.path.text) == ["exports/done", "exports/half", "exports/kept"])
  }

  @Test("reading gives the committed bytes at any offset and in any portion, and nothing behind the end")
  func reading() throws {
    try session.put("exports/a", "0123456789")
    let (artifact, length) = try session.open("exports/a")
    #expect(length == 10)
    #expect(try session.read(artifact) == Array("0123456789".utf8))
    #expect(try session.read(artifact, at: 4, capacity: 3) == Array("456".utf8))
    #expect(try session.read(artifact, at: 8, capacity: 100) == Array("89".utf8))
    #expect(try session.read(artifact, at: 0, capacity: 0).isEmpty)
    for offset in [10, 11, UInt64(Int64.max), .max] { #expect(try session.read(artifact, at: offset).isEmpty) }
  }

  @Test("what is not committed, by whomever, cannot be opened; what another call committed can")
  func opening() throws {
    #expect(refusal { _ = try session.open("exports/none") } == .notFound)
    let artifact = try session.create("exports/a")
    #expect(refusal { _ = try session.open("exports/a") } == .notFound)
    try session.commit(artifact)
    let other = fixture.session(StoreFixture.other)
    #expect(try other.read(other.open("exports/a").artifact).isEmpty)
    #expect(refusal { _ = try other.open("exports") } == .denied)
    #expect(fixture.store.fatalFailure == nil)
  }
}
