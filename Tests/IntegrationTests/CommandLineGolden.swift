import Foundation
import Testing

/// Output that users parse, kept as it was when someone last looked at it, with what depends on machine and build
/// masked.
///
/// After a change that is meant, renew them all and read the diff:
///
///     OMPHALOS_RENEW_GOLDEN=1 swift test --filter IntegrationTests
enum Golden {
  private static let folder = #filePath.split(separator: "/").dropLast().map { "/" + $0 }.joined() + "/Golden"

  static func check(
    _ text: String, is name: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let path = folder + "/" + name
    if ProcessInfo.processInfo.environment["OMPHALOS_RENEW_GOLDEN"] == "1" {
      try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    }
    let wanted = String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
    let (found, expected) = (text.components(separatedBy: "\n"), wanted.components(separatedBy: "\n"))
    for (number, (found, expected)) in zip(found, expected).enumerated() where found != expected {
      Issue.record("\(name):\(number + 1): found \(found), wanted \(expected)", sourceLocation: sourceLocation)
      return
    }
    #expect(found.count == expected.count, "\(name): number of lines", sourceLocation: sourceLocation)
  }

  /// Digests, run ids, sizes and the libraries of a machine are facts of a build; what they are called is not.
  static func masked(_ text: String) -> String {
    let rules = [
      ("[0-9a-f]{64}", "<sha256>"), ("\\b[0-9a-f]{40}\\b", "<build id>"), ("\\b[0-9a-f]{16}…", "<sha256>…"),
      ("run-[0-9a-f]{8}-[0-9a-f]{4}", "<run id>"), ("(\n  size +)[0-9]+ bytes", "$1<size> bytes"),
      ("[0-9]+ imported", "<count> imported"), ("(\n  (needs|would load) +)[^\n]*", "$1<libraries>"),
      ("(\nLibraries it would load here\n)(?:  [^\n]*\n)+", "$1  <libraries>\n"),
      ("(\"(libraries|imports|needed|notable)\": \\[)[^\\]]*\\]", "$1…]"),
      ("(\"initializers\": )[0-9]+", "$1<count>"), ("(\"bytes\": )[0-9]{4,}", "$1<size>"),
    ]
    return rules.reduce(text) { text, rule in
      text.replacingOccurrences(of: rule.0, with: rule.1, options: .regularExpression)
    }
  }
}
