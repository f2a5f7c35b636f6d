/// Names for a sentence, separated by commas; of many the first ones and the number of the others.
public func listed(_ names: [String], atMost limit: Int = 20) -> String {
  let shown = names.prefix(limit).joined(separator: ", ")
  return names.count > limit ? "\(shown) and \(names.count - limit) more" : shown
}
