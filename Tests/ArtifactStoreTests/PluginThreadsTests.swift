import OmphalosValues
import PluginABI
import Synchronization
import TestSupport
import Testing

@testable import ArtifactStore

@Suite("The store's C functions under many threads of plugins")
struct PluginThreadsTests {
  private static let identities = [StoreFixture.exporter, StoreFixture.other]

  @Test("two capabilities with four threads each put, write, stage and read: all is there, whole, under who wrote it")
  func everything() throws {
    let fixture = try StoreFixture()
    let views = Self.identities.map { PluginView(fixture, $0) }
    onThreads(8) { thread in
      let view = views[thread % 2]
      for round in 0..<20 {
        let path = "exports/d\(round % 3)/\(thread)-\(round)"
        let text = "\(thread) wrote \(round)"
        let status =
          switch round % 3 {
          case 0: view.put(path, text)
          case 1: view.writeInPieces(path, text)
          default: view.stageBackwards(path, text)
          }
        #expect(status == .ok)
        view.setError("thread \(thread)")
        let (opened, artifact) = view.open(path)
        #expect(opened == .ok)
        #expect(view.read(artifact) == (.ok, text) && view.map(artifact) == (.ok, text))
        #expect(view.close(artifact) == .ok)
      }
    }
    for view in views { #expect(view.end()) }
    #expect(fixture.committed.count == 160)
    for artifact in fixture.committed {
      let bytes = try fixture.folder.read(artifact.path.text)
      let thread = try #require(Int(String(decoding: bytes.prefix { $0 != 32 }, as: UTF8.self)))
      #expect(artifact.producer == Self.identities[thread % 2] && artifact.digest == SHA256Digest(hashing: bytes))
    }
    #expect(fixture.store.fatalFailure == nil)
  }

  @Test("of threads of two capabilities that want one path, one wins and all others are told E_EXISTS, every time")
  func samePath() throws {
    let fixture = try StoreFixture()
    let views = Self.identities.map { PluginView(fixture, $0) }
    let statuses = Mutex<[Int: [ABIStatus]]>([:])
    onThreads(6) { thread in
      for round in 0..<40 {
        let path = "exports/\(round)"
        let status =
          switch thread % 3 {
          case 0: views[thread % 2].put(path, "x")
          case 1: views[thread % 2].writeInPieces(path, "x")
          default: views[thread % 2].stageBackwards(path, "x")
          }
        statuses.withLock { $0[round, default: []].append(status) }
      }
    }
    for (_, all) in statuses.withLock({ $0 }) {
      #expect(all.count { $0 == .ok } == 1 && all.count { $0 == .exists } == 5, "\(all)")
    }
    #expect(fixture.committed.count == 40)
  }

  @Test("a quota is used up to its last byte and never beyond, whatever threads write, stage, discard and fail at once")
  func quota() throws {
    let fixture = try StoreFixture(bytes: 1000, artifacts: 1_000_000)
    let view = PluginView(fixture)
    onThreads(8) { thread in
      for round in 0..<40 {
        let path = "exports/\(thread)-\(round)"
        let status =
          switch (thread + round) % 4 {
          case 0: view.put(path, "0123456")
          case 1: view.writeInPieces(path, "0123456")
          case 2: view.stageBackwards(path, "0123456")
          default: view.stageBackwards(path, "0123456", keep: false)
          }
        #expect(status == .ok || status == .quota)
      }
    }
    let used = Int(fixture.committed.reduce(0) { $0 + $1.byteCount })
    #expect(used <= 1000)
    // What was refused or discarded was given back, to the byte.
    #expect(view.put("exports/one-too-many", String(repeating: "x", count: 1001 - used)) == .quota)
    #expect(view.put("exports/the-rest", String(repeating: "x", count: 1000 - used)) == .ok)
  }

  @Test("the number of artifacts is never exceeded by threads that create and discard at once, and all is given back")
  func artifactQuota() throws {
    let fixture = try StoreFixture(artifacts: 5)
    let view = PluginView(fixture)
    let open = Atomic(0)
    onThreads(8) { thread in
      for round in 0..<50 {
        let (status, artifact) = view.create("exports/\(thread)-\(round)")
        guard status == .ok else {
          #expect(status == .quota)
          continue
        }
        #expect(open.add(1, ordering: .sequentiallyConsistent).newValue <= 5)
        open.subtract(1, ordering: .sequentiallyConsistent)
        #expect(view.discard(artifact) == .ok)
      }
    }
    for number in 0..<5 { #expect(view.put("exports/\(number)", "x") == .ok) }
    #expect(view.put("exports/5", "x") == .quota)
  }

  @Test("a call that ends under eight writing threads: what was told OK is there, what comes after is E_ENDED")
  func endOfCall() throws {
    for round in 0..<10 {
      let fixture = try StoreFixture()
      let view = PluginView(fixture)
      let written = Mutex<Set<String>>([])
      onThreads(9) { thread in
        if thread == 8 {
          while written.withLock({ $0.count }) < 20 {}
          #expect(view.end())
          return
        }
        for number in 0... {
          let path = "exports/\(round)-\(thread)-\(number)"
          let status = number % 2 == 0 ? view.put(path, "x") : view.stageBackwards(path, "x")
          // Between stage and commit the artifact may go with its call.
          guard status == .ok else {
            #expect(status == .ended)
            return
          }
          written.withLock { _ = $0.insert(path) }
        }
      }
      #expect(Set(fixture.committed.map(\.path.text)) == written.withLock { $0 })
      #expect(Set(try fixture.tree()) == written.withLock { $0.union(["exports/"]) })
    }
  }

  @Test("one handle read, mapped and closed by eight threads gives the committed bytes until it is gone")
  func oneReader() throws {
    let fixture = try StoreFixture()
    let view = PluginView(fixture)
    #expect(view.put("exports/a", "as committed") == .ok)
    for _ in 0..<50 {
      let artifact = view.open("exports/a").artifact
      onThreads(8) { thread in
        for _ in 0..<5 {
          let (status, text) = view.read(artifact)
          #expect(status == .ok && text == "as committed" || status == .handle)
        }
        if thread == 7 { #expect(view.close(artifact) == .ok) }
      }
      #expect(view.read(artifact).status == .handle)
    }
  }

  @Test("a list that eight threads walk gives each of its paths to one of them, while others are committed")
  func oneCursor() throws {
    let fixture = try StoreFixture()
    let view = PluginView(fixture)
    for number in 0..<100 { #expect(view.put("exports/\(number)", "x") == .ok) }
    let cursor = view.openList("exports/")
    let seen = Mutex<[String]>([])
    onThreads(8) { thread in
      for number in 0..<100 {
        #expect(view.put("exports/more/\(thread)-\(number)", "x") == .ok)
        let (status, path) = view.next(cursor)
        guard status == .ok else { break }
        seen.withLock { $0.append(path) }
      }
    }
    #expect(seen.withLock { $0.count } == 100)
    #expect(Set(seen.withLock { $0 }) == Set((0..<100).map { "exports/\($0)" }))
  }
}
