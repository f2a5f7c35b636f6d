import LinuxCalls
import OmphalosValues

/// A library that an object needs, found on paper.
public struct ResolvedLibrary: Sendable {
  /// As it is needed: "libc.so.6".
  public let name: String
  /// Of a library of the plugin's own the path that begins with its folder.
  public let path: String
  public let object: ELFObject
  /// The object that asked for it first: "the plugin" or a library's name.
  public let neededBy: String
  /// It lies in the plugin's folder.
  public let isOwn: Bool
}

/// Something that loading would not find.
public enum ClosureProblem: Sendable, Hashable {
  case missingLibrary(name: String, neededBy: String)
  /// The name has a `/`: it would be looked for in the worker's own directory.
  case pathInName(name: String, neededBy: String)
  /// The library is there and does not define the version. `found`: those that it defines.
  case missingVersion(version: String, library: String, neededBy: String, found: [String])
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

  /// - Parameter own: libraries that are loaded before the object and so answer for their SONAMEs, whoever asks.
  init(of object: ELFObject, own: [OwnLibrary], catalog: LibraryCatalog) {
    let reached = Self.reach(object, called: "the plugin", own, catalog)
    libraries = reached.libraries
    // With a library missing, its symbols are missing too: one cause is enough.
    problems = reached.problems.isEmpty ? Self.missingSymbols(object, reached.libraries, own, catalog) : reached.problems
  }

  private struct Queued {
    let name: String
    /// Itself first, the root last.
    let chain: [LibrarySearch.Requester]
  }

  private typealias Reached = (libraries: [ResolvedLibrary], problems: [ClosureProblem])

  private static func reach(
    _ root: ELFObject, called rootName: String, _ own: [OwnLibrary], _ catalog: LibraryCatalog
  ) -> Reached {
    let ownByName = Dictionary(
      own.compactMap { library in library.object.soname.map { (UTF8String($0), library) } }
    ) { first, _ in first }
    var reached: Reached = ([], [])
    var seen: Set<UTF8String> = []
    var queue = [Queued(name: rootName, chain: [LibrarySearch.Requester(object: root, origin: nil)])]
    var next = 0
    while next < queue.count, reached.libraries.count < Self.largest {
      let (user, chain) = (queue[next].name, queue[next].chain)
      let object = chain[0].object
      next += 1
      for name in object.needed where seen.insert(UTF8String(name)).inserted {
        let found: ResolvedLibrary
        if let library = ownByName[UTF8String(name)] {
          found = ResolvedLibrary(
            name: name, path: library.path, object: library.object, neededBy: user, isOwn: true)
        } else if name.contains("/") {
          reached.problems.append(.pathInName(name: name, neededBy: user))
          continue
        } else if let library = catalog.library(name, neededBy: chain) {
          found = ResolvedLibrary(
            name: name, path: library.path, object: library.object, neededBy: user, isOwn: false)
        } else {
          reached.problems.append(.missingLibrary(name: name, neededBy: user))
          continue
        }
        reached.libraries.append(found)
        let origin = found.isOwn ? nil : splitPath(found.path).folder
        queue.append(
          Queued(
            name: found.isOwn ? found.path : name,
            chain: [LibrarySearch.Requester(object: found.object, origin: origin)] + chain))
      }
    }
    return reached
  }

  /// The plugin's imports in its closure; those of each own library in the closure of that library, which is loaded
  /// by itself; and what the system's libraries need of one another.
  private static func missingSymbols(
    _ object: ELFObject, _ libraries: [ResolvedLibrary], _ own: [OwnLibrary], _ catalog: LibraryCatalog
  ) -> [ClosureProblem] {
    let scope = Scope(object, libraries, catalog)
    var problems = scope.missing(object, "the plugin")
    for library in own {
      let reached = reach(library.object, called: library.path, own, catalog)
      problems += reached.problems
      problems += Scope(library.object, reached.libraries, catalog).missing(library.object, library.path)
    }
    let system = libraries.filter { !$0.isOwn }
    // Where the plugin brings none of its own, the answer is the same for all plugins that need the same libraries.
    guard system.count == libraries.count else {
      return problems + system.flatMap { scope.missing($0.object, $0.name) }
    }
    return problems
      + catalog.systemProblems(system) {
        let scope = Scope(nil, system, catalog)
        return system.flatMap { scope.missing($0.object, $0.name) }
      }
  }
}

/// The objects in which the dynamic linker looks things up for one that is loaded.
private struct Scope {
  private let tables: [SymbolTable]
  private let libraries: [ResolvedLibrary]

  init(_ root: ELFObject?, _ libraries: [ResolvedLibrary], _ catalog: LibraryCatalog) {
    self.libraries = libraries
    tables = (root.map { [SymbolTable($0)] } ?? []) + libraries.map { catalog.symbols(of: $0) }
  }

  /// Symbols that are nowhere, and versions that a library does not define: glibc asks for each version, whether a symbol
  /// has it or not, for instance for GLIBC_ABI_DT_RELR.
  func missing(_ object: ELFObject, _ user: String) -> [ClosureProblem] {
    let symbols = object.imports.filter { !$0.isWeak && !isProvided($0) }
    // A symbol says more than its version.
    let named = Set(symbols.compactMap(\.version).map { UTF8String($0) })
    return symbols.map { symbol in
      let found = Set(tables.flatMap { $0.versions(of: symbol.name) }).sorted()
      return .missingSymbol(
        name: symbol.name, version: symbol.version, library: symbol.library, neededBy: user, found: found)
    } + object.neededVersions.filter { !named.contains(UTF8String($0.version)) }.compactMap { missing($0, user) }
  }

  private func isProvided(_ symbol: ELFSymbol) -> Bool { tables.contains { $0.provides(symbol) } }

  private func missing(_ need: ELFVersionNeed, _ user: String) -> ClosureProblem? {
    guard !need.isWeak, let library = libraries.first(where: { haveEqualBytes($0.name, need.library) }),
      let defined = library.object.definedVersions, !defined.contains(where: { haveEqualBytes($0, need.version) })
    else { return nil }
    return .missingVersion(version: need.version, library: need.library, neededBy: user, found: defined.sorted())
  }
}
