import Foundation

/// What a command printed, held against what a guide shows.
///
/// In a guide "…" stands for anything on a line, and a line with nothing else for any lines. Digests, run ids and numbers
/// of four and more digits depend on the compiler that built the plugins, so any other of their kind is as good. What
/// libraries and symbols a plugin needs, and where the system has them, is the system's business.
enum Output {
  /// - Returns: the first line of the guide that has no place in the output; nil where all have.
  static func firstMissing(of shown: String, in printed: String) -> String? {
    var rest = lines(printed)[...]
    var maySkip = false
    for line in lines(shown) {
      if line.trimmingCharacters(in: .whitespaces) == "…" {
        maySkip = true
        continue
      }
      let candidates = maySkip ? rest : rest.prefix(1)
      guard let place = candidates.firstIndex(where: { fits($0, line) }) else { return line }
      rest = rest[(place + 1)...]
      maySkip = false
    }
    return maySkip || rest.isEmpty ? nil : "the end, before: \(rest.first ?? "")"
  }

  private static func lines(_ text: String) -> [String] {
    let general = text.replacing(/[0-9a-f]{12,}/, with: "#").replacing(/run-[0-9a-f]{8}-[0-9a-f]{4}/, with: "run-#")
      .replacing(/\.[0-9a-f]{8}\.partial/, with: ".#.partial").replacing(/[0-9]{4,}/, with: "#")
      .replacing(#/(?m)^  (needs|would load|symbols) .*$/#) { "  \($0.1) #" }
      .replacing(/runs \d+ functions while/, with: "runs # functions while")
    var lines = general.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    while lines.last?.isEmpty == true { lines.removeLast() }
    return lines
  }

  private static func fits(_ printed: String, _ shown: String) -> Bool {
    let parts = shown.split(separator: "…", omittingEmptySubsequences: false).map(String.init)
    guard parts.count > 1 else { return printed == shown }
    guard printed.hasPrefix(parts[0]) else { return false }
    var rest = printed.dropFirst(parts[0].count)
    for part in parts.dropFirst() where !part.isEmpty {
      guard let found = rest.range(of: part) else { return false }
      rest = rest[found.upperBound...]
    }
    return parts.last?.isEmpty == true || rest.isEmpty
  }
}
