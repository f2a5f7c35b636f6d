import ArtifactStore
import OmphalosValues

extension WorkerMessage {
  /// Without the values of secrets in what goes into logs and reports. Names that the host itself gave, and paths of
  /// artifacts, from which the store keeps secrets away, stay as they are: the record is built from them.
  public func masked(by mask: SecretMask) -> WorkerMessage {
    if mask.isEmpty { return self }
    switch self {
    case .artifact(let artifact, let call):
      var options = artifact.options
      options.description = mask.masked(options.description)
      options.mediaType = mask.masked(options.mediaType)
      return .artifact(
        CommittedArtifact(
          path: artifact.path, digest: artifact.digest, byteCount: artifact.byteCount, options: options,
          producer: artifact.producer), call: call)
    case .metric(let name, let value, let identity, let call):
      return .metric(name: mask.masked(name), value: value, identity, call: call)
    case .log(let plugin, let level, let text):
      return .log(plugin: plugin, level: level, text: mask.masked(text))
    case .finding(let plugin, let subject, let text):
      return .finding(plugin: plugin, subject: mask.masked(subject), text: mask.masked(text))
    case .failure(let exitCode, let identity, let function, let text):
      return .failure(exitCode: exitCode, identity, function: function, text: mask.masked(text))
    case .interval, .input, .lineage, .progress, .done: return self
    }
  }
}
