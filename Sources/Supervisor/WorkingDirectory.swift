import LinuxCalls
import OmphalosValues
import RunDirectory

/// The worker's working directory: new, empty, outside the run. What is found in it afterwards was not written through
/// the store.
struct WorkingDirectory {
  let directory: File
  private let parent: File
  private let name: String

  init(environment: [String: String]) throws(SystemCallError) {
    parent = try File.open(EnvironmentVariables.temporaryPlace(in: environment), .directory)
    name = "omphalos-" + SystemRandom.hexDigits(bytes: 8)
    try parent.makeDirectory(name, mode: 0o700)
    directory = try parent.openBeneath(name, [.directory, .noFollow])
  }

  /// The names that lie in it.
  func entries() -> [String] {
    ((try? directory.entries()) ?? []).map { String(decoding: $0.bytes, as: UTF8.self) }
  }

  func remove() { try? TreeRemoval.remove(name, in: parent) }
}
