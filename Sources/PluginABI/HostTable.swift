import COmphalos

public enum PluginLogLevel: UInt32, Sendable {
  case debug = 0
  case info = 1
  case warning = 2
  case error = 3
}

/// The table of host functions that one plugin gets. It and all it points to live as long as the process, because a
/// plugin may keep the pointer.
@safe struct HostTable: @unchecked Sendable {
  /// Longer log lines are cut.
  static let logLimit = 8 << 10

  // Written here once, then constant.
  let pointer: UnsafePointer<omphalos_host>

  init(
    pluginPath: String, resources: any ResourceProvider, log: @escaping @Sendable (PluginLogLevel, String) -> Void
  ) {
    let table = UnsafeMutablePointer<omphalos_host>.allocate(capacity: 1)
    // Never released: the table outlives everything.
    let context = unsafe Unmanaged.passRetained(HostContext(resources: resources, log: log)).toOpaque()
    unsafe table.initialize(
      to: omphalos_host(
        struct_size: UInt32(MemoryLayout<omphalos_host>.size), abi_major: HostInterface.abiMajor,
        abi_minor: HostInterface.abiMinor, ctx: context, version: newCString(HostInterface.version),
        plugin_path: newCString(pluginPath), log: writeLog, get_extension: { _, _ in nil },
        resource_open: resourceOpen))
    unsafe pointer = UnsafePointer(table)
  }
}

/// Gives a plugin the resources that are part of it. Safe from any thread.
public protocol ResourceProvider: Sendable {
  /// A new read-only descriptor with its offset at 0; the caller closes it.
  ///
  /// - Parameter path: in the plugin's folder.
  func open(_ path: String) throws(ABIFailure) -> Int32
}

private final class HostContext: Sendable {
  let resources: any ResourceProvider
  let log: @Sendable (PluginLogLevel, String) -> Void
  init(resources: any ResourceProvider, log: @escaping @Sendable (PluginLogLevel, String) -> Void) {
    self.resources = resources
    self.log = log
  }
}

private let resourceOpen:
  @convention(c) (UnsafeMutableRawPointer?, UnsafePointer<CChar>?, Int, UnsafeMutablePointer<Int32>?) -> Int32 = {
    context, path, length, descriptor in
    guard let context = unsafe context else { return ABIStatus.invalid.rawValue }
    // The context is the retained object of HostTable.init, alive as long as the process.
    let host = unsafe Unmanaged<HostContext>.fromOpaque(context).takeUnretainedValue()
    do throws(ABIFailure) {
      guard let descriptor = unsafe descriptor else { throw ABIFailure(.invalid, "resource_open: `fd` is NULL.") }
      guard let bytes = unsafe pluginBytes(path, length, limit: 4096), bytes.count == length,
        let path = String(validating: bytes, as: UTF8.self)
      else { throw ABIFailure(.path, "resource_open: the path is not UTF-8 of at most 4096 bytes.") }
      unsafe descriptor.pointee = try host.resources.open(path)
      return ABIStatus.ok.rawValue
    } catch {
      // There is no call to which a message could belong.
      host.log(.warning, error.message)
      return error.status.rawValue
    }
  }

private let writeLog: @convention(c) (UnsafeMutableRawPointer?, UInt32, UnsafePointer<CChar>?, Int) -> Void = {
  context, level, text, length in
  guard let context = unsafe context else { return }
  // The context is the retained object of HostTable.init, alive as long as the process.
  let host = unsafe Unmanaged<HostContext>.fromOpaque(context).takeUnretainedValue()
  host.log(PluginLogLevel(rawValue: level) ?? .info, unsafe pluginText(text, length) ?? "")
}

/// A C string in memory of its own: freed by `deallocate`, or never where a plugin may keep it.
func newCString(_ text: String) -> UnsafePointer<CChar> { unsafe newCBytes(Array(text.utf8) + [0]) }

/// Bytes in memory of their own, as C takes them; not terminated.
func newCBytes(_ bytes: [UInt8]) -> UnsafePointer<CChar> {
  let copy = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count)
  for (index, byte) in bytes.enumerated() { unsafe copy[index] = CChar(bitPattern: byte) }
  return unsafe UnsafePointer(copy)
}

/// A text for people that a plugin passed as pointer and length, repaired; of one that is too long the beginning, and "…":
/// who looks for something in it must know that it was cut. Nil for a NULL with a length.
func pluginText(_ pointer: UnsafePointer<CChar>?, _ length: Int) -> String? {
  let limit = HostTable.logLimit
  let ellipsis = "…"
  guard length > limit else {
    return unsafe pluginBytes(pointer, length, limit: limit).map { String(decoding: $0, as: UTF8.self) }
  }
  return unsafe pluginBytes(pointer, length, limit: limit - ellipsis.utf8.count).map {
    String(decoding: $0, as: UTF8.self) + ellipsis
  }
}

/// Copies at most `limit` bytes that a plugin passed as pointer and length; nil for a NULL with a length.
func pluginBytes(_ pointer: UnsafePointer<CChar>?, _ length: Int, limit: Int) -> [UInt8]? {
  // A size_t beyond Int.max arrives as a negative number.
  guard length > 0 else { return length == 0 ? [] : nil }
  guard let pointer = unsafe pointer else { return nil }
  // The plugin vouches for `length` readable bytes; a fault here happens on its behalf, inside its call.
  return unsafe UnsafeRawBufferPointer(start: pointer, count: min(length, limit)).map { $0 }
}
