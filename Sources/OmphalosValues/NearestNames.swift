/// The names that a mistyped one probably stands for, the likeliest first.
///
/// A name counts if it takes few edits (insert, delete, replace, swap two neighbours; case costs nothing) to reach it,
/// one for every three characters and at least one, or if one of the two begins with the other.
///
/// - Parameter limit: The greatest number of names to return.
public func nearestNames(to name: String, among candidates: [String], limit: Int = 3) -> [String] {
  let longest = 255
  let wanted = Array(name.lowercased().unicodeScalars)
  guard !wanted.isEmpty, wanted.count <= longest else { return [] }
  var ranked: [(distance: Int, name: String)] = []
  for candidate in candidates {
    let letters = Array(candidate.lowercased().unicodeScalars)
    guard !letters.isEmpty, letters.count <= longest else { continue }
    let distance = editDistance(wanted, letters)
    let isPrefix =
      min(wanted.count, letters.count) >= 3 && (letters.starts(with: wanted) || wanted.starts(with: letters))
    if distance <= max(1, max(wanted.count, letters.count) / 3) || isPrefix {
      ranked.append((distance, candidate))
    }
  }
  ranked.sort { $0.distance == $1.distance ? bytesPrecede($0.name, $1.name) : $0.distance < $1.distance }
  return ranked.prefix(limit).map(\.name)
}

/// The number of edits between two texts, where a swap of neighbours is one edit (optimal string alignment).
private func editDistance(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Int {
  var beforePrevious: [Int] = []
  var previous = Array(0...right.count)
  for row in 1...left.count {
    var current = [row]
    for column in 1...right.count {
      let replaced = previous[column - 1] + (left[row - 1] == right[column - 1] ? 0 : 1)
      var best = min(previous[column] + 1, current[column - 1] + 1, replaced)
      if row > 1, column > 1, left[row - 1] == right[column - 2], left[row - 2] == right[column - 1] {
        best = min(best, beforePrevious[column - 2] + 1)
      }
      current.append(best)
    }
    (beforePrevious, previous) = (previous, current)
  }
  return previous[right.count]
}
