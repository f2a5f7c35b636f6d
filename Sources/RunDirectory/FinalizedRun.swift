import LinuxCalls
import OmphalosValues
import RunRecord

/// A run directory with its manifest.
public struct FinalizedRun: Sendable {
  public let path: String
  public let directory: File
  public let manifest: RunManifest

  init(path: String, directory: File, manifest: RunManifest) {
    self.path = path
    self.directory = directory
    self.manifest = manifest
  }

  /// Opens a run whose manifest is well-formed. Says nothing about its files: that is `Verification`.
  public static func open(_ path: String) throws(RunDirectoryError) -> FinalizedRun {
    let directory = try openDirectory(path)
    return FinalizedRun(path: path, directory: directory, manifest: try manifest(in: directory, path: path))
  }

  static func manifest(in directory: File, path: String) throws(RunDirectoryError) -> RunManifest {
    let reading = RunManifest.parse(try manifestBytes(in: directory, path: path))
    guard let manifest = reading.manifest else {
      throw .noManifest(path: path, cause: reading.problems.first?.description ?? "it is not whole")
    }
    return manifest
  }

  static func openDirectory(_ path: String) throws(RunDirectoryError) -> File {
    do {
      return try File.open(path, .directory)
    } catch {
      throw .notADirectory(path: path, cause: "\(error.errno)")
    }
  }

  static func manifestBytes(in directory: File, path: String) throws(RunDirectoryError) -> [UInt8] {
    var kind = FileStatus.Kind.unknown
    do throws(SystemCallError) {
      let file = try directory.openBeneath(RunLayout.manifest.text, [.read, .noFollow, .nonBlocking], mode: 0)
      kind = try file.status().kind
      if kind == .regular { return try file.readAll(limit: 256 << 20) }
    } catch {
      let isLink = error.errno == .tooManySymbolicLinkLevels
      throw .noManifest(path: path, cause: isLink ? "it is a symbolic link" : "\(error.errno)")
    }
    throw .noManifest(path: path, cause: "it is a \(kind.rawValue)")
  }
}
