import LinuxCalls
import OmphalosValues

/// A file that was found in a tree, read from its start to its end.
struct FileReading: Sendable {
  /// Nil where it could not be read.
  private(set) var digest: SHA256Digest?
  private(set) var byteCount: UInt64 = 0
  /// What is wrong, for a sentence that begins with the path.
  private(set) var problem: String?
  /// Why it could not be read.
  private(set) var failure: SystemCallError?

  /// Somebody could write to it while it was read, and may do so still.
  private(set) var isOpenForWriting = false

  /// - Parameters:
  ///   - top: the directory that was walked.
  ///   - leases: find out whether somebody can still write to it.
  init(_ entry: TreeWalker.Found, in top: File, leases: Bool = false) {
    do throws(SystemCallError) {
      let file = try top.openBeneath(entry.path, [.read, .noFollow, .nonBlocking], mode: 0)
      // Held until the file is closed: nobody can begin to write while it is read.
      isOpenForWriting = leases && file.isOpenForWriting()
      let piece = Int(clamping: min(entry.status.size + 1, UInt64(File.pieceBytes)))
      let (digest, byteCount) = try file.digest(chunk: piece)
      if try !file.status().isUnchanged(from: entry.status) { problem = "changed while it was read" }
      (self.digest, self.byteCount) = (digest, byteCount)
    } catch {
      failure = error
      problem = "cannot be read: \(error.errno)"
    }
  }
}
