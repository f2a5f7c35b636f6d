import LinuxCalls
import PluginABI
import OmphalosValues

extension CallSession {
  func open(_ bytes: [UInt8]) throws(ABIFailure) -> (artifact: UInt64, length: UInt64) {
    let path = try granted(bytes, to: .read)
    guard let artifact = store.committed(path) else {
      throw ABIFailure(.notFound, "\(path): this run has committed no such artifact.")
    }
    let reader = try store.onDisk("reading", path) { () throws(SystemCallError) in
      try ArtifactReader(artifact, in: store)
    }
    return (try add(.reading(reader)), artifact.byteCount)
  }

  func read(_ artifact: UInt64, at offset: UInt64, into span: inout MutableRawSpan) throws(ABIFailure) -> Int {
    try reader(artifact).read(at: offset, into: &span)
  }

  func map(_ artifact: UInt64) throws(ABIFailure) -> FileMapping { try reader(artifact).map() }

  func close(_ artifact: UInt64) throws(ABIFailure) {
    _ = try reader(artifact)
    handles.withLock { $0.remove(artifact) }
  }

  func listOpen(prefix: [UInt8]) throws(ABIFailure) -> UInt64 {
    let found = store.committed(withPrefix: prefix).filter { scope.allows($0.path, to: .read) }
    return try add(.listing(ArtifactCursor(found)))
  }

  func listNext(_ cursor: UInt64, capacity: Int) throws(ABIFailure) -> ListedArtifact {
    guard let next = try self.cursor(cursor).next(capacity: capacity) else {
      throw ABIFailure(.notFound, "the list is at its end.")
    }
    return next
  }

  func listClose(_ cursor: UInt64) throws(ABIFailure) {
    _ = try self.cursor(cursor)
    handles.withLock { $0.remove(cursor) }
  }

  func add(_ use: HandleTable.Use) throws(ABIFailure) -> UInt64 {
    try handles.withLock { (handles) throws(ABIFailure) in try handles.add(use) }
  }

  private func reader(_ artifact: UInt64) throws(ABIFailure) -> ArtifactReader {
    switch handles.withLock({ $0[artifact] }) {
    case .reading(let reader)?: return reader
    case .writing?: throw ABIFailure(.state, "the artifact is being written.")
    case .listing?, nil: throw Self.unknown(artifact)
    }
  }

  private func cursor(_ handle: UInt64) throws(ABIFailure) -> ArtifactCursor {
    guard case .listing(let cursor)? = handles.withLock({ $0[handle] }) else { throw Self.unknown(handle, "cursor") }
    return cursor
  }
}
