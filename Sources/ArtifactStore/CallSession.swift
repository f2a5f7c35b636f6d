import LinuxCalls
import OmphalosValues
import PluginABI
import Synchronization

/// What one call may do with the store: its scope, its handles. Ended together with the call.
final class CallSession: StoreSession {
  private let store: ArtifactStore
  private let producer: CallIdentity
  private let scope: StoreScope
  private let handles = Mutex(HandleTable())

  init(store: ArtifactStore, producer: CallIdentity, scope: StoreScope) {
    self.store = store
    self.producer = producer
    self.scope = scope
  }

  func put(_ path: [UInt8], _ options: ArtifactOptions, _ bytes: RawSpan) throws(ABIFailure) {
    let artifact = try create(path, options)
    do throws(ABIFailure) {
      try write(artifact, bytes)
      try commit(artifact)
    } catch {
      try? discard(artifact)
      throw error
    }
  }

  func create(_ bytes: [UInt8], _ options: ArtifactOptions) throws(ABIFailure) -> UInt64 {
    let path = try granted(bytes, to: "write")
    try store.reserve(path)
    do throws(ABIFailure) {
      try store.countArtifact(of: producer)
      do throws(SystemCallError) {
        let writer = try ArtifactWriter(path, options, in: store.directory)
        return handles.withLock { $0.add(.writing(writer)) }
      } catch {
        store.uncount(bytes: 0, of: producer)
        throw store.failure(error, "writing", path)
      }
    } catch {
      store.release(path)
      throw error
    }
  }

  func write(_ artifact: UInt64, _ bytes: RawSpan) throws(ABIFailure) {
    let writer = try writer(artifact)
    guard !writer.hasFailed else {
      throw ABIFailure(.state, "\(writer.path): an earlier write failed, so the artifact can only be discarded.")
    }
    do throws(ABIFailure) {
      try store.countBytes(bytes.byteCount, of: producer)
    } catch {
      writer.fail()
      throw error
    }
    do throws(SystemCallError) {
      if try writer.write(bytes) { return }
    } catch {
      throw store.failure(error, "writing", writer.path)
    }
    throw Self.closed(writer)
  }

  func commit(_ artifact: UInt64) throws(ABIFailure) {
    let writer = try writer(artifact)
    guard writer.close() else { throw Self.closed(writer) }
    guard !writer.hasFailed else {
      writer.reopenFailed()
      throw ABIFailure(.state, "\(writer.path): a write failed, so the artifact cannot be committed.")
    }
    do throws(SystemCallError) {
      let committed = try writer.publish(in: store.directory, producer: producer)
      handles.withLock { $0.remove(artifact) }
      store.record(committed)
    } catch {
      writer.reopenFailed()
      throw store.failure(error, "writing", writer.path)
    }
  }

  func discard(_ artifact: UInt64) throws(ABIFailure) {
    let writer = try writer(artifact)
    guard writer.close() else { throw Self.closed(writer) }
    handles.withLock { $0.remove(artifact) }
    drop(writer)
  }

  func open(_ bytes: [UInt8]) throws(ABIFailure) -> (artifact: UInt64, length: UInt64) {
    let path = try granted(bytes, to: "read")
    guard let artifact = store.committed(path) else {
      throw ABIFailure(.notFound, "\(path): this run has committed no such artifact.")
    }
    do throws(SystemCallError) {
      let file = try store.directory.openBeneath(path.text)
      return (handles.withLock { $0.add(.reading(file, artifact)) }, artifact.byteCount)
    } catch {
      throw store.failure(error, "reading", path)
    }
  }

  func read(_ artifact: UInt64, at offset: UInt64, into span: inout MutableRawSpan) throws(ABIFailure) -> Int {
    let (file, committed) = try reader(artifact)
    guard offset < committed.byteCount else { return 0 }
    do throws(SystemCallError) {
      return try file.read(at: offset, into: &span)
    } catch {
      throw ABIFailure(.io, "reading \(committed.path): \(error).")
    }
  }

  func close(_ artifact: UInt64) throws(ABIFailure) {
    _ = try reader(artifact)
    handles.withLock { $0.remove(artifact) }
  }

  func end() {
    for writer in handles.withLock({ $0.removeAll() }) { drop(writer) }
  }

  private func drop(_ writer: ArtifactWriter) {
    writer.drop()
    store.uncount(bytes: writer.byteCount, of: producer)
    store.release(writer.path)
  }

  private func granted(_ bytes: [UInt8], to verb: String) throws(ABIFailure) -> ArtifactPath {
    let path: ArtifactPath
    do throws(ValueError) {
      path = try ArtifactPath(utf8: bytes)
    } catch {
      throw ABIFailure(.path, error.message)
    }
    guard scope.allows(path) else {
      throw ABIFailure(
        .denied, "the path \(quotedForMessage(path.text)) is not granted: this capability may \(verb) \(scope.sentence).")
    }
    return path
  }

  private func writer(_ artifact: UInt64) throws(ABIFailure) -> ArtifactWriter {
    switch handles.withLock({ $0[artifact] }) {
    case .writing(let writer)?: return writer
    case .reading?: throw ABIFailure(.state, "the artifact was opened for reading.")
    case nil: throw Self.unknown(artifact)
    }
  }

  private func reader(_ artifact: UInt64) throws(ABIFailure) -> (File, CommittedArtifact) {
    switch handles.withLock({ $0[artifact] }) {
    case .reading(let file, let committed)?: return (file, committed)
    case .writing?: throw ABIFailure(.state, "the artifact is being written.")
    case nil: throw Self.unknown(artifact)
    }
  }

  private static func closed(_ writer: ArtifactWriter) -> ABIFailure {
    ABIFailure(.state, "\(writer.path): another thread has committed or discarded the artifact.")
  }

  private static func unknown(_ artifact: UInt64) -> ABIFailure {
    ABIFailure(
      .handle,
      "0x\(String(artifact, radix: 16)) is no artifact handle of this call: invented, or already committed, discarded or closed."
    )
  }
}
