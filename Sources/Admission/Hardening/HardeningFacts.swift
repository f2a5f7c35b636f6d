import ELFInspection
import OmphalosValues

/// What a plugin and the libraries of its folder ask of the process that loads them.
public struct HardeningFacts: Sendable, Hashable {
  /// Those of the plugin first, then those of its libraries by path.
  public let problems: [HardeningProblem]

  public init(_ plugin: InspectedPlugin, own: OwnFiles) { self.init(plugin, own: own.files) }

  init(_ plugin: InspectedPlugin, own: [OwnFile]) {
    let libraries = own.compactMap { file in file.object.map { (file.path, $0) } }
    problems = ([(fileName(of: plugin.file), plugin.object)] + libraries).flatMap { Self.problems(of: $1, file: $0) }
  }

  /// Of one object.
  public static func problems(of object: ELFObject, file: String) -> [HardeningProblem] {
    var problems: [HardeningProblem] = []
    if object.hasExecutableStack { problems.append(.executableStack(file: file, isStated: object.hasStackHeader)) }
    if object.hasTextRelocations { problems.append(.textRelocations(file: file)) }
    problems += object.writableCodeSegments.map { .writableAndExecutable(file: file, segment: $0) }
    for path in object.libraryPaths {
      problems += path.entries.filter(\.dependsOnWorkingDirectory).map { entry in
        entry.kind == .empty
          ? .emptyLibraryPath(file: file, tag: path.tag, index: entry.index)
          : .relativeLibraryPath(file: file, tag: path.tag, entry: entry.text, index: entry.index)
      }
    }
    return problems
  }
}
