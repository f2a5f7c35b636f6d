import Glibc
import LinuxCalls
import Synchronization
import TestSupport

@testable import PluginABI

/// A store that keeps what it was asked, byte for byte, and answers with what the test set.
final class RecordingStore: StoreSession {
  struct Asked: Equatable {
    var function: String
    var path: [UInt8] = []
    var options = ArtifactOptions()
    var bytes: [UInt8] = []
    var artifact: UInt64 = 0
  }

  private let state = Mutex<(asked: [Asked], refusal: ABIFailure?, ended: Int)>(([], nil, 0))
  /// Runs inside each function, on the thread that called it.
  let during: @Sendable () -> Void

  init(during: @escaping @Sendable () -> Void = {}) { self.during = during }

  var asked: [Asked] { state.withLock { $0.asked } }
  var timesEnded: Int { state.withLock { $0.ended } }
  func refuse(with failure: ABIFailure?) { state.withLock { $0.refusal = failure } }

  private func note(_ asked: Asked) throws(ABIFailure) {
    during()
    let refusal = state.withLock { state in
      state.asked.append(asked)
      return state.refusal
    }
    if let refusal { throw refusal }
  }

  func put(_ path: [UInt8], _ options: ArtifactOptions, _ bytes: RawSpan) throws(ABIFailure) {
    try note(Asked(function: "put", path: path, options: options, bytes: bytes.copy(0..<bytes.byteCount)))
  }
  func create(_ path: [UInt8], _ options: ArtifactOptions) throws(ABIFailure) -> UInt64 {
    try note(Asked(function: "create", path: path, options: options))
    return 41
  }
  func write(_ artifact: UInt64, _ bytes: RawSpan) throws(ABIFailure) {
    try note(Asked(function: "write", bytes: bytes.copy(0..<bytes.byteCount), artifact: artifact))
  }
  func commit(_ artifact: UInt64) throws(ABIFailure) { try note(Asked(function: "commit", artifact: artifact)) }
  func discard(_ artifact: UInt64) throws(ABIFailure) { try note(Asked(function: "discard", artifact: artifact)) }
  func open(_ path: [UInt8]) throws(ABIFailure) -> (artifact: UInt64, length: UInt64) {
    try note(Asked(function: "open", path: path))
    return (42, 7)
  }
  func read(_ artifact: UInt64, at offset: UInt64, into span: inout MutableRawSpan) throws(ABIFailure) -> Int {
    try note(Asked(function: "read", artifact: artifact))
    let count = min(span.byteCount, 3)
    for index in 0..<count { span.storeBytes(of: UInt8(index) + 65, toByteOffset: index, as: UInt8.self) }
    return count
  }
  func close(_ artifact: UInt64) throws(ABIFailure) { try note(Asked(function: "close", artifact: artifact)) }
  func stage(_ path: [UInt8], _ options: ArtifactOptions) throws(ABIFailure) -> (artifact: UInt64, descriptor: Int32) {
    try note(Asked(function: "stage", path: path, options: options))
    return (43, 99)
  }
  func map(_ artifact: UInt64) throws(ABIFailure) -> FileMapping {
    try note(Asked(function: "map", artifact: artifact))
    do throws(SystemCallError) {
      return try FileMapping(File.open("/proc/self/exe"), count: 4)
    } catch {
      throw ABIFailure(.io, error.message)
    }
  }
  func listOpen(prefix: [UInt8]) throws(ABIFailure) -> UInt64 {
    try note(Asked(function: "list_open", path: prefix))
    return 44
  }
  func listNext(_ cursor: UInt64, capacity: Int) throws(ABIFailure) -> ListedArtifact {
    try note(Asked(function: "list_next", artifact: cursor))
    return ListedArtifact(path: Array("exports/a".utf8), byteCount: 7)
  }
  func listClose(_ cursor: UInt64) throws(ABIFailure) { try note(Asked(function: "list_close", artifact: cursor)) }
  func end() { state.withLock { $0.ended += 1 } }
}

final class RecordingServices: CallServices {
  private let state = Mutex<(cancelled: Bool, progress: [UInt64], metrics: [String: Double])>((false, [], [:]))

  var isCancelled: Bool { state.withLock { $0.cancelled } }
  func cancel() { state.withLock { $0.cancelled = true } }
  var progressSeen: [UInt64] { state.withLock { $0.progress } }
  var metrics: [String: Double] { state.withLock { $0.metrics } }

  func progress(done: UInt64, total: UInt64) { state.withLock { $0.progress.append(done) } }
  func metric(_ name: String, _ value: Double) { state.withLock { $0.metrics[name] = value } }
  func now() -> Int64 { 1_234_567_890_000_000_000 }
  func random(label: [UInt8], index: UInt64, count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: $0 + Int(index) + label.count) }
  }
  func openInput(_ name: String) throws(ABIFailure) -> (descriptor: Int32, length: UInt64) {
    guard name == "data" else { throw ABIFailure(.notFound, "no \(name)") }
    return (99, 1000)
  }
}

/// A call with everything it needs, and the block that its plugin would see.
struct CallFixture {
  let store: RecordingStore
  let services = RecordingServices()
  let call: PluginCall

  init(
    _ identity: CallIdentity = CallIdentity(plugin: "com.example.p", capability: "c", instance: "feed"),
    configuration: String = "{}", store: RecordingStore = RecordingStore()
  ) {
    self.store = store
    call = PluginCall(
      identity, host: HostTable(pluginPath: "/plugins/p.so", resources: NoResources()) { _, _ in }, configuration: Array(configuration.utf8),
      services: services, store: store)
  }

  var handle: UInt64 { call.block.pointer.pointee.handle }
}

func makePage() throws -> FlightPage {
  FlightPage(try SharedMemory.create(size: FlightPage.size, name: "test page"))
}

/// Two pages of which the second cannot be read.
struct GuardedPage {
  let start: UnsafeMutableRawPointer
  static let size = 4096

  init() {
    start = mmap(nil, 2 * Self.size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    mprotect(start + Self.size, Self.size, PROT_NONE)
  }

  /// The last `count` bytes before the unreadable page.
  func tail(_ count: Int) -> UnsafeMutableRawPointer { start + Self.size - count }
}

/// Of a plugin without a folder.
struct NoResources: ResourceProvider {
  func open(_ path: String) throws(ABIFailure) -> Int32 { throw ABIFailure(.notFound, "there is none") }
}
