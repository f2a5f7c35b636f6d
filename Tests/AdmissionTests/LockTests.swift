import Admission
import OmphalosValues
import Testing

@Suite("The lock")
struct LockTests {
  private func plugin(_ id: String, _ change: (inout Draft) -> Void = { _ in }) throws -> LockedPlugin {
    var draft = Draft()
    change(&draft)
    return LockedPlugin(
      id: try PluginID(id), version: try SemanticVersion(draft.version), sha256: SHA256Digest(hashing: draft.bytes),
      hermetic: draft.hermetic, capabilities: draft.capabilities, files: draft.files, closure: draft.closure)
  }

  private struct Draft {
    var version = "1.0.0"
    var bytes = "one"
    var hermetic = HermeticClaim.compatible
    var capabilities = ["connector csv 1"]
    var files: [UTF8String: SHA256Digest] = ["a.d/é x.bin": SHA256Digest(hashing: "x")]
    var closure: [UTF8String: SHA256Digest] = ["libc.so.6": SHA256Digest(hashing: "c")]
  }

  private func drift(_ change: (inout Draft) -> Void) throws -> [String] {
    let lock = PluginLock(scope: .pipeline, plugins: [try plugin("com.example.a")])
    return lock.drift(to: [try plugin("com.example.a", change)]).map(\.description)
  }

  @Test("what is written is read again, sorted by id, whatever order it came in")
  func roundTrip() throws {
    let lock = PluginLock(scope: .directories, plugins: [try plugin("com.example.b"), try plugin("com.example.a")])
    let read = try PluginLock.parse(Array(lock.text.utf8), file: "plugins.lock")
    #expect(read == lock && read.text == lock.text)
    #expect(read.plugins.map(\.id.text) == ["com.example.a", "com.example.b"])
    let empty = PluginLock(scope: .pipeline, plugins: [])
    #expect(try PluginLock.parse(Array(empty.text.utf8), file: "x") == empty)
    #expect(lock.text.contains("How to review a change"))
  }

  @Test("one fact stands in one line, so that one change is one line of a diff")
  func diffFriendly() throws {
    let before = PluginLock(scope: .pipeline, plugins: [try plugin("com.example.a")]).text.split(separator: "\n")
    let after = PluginLock(scope: .pipeline, plugins: [try plugin("com.example.a") { $0.bytes = "two" }]).text
      .split(separator: "\n")
    #expect(before.count == after.count && zip(before, after).count(where: { $0 != $1 }) == 1)
  }

  @Test("every kind of drift is told with both values")
  func kinds() throws {
    #expect(try drift { _ in } == [])
    #expect(try drift { $0.version = "1.1.0" } == ["com.example.a: version is 1.1.0, the lock has 1.0.0"])
    let digests = (SHA256Digest(hashing: "two").hex, SHA256Digest(hashing: "one").hex)
    #expect(try drift { $0.bytes = "two" } == ["com.example.a: sha256 is \(digests.0), the lock has \(digests.1)"])
    #expect(
      try drift { $0.hermetic = .incompatible } == ["com.example.a: hermetic is incompatible, the lock has compatible"])
    #expect(
      try drift { $0.capabilities.append("exporter x 1") } == [
        "com.example.a: capabilities is connector csv 1, exporter x 1, the lock has connector csv 1"
      ])
    #expect(
      try drift { $0.closure["libz.so.1"] = SHA256Digest(hashing: "z") } == [
        "com.example.a: closure libz.so.1 is \(SHA256Digest(hashing: "z").hex), the lock has none"
      ])
    #expect(try drift { $0.closure = [:] }.first?.hasPrefix("com.example.a: closure libc.so.6 is not there") == true)
    #expect(try drift { $0.files = [:] }.first?.hasPrefix("com.example.a: file a.d/é x.bin is not there") == true)
  }

  @Test("new and vanished plugins are drift")
  func newAndGone() throws {
    let lock = PluginLock(scope: .pipeline, plugins: [try plugin("com.example.a")])
    let drift = lock.drift(to: [try plugin("com.example.b")])
    #expect(drift.map(\.kind) == [.vanished, .new] && drift.map(\.id.text) == ["com.example.a", "com.example.b"])
  }

  @Test(
    "a lock that somebody broke is an error with its line",
    arguments: [
      ("version: 2\n", "plugins.lock:1:10: version: found the number 2, wanted 1"),
      ("version: 1\nplugins: {}\n", "plugins.lock:1:1: the lock: the key \"scope\" is missing"),
      ("version: 1\nscope: all\nplugins: {}\n", "plugins.lock:2:8: scope: found \"all\", wanted one of pipeline, directories"),
      ("version: 1\nscope: pipeline\nplugins:\n  acme: {}\n", "plugins.lock:4:3: plugins: \"acme\" is not a valid plugin id"),
      ("version: 1\nscope: pipeline\nplugins:\n  a.b: { sha: 1 }\n",
        "plugins.lock:4:10: plugins.a.b: the key \"sha\" is not known; did you mean \"sha256\"?"),
    ])
  func broken(text: String, message: String) {
    let error = #expect(throws: ConfigurationError.self) {
      _ = try PluginLock.parse(Array(text.utf8), file: "plugins.lock")
    }
    #expect(error?.description.hasPrefix(message) == true, "\(error?.description ?? "")")
  }
}
