import LinuxCalls
import OmphalosValues
import RunRecord

/// The files that a manifest lists against those on disk.
enum FileComparison {
  /// In byte order of path.
  static func problems(listed: [UTF8String: FileRecord], walked: TreeWalk) -> [VerifyReport.Problem] {
    var missing = listed
    var problems = walked.problems.map { problem in
      VerifyReport.Problem(.unreadable, problem.path, "\(quotedForMessage(problem.path)) \(problem.message).")
    }
    for problem in walked.problems { missing[UTF8String(problem.path)] = nil }
    for entry in walked.entries where entry.path != RunLayout.manifest.text {
      if let record = missing.removeValue(forKey: UTF8String(entry.path)) {
        problems += compare(entry, with: record)
      } else if entry.kind != .directory, listed[UTF8String(entry.path)] == nil {
        problems.append(
          VerifyReport.Problem(
            .extra, entry.path,
            "\(quotedForMessage(entry.path)) is extra: a \(entry.kind.rawValue) that the manifest does not list."))
      }
    }
    problems += missing.values.map { record in
      VerifyReport.Problem(
        .missing, record.path.text,
        "\(quotedForMessage(record.path.text)) is missing: the manifest lists it with \(record.bytes) bytes.")
    }
    return problems.sorted { UTF8String($0.path) < UTF8String($1.path) }
  }

  private static func compare(_ entry: WalkedEntry, with record: FileRecord) -> [VerifyReport.Problem] {
    let name = quotedForMessage(entry.path)
    guard entry.kind == .regular, let digest = entry.digest else {
      return [
        VerifyReport.Problem(
          .notARegularFile, entry.path, "\(name) is a \(entry.kind.rawValue), wanted a regular file.")
      ]
    }
    guard digest != record.sha256 || entry.size != record.bytes else { return [] }
    return [
      VerifyReport.Problem(
        .changed, entry.path,
        "\(name) is changed: found SHA-256 \(digest.hex) of \(entry.size) bytes, the manifest says "
          + "\(record.sha256.hex) of \(record.bytes).")
    ]
  }
}
