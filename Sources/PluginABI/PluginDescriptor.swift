import COmphalos

/// A plugin's descriptor as values: read once, with every pointer distrusted.
@safe public struct PluginDescriptor: Sendable {
  @safe public struct Capability: Sendable {
    public let kind: UInt32
    public let interfaceVersion: UInt32
    public let flags: UInt32
    public let name: String
    public let configSchema: String?
    /// Function addresses in the order of the vtable; 0 where the plugin left one out.
    let functions: VTable
  }

  /// The functions of one capability, by kind.
  @safe enum VTable: Sendable {
    case connector(omphalos_connector)
    case exporter(omphalos_exporter)
    case lineageSink(omphalos_lineage_sink)
    /// A kind that this host does not know: listed, never called.
    case unknown
  }

  public let abiMajor: UInt16
  public let abiMinorRequired: UInt16
  public let abiMinorBuilt: UInt16
  public let draft: UInt16
  public let id: String
  public let version: String
  public let vendor: String
  public let license: String
  public let summary: String
  public let hermetic: UInt32
  public let flags: UInt32
  public let capabilities: [Capability]
  let initialize: (@convention(c) (UnsafePointer<omphalos_host>?, UnsafeMutablePointer<UnsafeMutableRawPointer?>?) -> Int32)?
  let shutdown: (@convention(c) (UnsafeMutableRawPointer?) -> Void)?
}

/// Why a descriptor cannot be used.
public struct DescriptorError: Error, Sendable, Hashable {
  /// "capabilities[2].name"
  public let field: String
  public let found: String
  public let wanted: String

  init(_ field: String, found: String, wanted: String) {
    self.field = field
    self.found = found
    self.wanted = wanted
  }

  public var message: String { "descriptor field \(field): found \(found), wanted \(wanted)" }
}
