import OmphalosValues
import PluginABI
import Synchronization
import TestSupport
import Testing

@testable import ArtifactStore

@Suite("The store under many threads")
struct ConcurrencyTests {
  @Test("eight threads put 50 artifacts each: all are there, whole")
  func differentPaths() throws {
    let fixture = try StoreFixture()
    let session = fixture.session()
    onThreads(8) { thread in
      for round in 0..<50 {
        #expect(refusal { try session.put("exports/d\(round % 5)/t\(thread)-\(round)", "\(thread)/\(round)") } == nil)
      }
    }
    #expect(fixture.committed.count == 400 && Set(fixture.committed.map(\.path)).count == 400)
    for artifact in fixture.committed {
      #expect(SHA256Digest(hashing: try fixture.folder.read(artifact.path.text)) == artifact.digest)
    }
  }

  @Test("of eight threads that want one path, by put or by create and commit, exactly one wins, every time")
  func samePath() throws {
    let fixture = try StoreFixture()
    let winners = Mutex<[Int: [Int]]>([:])
    onThreads(8) { thread in
      let session = fixture.session(thread % 2 == 0 ? StoreFixture.exporter : StoreFixture.other)
      for round in 0..<50 {
        let status = refusal {
          if thread < 4 { return try session.put("exports/\(round)", "by \(thread)") }
          let artifact = try session.create("exports/\(round)")
          try session.write(artifact, "by \(thread)")
          try session.commit(artifact)
        }
        if status == nil { winners.withLock { $0[round, default: []].append(thread) } }
        #expect(status == nil || status == .exists)
      }
    }
    let all = winners.withLock { $0 }
    for round in 0..<50 {
      let winner = try #require(all[round])
      #expect(winner.count == 1)
      #expect(try fixture.folder.read("exports/\(round)") == Array("by \(winner[0])".utf8))
    }
    #expect(fixture.committed.count == 50 && fixture.store.fatalFailure == nil)
  }

  @Test("one artifact committed by eight threads at once is committed once, and no fault of the disk")
  func oneHandle() throws {
    let fixture = try StoreFixture()
    let session = fixture.session()
    for round in 0..<50 {
      let artifact = try session.create("exports/\(round)")
      try session.write(artifact, "once")
      let done = Atomic(0)
      onThreads(8) { thread in
        switch refusal({ thread % 4 == 3 ? try session.discard(artifact) : try session.commit(artifact) }) {
        case nil: done.add(1, ordering: .relaxed)
        case .handle, .state: break
        case let other: Issue.record("\(String(describing: other))")
        }
      }
      #expect(done.load(ordering: .relaxed) == 1)
    }
    #expect(fixture.store.fatalFailure == nil)
  }

  @Test("what other threads write while one commits is either in the artifact and its digest, or refused")
  func writeDuringCommit() throws {
    let fixture = try StoreFixture()
    let session = fixture.session()
    for round in 0..<30 {
      let artifact = try session.create("exports/\(round)")
      onThreads(4) { thread in
        if thread == 0 {
          do {
            try session.commit(artifact)
          } catch {
            Issue.record("\(error)")
          }
        } else {
          for _ in 0..<20 {
            let status = refusal { try session.write(artifact, "0123456789") }
            #expect(status == nil || status == .state || status == .handle)
          }
        }
      }
    }
    for artifact in fixture.committed {
      let bytes = try fixture.folder.read(artifact.path.text)
      #expect(SHA256Digest(hashing: bytes) == artifact.digest && UInt64(bytes.count) == artifact.byteCount)
    }
    #expect(fixture.committed.count == 30)
  }

  @Test("quotas hold to the byte and to the artifact under eight threads")
  func quotas() throws {
    let fixture = try StoreFixture(bytes: 1000, artifacts: 150)
    onThreads(8) { thread in
      let session = fixture.session()
      for round in 0..<50 {
        let status = refusal { try session.put("exports/\(thread)-\(round)", "0123456789") }
        #expect(status == nil || status == .quota)
      }
    }
    #expect(fixture.committed.count == 100)
    #expect(fixture.committed.reduce(0) { $0 + $1.byteCount } == 1000)
  }
}
