import COmphalos
import Glibc

@testable import PluginABI

/// A descriptor in this process's memory with two capabilities, each of its parts open to damage. Never freed.
struct DescriptorFixture {
  let plugin = UnsafeMutablePointer<omphalos_plugin>.allocate(capacity: 1)
  let capabilities = UnsafeMutablePointer<UnsafePointer<omphalos_capability>?>.allocate(capacity: 3)
  let first = UnsafeMutablePointer<omphalos_capability>.allocate(capacity: 1)
  let second = UnsafeMutablePointer<omphalos_capability>.allocate(capacity: 1)
  let third = UnsafeMutablePointer<omphalos_capability>.allocate(capacity: 1)
  let connector = UnsafeMutablePointer<omphalos_connector>.allocate(capacity: 1)
  let exporter = UnsafeMutablePointer<omphalos_exporter>.allocate(capacity: 1)
  let sink = UnsafeMutablePointer<omphalos_lineage_sink>.allocate(capacity: 1)

  init() {
    connector.initialize(to: omphalos_connector(struct_size: 16, reserved0: 0, open: { _, _, _ in 0 }))
    exporter.initialize(to: omphalos_exporter(struct_size: 16, reserved0: 0, run: { _, _, _, _ in 0 }))
    sink.initialize(
      to: omphalos_lineage_sink(
        struct_size: 40, reserved0: 0, open: { _, _, _ in 0 }, emit: { _, _, _ in 0 }, flush: nil,
        close: { _, _ in 0 }))
    func capability(_ kind: UInt32, _ name: String, _ table: UnsafeRawPointer) -> omphalos_capability {
      omphalos_capability(
        struct_size: 40, kind: kind, interface_version: 3, flags: 1, name: newCString(name), config_schema: nil,
        vtable: table)
    }
    first.initialize(to: capability(1, "table", connector))
    second.initialize(to: capability(2, "report", exporter))
    third.initialize(to: capability(3, "ledger", sink))
    first.pointee.config_schema = newCString(#"{"type":"object"}"#)
    capabilities.initialize(to: UnsafePointer(first))
    (capabilities + 1).initialize(to: UnsafePointer(second))
    (capabilities + 2).initialize(to: UnsafePointer(third))
    plugin.initialize(
      to: omphalos_plugin(
        struct_size: 96, abi_major: 1, abi_minor_required: 0, abi_minor_built: 0, draft: 1, reserved0: 0,
        id: newCString("com.example.p"), version: newCString("1.2.3"), vendor: newCString("Ex"),
        license: newCString("MIT"), summary: newCString("Zusammenfassung ü"), hermetic: 1, flags: 5,
        capability_count: 3, reserved1: 0, capabilities: UnsafePointer(capabilities), init: nil, shutdown: nil))
  }

  func read() throws(DescriptorError) -> PluginDescriptor {
    try DescriptorReader.read(at: UInt(bitPattern: plugin))
  }
}

/// An address that no process has mapped.
let nowhere = UInt(8)
func pointer<Pointee>(_ address: UInt) -> UnsafePointer<Pointee>? { UnsafePointer(bitPattern: address) }

/// `count` bytes 'a' that end where memory does: no NUL, and none can be read behind them.
func endlessText(_ count: Int = 100) -> UnsafePointer<CChar> {
  let tail = GuardedPage().tail(count)
  memset(tail, 97, count)
  return UnsafePointer(tail.assumingMemoryBound(to: CChar.self))
}

/// A text of `count` bytes 'a' with its NUL.
func text(_ count: Int) -> UnsafePointer<CChar> { newCString(String(repeating: "a", count: count)) }

/// Bytes that are not UTF-8, with a NUL.
func brokenText() -> UnsafePointer<CChar> {
  let bytes = UnsafeMutablePointer<CChar>.allocate(capacity: 3)
  bytes[0] = CChar(bitPattern: 0xc3)
  bytes[1] = 0x28
  bytes[2] = 0
  return UnsafePointer(bytes)
}
