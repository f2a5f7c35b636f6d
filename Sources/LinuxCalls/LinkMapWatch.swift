import CLinux

/// An executable segment of an object that the dynamic linker mapped, or the object itself where it has none.
public struct LinkedCode: Sendable, Hashable {
  /// Both 0 where the object has no code.
  public let start: UInt64
  public let end: UInt64
  /// What has to be taken from an address in memory to find it in the file.
  public let base: UInt64
  /// As the dynamic linker has it: the path it was loaded by; empty for the program itself.
  public let name: String
}

/// Follows the dynamic linker's list: tells of what was loaded since it was asked last. One thread at a time.
public struct LinkMapWatch: Sendable {
  private var known = clinux_objects()
  private var told: Set<LinkedCode> = []

  public init() {}

  /// In the order of loading. Costs next to nothing where nothing was loaded since.
  public mutating func new() -> [LinkedCode] {
    let found = Found()
    let context = unsafe Unmanaged.passUnretained(found).toOpaque()
    unsafe clinux_new_objects(
      &known,
      { code, context in
        guard let code = unsafe code?.pointee, let context = unsafe context else { return }
        let name = unsafe code.name.map { unsafe String(cString: $0) } ?? ""
        let mapped = unsafe LinkedCode(start: code.start, end: code.end, base: code.base, name: name)
        unsafe Unmanaged<Found>.fromOpaque(context).takeUnretainedValue().code.append(mapped)
      }, context)
    // Where something was unmapped, all are told again.
    let new = found.code.filter { !told.contains($0) }
    told.formUnion(new)
    return new
  }

  private final class Found { var code: [LinkedCode] = [] }
}
