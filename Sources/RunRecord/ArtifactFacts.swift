import OmphalosValues

/// What an artifact is for. The words are those of the plugin ABI.
public enum ArtifactRole: String, Sendable, CaseIterable {
  case briefingTable = "briefing_table"
  case packet
  case narrative
  case warehouse
  case other
}

/// An artifact that a plugin committed to the store.
public struct ArtifactFacts: Sendable {
  public var record: FileRecord
  public var role: ArtifactRole
  /// RFC 6838.
  public var mediaType: String
  public var description: String
  public var producer: Producer

  public init(
    record: FileRecord, role: ArtifactRole, mediaType: String, description: String, producer: Producer
  ) {
    self.record = record
    self.role = role
    self.mediaType = mediaType
    self.description = description
    self.producer = producer
  }
}

/// The call under whose handle something was done.
public struct Producer: Hashable, Sendable {
  public let plugin: PluginID
  public let capability: CapabilityName
  /// Which use of the capability in the pipeline: the input's name, or for instance `exports[0]`.
  public let instance: String
  /// The number of the call in this run, counted from 1 in pipeline order.
  public let call: UInt64

  public init(plugin: PluginID, capability: CapabilityName, instance: String, call: UInt64) {
    self.plugin = plugin
    self.capability = capability
    self.instance = instance
    self.call = call
  }

  var members: JSONObject {
    [
      "call": .integer(Int64(clamping: call)), "capability": .string(capability.text),
      "instance": .string(instance), "plugin": .string(plugin.text),
    ]
  }
}

/// A number that a plugin reported during a call.
public struct MetricFacts: Sendable {
  public let name: String
  public let value: Double
  public let producer: Producer

  public init(name: String, value: Double, producer: Producer) {
    self.name = name
    self.value = value
    self.producer = producer
  }
}
