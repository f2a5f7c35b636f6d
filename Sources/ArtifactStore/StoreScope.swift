import OmphalosValues

/// Where a capability may write, and read what this run has committed.
public struct StoreScope: Sendable, Hashable {
  /// Top-level folders of the run directory, without a slash.
  public let folders: [String]

  public init(folders: [String]) { self.folders = folders }

  /// By what a capability is, unless the pipeline grants more.
  public static let connector = StoreScope(folders: [])
  public static let exporter = StoreScope(folders: ["exports", "warehouse"])
  public static let lineageSink = StoreScope(folders: ["lineage"])

  func allows(_ path: ArtifactPath) -> Bool { folders.contains { path.isUnder($0) } }

  /// "exports/ and warehouse/", for messages.
  var sentence: String {
    folders.isEmpty ? "nothing" : "below " + folders.map { "\($0)/" }.joined(separator: " and ")
  }
}
