import OmphalosValues

/// Something that an object could do by what it imports, or that it shares with others. It is a fact of the file: that the
/// function is ever called is not known, and that nothing was found proves nothing.
public struct Finding: Sendable, Hashable {
  public let category: FindingCategory
  /// The symbol, as the file has it; not escaped.
  public let subject: String
  public let distance: Distance

  /// How far from the plugin's own code it was found.
  public enum Distance: Sendable, Hashable {
    /// In the plugin or in a library of its folder: "acme.so", "acme.d/libnet.so".
    case own(file: String)
    /// In a library of the system that the plugin has loaded, directly or through others. `neededBy`: the library that asks
    /// for it, or "the plugin".
    case via(library: String, path: String, neededBy: String)
    /// In `file`, which is the plugin or a library of its folder, by a language runtime that is linked into it.
    case runtime(name: String, file: String)
  }

  public init(_ category: FindingCategory, _ subject: String, _ distance: Distance) {
    self.category = category
    self.subject = subject
    self.distance = distance
  }
}

extension Finding.Distance {
  /// "own", "via" or "runtime".
  public var word: String {
    switch self {
    case .own: "own"
    case .via: "via"
    case .runtime: "runtime"
    }
  }

  /// The file, the library or the runtime that imports it; not escaped.
  public var owner: String {
    switch self {
    case .own(let file): file
    case .via(let library, _, _): library
    case .runtime(let name, let file): "the \(name) runtime in \(file)"
    }
  }

  fileprivate var rank: Int {
    switch self {
    case .own: 0
    case .via: 1
    case .runtime: 2
    }
  }

  fileprivate var texts: [String] {
    switch self {
    case .own(let file): [file]
    case .via(let library, let path, let neededBy): [library, path, neededBy]
    case .runtime(let name, let file): [name, file]
    }
  }

  /// The subject of a sentence, without its verb; escaped.
  var words: String {
    switch self {
    case .own(let file): file.contains("/") ? "its library \(printable(file)) " : ""
    case .via(let library, _, let neededBy):
      neededBy == LibraryNames.plugin
        ? "loads \(printable(library)), which " : "loads \(printable(library)), needed by \(printable(neededBy)), which "
    case .runtime(let name, let file):
      file.contains("/") ? "the \(name) runtime in its library \(printable(file)) " : "the \(name) runtime in it "
    }
  }
}

/// How a closure calls the object that it belongs to.
enum LibraryNames {
  static let plugin = "the plugin"
}

extension Finding {
  /// For people, without a full stop: "imports connect (network)". The plugin is its subject, unless it names another.
  public var sentence: String {
    let verb = category == .sharedState ? "shares its definition of" : "imports"
    return "\(distance.words)\(verb) \(printable(subject)) (\(category.rawValue))"
  }

  public var json: JSONValue {
    var object: JSONObject = [
      "category": .string(category.rawValue), "symbol": .string(subject), "distance": .string(distance.word),
      "sentence": .string(sentence),
    ]
    switch distance {
    case .own(let file): object["file"] = .string(file)
    case .via(let library, let path, let neededBy):
      object["library"] = .string(library)
      object["path"] = .string(path)
      object["needed_by"] = .string(neededBy)
    case .runtime(let name, let file):
      object["runtime"] = .string(name)
      object["file"] = .string(file)
    }
    return .object(object)
  }
}

extension Finding: Comparable {
  /// By category, then distance, then file or library, then symbol.
  public static func < (left: Finding, right: Finding) -> Bool {
    let categories = FindingCategory.allCases
    if left.category != right.category {
      return categories.firstIndex(of: left.category) ?? 0 < categories.firstIndex(of: right.category) ?? 0
    }
    if left.distance.rank != right.distance.rank { return left.distance.rank < right.distance.rank }
    for (a, b) in zip(left.distance.texts + [left.subject], right.distance.texts + [right.subject])
    where !haveEqualBytes(a, b) { return bytesPrecede(a, b) }
    return false
  }
}
