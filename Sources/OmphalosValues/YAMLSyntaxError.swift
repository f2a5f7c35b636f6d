/// What the parser found wrong, in its own words, turned into ours.
struct YAMLSyntaxError {
  /// What the parser was in the middle of, and where that begins.
  struct Context {
    let text: String
    let line: Int
    let column: Int
  }

  private let problem: String
  private let context: Context?
  private let duplicateKey: String?
  private let line: Int
  private let column: Int

  init(problem: String, context: Context?, line: Int, column: Int) {
    self.problem = problem
    self.context = context
    self.duplicateKey = nil
    self.line = line
    self.column = column
  }

  /// - Parameters:
  ///   - line: Where the key comes first.
  ///   - column: Where the key comes first.
  init(duplicateKey: String, line: Int, column: Int) {
    self.problem = "a key comes twice"
    self.context = nil
    self.duplicateKey = duplicateKey
    self.line = line
    self.column = column
  }

  func configurationError(in text: YAMLText) -> ConfigurationError {
    // What is never closed is better shown where it begins than where the file ends.
    if let context, problem.contains("unexpected end of stream") {
      let mark = text.mark(line: context.line, column: context.column)
      return ConfigurationError(mark: mark, message: "this is not YAML: a quote or a bracket is not closed")
    }
    let mark = text.mark(line: line, column: column)
    if let duplicateKey {
      let second = DuplicateKey.second(of: duplicateKey, afterLine: line, column: column, in: text)
      return DuplicateKey(key: duplicateKey, first: mark, second: second).error
    }
    return ConfigurationError(mark: mark, message: sentence + remedy(in: text))
  }

  private var sentence: String {
    if problem.hasPrefix("but ") { return String(problem.dropFirst(4)) }
    guard let context else { return "this is not YAML: " + problem }
    let place = context.line == line ? "" : " that begins in line \(context.line)"
    return "this is not YAML: \(context.text)\(place), \(problem)"
  }

  private func remedy(in text: YAMLText) -> String {
    if text.line(line).prefix(while: { $0 == 0x20 || $0 == 0x09 }).contains(0x09) {
      return "; the line is indented with a tab: use spaces"
    }
    for (words, remedy) in Self.remedies where problem.contains(words) { return "; " + remedy }
    return ""
  }

  private static let remedies = [
    ("mapping values are not allowed", "put a value that holds ': ' in quotes, or check the indent of this line"),
    ("found another document", "a configuration is one document: remove the second '---'"),
    ("undefined alias", "an alias needs its anchor above it; put a text that begins with '*' in quotes"),
    ("alphabetic or numeric character", "put a text that begins with '*' or '&' in quotes"),
    ("cannot start any token", "put a text that begins with '@', '`' or '%' in quotes"),
    ("Maximum nesting level", "sequences and mappings stand too deep in each other"),
    ("could not find expected ':'", "a key needs ': ' after it; check the indent of the lines above"),
    ("did not find expected key", "the indent must be that of the other keys of this mapping"),
    ("did not find expected '-'", "the indent must be that of the other elements of this sequence"),
    ("unknown escape", "in double quotes write \\\\ for a backslash, or use single quotes"),
  ]
}

/// A key that a mapping has twice.
struct DuplicateKey {
  let key: String
  let first: SourceMark
  let second: SourceMark?

  var error: ConfigurationError {
    let name = quotedForMessage(key)
    guard let second else {
      return ConfigurationError(mark: first, message: "the key \(name) comes twice in this mapping: keep one of them")
    }
    return ConfigurationError(
      mark: second,
      message: "the key \(name) comes twice in this mapping, first in line \(first.line): keep one of them")
  }

  /// Looks for the place where a key comes again, which the parser does not tell.
  ///
  /// In block style the keys of one mapping stand in one column, so the next line with the key there is it; a line
  /// that begins further left ends the mapping. In flow style the key is looked for in the rest of its line.
  ///
  /// - Returns: nil if it is found in neither way.
  static func second(of key: String, afterLine line: Int, column: Int, in text: YAMLText) -> SourceMark? {
    let forms = [key, "\"\(key)\"", "'\(key)'"].map { Array($0.utf8) }
    let rest = text.line(line).dropFirst(column)
    for offset in rest.indices.dropFirst() where isSeparator(rest[offset - 1]) {
      if let mark = mark(forms, in: rest[offset...], line: line, text: text) { return mark }
    }
    var number = line + 1
    while number <= text.lineCount {
      let content = text.line(number)
      let indent = content.prefix { $0 == 0x20 }.count
      if indent + 1 < column, indent < content.count, content[indent] != UInt8(ascii: "#") { return nil }
      if indent + 1 == column, let mark = mark(forms, in: content[indent...], line: number, text: text) { return mark }
      number += 1
    }
    return nil
  }

  private static func mark(_ forms: [[UInt8]], in bytes: ArraySlice<UInt8>, line: Int, text: YAMLText) -> SourceMark? {
    let isKey = forms.contains { form in
      bytes.starts(with: form) && bytes.dropFirst(form.count).first { $0 != 0x20 } == UInt8(ascii: ":")
    }
    guard isKey else { return nil }
    let before = text.line(line)[..<bytes.startIndex]
    return text.mark(line: line, column: before.count { $0 & 0xc0 != 0x80 } + 1)
  }

  private static func isSeparator(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == UInt8(ascii: ",") || byte == UInt8(ascii: "{")
  }
}
