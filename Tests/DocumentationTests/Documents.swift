import Foundation
import TestSupport

/// The project's Markdown files.
struct Document: CustomStringConvertible, Sendable {
  /// Relative to the repository.
  let path: String
  let text: String
  var description: String { path }

  static let all: [Document] = {
    var paths = ["README.md", "CHANGELOG.md", "SECURITY.md"]
    for folder in ["docs", "ExamplePlugins", "Tests", "Benchmarks"] {
      let walker = FileManager.default.enumerator(atPath: Compiler.root + "/" + folder)
      for case let path as String in walker ?? FileManager.DirectoryEnumerator() where path.hasSuffix(".md") {
        paths.append("\(folder)/\(path)")
      }
    }
    return paths.sorted().compactMap { path in
      (try? String(contentsOfFile: Compiler.root + "/" + path, encoding: .utf8)).map { Document(path: path, text: $0) }
    }
  }()

  static func named(_ path: String) -> Document? { all.first { $0.path == path } }

  /// Those with commands to run.
  static let guides = all.filter { !$0.steps.isEmpty }

  /// Commands of a guide, and what it says that they print.
  struct Step: Sendable {
    let commands: String
    /// The exit code that the guide says.
    let status: Int32
    /// Nil where the guide shows nothing.
    let output: String?
  }

  /// The blocks that begin with "```sh run" or "```sh run exit=3" in their order, each with the block "```text output"
  /// between it and the next.
  var steps: [Step] {
    let openings = text.matches(of: /(?m)^```sh run(?: exit=(\d+))?\n/)
    let ends = openings.dropFirst().map(\.range.lowerBound) + [text.endIndex]
    return zip(openings, ends).map { opening, end in
      let part = text[opening.range.upperBound..<end]
      return Step(
        commands: String(part.prefix(upTo: part.range(of: "```")?.lowerBound ?? end)),
        status: opening.1.flatMap { Int32($0) } ?? 0, output: Document(path: path, text: String(part)).block("output"))
    }
  }

  /// The first block that begins with "```text NAME".
  func block(_ name: String) -> String? {
    guard let start = text.range(of: "```text \(name)\n") else { return nil }
    guard let end = text.range(of: "```", range: start.upperBound..<text.endIndex) else { return nil }
    return String(text[start.upperBound..<end.lowerBound])
  }

  /// What links point to, without those that leave the project.
  var links: [String] {
    text.matches(of: /\]\(([^)\s]+)\)/).map { String($0.1) }.filter { !$0.contains("://") }
  }

  /// Files of the repository that the text names in back quotes.
  var namedFiles: [String] {
    text.matches(of: /`((?:Sources|Tests|docs|include|ExamplePlugins|Benchmarks)\/[\w\/.+-]+)`/).map { String($0.1) }
  }

  /// What the part of a link behind '#' may be: each heading in lower case, with '-' for spaces, letters and digits.
  var anchors: [String] {
    text.matches(of: /(?m)^#+ (.*)$/).map { match in
      match.1.lowercased().replacing(" ", with: "-").filter { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" }
    }
  }
}
