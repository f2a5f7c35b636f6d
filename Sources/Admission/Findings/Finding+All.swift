import ELFInspection
import OmphalosValues

extension Finding {
  /// Everything that is found in a plugin, in the libraries of its folder and in the libraries of the system that it has
  /// loaded, each once, sorted.
  ///
  /// - Parameter closure: the libraries of the system; nil where they are not known.
  public static func all(of plugin: InspectedPlugin, own: OwnFiles, closure: LibraryClosure?) -> [Finding] {
    all(of: plugin, own: own.files, closure: closure)
  }

  static func all(of plugin: InspectedPlugin, own: [OwnFile], closure: LibraryClosure?) -> [Finding] {
    var found: Set<Finding> = []
    for (file, object) in objects(of: plugin, own: own) {
      found.formUnion(ofOwn(object, file: file))
    }
    for library in closure?.libraries ?? [] where !library.isOwn { found.formUnion(via(library)) }
    return found.sorted()
  }

  /// The names of STB_GNU_UNIQUE definitions in a plugin and the libraries of its folder, in the order of the files.
  public static func sharedDefinitions(of plugin: InspectedPlugin, own: OwnFiles) -> [String] {
    objects(of: plugin, own: own.files).flatMap { $0.object.uniqueSymbols.map(\.name) }
  }

  private static func objects(
    of plugin: InspectedPlugin, own: [OwnFile]
  ) -> [(file: String, object: ELFObject)] {
    [(fileName(of: plugin.file), plugin.object)] + own.compactMap { file in file.object.map { (file.path, $0) } }
  }

  private static func ofOwn(_ object: ELFObject, file: String) -> [Finding] {
    let runtimes = LinkedRuntime.within(object)
    let imported = object.imports.compactMap { symbol -> Finding? in
      guard let category = FindingCategory(symbol: symbol.name) else { return nil }
      guard let runtime = runtimes.first(where: { $0.owns(symbol.name) }) else {
        return Finding(category, symbol.name, .own(file: file))
      }
      return Finding(category, symbol.name, .runtime(name: runtime.name, file: file))
    }
    return imported + object.uniqueSymbols.map { Finding(.sharedState, $0.name, .own(file: file)) }
  }

  private static func via(_ library: ResolvedLibrary) -> [Finding] {
    let runtime = LanguageRuntime.providing(library.name)
    if runtime != nil, LanguageRuntime.isSystemPath(library.path) { return [] }
    let expected = runtime == .swift ? LinkedRuntime.swift : nil
    return library.object.imports.compactMap { symbol in
      guard let category = FindingCategory(symbol: symbol.name), expected?.owns(symbol.name) != true else { return nil }
      return Finding(
        category, symbol.name, .via(library: library.name, path: library.path, neededBy: library.neededBy))
    }
  }
}
