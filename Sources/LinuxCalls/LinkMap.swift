import CLinux

/// An object in the dynamic linker's list.
public struct LinkedObject: Sendable, Hashable {
  /// By which it was loaded: a path for libraries that were searched for, empty for the program itself.
  public let name: String
  /// What its addresses are relative to: the load bias, which addr2line takes away.
  public let base: UInt64
}

/// The dynamic linker's list of what is loaded. `dl_iterate_phdr(3)`.
public enum LinkMap {
  /// How many objects were ever added and removed.
  public struct Counts: Sendable, Equatable {
    public let added: UInt64
    public let removed: UInt64
  }

  public static var counts: Counts {
    var added: UInt64 = 0
    var removed: UInt64 = 0
    unsafe clinux_link_map_counts(&added, &removed)
    return Counts(added: added, removed: removed)
  }

  /// All objects, the earliest first, from the one at `first` on.
  public static func objects(from first: Int = 0) -> [LinkedObject] {
    let list = List()
    // The list is written in this call only, by this thread.
    let context = unsafe Unmanaged.passUnretained(list).toOpaque()
    unsafe clinux_link_map(
      first,
      { context, name, base in
        guard let context = unsafe context, let name = unsafe name else { return }
        unsafe Unmanaged<List>.fromOpaque(context).takeUnretainedValue().objects.append(
          LinkedObject(name: String(cString: name), base: base))
      }, context)
    return list.objects
  }

  private final class List {
    var objects: [LinkedObject] = []
  }
}
