import Admission
import LinuxCalls
import OmphalosValues
import Signatures

extension PluginEvidence {
  /// Of a plugin that was found and not sealed yet: its files are read when a policy asks.
  init(of file: File, name: String, _ entries: [PluginFolder.Entry]) {
    self.init(
      digests: {
        guard let own = try? file.digest().digest else { return nil }
        var parts: [PluginDigests.Part] = []
        for entry in entries {
          guard let digest = try? entry.file.digest().digest else { return nil }
          parts.append((entry.path, digest))
        }
        return PluginDigests(
          file: own, contents: PluginContents.digest(of: name, own, parts: parts), parts: parts)
      },
      signature: { _ in .absent })
  }
}

extension SealedPlugin {
  /// Of the sealed bytes.
  var evidence: PluginEvidence {
    let digests = PluginDigests(
      file: digest, contents: contentsDigest, parts: parts.map { ($0.path, $0.digest) })
    return PluginEvidence(digests: { digests }, signature: { _ in .absent })
  }
}
