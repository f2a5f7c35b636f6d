import ELFInspection

extension Admission {
  /// One reason for each library or symbol that loading would not find.
  static func closureReasons(_ closure: LibraryClosure) -> [AdmissionReason] {
    closure.problems.map { problem in
      switch problem {
      case .missingLibrary(let name, let user):
        AdmissionReason(
          .missingLibrary, field: "the library \(name), needed by \(user),", found: "not on this system",
          wanted: "a file in RUNPATH, in the loader's cache or in its default directories",
          remedy: "install the package that has it, or link it into the plugin")
      case .pathInName(let name, let user):
        AdmissionReason(
          .missingLibrary, field: "the library \(name), needed by \(user),", found: "named by a path",
          wanted: "a plain name: a path would be looked for in the directory of whoever runs this",
          remedy: "link against a library that has a SONAME")
      case .missingVersion(let version, let library, let user, let found):
        AdmissionReason(
          .missingSymbol, field: "the version \(version) of \(library), needed by \(user),",
          found: "not there: this system has \(newest(found))", wanted: "\(version)",
          remedy: "build the plugin on a system that is no newer than this one, or upgrade this one")
      case .missingSymbol(let name, let version, let library, let user, let found):
        missingSymbol(name, version: version, library: library, user: user, found: found)
      }
    }
  }

  /// The last five by their numbers, of which there may be dozens.
  private static func newest(_ versions: [String]) -> String {
    func numbers(_ version: String) -> [Int] {
      version.split(whereSeparator: { !$0.isASCII || !$0.isNumber }).compactMap { Int($0) }
    }
    let sorted = versions.sorted { numbers($0).lexicographicallyPrecedes(numbers($1)) }
    return sorted.isEmpty ? "none" : (sorted.count > 5 ? "…, " : "") + sorted.suffix(5).joined(separator: ", ")
  }

  private static func missingSymbol(
    _ name: String, version: String?, library: String?, user: String, found: [String]
  ) -> AdmissionReason {
    guard let version else {
      return AdmissionReason(
        .missingSymbol, field: "the symbol \(name), used by \(user),", found: "defined nowhere",
        wanted: "a definition in the plugin or in a library that it needs",
        remedy: "link the plugin with the library that has it; -Wl,-z,defs finds this while linking")
    }
    let there = found.isEmpty ? "no such symbol" : found.joined(separator: ", ")
    return AdmissionReason(
      .missingSymbol, field: "the symbol \(name), used by \(user),",
      found: "not there in the version it needs: this system has \(there)",
      wanted: "\(version) of \(library ?? "a library that it needs")",
      remedy: "build the plugin on a system that is no newer than this one, or upgrade this one")
  }
}
