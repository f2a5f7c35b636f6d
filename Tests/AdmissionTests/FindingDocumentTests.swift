import Admission
import Foundation
import TestSupport
import Testing

/// The lists of docs/findings.md are those of the code. After a change that is meant:
///
///     OMPHALOS_RENEW_GOLDEN=1 swift test --filter FindingDocumentTests
@Suite("The page about findings")
struct FindingDocumentTests {
  private static let path = Compiler.root + "/docs/findings.md"
  private static let mark = "<!-- made from Sources/Admission/Findings by FindingDocumentTests -->\n"

  private static func code(_ names: [String]) -> String { names.map { "`\($0)`" }.joined(separator: " ") }

  private static var lists: String {
    var text = ""
    for category in FindingCategory.allCases {
      let groups = FindingTable.groups.filter { $0.category == category }
      guard !groups.isEmpty else { continue }
      text += "\n### \(category.rawValue)\n\n"
      for group in groups { text += "- \(group.why): \(code(group.symbols))\n" }
    }
    text += "\n### Libraries that are not followed\n\n"
    for runtime in LanguageRuntime.allCases { text += "- \(runtime.rawValue): \(code(runtime.sonames))\n" }
    text += "\n### Runtimes that are recognised when linked in\n\n"
    for runtime in LinkedRuntime.all {
      text += "- \(runtime.name), told as the runtime's: \(code(runtime.symbols))\n"
      text += "- \(runtime.name), recognised by: \(code(runtime.signature))"
      text += (runtime.notNeeding.map { ", and by not needing `\($0)`" } ?? "") + "\n"
    }
    return text
  }

  @Test("it has every symbol of the table, every library that is not followed, and every exemption")
  func lists() throws {
    let text = try String(contentsOfFile: Self.path, encoding: .utf8)
    let parts = text.components(separatedBy: Self.mark)
    try #require(parts.count == 2, "docs/findings.md has no line \(Self.mark)")
    if ProcessInfo.processInfo.environment["OMPHALOS_RENEW_GOLDEN"] == "1" {
      try (parts[0] + Self.mark + Self.lists).write(toFile: Self.path, atomically: true, encoding: .utf8)
      return
    }
    #expect(parts[1] == Self.lists, "docs/findings.md is not what the code has; renew it, see above")
  }

  @Test("it explains each category and each distance")
  func words() throws {
    let text = try String(contentsOfFile: Self.path, encoding: .utf8)
    for word in FindingCategory.allCases.map(\.rawValue) + ["own", "via", "runtime"] {
      #expect(text.contains("| `\(word)` | "), "\(word)")
    }
    for folder in LanguageRuntime.systemFolders { #expect(text.contains("`\(folder.dropLast())`"), "\(folder)") }
  }
}
