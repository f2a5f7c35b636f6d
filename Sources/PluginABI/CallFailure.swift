import OmphalosValues

/// A call into a plugin that did not succeed.
public struct CallFailure: Error, Sendable, Hashable, Diagnosable {
  /// Whose fault it is: the plugin that returned the failure, or the producer of the dataset that it was reading.
  public let identity: CallIdentity
  /// "open", "get_next", "run" …
  public let function: String
  public let status: ABIStatus
  /// What the plugin or the host says about it; a whole sentence or a clause.
  public let detail: String

  public init(_ identity: CallIdentity, _ function: String, _ status: ABIStatus, _ detail: String) {
    self.identity = identity
    self.function = function
    self.status = status
    self.detail = detail
  }

  public var message: String { "\(identity): \(function) failed: \(detail) [\(status.name)]" }
  public var description: String { message }
  public var exitCode: ExitCode { status.exitCode }
}

extension PluginCall {
  /// Turns a status that a function of the plugin returned into a failure with the best explanation there is.
  func failure(_ function: String, _ status: Int32) -> CallFailure {
    let status = ABIStatus(rawValue: status)
    let known = explanation
    if let message = known.message, !message.isEmpty { return CallFailure(identity, function, status, message) }
    if let refusal = known.refusal, refusal.status == status {
      return CallFailure(identity, function, status, refusal.message)
    }
    let sentence = status.sentence ?? "the plugin returned its own code \(status.rawValue) and no message."
    return CallFailure(identity, function, status, sentence)
  }
}
