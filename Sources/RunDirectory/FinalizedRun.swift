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
    guard let manifest = try wellFormed(in: directory, path: path).manifest else {
      throw .noManifest(path: path, cause: "it is not whole")
    }
    return manifest
  }

  /// What the manifest says, without a list of its files in memory.
  static func wellFormed(in directory: File, path: String) throws(RunDirectoryError) -> ManifestReading {
    let reading = try reading(in: directory, path: path)
    guard reading.isWellFormed else {
      throw .noManifest(path: path, cause: reading.problems.first?.description ?? "it is not whole")
    }
    return reading
  }

  static func reading(in directory: File, path: String) throws(RunDirectoryError) -> ManifestReading {
    let file = try openManifest(in: directory, path: path)
    do {
      return try RunManifest.read(file)
    } catch {
      throw .noManifest(path: path, cause: (error as? SystemCallError)?.cause ?? "\(error)")
    }
  }

  static func openDirectory(_ path: String) throws(RunDirectoryError) -> File {
    do {
      return try File.open(path, .directory)
    } catch {
      throw .notADirectory(path: path, cause: error.cause)
    }
  }

  static func openManifest(in directory: File, path: String) throws(RunDirectoryError) -> File {
    var kind = FileStatus.Kind.unknown
    do throws(SystemCallError) {
      let file = try directory.openBeneath(RunLayout.manifest.text, [.read, .noFollow, .nonBlocking], mode: 0)
      kind = try file.status().kind
      if kind == .regular { return file }
    } catch {
      let isLink = error.errno == .tooManySymbolicLinkLevels
      throw .noManifest(path: path, cause: isLink ? "it is a symbolic link" : error.cause)
    }
    throw .noManifest(path: path, cause: "it is a \(kind.rawValue)")
  }
}
