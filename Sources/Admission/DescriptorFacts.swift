/// What a loaded plugin's descriptor says, copied out of its memory: plain values, nothing of it checked.
public struct DescriptorFacts: Sendable, Hashable {
  public struct Capability: Sendable, Hashable {
    public let kind: UInt32
    public let interfaceVersion: UInt32
    public let flags: UInt32
    public let name: String
    /// The text of the schema; nil where the descriptor has NULL.
    public let configSchema: String?

    public init(kind: UInt32, interfaceVersion: UInt32, flags: UInt32, name: String, configSchema: String?) {
      self.kind = kind
      self.interfaceVersion = interfaceVersion
      self.flags = flags
      self.name = name
      self.configSchema = configSchema
    }
  }

  public let abi: ABIDeclaration
  public let id: String
  public let version: String
  public let vendor: String
  public let license: String
  public let summary: String
  public let hermetic: UInt32
  public let flags: UInt32
  public let capabilities: [Capability]

  public init(
    abi: ABIDeclaration, id: String, version: String, vendor: String, license: String, summary: String,
    hermetic: UInt32, flags: UInt32, capabilities: [Capability]
  ) {
    self.abi = abi
    self.id = id
    self.version = version
    self.vendor = vendor
    self.license = license
    self.summary = summary
    self.hermetic = hermetic
    self.flags = flags
    self.capabilities = capabilities
  }
}
