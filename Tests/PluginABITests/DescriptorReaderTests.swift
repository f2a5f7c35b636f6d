import COmphalos
import Testing

@testable import PluginABI

@Suite("Reading a descriptor that may lie")
struct DescriptorReaderTests {
  @Test("a descriptor is read field by field")
  func whole() throws {
    let read = try DescriptorFixture().read()
    #expect(read.id == "com.example.p" && read.version == "1.2.3" && read.vendor == "Ex" && read.license == "MIT")
    #expect(read.summary == "Zusammenfassung ü")
    #expect(read.abiMajor == 1 && read.abiMinorRequired == 0 && read.abiMinorBuilt == 0 && read.draft == 1)
    #expect(read.hermetic == 1 && read.flags == 5)
    #expect(read.capabilities.map(\.name) == ["table", "report", "ledger"])
    #expect(read.capabilities.map(\.kind) == [1, 2, 3])
    #expect(read.capabilities.map(\.interfaceVersion) == [3, 3, 3])
    #expect(read.capabilities.map(\.configSchema) == [#"{"type":"object"}"#, nil, nil])
    #expect(read.initialize == nil && read.shutdown == nil)
  }

  struct Defect: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// The field that the error names.
    let field: String
    let damage: @Sendable (DescriptorFixture) -> Void
    init(_ text: String, _ field: String, _ damage: @escaping @Sendable (DescriptorFixture) -> Void) {
      testDescription = text
      self.field = field
      self.damage = damage
    }
  }

  static let plugin: [Defect] = [
    Defect("struct_size 0", "omphalos_plugin.struct_size") { $0.plugin.pointee.struct_size = 0 },
    Defect("struct_size one short", "omphalos_plugin.struct_size") { $0.plugin.pointee.struct_size = 95 },
    Defect("struct_size without end", "omphalos_plugin.struct_size") { $0.plugin.pointee.struct_size = .max },
    Defect("another major", "abi_major") { $0.plugin.pointee.abi_major = 2 },
    Defect("no capability", "capability_count") { $0.plugin.pointee.capability_count = 0 },
    Defect("1,025 capabilities", "capability_count") { $0.plugin.pointee.capability_count = 1025 },
    Defect("as many capabilities as fit a number", "capability_count") { $0.plugin.pointee.capability_count = .max },
    Defect("capabilities NULL", "capabilities") { $0.plugin.pointee.capabilities = nil },
    Defect("capabilities wild", "capabilities") { $0.plugin.pointee.capabilities = pointer(nowhere) },
    Defect("capabilities at the end of the address space", "capabilities") {
      $0.plugin.pointee.capabilities = pointer(UInt.max - 7)
    },
    Defect("capabilities at an odd address", "capabilities") {
      let odd = GuardedPage().tail(25)
      odd.copyMemory(from: $0.capabilities, byteCount: 24)
      $0.plugin.pointee.capabilities = pointer(UInt(bitPattern: odd))
    },
    Defect("more capabilities than the array has memory for", "capabilities") {
      let tail = GuardedPage().tail(24).assumingMemoryBound(to: UnsafePointer<omphalos_capability>?.self)
      for index in 0..<3 { tail[index] = $0.capabilities[index] }
      $0.plugin.pointee.capabilities = UnsafePointer(tail)
      $0.plugin.pointee.capability_count = 4
    },
  ]

  static let texts: [Defect] = ["id", "version", "vendor", "license", "summary"].flatMap { field in
    let path: WritableKeyPath<omphalos_plugin, UnsafePointer<CChar>?> & Sendable =
      switch field {
      case "id": \.id
      case "version": \.version
      case "vendor": \.vendor
      case "license": \.license
      default: \.summary
      }
    return [
      Defect("\(field) NULL", field) { $0.plugin.pointee[keyPath: path] = nil },
      Defect("\(field) wild", field) { $0.plugin.pointee[keyPath: path] = pointer(nowhere) },
      Defect("\(field) beyond the address space", field) { $0.plugin.pointee[keyPath: path] = pointer(UInt.max) },
      Defect("\(field) without an end in memory", field) { $0.plugin.pointee[keyPath: path] = endlessText() },
      Defect("\(field) of 4,097 bytes", field) { $0.plugin.pointee[keyPath: path] = text(4097) },
      Defect("\(field) not UTF-8", field) { $0.plugin.pointee[keyPath: path] = brokenText() },
    ]
  }

  static let capabilities: [Defect] = [
    Defect("a capability NULL", "capabilities[1]") { $0.capabilities[1] = nil },
    Defect("a capability wild", "capabilities[2]") { $0.capabilities[2] = pointer(nowhere) },
    Defect("a capability at an odd address", "capabilities[1]") {
      $0.capabilities[1] = UnsafePointer(bitPattern: UInt(bitPattern: $0.second) + 1)
    },
    Defect("a capability cut by the end of memory", "capabilities[0]") {
      let tail = GuardedPage().tail(32)
      tail.copyMemory(from: $0.first, byteCount: 32)
      $0.capabilities[0] = UnsafePointer(tail.assumingMemoryBound(to: omphalos_capability.self))
    },
    Defect("a capability's struct_size one short", "capabilities[0].struct_size") { $0.first.pointee.struct_size = 39 },
    Defect("a capability's name NULL", "capabilities[0].name") { $0.first.pointee.name = nil },
    Defect("a capability's name wild", "capabilities[1].name") { $0.second.pointee.name = pointer(nowhere) },
    Defect("a capability's name not UTF-8", "capabilities[1].name") { $0.second.pointee.name = brokenText() },
    Defect("a schema wild", "capabilities[0].config_schema") { $0.first.pointee.config_schema = pointer(nowhere) },
    Defect("a schema of more than 1 MiB", "capabilities[0].config_schema") {
      $0.first.pointee.config_schema = text(1 << 20 + 1)
    },
    Defect("a vtable NULL", "capabilities[0].vtable") { $0.first.pointee.vtable = nil },
    Defect("a vtable wild", "capabilities[1].vtable") {
      $0.second.pointee.vtable = UnsafeRawPointer(bitPattern: nowhere)
    },
    Defect("a vtable's struct_size one short", "capabilities[0].vtable.struct_size") {
      $0.connector.pointee.struct_size = 15
    },
    Defect("a sink's vtable as large as an exporter's", "capabilities[2].vtable.struct_size") {
      $0.sink.pointee.struct_size = 16
    },
    Defect("a connector without open", "capabilities[0].vtable.open") { $0.connector.pointee.open = nil },
    Defect("an exporter without run", "capabilities[1].vtable.run") { $0.exporter.pointee.run = nil },
    Defect("a sink without open", "capabilities[2].vtable.open") { $0.sink.pointee.open = nil },
    Defect("a sink without emit", "capabilities[2].vtable.emit") { $0.sink.pointee.emit = nil },
    Defect("a sink without close", "capabilities[2].vtable.close") { $0.sink.pointee.close = nil },
  ]

  @Test("what is wrong is refused by the name of its field", arguments: plugin + texts + capabilities)
  func defects(defect: Defect) {
    let fixture = DescriptorFixture()
    defect.damage(fixture)
    let error = #expect(throws: DescriptorError.self) { _ = try fixture.read() }
    #expect(error?.field == defect.field)
    #expect(error?.message.contains("found") == true && error?.message.contains("wanted") == true)
  }

  @Test("a descriptor that is NULL, wild, odd or cut by the end of memory is refused")
  func wildDescriptor() {
    let fixture = DescriptorFixture()
    let tail = GuardedPage().tail(88)
    tail.copyMemory(from: fixture.plugin, byteCount: 88)
    let two = GuardedPage().tail(2)
    for address in [
      0, nowhere, UInt.max, UInt(bitPattern: fixture.plugin) + 2, UInt(bitPattern: tail), UInt(bitPattern: two),
    ] {
      #expect(throws: DescriptorError.self) { _ = try DescriptorReader.read(at: address) }
    }
  }

  @Test("a newer plugin's larger structs are read as far as they are known, and what follows is not touched")
  func growth() throws {
    let fixture = DescriptorFixture()
    // The struct claims more than it has memory for: only what this host knows is read.
    let tail = GuardedPage().tail(96)
    fixture.plugin.pointee.struct_size = 120
    fixture.connector.pointee.struct_size = 64
    fixture.sink.pointee.struct_size = 65_536
    tail.copyMemory(from: fixture.plugin, byteCount: 96)
    let read = try DescriptorReader.read(at: UInt(bitPattern: tail))
    #expect(read.capabilities.count == 3)
  }

  @Test("a capability of an unknown kind is kept, whatever its vtable, and never called")
  func unknownKind() throws {
    let fixture = DescriptorFixture()
    fixture.second.pointee.kind = 77
    fixture.second.pointee.vtable = UnsafeRawPointer(bitPattern: nowhere)
    let read = try fixture.read()
    #expect(read.capabilities[1].kind == 77)
    guard case .unknown = read.capabilities[1].functions else {
      Issue.record("the vtable of an unknown kind was read")
      return
    }
  }

  @Test("texts of exactly 4,096 bytes, a schema of exactly 1 MiB and 1,024 capabilities are taken")
  func limits() throws {
    let fixture = DescriptorFixture()
    fixture.plugin.pointee.summary = text(4096)
    fixture.first.pointee.config_schema = text(1 << 20)
    let many = UnsafeMutablePointer<UnsafePointer<omphalos_capability>?>.allocate(capacity: 1024)
    many.initialize(repeating: UnsafePointer(fixture.second), count: 1024)
    many[0] = UnsafePointer(fixture.first)
    fixture.plugin.pointee.capabilities = UnsafePointer(many)
    fixture.plugin.pointee.capability_count = 1024
    let read = try fixture.read()
    #expect(read.summary.utf8.count == 4096 && read.capabilities.count == 1024)
    #expect(read.capabilities[0].configSchema?.utf8.count == 1 << 20)
  }

  @Test("a text that ends in the last readable byte is read")
  func textAtTheEnd() throws {
    let fixture = DescriptorFixture()
    let tail = GuardedPage().tail(3).assumingMemoryBound(to: CChar.self)
    tail[0] = 104
    tail[1] = 105
    tail[2] = 0
    fixture.plugin.pointee.vendor = UnsafePointer(tail)
    #expect(try fixture.read().vendor == "hi")
  }
}
