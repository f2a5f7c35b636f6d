import ELFInspection
import LinuxCalls
import OmphalosValues

/// Compares what the dynamic linker loaded with what was decided on. Lives in the worker, on the thread that loads and
/// calls plugins.
public final class ClosureWatch {
  /// By path without symbolic links.
  private let pins: [UTF8String: LibraryPin]
  private var list = LinkMapWatch()
  /// Libraries of the system that were loaded for plugins: found paths.
  private var loaded: [String] = []

  /// Made before the first plugin is loaded.
  public init(predicted pins: [LibraryPin]) {
    self.pins = Dictionary(pins.map { (UTF8String($0.path), $0) }) { first, _ in first }
    _ = list.new()
  }

  /// Right after an object was loaded: sentences about what came with it and was not predicted.
  ///
  /// - Parameter name: by which it was loaded itself.
  func surprises(loading name: String) -> [String] {
    newNames().compactMap { object in
      if object == name { return nil }
      guard let path = try? Path.resolved(object), pins[UTF8String(path)] != nil else {
        return "\(object) was mapped, and nothing that was decided on needs it"
      }
      loaded.append(path)
      return nil
    }
  }

  /// Once all plugins are mapped: sentences about libraries whose bytes are not those that were decided on.
  func differences(in map: MemoryMap) -> [String] {
    var inodes: [UTF8String: UInt64] = [:]
    for mapping in map.mappings where mapping.path.hasPrefix("/") { inodes[UTF8String(mapping.path)] = mapping.inode }
    var sentences: [String] = []
    for (path, pin) in pins.sorted(by: { $0.key < $1.key }) {
      if let inode = inodes[path], inode != pin.inode {
        sentences.append("\(path) was replaced between the decision and loading")
      }
    }
    // What the host had mapped before any plugin is the host's own; the rest is hashed again.
    for path in Set(loaded).sorted() {
      guard let pin = pins[UTF8String(path)], inodes[UTF8String(path)] == pin.inode else { continue }
      guard let file = try? File.open(path), (try? file.status().inode) == pin.inode,
        let found = try? file.digest().digest
      else {
        sentences.append("\(path) was replaced while plugins were loaded")
        continue
      }
      if found != pin.digest {
        sentences.append(
          "\(path) was changed between the decision and loading: SHA-256 \(found.hex), wanted \(pin.digest.hex)")
      }
    }
    return sentences
  }

  /// After a call: the names of what was loaded since the last look. Nothing of it was decided on.
  public func laterObjects() -> [String] { newNames() }

  /// By which objects were loaded since the last look, each once.
  private func newNames() -> [String] {
    var names: [String] = []
    // An object may have several pieces of code.
    for object in list.new() where names.last != object.name { names.append(object.name) }
    return names
  }
}
