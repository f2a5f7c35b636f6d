import LinuxCalls
import OmphalosValues
import PluginABI
import Synchronization

/// The write-once store of one run. It owns the index of what was committed, and knows nothing of manifests.
///
/// Safe from any thread; see `StoreSession` for what one artifact handle asks.
public final class ArtifactStore: Sendable {
  let directory: File
  /// Hashes large artifacts beside the threads that write them.
  let hashing: WorkThread?
  private let limits: StoreLimits
  private let objection: @Sendable (ArtifactPath) -> String?
  private let onCommit: @Sendable (CommittedArtifact) -> Void
  private let state: Mutex<State>

  private struct State {
    var names: Namespace
    var quotas = Quotas()
    var fatal: ABIFailure?
    /// Artifacts whose bytes on disk were found to be those that were committed.
    var confirmed: Set<ArtifactPath> = []
  }

  /// - Parameters:
  ///   - directory: the run directory that is being built.
  ///   - reserved: paths that the host keeps for itself.
  ///   - hashing: a thread that hashes large artifacts while they are written; nil where the writing threads do it.
  ///   - objection: why an artifact may not have a path, as a sentence without its full stop.
  ///   - onCommit: told of each artifact once it is visible, on the thread that committed it.
  public init(
    directory: File, limits: StoreLimits, reserved: [ArtifactPath], hashing: WorkThread? = nil,
    objection: @escaping @Sendable (ArtifactPath) -> String? = { _ in nil }, onCommit: @escaping @Sendable (CommittedArtifact) -> Void
  ) {
    self.directory = directory
    self.hashing = hashing
    self.limits = limits
    self.objection = objection
    self.onCommit = onCommit
    state = Mutex(State(names: Namespace(reserved: reserved)))
  }

  /// The store as one call sees it.
  ///
  /// - Parameter use: limits of this one use of the capability, beside those of all its uses together.
  public func session(
    for producer: CallIdentity, scope: StoreScope, limits use: StoreLimits? = nil
  ) -> any StoreSession {
    var accounts = [
      Quotas.Account(key: "\(producer.plugin)/\(producer.capability)", limits: limits, source: "limits")
    ]
    if let use {
      accounts.append(
        Quotas.Account(key: "\(producer)", limits: use, source: "\(producer.instance): limits"))
    }
    return CallSession(store: self, producer: producer, scope: scope, accounts: accounts)
  }

  /// The first failure of the disk. A plugin may not have passed it on; the run cannot stand all the same.
  public var fatalFailure: ABIFailure? { state.withLock { $0.fatal } }

  func reserve(_ path: ArtifactPath) throws(ABIFailure) {
    if let reason = objection(path) { throw ABIFailure(.path, "\(reason).") }
    try state.withLock { (state) throws(ABIFailure) in try state.names.reserve(path) }
  }

  func release(_ path: ArtifactPath) { state.withLock { $0.names.release(path) } }

  func committed(_ path: ArtifactPath) -> CommittedArtifact? { state.withLock { $0.names.committed(path) } }

  /// In ascending order of the bytes of their paths.
  func committed(withPrefix prefix: [UInt8]) -> [CommittedArtifact] {
    state.withLock { $0.names.committed(withPrefix: prefix) }.sorted { $0.path < $1.path }
  }

  /// Hashes an artifact before its first reading in this run: what a plugin reads is what another one committed.
  func confirm(_ artifact: CommittedArtifact, in file: File) throws(ABIFailure) {
    if state.withLock({ $0.confirmed.contains(artifact.path) }) { return }
    let found = try onDisk("reading", artifact.path) { () throws(SystemCallError) in try file.digest() }
    guard found.digest == artifact.digest, found.byteCount == artifact.byteCount else {
      throw ABIFailure(
        .io,
        "reading \(artifact.path): it changed after it was committed: found SHA-256 \(found.digest.hex) of "
          + "\(found.byteCount) bytes, wanted \(artifact.digest.hex) of \(artifact.byteCount).")
    }
    state.withLock { _ = $0.confirmed.insert(artifact.path) }
  }

  func record(_ artifact: CommittedArtifact) {
    state.withLock { $0.names.commit(artifact) }
    onCommit(artifact)
  }

  func countArtifact(on accounts: [Quotas.Account]) throws(ABIFailure) {
    if let refusal = state.withLock({ $0.quotas.addArtifact(to: accounts) }) { throw ABIFailure(.quota, refusal) }
  }

  func countBytes(_ count: Int, on accounts: [Quotas.Account]) throws(ABIFailure) {
    if let refusal = state.withLock({ $0.quotas.add(count, to: accounts) }) { throw ABIFailure(.quota, refusal) }
  }

  /// Gives an artifact that is dropped back.
  func uncount(bytes: UInt64, on accounts: [Quotas.Account]) {
    state.withLock { $0.quotas.remove(bytes, from: accounts) }
  }

  /// Runs `body`, and turns its failure into the plugin's status.
  ///
  /// - Parameter verb: as for `failure`.
  func onDisk<Result>(
    _ verb: String, _ path: ArtifactPath, _ body: () throws(SystemCallError) -> Result
  ) throws(ABIFailure) -> Result {
    do throws(SystemCallError) {
      return try body()
    } catch {
      throw failure(error, verb, path)
    }
  }

  /// Turns a failure of the kernel into the plugin's status, and keeps it if it is the disk's.
  ///
  /// - Parameter verb: "writing" or "reading".
  func failure(_ error: SystemCallError, _ verb: String, _ path: ArtifactPath) -> ABIFailure {
    // Whose many open artifacts these are is no secret: every one holds a descriptor of this process.
    if error.isOutOfDescriptors {
      return ABIFailure(.quota, "\(verb) \(path): too many artifacts are open at once (\(error.errno)).")
    }
    let failure =
      if error.isOutOfSpace {
        ABIFailure(.noSpace, "\(verb) \(path): the disk is full or a quota of the file system is used up (\(error.errno)).")
      } else if Self.isObstacle(error) {
        ABIFailure(.io, "\(verb) \(path): what lies at \(error.subject) did not come through the store (\(error.errno)).")
      } else {
        ABIFailure(.io, "\(verb) \(path): \(error).")
      }
    state.withLock { if $0.fatal == nil { $0.fatal = failure } }
    return failure
  }

  /// A link, a file or a folder where the store's own index has another or none.
  private static func isObstacle(_ error: SystemCallError) -> Bool {
    [.tooManySymbolicLinkLevels, .notDirectory, .fileExists].contains(error.errno)
  }
}
