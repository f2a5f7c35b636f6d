import LinuxCalls
import OmphalosValues

/// A library that an object needs, found on paper.
public struct ResolvedLibrary: Sendable {
  /// As it is needed: "libc.so.6".
  public let name: String
  public let path: String
  public let object: ELFObject
  /// The object that asked for it first: "the plugin" or a library's name.
  public let neededBy: String
}

/// Something that loading would not find.
public enum ClosureProblem: Sendable, Hashable {
  case missingLibrary(name: String, neededBy: String)
  /// The name has a `/`: it would be looked for in the worker's own directory.
  case pathInName(name: String, neededBy: String)
  /// No object of the closure has the symbol in the wanted version. `found`: the versions that there are.
  case missingSymbol(name: String, version: String?, library: String?, neededBy: String, found: [String])
}

/// All libraries that an object needs, directly or through others, resolved as the loader would, and every undefined
/// symbol looked up in them. Nothing is mapped.
public struct LibraryClosure: Sendable {
  /// In the loader's order, breadth first; without the object itself.
  public let libraries: [ResolvedLibrary]
  public let problems: [ClosureProblem]

  /// No real object comes near it; a loop of names ends anyway, because each name is resolved once.
  static let largest = 1024

  init(of object: ELFObject, catalog: LibraryCatalog) {
    var libraries: [ResolvedLibrary] = []
    var problems: [ClosureProblem] = []
    var seen: Set<UTF8String> = []
    var queue: [(object: ELFObject, name: String)] = [(object, "the plugin")]
    while !queue.isEmpty, libraries.count < Self.largest {
      let next = queue.removeFirst()
      for name in next.object.needed where seen.insert(UTF8String(name)).inserted {
        if name.contains("/") {
          problems.append(.pathInName(name: name, neededBy: next.name))
        } else if let found = catalog.library(name, neededBy: next.object) {
          libraries.append(
            ResolvedLibrary(name: name, path: found.path, object: found.object, neededBy: next.name))
          queue.append((found.object, name))
        } else {
          problems.append(.missingLibrary(name: name, neededBy: next.name))
        }
      }
    }
    self.libraries = libraries
    // With a library missing, its symbols are missing too: one cause is enough.
    self.problems = problems.isEmpty ? Self.missingSymbols(object, libraries, catalog) : problems
  }

  private static func missingSymbols(
    _ object: ELFObject, _ libraries: [ResolvedLibrary], _ catalog: LibraryCatalog
  ) -> [ClosureProblem] {
    let tables = [SymbolTable(object)] + libraries.map { catalog.symbols(of: $0) }
    return object.imports.compactMap { symbol in
      guard !symbol.isWeak, !tables.contains(where: { $0.provides(symbol) }) else { return nil }
      let found = Set(tables.flatMap { $0.versions(of: symbol.name) }).sorted()
      return .missingSymbol(
        name: symbol.name, version: symbol.version, library: symbol.library, neededBy: "the plugin", found: found)
    }
  }
}

/// The definitions of an object by name.
struct SymbolTable: Sendable {
  private var versions: [UTF8String: Versions] = [:]

  /// Nearly every name has one definition: no array for it.
  private enum Versions {
    case one(String?)
    case several([String?])

    var all: [String?] {
      switch self {
      case .one(let version): [version]
      case .several(let versions): versions
      }
    }
  }

  init(_ object: ELFObject) {
    versions.reserveCapacity(object.exports.count)
    for export in object.exports {
      let name = UTF8String(export.name)
      if let known = versions[name] {
        versions[name] = .several(known.all + [export.version])
      } else {
        versions[name] = .one(export.version)
      }
    }
  }

  /// A symbol without a version takes any; one with a version takes that, or a definition without versions.
  func provides(_ symbol: ELFSymbol) -> Bool {
    guard let found = versions[UTF8String(symbol.name)] else { return false }
    guard let wanted = symbol.version else { return true }
    return found.all.contains { $0 == nil || $0 == wanted }
  }

  func versions(of name: String) -> [String] { (versions[UTF8String(name)]?.all ?? []).map { $0 ?? "no version" } }
}
