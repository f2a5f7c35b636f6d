import ELFInspection
import LinuxCalls
import OmphalosValues

/// Compares what the dynamic linker loaded with what was decided on. Lives in the worker, on the thread that loads and
/// calls plugins.
public final class ClosureWatch {
  /// By path without symbolic links.
  private let pins: [UTF8String: LibraryPin]
  private var counts = LinkMap.counts
  private var seen: Int
  /// Libraries of the system that were loaded for plugins: found paths.
  private var loaded: [String] = []

  /// Made before the first plugin is loaded.
  public init(predicted pins: [LibraryPin]) {
    self.pins = Dictionary(pins.map { (UTF8String($0.path), $0) }) { first, _ in first }
    seen = LinkMap.objects().count
  }

  /// Right after an object was loaded: sentences about what came with it and was not predicted.
  ///
  /// - Parameter name: by which it was loaded itself.
  func surprises(loading name: String) -> [String] {
    newObjects().compactMap { object in
      if object.name == name { return nil }
      guard let path = try? Path.resolved(object.name), pins[UTF8String(path)] != nil else {
        return "\(object.name) was mapped, and nothing that was decided on needs it"
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
  public func laterObjects() -> [String] {
    guard LinkMap.counts != counts else { return [] }
    return newObjects().map(\.name)
  }

  private func newObjects() -> [LinkedObject] {
    let now = LinkMap.counts
    defer { counts = now }
    // Objects are added at the end of the list; after a removal their numbers have moved.
    if now.removed != counts.removed {
      let added = now.added - counts.added
      let all = LinkMap.objects()
      seen = all.count
      return Array(all.suffix(Int(clamping: added)))
    }
    let new = LinkMap.objects(from: seen)
    seen += new.count
    return new
  }
}
