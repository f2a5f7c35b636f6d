import OmphalosValues
import PluginABI

/// The names of a run: which paths are taken, and how folders are spelled. Two paths or folders that differ only in
/// case are one, because some file systems and most people take them for one.
struct Namespace {
  private enum Entry {
    case host
    case beingWritten(ArtifactPath)
    case committed(CommittedArtifact)
    /// Its spelling, and how many paths in it are taken: a folder lasts as long as something is in it.
    case folder(String, paths: Int)
  }

  private var entries: [UTF8String: Entry] = [:]

  /// - Parameter reserved: files that the host writes itself.
  init(reserved: [ArtifactPath]) {
    for path in reserved { entries[path.foldedKey] = .host }
  }

  /// Takes `path` for an artifact that is about to be written.
  mutating func reserve(_ path: ArtifactPath) throws(ABIFailure) {
    if let entry = entries[path.foldedKey] { throw Self.taken(path, by: entry) }
    for folder in Self.folders(of: path) {
      guard let entry = entries[folder.key] else { continue }
      guard case .folder(let spelling, _) = entry, UTF8String(spelling) == UTF8String(folder.text) else {
        throw Self.taken(path, by: entry)
      }
    }
    for folder in Self.folders(of: path) { count(folder, by: 1) }
    entries[path.foldedKey] = .beingWritten(path)
  }

  /// Gives back a path that was reserved and not committed.
  mutating func release(_ path: ArtifactPath) {
    guard case .beingWritten = entries[path.foldedKey] else { return }
    entries[path.foldedKey] = nil
    for folder in Self.folders(of: path) { count(folder, by: -1) }
  }

  private mutating func count(_ folder: (key: UTF8String, text: String), by change: Int) {
    var paths = change
    if case .folder(_, let known)? = entries[folder.key] { paths += known }
    entries[folder.key] = paths > 0 ? .folder(folder.text, paths: paths) : nil
  }

  mutating func commit(_ artifact: CommittedArtifact) { entries[artifact.path.foldedKey] = .committed(artifact) }

  /// The artifact under exactly this path, if it is committed.
  func committed(_ path: ArtifactPath) -> CommittedArtifact? {
    guard case .committed(let artifact) = entries[path.foldedKey], artifact.path == path else { return nil }
    return artifact
  }

  /// In no order.
  func committed(withPrefix prefix: [UInt8]) -> [CommittedArtifact] {
    entries.values.compactMap { entry in
      guard case .committed(let artifact) = entry, artifact.path.text.utf8.starts(with: prefix) else { return nil }
      return artifact
    }
  }

  /// "a", "a/b" for "a/b/c". Folding leaves every `/` where it is.
  private static func folders(of path: ArtifactPath) -> [(key: UTF8String, text: String)] {
    zip(prefixes(path.foldedKey.string), prefixes(path.text)).map { (UTF8String($0), $1) }
  }

  private static func prefixes(_ text: String) -> [String] {
    text.utf8.indices.filter { text.utf8[$0] == UInt8(ascii: "/") }.map { String(text[..<$0]) }
  }

  private static func taken(_ path: ArtifactPath, by entry: Entry) -> ABIFailure {
    let reason =
      switch entry {
      case .host: "the host writes this file itself"
      case .beingWritten(let other) where other == path: "it is being written"
      case .committed(let other) where other.path == path:
        "it was committed by \(other.producer), and an artifact is written once"
      case .beingWritten(let other): "\(other) is being written"
      case .committed(let other): "\(other.path) is an artifact already"
      case .folder(let spelling, _): "\(spelling)/ is a folder already"
      }
    return ABIFailure(.exists, "the path \(path) is taken: \(reason).")
  }
}
