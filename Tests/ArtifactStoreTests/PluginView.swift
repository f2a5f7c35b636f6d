import COmphalos
import Glibc
import LinuxCalls
import PluginABI
import Synchronization
import TestSupport
import Testing

@testable import ArtifactStore
@testable import PluginABI

/// A call as its plugin sees it: handles and C functions, with the real store behind them.
final class PluginView: Sendable {
  private let call: PluginCall

  init(_ fixture: StoreFixture, _ identity: CallIdentity = StoreFixture.exporter) {
    call = PluginCall(
      identity, host: HostTable(pluginPath: "/plugins/p.so", resources: Nothing()) { _, _ in },
      configuration: Array("{}".utf8), services: Nothing(), store: fixture.session(identity))
  }

  private var block: omphalos_call { call.block.pointer.pointee }
  private var handle: UInt64 { block.handle }
  private var store: omphalos_store { block.store.pointee }

  func put(_ path: String, _ text: String) -> ABIStatus {
    ABIStatus(rawValue: store.put(handle, path, path.utf8.count, nil, text, text.utf8.count))
  }

  func create(_ path: String) -> (status: ABIStatus, artifact: UInt64) {
    var artifact: UInt64 = 0
    return (ABIStatus(rawValue: store.create(handle, path, path.utf8.count, nil, &artifact)), artifact)
  }

  func write(_ artifact: UInt64, _ text: String) -> ABIStatus {
    ABIStatus(rawValue: store.write(handle, artifact, text, text.utf8.count))
  }

  func commit(_ artifact: UInt64) -> ABIStatus { ABIStatus(rawValue: store.commit(handle, artifact)) }
  func discard(_ artifact: UInt64) -> ABIStatus { ABIStatus(rawValue: store.discard(handle, artifact)) }

  /// Creates, writes in two pieces, and commits, or discards what cannot be committed.
  func writeInPieces(_ path: String, _ text: String) -> ABIStatus {
    let (status, artifact) = create(path)
    guard status == .ok else { return status }
    let half = text.index(text.startIndex, offsetBy: text.count / 2)
    return finish(artifact, [text[..<half], text[half...]].map { write(artifact, String($0)) }.first { $0 != .ok })
  }

  /// Stages an artifact, writes it from its end to its start, and commits or discards it.
  func stageBackwards(_ path: String, _ text: String, keep: Bool = true) -> ABIStatus {
    var artifact: UInt64 = 0
    var descriptor: Int32 = -1
    let status = ABIStatus(rawValue: store.stage(handle, path, path.utf8.count, nil, &artifact, &descriptor))
    guard status == .ok else { return status }
    defer { Glibc.close(descriptor) }
    for (offset, byte) in text.utf8.enumerated().reversed() {
      var byte = byte
      guard pwrite(descriptor, &byte, 1, off_t(offset)) == 1 else { return .io }
    }
    return keep ? finish(artifact, nil) : discard(artifact)
  }

  private func finish(_ artifact: UInt64, _ failure: ABIStatus?) -> ABIStatus {
    let status = failure ?? commit(artifact)
    if status != .ok { _ = discard(artifact) }
    return status
  }

  func open(_ path: String) -> (status: ABIStatus, artifact: UInt64) {
    var artifact: UInt64 = 0
    return (ABIStatus(rawValue: store.open(handle, path, path.utf8.count, &artifact, nil)), artifact)
  }

  func read(_ artifact: UInt64) -> (status: ABIStatus, text: String) {
    var buffer = [UInt8](repeating: 0, count: 256)
    var count = 0
    let status = store.read(handle, artifact, 0, &buffer, buffer.count, &count)
    return (ABIStatus(rawValue: status), String(decoding: buffer.prefix(count), as: UTF8.self))
  }

  func map(_ artifact: UInt64) -> (status: ABIStatus, text: String) {
    var bytes: UnsafeRawPointer?
    var count = 0
    let status = ABIStatus(rawValue: store.map(handle, artifact, &bytes, &count))
    return (status, String(decoding: UnsafeRawBufferPointer(start: bytes, count: count), as: UTF8.self))
  }

  func close(_ artifact: UInt64) -> ABIStatus { ABIStatus(rawValue: store.close(handle, artifact)) }

  func openList(_ prefix: String) -> UInt64 {
    var cursor: UInt64 = 0
    return store.list_open(handle, prefix, prefix.utf8.count, &cursor) == 0 ? cursor : 0
  }

  func next(_ cursor: UInt64) -> (status: ABIStatus, path: String) {
    var path = [CChar](repeating: 0, count: 1024)
    var count = 0
    let status = store.list_next(handle, cursor, &path, path.count, &count, nil)
    return (ABIStatus(rawValue: status), String(decoding: path.prefix(count).map(UInt8.init), as: UTF8.self))
  }

  /// Ends the call. False if functions that it called were still running after a second.
  func end() -> Bool { call.end() }

  /// Says why something failed, as a plugin does before it returns.
  func setError(_ text: String) { _ = block.set_error(handle, 1, text, text.utf8.count) }
}

/// What these calls do not use.
private final class Nothing: CallServices, ResourceProvider {
  var isCancelled: Bool { false }
  func progress(done: UInt64, total: UInt64) {}
  func metric(_ name: String, _ value: Double) {}
  func now() -> Int64 { 0 }
  func random(label: [UInt8], index: UInt64, count: Int) -> [UInt8] { [] }
  func openInput(_ name: String) throws(ABIFailure) -> (descriptor: Int32, length: UInt64) {
    throw ABIFailure(.notFound, "there are no inputs")
  }
  func open(_ path: String) throws(ABIFailure) -> Int32 { throw ABIFailure(.notFound, "there are no resources") }
}
