import ArtifactStore
import OmphalosValues
import PluginABI
import Synchronization

/// What a complete reading of an input gave.
struct Reading: Equatable, Sendable {
  let fingerprint: SHA256Digest
  let rows: UInt64
}

/// The artifacts of the call that is running, for its lineage event. Filled by whatever thread commits.
final class CommittedList: Sendable {
  private let list = Mutex<[CommittedArtifact]>([])

  func append(_ artifact: CommittedArtifact) { list.withLock { $0.append(artifact) } }

  func take() -> [CommittedArtifact] {
    list.withLock { list in
      defer { list = [] }
      return list
    }
  }
}

/// Numbers of calls, from 1 on, in the order in which they were made. The latest call of an identity counts.
final class CallNumbers: Sendable {
  private let state = Mutex<(last: UInt64, byIdentity: [CallIdentity: UInt64])>((0, [:]))

  func next(for identity: CallIdentity) -> UInt64 {
    state.withLock { state in
      state.last += 1
      state.byIdentity[identity] = state.last
      return state.last
    }
  }

  func number(of identity: CallIdentity) -> UInt64 { state.withLock { $0.byIdentity[identity] ?? 0 } }
}

extension CallIdentity {
  init(_ step: WorkOrder.Step) {
    self.init(
      plugin: step.reference.plugin.text, capability: step.reference.capability.text, instance: step.instance)
  }
}
