import OmphalosValues

/// One difference between a lock and what is there.
public struct LockDrift: Sendable, Hashable, CustomStringConvertible {
  public enum Kind: String, Sendable, Hashable { case new, vanished, changed }

  public let kind: Kind
  public let id: PluginID
  /// What changed: "version", "closure libc.so.6"; empty for a plugin that is new or gone.
  public let field: String
  /// nil where the lock has nothing there.
  public let locked: String?
  /// nil where nothing is there now.
  public let found: String?

  public var description: String {
    switch kind {
    case .new: "\(id) is new: the lock does not have it"
    case .vanished: "\(id) is gone: the lock has it, and it is not among the plugins now"
    case .changed:
      "\(id): \(printable(field)) is \(printable(found ?? "not there")), the lock has \(printable(locked ?? "none"))"
    }
  }

  public var json: JSONValue {
    [
      "kind": .string(kind.rawValue), "id": .string(id.text), "field": .string(field),
      "locked": locked.map { .string($0) } ?? .null, "found": found.map { .string($0) } ?? .null,
    ]
  }
}

extension PluginLock {
  /// How the plugins that are there now differ from the lock, sorted by id.
  ///
  /// - Parameter current: within the lock's scope.
  public func drift(to current: [LockedPlugin]) -> [LockDrift] {
    let now = Dictionary(current.map { ($0.id, $0) }) { first, _ in first }
    let ids = Set(plugins.map(\.id)).union(now.keys).sorted()
    return ids.flatMap { id -> [LockDrift] in
      switch (plugin(id), now[id]) {
      case (let locked?, let found?): return Self.changes(locked, found)
      case (nil, _?): return [LockDrift(kind: .new, id: id, field: "", locked: nil, found: nil)]
      default: return [LockDrift(kind: .vanished, id: id, field: "", locked: nil, found: nil)]
      }
    }
  }

  private static func changes(_ locked: LockedPlugin, _ found: LockedPlugin) -> [LockDrift] {
    var changes: [LockDrift] = []
    func compare(_ field: String, _ before: String?, _ after: String?) {
      guard before.map({ UTF8String($0) }) != after.map({ UTF8String($0) }) else { return }
      changes.append(LockDrift(kind: .changed, id: locked.id, field: field, locked: before, found: after))
    }
    func compare(_ field: String, _ before: [UTF8String: SHA256Digest], _ after: [UTF8String: SHA256Digest]) {
      for name in Set(before.keys).union(after.keys).sorted() {
        compare("\(field) \(name)", before[name]?.hex, after[name]?.hex)
      }
    }
    compare("version", locked.version.description, found.version.description)
    compare("sha256", locked.sha256.hex, found.sha256.hex)
    compare("hermetic", locked.hermetic.rawValue, found.hermetic.rawValue)
    compare("capabilities", listed(locked.capabilities, atMost: 64), listed(found.capabilities, atMost: 64))
    compare("file", locked.files, found.files)
    compare("closure", locked.closure, found.closure)
    return changes
  }
}
