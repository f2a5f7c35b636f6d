import OmphalosValues

extension InspectionReport {
  var findings: [Finding] { Finding.all(of: plugin, own: own, closure: closure) }

  /// Symbols of one line in the text; the JSON has them all.
  private static let shownSymbols = 8

  /// One line for each category and place, for instance "network, own: connect, socket".
  func findingLines(_ findings: [Finding]) -> [String] {
    guard !findings.isEmpty else { return ["none in what it imports"] }
    var places: [(place: String, symbols: [String])] = []
    for finding in findings {  // sorted, so that those of one place are neighbours
      let place = "\(finding.category.rawValue), \(finding.distance.place)"
      if places.last?.place == place {
        places[places.count - 1].symbols.append(finding.subject)
      } else {
        places.append((place, [finding.subject]))
      }
    }
    return places.map { "\($0.place): \(listed($0.symbols, atMost: Self.shownSymbols))" }
  }
}

extension Finding.Distance {
  fileprivate var place: String {
    switch self {
    case .own(let file): file.contains("/") ? "own, in \(file)" : "own"
    case .via(let library, _, let neededBy):
      "via \(library)" + (neededBy == LibraryNames.plugin ? "" : ", needed by \(neededBy)")
    case .runtime(let name, let file):
      "by the \(name) runtime" + (file.contains("/") ? " in \(file)" : "")
    }
  }
}
