import Glibc
import LinuxCalls
import OmphalosValues
import PluginABI
import Synchronization
import TestSupport
import Testing

@testable import ArtifactStore

/// A store over a real folder.
final class StoreFixture: Sendable {
  let folder: TemporaryFolder
  let store: ArtifactStore
  private let list: CommittedArtifacts

  private final class CommittedArtifacts: Sendable {
    let all = Mutex<[CommittedArtifact]>([])
  }

  init(bytes: UInt64 = 1 << 30, artifacts: Int = 100_000) throws {
    folder = try TemporaryFolder()
    let list = CommittedArtifacts()
    self.list = list
    store = ArtifactStore(
      directory: try File.open(folder.path, .directory), limits: StoreLimits(bytes: bytes, artifacts: artifacts),
      reserved: [try ArtifactPath("lineage/lineage.jsonl"), try ArtifactPath("warehouse/index.jsonl")]
    ) { artifact in list.all.withLock { $0.append(artifact) } }
  }

  /// What the store reported as committed, in its order.
  var committed: [CommittedArtifact] { list.all.withLock { $0 } }

  static let exporter = CallIdentity(plugin: "com.example.x", capability: "table", instance: "exports[0]")
  static let other = CallIdentity(plugin: "com.example.y", capability: "ledger", instance: "exports[1]")

  func session(_ identity: CallIdentity = exporter, _ scope: StoreScope = .exporter) -> any StoreSession {
    store.session(for: identity, scope: scope)
  }

  /// Every file and folder below the run directory.
  func tree() throws -> [String] {
    func walk(_ file: File, _ prefix: String) throws -> [String] {
      try file.entries().flatMap { entry -> [String] in
        let name = prefix + String(decoding: entry.bytes, as: UTF8.self)
        guard try file.status(of: entry.name ?? "").kind == .directory else { return [name] }
        return [name + "/"] + (try walk(try file.openBeneath(entry.name ?? "", .directory), name + "/"))
      }
    }
    return try walk(try File.open(folder.path, .directory), "")
  }
}

extension StoreSession {
  func put(_ path: String, _ text: String = "x") throws(ABIFailure) {
    try put(Array(path.utf8), ArtifactOptions(), Array(text.utf8).span.bytes)
  }
  func create(_ path: String) throws(ABIFailure) -> UInt64 { try create(Array(path.utf8), ArtifactOptions()) }
  func write(_ artifact: UInt64, _ text: String) throws(ABIFailure) {
    try write(artifact, Array(text.utf8).span.bytes)
  }
  func open(_ path: String) throws(ABIFailure) -> (artifact: UInt64, length: UInt64) { try open(Array(path.utf8)) }
  func read(_ artifact: UInt64, at offset: UInt64 = 0, capacity: Int = 100) throws(ABIFailure) -> [UInt8] {
    var buffer = [UInt8](repeating: 0, count: capacity)
    var span = buffer.mutableSpan
    var bytes = span.mutableBytes
    let count = try read(artifact, at: offset, into: &bytes)
    return Array(buffer.prefix(count))
  }
}

/// The status with which `body` is refused; nil if it is not.
func refusal(_ body: () throws -> Void) -> ABIStatus? {
  do {
    try body()
    return nil
  } catch let failure as ABIFailure {
    return failure.status
  } catch {
    Issue.record(error)
    return nil
  }
}

func symbolicLink(to target: String, at path: String) throws {
  guard symlink(target, path) == 0 else { throw SystemCallError(call: "symlink", subject: path, errno: .ioError) }
}
