import LinuxCalls
import OmphalosValues
import Synchronization

/// Whose code lies where in the worker's memory. Written after each object is mapped; the supervisor searches it.
///
/// At `codeAt` the number of entries (u32); from 64 bytes further on entries of `entrySize` bytes: start, end, base (u64),
/// kind (u32), then two NUL-padded texts, owner and name. What finds no room is not listed.
extension FlightPage {
  private static let entryCount = 1024
  private static let entrySize = 512
  private static let ownerText = (at: 32, capacity: 256)
  private static let nameText = (at: 288, capacity: 224)
  static let codeTableSize = 64 + entryCount * entrySize

  /// A range of addresses that holds code.
  public struct Code: Sendable, Hashable {
    public enum Kind: UInt32, Sendable {
      /// omphalos itself, and the libraries of its language.
      case host = 1
      /// A plugin or one of its own libraries.
      case plugin = 2
      /// A library of the system. What it does, it does for its caller.
      case library = 3
    }

    public let start: UInt64
    public let end: UInt64
    public let base: UInt64
    public let kind: Kind
    /// The id of the plugin that it is of, or that brought it; empty for the host.
    public let owner: String
    /// The file's own name.
    public let name: String
  }

  struct CodeTable {
    fileprivate var watch = LinkMapWatch()
    fileprivate var count = 0
  }

  // MARK: The worker's side

  /// Lists what was mapped since the last time.
  ///
  /// - Parameters:
  ///   - plugin: the id of the plugin in whose name it was mapped; nil for the host itself, before there is any.
  ///   - file: the file of the plugin that was mapped, and the name by which it was.
  public func recordCode(of plugin: String?, file: (name: String, loadedAs: String)? = nil) {
    code.withLock { table in
      for mapped in table.watch.new() where mapped.end > 0 && table.count < Self.entryCount {
        add(Self.describe(mapped, plugin, file), at: table.count)
        table.count += 1
      }
      // The other process must not see the number before the entries.
      atomicMemoryFence(ordering: .releasing)
      unsafe base.storeBytes(of: UInt32(table.count), toByteOffset: Self.codeAt, as: UInt32.self)
    }
  }

  private static func describe(_ mapped: LinkedCode, _ plugin: String?, _ file: (name: String, loadedAs: String)?) -> Code {
    var name = fileName(of: mapped.name)
    var kind = Code.Kind.library
    if let file, mapped.name == file.loadedAs {
      kind = .plugin
      name = file.name
    } else if plugin != nil {
      // What came along with it.
    } else if mapped.name.isEmpty {
      kind = .host
      name = "omphalos"
    } else if !isCLibrary(name) {
      kind = .host
    }
    return Code(
      start: mapped.start, end: mapped.end, base: mapped.base, kind: kind, owner: plugin ?? "", name: name)
  }

  /// Libraries that everybody in the process uses, omphalos and plugins alike.
  private static func isCLibrary(_ name: String) -> Bool {
    let names = ["libc.", "libm.", "libdl.", "librt.", "libpthread.", "libutil.", "libgcc_s.", "libstdc++.", "ld-linux", "linux-vdso"]
    return names.contains { name.hasPrefix($0) }
  }

  private func add(_ code: Code, at index: Int) {
    let at = unsafe base + Self.codeAt + 64 + index * Self.entrySize
    unsafe at.storeBytes(of: code.start, as: UInt64.self)
    unsafe at.storeBytes(of: code.end, toByteOffset: 8, as: UInt64.self)
    unsafe at.storeBytes(of: code.base, toByteOffset: 16, as: UInt64.self)
    unsafe at.storeBytes(of: code.kind.rawValue, toByteOffset: 24, as: UInt32.self)
    unsafe Self.write(code.owner, at + Self.ownerText.at, capacity: Self.ownerText.capacity)
    unsafe Self.write(code.name, at + Self.nameText.at, capacity: Self.nameText.capacity)
  }

  // MARK: The supervisor's side

  /// Whose code lies at an address; nil where none was listed.
  public func code(at address: UInt64) -> Code? {
    let count = min(Int(unsafe base.load(fromByteOffset: Self.codeAt, as: UInt32.self)), Self.entryCount)
    atomicMemoryFence(ordering: .acquiring)
    // The last one: an address may have been used again.
    return (0..<count).reversed().lazy.compactMap { self.entry(ofCode: $0) }.first {
      $0.start <= address && address < $0.end
    }
  }

  /// The ids of the plugins whose code is listed.
  public var pluginsWithCode: Set<String> {
    let count = min(Int(unsafe base.load(fromByteOffset: Self.codeAt, as: UInt32.self)), Self.entryCount)
    return Set((0..<count).compactMap { entry(ofCode: $0) }.filter { $0.kind == .plugin }.map(\.owner))
  }

  private func entry(ofCode index: Int) -> Code? {
    let at = unsafe UnsafeRawPointer(base) + Self.codeAt + 64 + index * Self.entrySize
    guard let kind = Code.Kind(rawValue: unsafe at.load(fromByteOffset: 24, as: UInt32.self)) else { return nil }
    return unsafe Code(
      start: at.load(as: UInt64.self), end: at.load(fromByteOffset: 8, as: UInt64.self),
      base: at.load(fromByteOffset: 16, as: UInt64.self), kind: kind,
      owner: Self.read(at + Self.ownerText.at, capacity: Self.ownerText.capacity),
      name: Self.read(at + Self.nameText.at, capacity: Self.nameText.capacity))
  }
}
