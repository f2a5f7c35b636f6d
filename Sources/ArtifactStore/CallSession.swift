import LinuxCalls
import OmphalosValues
import PluginABI
import Synchronization

/// What one call may do with the store: its scope, its limits, its handles. Ended together with the call.
final class CallSession: StoreSession {
  let store: ArtifactStore
  private let producer: CallIdentity
  let scope: StoreScope
  let handles = Mutex(HandleTable())
  private let folders: ArtifactFolders
  private let accounts: [Quotas.Account]

  init(store: ArtifactStore, producer: CallIdentity, scope: StoreScope, accounts: [Quotas.Account]) {
    self.accounts = accounts
    self.store = store
    folders = ArtifactFolders(in: store.directory)
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

  func create(_ path: [UInt8], _ options: ArtifactOptions) throws(ABIFailure) -> UInt64 {
    try begin(path, options) { () throws(SystemCallError) in nil }
  }

  func stage(
    _ path: [UInt8], _ options: ArtifactOptions
  ) throws(ABIFailure) -> (artifact: UInt64, descriptor: Int32) {
    var descriptor: Int32?
    do throws(ABIFailure) {
      let artifact = try begin(path, options) { () throws(SystemCallError) in
        let room = try StagedFile(for: .room, in: store.directory)
        do throws(SystemCallError) {
          descriptor = try room.file.releaseDescriptor()
        } catch {
          room.drop()
          throw error
        }
        return room
      }
      guard let descriptor else { throw ABIFailure(.internalError, "a staged artifact has no file.") }
      return (artifact, descriptor)
    } catch {
      // Nobody was told of it.
      if let descriptor { _ = File(owning: descriptor, name: "a staged file") }
      throw error
    }
  }

  /// Takes the path, counts the artifact and makes its writer.
  ///
  /// - Parameter room: makes the file that the plugin itself writes to, if it is to have one.
  private func begin(
    _ bytes: [UInt8], _ options: ArtifactOptions, room: () throws(SystemCallError) -> StagedFile?
  ) throws(ABIFailure) -> UInt64 {
    let path = try granted(bytes, to: .write)
    try store.reserve(path)
    do throws(ABIFailure) {
      try store.countArtifact(on: accounts)
      do throws(ABIFailure) {
        return try openWriter(path, options, room: room)
      } catch {
        store.uncount(bytes: 0, on: accounts)
        throw error
      }
    } catch {
      store.release(path)
      throw error
    }
  }

  private func openWriter(
    _ path: ArtifactPath, _ options: ArtifactOptions, room: () throws(SystemCallError) -> StagedFile?
  ) throws(ABIFailure) -> UInt64 {
    let writer = try store.onDisk("writing", path) { () throws(SystemCallError) in
      try ArtifactWriter(path, options, in: store, copying: room())
    }
    do throws(ABIFailure) {
      return try add(.writing(writer))
    } catch {
      writer.drop()
      throw error
    }
  }

  func write(_ artifact: UInt64, _ bytes: RawSpan) throws(ABIFailure) {
    let writer = try writer(artifact)
    guard !writer.isStaged else {
      throw ABIFailure(.state, "\(writer.path): it is staged, so it is written through its descriptor.")
    }
    guard !writer.hasFailed else {
      throw ABIFailure(.state, "\(writer.path): an earlier write failed, so the artifact can only be discarded.")
    }
    try count(bytes.byteCount, in: writer)
    do throws(SystemCallError) {
      if try writer.write(bytes) { return }
    } catch {
      throw store.failure(error, "writing", writer.path)
    }
    throw Self.closed(writer)
  }

  /// Counts bytes that are about to be written; an artifact that they are too many for can only be discarded.
  private func count(_ bytes: Int, in writer: ArtifactWriter) throws(ABIFailure) {
    do throws(ABIFailure) {
      try store.countBytes(bytes, on: accounts)
    } catch {
      writer.fail()
      throw error
    }
    writer.charge(bytes)
  }

  func commit(_ artifact: UInt64) throws(ABIFailure) {
    let writer = try writer(artifact)
    guard writer.close() else { throw Self.closed(writer) }
    guard !writer.hasFailed else {
      writer.reopenFailed()
      throw ABIFailure(.state, "\(writer.path): a write failed, so the artifact cannot be committed.")
    }
    if writer.isStaged { try takeStaged(writer) }
    do throws(SystemCallError) {
      let committed = try writer.publish(in: folders, producer: producer)
      handles.withLock { $0.remove(artifact) }
      store.record(committed)
    } catch {
      writer.reopenFailed()
      throw store.failure(error, "writing", writer.path)
    }
  }

  /// The bytes of a staged artifact are counted and copied now that they are all there.
  private func takeStaged(_ writer: ArtifactWriter) throws(ABIFailure) {
    do throws(ABIFailure) {
      let size = try store.onDisk("writing", writer.path) { () throws(SystemCallError) in try writer.stagedByteCount() }
      try count(Int(clamping: size), in: writer)
      try store.onDisk("writing", writer.path) { () throws(SystemCallError) in try writer.copyStaged(atMost: size) }
    } catch {
      writer.reopenFailed()
      throw error
    }
  }

  func discard(_ artifact: UInt64) throws(ABIFailure) {
    let writer = try writer(artifact)
    guard writer.close() else { throw Self.closed(writer) }
    handles.withLock { $0.remove(artifact) }
    drop(writer)
  }

  func end() {
    folders.close()
    for writer in handles.withLock({ $0.removeAll() }) { drop(writer) }
  }

  private func drop(_ writer: ArtifactWriter) {
    writer.drop()
    store.uncount(bytes: writer.chargedBytes, on: accounts)
    store.release(writer.path)
  }

  func granted(_ bytes: [UInt8], to access: StoreScope.Access) throws(ABIFailure) -> ArtifactPath {
    let path: ArtifactPath
    do throws(ValueError) {
      path = try ArtifactPath(utf8: bytes)
    } catch {
      throw ABIFailure(.path, error.message)
    }
    guard scope.allows(path, to: access) else {
      throw ABIFailure(
        .denied,
        "the path \(quotedForMessage(path.text)) is not granted: this capability may \(access.rawValue) "
          + "\(scope.sentence(access)).")
    }
    return path
  }

  private func writer(_ artifact: UInt64) throws(ABIFailure) -> ArtifactWriter {
    switch handles.withLock({ $0[artifact] }) {
    case .writing(let writer)?: return writer
    case .reading?: throw ABIFailure(.state, "the artifact was opened for reading.")
    case .listing?, nil: throw Self.unknown(artifact)
    }
  }

  private static func closed(_ writer: ArtifactWriter) -> ABIFailure {
    ABIFailure(.state, "\(writer.path): another thread has committed or discarded the artifact.")
  }

  static func unknown(_ handle: UInt64, _ what: String = "artifact") -> ABIFailure {
    ABIFailure(
      .handle,
      "0x\(String(handle, radix: 16)) is no \(what) handle of this call: invented, or already given back.")
  }
}
