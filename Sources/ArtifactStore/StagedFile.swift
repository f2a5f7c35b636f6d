import LinuxCalls
import OmphalosValues

/// A file that is not yet an artifact: nobody finds it under a name by which something would be published.
///
/// Where the file system has unnamed files (O_TMPFILE) it is one, and is gone with its last descriptor, whatever ends the
/// process. Elsewhere it lies under a random name in a folder of the partial run that finalization does not let through.
///
/// An artifact has its final mode from the start: it is written through the descriptor that made it.
struct StagedFile: Sendable {
  let file: File
  /// Nil for an unnamed file.
  private let entry: (folder: File, name: String)?

  enum Purpose: UInt32 {
    /// Read-only for everyone.
    case artifact = 0o444
    /// Somebody else writes to it, and may open it by another name (/proc/self/fd) to do so.
    case room = 0o600
  }

  /// - Parameter directory: the run directory that is being built.
  init(for purpose: Purpose, in directory: File) throws(SystemCallError) {
    do throws(SystemCallError) {
      file = try directory.openUnnamed(mode: purpose.rawValue)
      entry = nil
    } catch {
      guard error.meansNoUnnamedFiles else { throw error }
      try directory.makeDirectoryIfMissing(StoreLayout.stagingFolder, mode: 0o700)
      let folder = try directory.openBeneath(StoreLayout.stagingFolder, [.directory, .noFollow], mode: 0)
      let name = SystemRandom.hexDigits(bytes: 16)
      file = try folder.openBeneath(name, .createNew, mode: purpose.rawValue)
      entry = (folder, name)
    }
  }

  /// Gives it its name in `folder`; fails where that name is taken.
  func publish(in folder: File, as name: String) throws(SystemCallError) {
    if let entry {
      try entry.folder.move(entry.name, to: folder, as: name)
    } else {
      try folder.link(file, as: name)
    }
  }

  /// Not to be published any more. An unnamed file goes by itself.
  func drop() {
    if let entry { try? entry.folder.removeFile(entry.name) }
  }
}

extension ArtifactStore {
  /// A file of the host's own on the file system of the run directory, without a name there: gone with its last
  /// reference, and no artifact ever.
  public func scratchFile() throws(SystemCallError) -> File {
    // Nobody else is to open it for writing.
    let staged = try StagedFile(for: .artifact, in: directory)
    staged.drop()
    return staged.file
  }
}

/// Names that the store uses in the run directory beside the artifacts.
public enum StoreLayout {
  /// Of files that are being written, where the file system has no unnamed ones. Empty once all calls have ended.
  public static let stagingFolder = ".staging"
}
