import LinuxCalls
import Signatures

extension PluginSignatureFile {
  /// Reads the signature beside a plugin, in the directory that was checked. Nil where there is none.
  ///
  /// - Parameter plugin: the name of the plugin's file in `directory`.
  static func read(beside plugin: String, in directory: File, ownership: Ownership) -> PluginSignatureFile? {
    let name = name(for: plugin)
    func refused(_ found: String, _ wanted: String, _ remedy: String) -> PluginSignatureFile {
      PluginSignatureFile(name: name, found: found, wanted: wanted, remedy: remedy)
    }
    do throws(SystemCallError) {
      let kind = try directory.status(of: name).kind
      guard kind == .regular else { return other(than: kind, refused) }
      let file = try directory.openBeneath(name, [.read, .noFollow, .nonBlocking], mode: 0)
      let status = try file.status()
      // What was a file a moment ago may be something else now; the open file counts.
      guard status.kind == .regular else { return other(than: status.kind, refused) }
      if let problem = ownership.problem(of: status) {
        return refused("a file \(problem.found)", "one \(problem.wanted)", capitalized(problem.remedy))
      }
      guard status.size <= UInt64(SSHSignature.largestByteCount) else { return tooLarge(refused) }
      return PluginSignatureFile(name: name, bytes: try file.readAll(limit: SSHSignature.largestByteCount))
    } catch {
      if error.errno == .noSuchFileOrDirectory { return nil }
      if error.errno == .fileTooLarge { return tooLarge(refused) }
      return refused("no way to read it (\(error.errno))", "a file that may be read", "Check its mode")
    }
  }

  private static func other(
    than kind: FileStatus.Kind, _ refused: (String, String, String) -> PluginSignatureFile
  ) -> PluginSignatureFile {
    kind == .symbolicLink
      ? refused("a symbolic link", "the file itself", "Put the signature there: a link may lead elsewhere after the decision")
      : refused("a \(kind.rawValue)", "a regular file", "Remove it")
  }

  private static func tooLarge(_ refused: (String, String, String) -> PluginSignatureFile) -> PluginSignatureFile {
    refused(
      "more than \(SSHSignature.largestByteCount) bytes", "a signature, which has a few hundred", "Remove it and sign again")
  }

  private static func capitalized(_ sentence: String) -> String { sentence.prefix(1).uppercased() + sentence.dropFirst() }
}
