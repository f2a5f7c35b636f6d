import LinuxCalls
import OmphalosValues

/// A file that decides about plugins: nobody but the user and root may be able to change it.
struct OwnedTextFile {
  /// "the policy", for messages.
  let what: String
  /// In bytes.
  let limit: Int
  let user: UInt32

  /// - Parameters:
  ///   - mark: where the file is named; nil where it is not named in a file.
  /// - Returns: nil where the file is missing and may be.
  /// - Throws: `ConfigurationError`.
  func read(_ path: String, mark: SourceMark?, mayBeMissing: Bool) throws(ConfigurationError) -> [UInt8]? {
    func refusal(_ reason: String) -> ConfigurationError {
      ConfigurationError(mark: mark, message: "\(what) \(quotedForMessage(path)): \(reason)")
    }
    let file: File
    let status: FileStatus
    do throws(SystemCallError) {
      (file, status) = try File.openRegular(path)
    } catch {
      if mayBeMissing, error.errno == .noSuchFileOrDirectory || error.errno == .notDirectory { return nil }
      throw refusal(error.whyNotOpened ?? "it cannot be read: \(error.errno)")
    }
    if let problem = Ownership(user: user).problem(of: status) {
      throw refusal("it is \(problem.found), wanted \(problem.wanted); \(problem.remedy)")
    }
    do throws(SystemCallError) {
      return try file.readAll(limit: limit)
    } catch {
      throw refusal(error.errno == .fileTooLarge ? "it has more than \(limit) bytes" : "it cannot be read: \(error.errno)")
    }
  }
}
