import Foundation
import TestSupport

/// The project's Markdown files.
struct Document: CustomStringConvertible, Sendable {
  /// Relative to the repository.
  let path: String
  let text: String
  var description: String { path }

  static let all: [Document] = {
    let root = URL(fileURLWithPath: Compiler.root)
    var paths = ["README.md", "CHANGELOG.md", "SECURITY.md", "ExamplePlugins/data/README.md"]
    let walker = FileManager.default.enumerator(atPath: Compiler.root + "/docs")
    for case let path as String in walker ?? FileManager.DirectoryEnumerator() where path.hasSuffix(".md") {
      paths.append("docs/" + path)
    }
    return paths.sorted().compactMap { path in
      (try? String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)).map { Document(path: path, text: $0) }
    }
  }()

  static func named(_ path: String) -> Document? { all.first { $0.path == path } }

  /// The contents of the blocks that begin with "```sh run", in their order.
  var commands: [String] {
    text.matches(of: /(?s)```sh run\n(.*?)```/).map { String($0.1) }
  }

  /// What links point to, without those that leave the project.
  var links: [String] {
    text.matches(of: /\]\(([^)\s]+)\)/).map { String($0.1) }.filter { !$0.contains("://") && !$0.hasPrefix("#") }
  }
}
