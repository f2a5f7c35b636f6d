import ArtifactStore
import OmphalosValues
import PluginABI

/// What the worker tells the supervisor, one JSON object a line, in the order in which it happens. The worker has
/// plugins in it: what it says is a claim, and files are hashed again from disk before they are believed.
public enum WorkerMessage: Sendable {
  /// In bytes: the lineage event of an exporter that wrote 100,000 artifacts under the longest paths, and more.
  public static let longestLine = 256 << 20

  case artifact(CommittedArtifact, call: UInt64)
  case interval(CallInterval)
  /// A dataset was read to its end for the first time.
  case input(name: String, fingerprint: SHA256Digest, rows: UInt64)
  case lineage(JSONValue)
  case metric(name: String, value: Double, CallIdentity, call: UInt64)
  case log(plugin: String, level: String, text: String)
  case progress(CallIdentity, done: UInt64, total: UInt64)
  case finding(plugin: String, subject: String, text: String)
  /// The run cannot succeed; nothing follows.
  case failure(exitCode: Int32, CallIdentity, function: String, text: String)
  /// All calls succeeded and all plugins were shut down.
  case done

  public var json: JSONValue {
    switch self {
    case .artifact(let artifact, let call): Self.json(of: artifact, call: call)
    case .interval(let interval):
      [
        "event": "interval", "by": interval.identity.json, "began": .integer(interval.began),
        "ended": .integer(interval.ended),
      ]
    case .input(let name, let fingerprint, let rows):
      [
        "event": "input", "name": .string(name), "fingerprint": .string(fingerprint.hex),
        "rows": .integer(Int64(clamping: rows)),
      ]
    case .lineage(let event): ["event": "lineage", "lineage": event]
    case .metric(let name, let value, let identity, let call):
      [
        "event": "metric", "name": .string(name), "value": FiniteDouble(value).map(JSONValue.number) ?? .null,
        "by": identity.json, "call": .integer(Int64(clamping: call)),
      ]
    case .log(let plugin, let level, let text):
      ["event": "log", "plugin": .string(plugin), "level": .string(level), "text": .string(text)]
    case .progress(let identity, let done, let total):
      [
        "event": "progress", "by": identity.json, "done": .integer(Int64(clamping: done)),
        "total": .integer(Int64(clamping: total)),
      ]
    case .finding(let plugin, let subject, let text):
      ["event": "finding", "plugin": .string(plugin), "subject": .string(subject), "text": .string(text)]
    case .failure(let exitCode, let identity, let function, let text):
      [
        "event": "failure", "exit_code": .integer(Int64(exitCode)), "by": identity.json,
        "function": .string(function), "text": .string(text),
      ]
    case .done: ["event": "done"]
    }
  }

  /// There may be a hundred thousand of these, so what is as it is by default is left out.
  private static func json(of artifact: CommittedArtifact, call: UInt64) -> JSONValue {
    var message: JSONObject = [
      "event": "artifact", "path": .string(artifact.path.text), "sha256": .string(artifact.digest.hex),
      "bytes": .integer(Int64(clamping: artifact.byteCount)), "by": artifact.producer.json,
      "call": .integer(Int64(clamping: call)),
    ]
    let (options, usual) = (artifact.options, ArtifactOptions())
    if options.mediaType != usual.mediaType { message["media_type"] = .string(options.mediaType) }
    if options.role != usual.role { message["role"] = .string(options.role.rawValue) }
    if options.description != usual.description { message["description"] = .string(options.description) }
    return .object(message)
  }

  public init(line: [UInt8]) throws {
    let message = MessageReader(try JSONValue.parse(line, limits: JSONLimits(bytes: Self.longestLine, depth: 64)))
    switch try message.text("event") {
    case "artifact":
      let options = ArtifactOptions(
        mediaType: try message.optionalText("media_type") ?? ArtifactOptions().mediaType,
        role: try message.optionalText("role").flatMap { .init(rawValue: $0) } ?? .other,
        description: try message.optionalText("description") ?? "")
      let artifact = CommittedArtifact(
        path: try ArtifactPath(message.text("path")), digest: try message.digest("sha256"),
        byteCount: try message.unsigned("bytes"), options: options, producer: try message.identity("by"))
      self = .artifact(artifact, call: try message.unsigned("call"))
    case "interval":
      self = .interval(
        CallInterval(
          try message.identity("by"), began: try message.integer("began"), ended: try message.integer("ended")))
    case "input":
      self = .input(
        name: try message.text("name"), fingerprint: try message.digest("fingerprint"),
        rows: try message.unsigned("rows"))
    case "lineage": self = .lineage(try message.member("lineage").value)
    case "metric":
      let value = try message.member("value").value
      self = .metric(
        name: try message.text("name"), value: value.numberValue ?? Double(value.integerValue ?? 0),
        try message.identity("by"), call: try message.unsigned("call"))
    case "log":
      self = .log(
        plugin: try message.text("plugin"), level: try message.text("level"), text: try message.text("text"))
    case "progress":
      self = .progress(
        try message.identity("by"), done: try message.unsigned("done"), total: try message.unsigned("total"))
    case "finding":
      self = .finding(
        plugin: try message.text("plugin"), subject: try message.text("subject"), text: try message.text("text"))
    case "failure":
      self = .failure(
        exitCode: try message.descriptor("exit_code"), try message.identity("by"),
        function: try message.text("function"), text: try message.text("text"))
    case "done": self = .done
    case let other: throw ProtocolError("The worker sent a message of unknown kind \(quotedForMessage(other)).")
    }
  }
}

extension CallIdentity {
  var json: JSONValue {
    ["plugin": .string(plugin), "capability": .string(capability), "instance": .string(instance)]
  }
}

extension MessageReader {
  func identity(_ key: String) throws(ProtocolError) -> CallIdentity {
    let reader = try member(key)
    return CallIdentity(
      plugin: try reader.text("plugin"), capability: try reader.text("capability"),
      instance: try reader.text("instance"))
  }
}
