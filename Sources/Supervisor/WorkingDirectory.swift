import LinuxCalls
import OmphalosValues

/// The worker's working directory: new, empty, outside the run. What is found in it afterwards was not written through
/// the store. One that a killed supervisor left behind is removed by the next run that uses the same place.
struct WorkingDirectory {
  private let passing: PassingDirectory
  var directory: File { passing.directory }

  init(environment: [String: String]) throws(SystemCallError) {
    passing = try PassingDirectory(
      in: EnvironmentVariables.temporaryPlace(in: environment), prefix: "omphalos-"
    ) { name, parent in try? TreeRemoval.remove(name, in: parent) }
  }

  /// The names that lie in it.
  func entries() -> [String] {
    ((try? directory.entries()) ?? []).map { String(decoding: $0.bytes, as: UTF8.self) }
  }

  func remove() { try? TreeRemoval.remove(passing.name, in: passing.parent) }
}
