import OmphalosValues
import PluginABI

/// The loaded plugins of a run, by id.
public struct PluginRegistry: Sendable {
  private var plugins: [PluginID: LoadedPlugin] = [:]
  /// In the order in which they were loaded.
  public private(set) var order: [PluginID] = []

  public init() {}

  public mutating func register(_ plugin: LoadedPlugin) {
    if plugins.updateValue(plugin, forKey: plugin.id) == nil { order.append(plugin.id) }
  }

  /// The module and the place of a capability in it.
  public func find(_ reference: CapabilityReference) -> (module: PluginModule, capability: Int)? {
    guard let plugin = plugins[reference.plugin], let index = plugin.index(of: reference.capability) else { return nil }
    return (plugin.module, index)
  }

  public var all: [LoadedPlugin] { order.compactMap { plugins[$0] } }
}
