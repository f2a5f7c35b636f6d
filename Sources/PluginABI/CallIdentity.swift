/// Whose call it is: names for messages, the flight page and the record.
public struct CallIdentity: Hashable, Sendable, CustomStringConvertible {
  public let plugin: String
  /// Empty for functions of the plugin as a whole (constructor, entry, init, shutdown).
  public let capability: String
  /// The name of the input, or the place in the pipeline, for instance "exports[0]"; empty for the plugin as a whole.
  public let instance: String

  public init(plugin: String, capability: String = "", instance: String = "") {
    self.plugin = plugin
    self.capability = capability
    self.instance = instance
  }

  /// "org.omphalos.csv/csv (input feed)"
  public var description: String {
    let name = capability.isEmpty ? plugin : "\(plugin)/\(capability)"
    return instance.isEmpty ? name : "\(name) (\(instance))"
  }
}
