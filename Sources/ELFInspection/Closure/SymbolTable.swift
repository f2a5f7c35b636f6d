import OmphalosValues

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
