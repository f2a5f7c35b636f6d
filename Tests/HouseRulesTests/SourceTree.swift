import Foundation

/// The text of the project's own files.
struct SourceFile {
  /// Relative to the repository.
  let path: String
  let lines: [String]
}

enum SourceTree {
  static let root: URL = {
    var url = URL(fileURLWithPath: #filePath)
    for _ in 0..<3 { url.deleteLastPathComponent() }
    return url
  }()

  private static let generatedOrForeign = [".build", "build", ".git"]

  /// Every text file below `folder` with one of these endings.
  static func files(below folder: String, endings: Set<String>) -> [SourceFile] {
    let base = root.appendingPathComponent(folder)
    guard let walker = FileManager.default.enumerator(at: base, includingPropertiesForKeys: nil) else { return [] }
    var files: [SourceFile] = []
    for case let url as URL in walker {
      let path = String(url.path.dropFirst(root.path.count + 1))
      if generatedOrForeign.contains(where: { path == $0 || path.hasPrefix($0 + "/") || path.hasPrefix($0 + "-") }) {
        continue
      }
      guard endings.contains(url.pathExtension), let text = try? String(contentsOf: url, encoding: .utf8) else {
        continue
      }
      files.append(SourceFile(path: path, lines: text.components(separatedBy: "\n")))
    }
    return files.sorted { $0.path < $1.path }
  }

  static let code: Set<String> = ["swift", "c", "h", "cpp", "hpp", "py", "sh"]
}

/// A place that breaks a rule, as an editor opens it.
struct Breach: CustomStringConvertible {
  let path: String
  let line: Int
  let text: String
  var description: String { "\(path):\(line): \(text)" }
}

extension [SourceFile] {
  func breaches(_ rule: (SourceFile, String) -> String?) -> [Breach] {
    flatMap { file in
      file.lines.enumerated().compactMap { index, line in
        rule(file, line).map { Breach(path: file.path, line: index + 1, text: $0) }
      }
    }
  }
}
