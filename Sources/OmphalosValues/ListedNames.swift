/// Names for a sentence, separated by commas; of many the first ones and the number of the others.
public func listed(_ names: [String], atMost limit: Int = 20) -> String {
  let shown = names.prefix(limit).joined(separator: ", ")
  return names.count > limit ? "\(shown) and \(names.count - limit) more" : shown
}

/// "1 file", "2 files".
///
/// - Parameter plural: where it is more than the noun with an s.
public func counted(_ number: Int, _ noun: String, plural: String? = nil) -> String {
  number == 1 ? "1 \(noun)" : "\(number) \(plural ?? noun + "s")"
}
