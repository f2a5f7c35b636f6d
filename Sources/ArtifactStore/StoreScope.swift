import OmphalosValues

/// Where a capability may write, and what it may read of that which this run has committed.
public struct StoreScope: Sendable, Hashable {
  public enum Access: String, Sendable {
    case write
    case read
  }

  /// Folders of the run directory, without a slash at the end.
  public let writable: [String]
  /// Folders beside the writable ones that may be read.
  public let readable: [String]

  public init(writable: [String], readable: [String] = []) {
    self.writable = writable
    self.readable = readable
  }

  /// By what a capability is, unless the pipeline grants more.
  public static let connector = StoreScope(writable: [])
  public static let exporter = StoreScope(writable: ["exports", "warehouse"])
  public static let lineageSink = StoreScope(writable: ["lineage"])

  /// The scope with what the pipeline grants beyond it.
  public func granting(_ more: StoreScope) -> StoreScope {
    StoreScope(
      writable: writable + more.writable.filter { !writable.contains($0) },
      readable: readable + more.readable.filter { !readable.contains($0) })
  }

  func allows(_ path: ArtifactPath, to access: Access) -> Bool { folders(access).contains { path.isUnder($0) } }

  /// "below exports/ and warehouse/", for messages.
  func sentence(_ access: Access) -> String {
    let folders = folders(access)
    return folders.isEmpty ? "nothing" : "below " + folders.map { "\($0)/" }.joined(separator: " and ")
  }

  /// Whoever may write may read.
  private func folders(_ access: Access) -> [String] { access == .write ? writable : writable + readable }
}
