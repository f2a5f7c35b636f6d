import COmphalos
import LinuxCalls

/// Reads a descriptor out of this process's memory without trusting one pointer, count or string of it.
enum DescriptorReader {
  /// Bounds of `omphalos/plugin.h`.
  static let stringLimit = 4096
  static let schemaLimit = 1 << 20
  static let capabilityLimit: UInt32 = 1024

  static func read(at address: UInt) throws(DescriptorError) -> PluginDescriptor {
    let raw = unsafe try structure(omphalos_plugin.self, at: address, field: "omphalos_plugin")
    guard unsafe raw.abi_major == HostInterface.abiMajor else {
      throw DescriptorError("abi_major", found: unsafe "\(raw.abi_major)", wanted: "\(HostInterface.abiMajor)")
    }
    guard unsafe raw.capability_count > 0, unsafe raw.capability_count <= capabilityLimit else {
      throw DescriptorError(
        "capability_count", found: unsafe "\(raw.capability_count)", wanted: "1 to \(capabilityLimit)")
    }
    let list = unsafe UInt(bitPattern: raw.capabilities)
    var capabilities: [PluginDescriptor.Capability] = []
    for index in unsafe 0..<Int(raw.capability_count) {
      capabilities.append(try capability(index, in: list))
    }
    return unsafe PluginDescriptor(
      abiMajor: raw.abi_major, abiMinorRequired: raw.abi_minor_required, abiMinorBuilt: raw.abi_minor_built,
      draft: raw.draft, id: try text(raw.id, "id"), version: try text(raw.version, "version"),
      vendor: try text(raw.vendor, "vendor"), license: try text(raw.license, "license"),
      summary: try text(raw.summary, "summary"), hermetic: raw.hermetic, flags: raw.flags,
      capabilities: capabilities, initialize: raw.`init`, shutdown: raw.shutdown)
  }

  private static func capability(
    _ index: Int, in list: UInt
  ) throws(DescriptorError) -> PluginDescriptor.Capability {
    let field = "capabilities[\(index)]"
    let (slot, overflow) = list.addingReportingOverflow(UInt(index * MemoryLayout<UInt>.size))
    guard list != 0, list % UInt(MemoryLayout<UInt>.alignment) == 0, !overflow,
      let bytes = OwnMemory.bytes(at: slot, count: MemoryLayout<UInt>.size)
    else {
      throw DescriptorError("capabilities", found: "an unreadable array at \(hex(list))", wanted: "an array of pointers")
    }
    let address = bytes.reversed().reduce(UInt(0)) { $0 << 8 | UInt($1) }
    let raw = unsafe try structure(omphalos_capability.self, at: address, field: field)
    return unsafe PluginDescriptor.Capability(
      kind: raw.kind, interfaceVersion: raw.interface_version, flags: raw.flags,
      name: try text(raw.name, "\(field).name"),
      configSchema: raw.config_schema == nil
        ? nil : try text(raw.config_schema, "\(field).config_schema", limit: schemaLimit),
      functions: try vtable(kind: raw.kind, at: UInt(bitPattern: raw.vtable), field: "\(field).vtable"))
  }

  private static func vtable(
    kind: UInt32, at address: UInt, field: String
  ) throws(DescriptorError) -> PluginDescriptor.VTable {
    switch omphalos_kind(rawValue: kind) {
    case OMPHALOS_CONNECTOR:
      let table = try structure(omphalos_connector.self, at: address, field: field)
      try require(unsafe table.open != nil, "\(field).open")
      return .connector(table)
    case OMPHALOS_EXPORTER:
      let table = try structure(omphalos_exporter.self, at: address, field: field)
      try require(unsafe table.run != nil, "\(field).run")
      return .exporter(table)
    case OMPHALOS_LINEAGE_SINK:
      let table = try structure(omphalos_lineage_sink.self, at: address, field: field)
      try require(unsafe table.open != nil, "\(field).open")
      try require(unsafe table.emit != nil, "\(field).emit")
      try require(unsafe table.close != nil, "\(field).close")
      return .lineageSink(table)
    default:
      return .unknown
    }
  }

  private static func require(_ present: Bool, _ field: String) throws(DescriptorError) {
    if !present { throw DescriptorError(field, found: "NULL", wanted: "a function: it is required since 1.0") }
  }

  /// Copies a struct whose first member is its size. Members beyond the plugin's size read as zero.
  private static func structure<Struct: BitwiseCopyable>(
    _ type: Struct.Type, at address: UInt, field: String
  ) throws(DescriptorError) -> Struct {
    guard address != 0 else { throw DescriptorError(field, found: "NULL", wanted: "a pointer to a struct") }
    guard address % UInt(MemoryLayout<Struct>.alignment) == 0,
      let head = OwnMemory.bytes(at: address, count: 4)
    else {
      throw DescriptorError(field, found: "an unreadable pointer \(hex(address))", wanted: "a pointer to a struct")
    }
    let size = Int(head[0]) | Int(head[1]) << 8 | Int(head[2]) << 16 | Int(head[3]) << 24
    // 1.0 is the oldest layout there is: nothing smaller was ever published.
    guard size >= MemoryLayout<Struct>.size, size <= 1 << 16 else {
      throw DescriptorError(
        "\(field).struct_size", found: "\(size)", wanted: "at least \(MemoryLayout<Struct>.size) and at most 65536")
    }
    guard let bytes = OwnMemory.bytes(at: address, count: MemoryLayout<Struct>.size) else {
      throw DescriptorError(field, found: "a struct that ends in unreadable memory", wanted: "\(size) readable bytes")
    }
    // The bytes are exactly one Struct, and any bit pattern is a valid value of these C structs.
    return unsafe bytes.withUnsafeBytes { unsafe $0.loadUnaligned(as: Struct.self) }
  }

  private static func text(
    _ pointer: UnsafePointer<CChar>?, _ field: String, limit: Int = stringLimit
  ) throws(DescriptorError) -> String {
    let address = UInt(bitPattern: pointer)
    guard address != 0 else { throw DescriptorError(field, found: "NULL", wanted: "a string") }
    guard let bytes = OwnMemory.cString(at: address, limit: limit) else {
      throw DescriptorError(
        field, found: "no end within \(limit) readable bytes at \(hex(address))", wanted: "a NUL-terminated string")
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw DescriptorError(field, found: "bytes that are not UTF-8", wanted: "UTF-8")
    }
    return text
  }

  private static func hex(_ address: UInt) -> String { "0x" + String(address, radix: 16) }
}
