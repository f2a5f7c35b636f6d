import Foundation

/// All that lies in a rig and that a run of its pipeline has no business with.
struct Snapshot: Equatable {
  private let entries: [String: String]

  init(of rig: Rig, runID: String) {
    var entries: [String: String] = [:]
    let all = FileManager.default.enumerator(atPath: rig.path)
    while let name = all?.nextObject() as? String {
      if Self.belongsToRun(name, runID) { continue }
      entries[name] = Self.describe(rig.path + "/" + name, withTime: name != "runs" && name != "tmp")
    }
    self.entries = entries
  }

  /// The run itself, its partials, the record of runs, and its own temporary files.
  private static func belongsToRun(_ name: String, _ runID: String) -> Bool {
    let parts = name.split(separator: "/")
    guard parts.count > 1 else { return false }
    if parts[0] == "tmp" { return parts[1].hasPrefix("omphalos-") }
    guard parts[0] == "runs" else { return false }
    return parts[1] == runID || parts[1].hasPrefix(".\(runID).") || parts[1].contains("ledger")
  }

  private static func describe(_ path: String, withTime: Bool) -> String {
    var status = stat()
    guard lstat(path, &status) == 0 else { return "gone" }
    var text = "mode \(String(status.st_mode, radix: 8)), owner \(status.st_uid)"
    if withTime { text += ", changed \(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec)" }
    switch status.st_mode & S_IFMT {
    case S_IFREG where status.st_size > 1 << 16: text += ", \(status.st_size) bytes"
    case S_IFREG: text += ", \((FileManager.default.contents(atPath: path) ?? Data()).base64EncodedString())"
    case S_IFLNK: text += ", to \((try? FileManager.default.destinationOfSymbolicLink(atPath: path)) ?? "")"
    default: break
    }
    return text
  }

  /// What differs, a line for each entry.
  func differences(from old: Snapshot) -> [String] {
    Set(entries.keys).union(old.entries.keys).sorted().compactMap { name in
      guard entries[name] != old.entries[name] else { return nil }
      return "\(name) was touched: \((old.entries[name] ?? "nothing").prefix(80)) became \((entries[name] ?? "nothing").prefix(80))"
    }
  }
}
