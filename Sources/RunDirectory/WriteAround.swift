import LinuxCalls
import OmphalosValues
import RunRecord

/// A difference between what the store says and what lies on disk.
///
/// It means that something wrote into the run directory without the store, or that the disk lost something. Such a run
/// is not finalized.
public struct WriteAroundViolation: Sendable, Hashable, CustomStringConvertible {
  public enum Kind: String, Sendable {
    case extra
    case missing
    case changed
    case notARegularFile = "not-a-regular-file"
    /// The file has another name somewhere, through which it can be changed.
    case hardLink = "hard-link"
    /// Its bytes are right, and somebody can still change them.
    case openForWriting = "open-for-writing"
    case unreadable
  }

  public let kind: Kind
  /// Relative to the run directory.
  public let path: String
  /// When the file system recorded the last change of what lies there; nanoseconds since the epoch. Nil where nothing
  /// does. A store through a mapping need not change it.
  public let changed: Int64?
  /// A sentence that names the path.
  public let description: String

  init(_ kind: Kind, _ path: String, _ what: String, changed: Int64? = nil) {
    self.kind = kind
    self.path = path
    self.changed = changed
    description = "\(quotedForMessage(path)) \(what)."
  }
}

public enum WriteAround {
  /// Compares the tree with the index of the store.
  ///
  /// - Parameters:
  ///   - index: what the store committed.
  ///   - hostFiles: files that the host itself keeps there; they must be regular, their content is not compared.
  /// - Returns: the violations in byte order of path; none for a tree that is as it should be.
  public static func check(
    index: [FileRecord], walked: TreeWalk, hostFiles: [String] = PartialRun.hostFiles
  ) -> [WriteAroundViolation] {
    let records = Dictionary(index.map { (UTF8String($0.path.text), $0) }) { first, _ in first }
    let hostNames = Set(hostFiles.map { UTF8String($0) })
    let folders = foldersToExpect(index)
    var missing = Set(records.keys)
    var violations = walked.problems.map { problem in
      WriteAroundViolation(problem.isOpenForWriting ? .openForWriting : .unreadable, problem.path, problem.message)
    }
    for entry in walked.entries {
      let path = UTF8String(entry.path)
      missing.remove(path)
      if entry.kind == .directory && folders.contains(path) { continue }
      if hostNames.contains(path) {
        violations += shape(of: entry)
      } else if let record = records[path] {
        violations += shape(of: entry) + content(of: entry, record)
      } else {
        violations.append(
          WriteAroundViolation(.extra, entry.path, "was not written through the store: found a \(entry.kind.rawValue)",
            changed: entry.changed))
      }
    }
    let unreadable = Set(walked.problems.map { UTF8String($0.path) })
    violations += missing.subtracting(unreadable).map {
      WriteAroundViolation(.missing, $0.string, "was committed to the store and is gone")
    }
    return violations.sorted { (UTF8String($0.path), $0.kind.rawValue) < (UTF8String($1.path), $1.kind.rawValue) }
  }

  private static func shape(of entry: WalkedEntry) -> [WriteAroundViolation] {
    guard entry.kind == .regular else {
      return [
        WriteAroundViolation(
          .notARegularFile, entry.path, "is a \(entry.kind.rawValue), wanted a regular file", changed: entry.changed)
      ]
    }
    guard entry.links > 1 else { return [] }
    return [
      WriteAroundViolation(
        .hardLink, entry.path, "has \(entry.links) names, wanted one: it can be changed through another",
        changed: entry.changed)
    ]
  }

  private static func content(of entry: WalkedEntry, _ record: FileRecord) -> [WriteAroundViolation] {
    guard entry.kind == .regular, entry.digest != record.sha256 || entry.size != record.bytes else { return [] }
    let digest = entry.digest.map { "SHA-256 \($0.hex)" } ?? "no digest"
    return [
      WriteAroundViolation(
        .changed, entry.path,
        "changed after it was committed: found \(digest) of \(entry.size) bytes, wanted \(record.sha256.hex) of "
          + "\(record.bytes)", changed: entry.changed)
    ]
  }

  /// The folders of every run, and those above the artifacts. Any other was not made by the store.
  private static func foldersToExpect(_ index: [FileRecord]) -> Set<UTF8String> {
    var folders = Set(RunLayout.folders.map { UTF8String($0) })
    for record in index {
      var folder = ""
      for part in record.path.parts.dropLast() {
        folder += folder.isEmpty ? part : "/" + part
        folders.insert(UTF8String(folder))
      }
    }
    return folders
  }
}
