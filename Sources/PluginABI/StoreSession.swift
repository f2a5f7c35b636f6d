import LinuxCalls

/// What a plugin says about an artifact beside its bytes. `OMPHALOS` struct: `omphalos_artifact_options`.
public struct ArtifactOptions: Sendable, Hashable {
  public enum Role: String, Sendable, CaseIterable {
    case briefingTable = "briefing_table"
    case packet
    case narrative
    case warehouse
    case other
  }

  public var mediaType: String
  public var role: Role
  public var description: String

  public init(mediaType: String = "application/octet-stream", role: Role = .other, description: String = "") {
    self.mediaType = mediaType
    self.role = role
    self.description = description
  }
}

/// An artifact in a list.
public struct ListedArtifact: Sendable, Hashable {
  /// UTF-8.
  public let path: [UInt8]
  public let byteCount: UInt64

  public init(path: [UInt8], byteCount: UInt64) {
    self.path = path
    self.byteCount = byteCount
  }
}

/// The artifact store as one call sees it. Methods may be called from several threads at once; one artifact handle by
/// one thread at a time. Paths are the plugin's bytes, not yet looked at.
public protocol StoreSession: AnyObject, Sendable {
  func put(_ path: [UInt8], _ options: ArtifactOptions, _ bytes: RawSpan) throws(ABIFailure)
  func create(_ path: [UInt8], _ options: ArtifactOptions) throws(ABIFailure) -> UInt64
  func write(_ artifact: UInt64, _ bytes: RawSpan) throws(ABIFailure)
  func commit(_ artifact: UInt64) throws(ABIFailure)
  func discard(_ artifact: UInt64) throws(ABIFailure)
  /// The descriptor becomes the plugin's.
  func stage(_ path: [UInt8], _ options: ArtifactOptions) throws(ABIFailure) -> (artifact: UInt64, descriptor: Int32)
  func open(_ path: [UInt8]) throws(ABIFailure) -> (artifact: UInt64, length: UInt64)
  func read(_ artifact: UInt64, at offset: UInt64, into span: inout MutableRawSpan) throws(ABIFailure) -> Int
  /// Lasts until `close` or `end`.
  func map(_ artifact: UInt64) throws(ABIFailure) -> FileMapping
  func close(_ artifact: UInt64) throws(ABIFailure)
  func listOpen(prefix: [UInt8]) throws(ABIFailure) -> UInt64
  /// Where its path has more than `capacity` bytes it comes again.
  func listNext(_ cursor: UInt64, capacity: Int) throws(ABIFailure) -> ListedArtifact
  func listClose(_ cursor: UInt64) throws(ABIFailure)
  /// The call is over: whatever is neither committed nor discarded is dropped.
  func end()
}

/// What the host offers to one call beside the store. Called from any thread.
public protocol CallServices: AnyObject, Sendable {
  var isCancelled: Bool { get }
  func progress(done: UInt64, total: UInt64)
  func metric(_ name: String, _ value: Double)
  /// Nanoseconds since 1970-01-01T00:00:00Z.
  func now() -> Int64
  func random(label: [UInt8], index: UInt64, count: Int) -> [UInt8]
  /// A descriptor that becomes the plugin's, and the file's length in bytes.
  func openInput(_ name: String) throws(ABIFailure) -> (descriptor: Int32, length: UInt64)
}
