/// A line of /proc/self/maps.
public struct MemoryMapping: Sendable, Hashable {
  public let start: UInt64
  public let end: UInt64
  public let device: UInt64
  public let inode: UInt64
  /// Empty for memory that comes from no file.
  public let path: String
}

/// What this process has mapped, as of one reading of /proc/self/maps. Source: proc(5).
public struct MemoryMap: Sendable {
  /// In ascending order of addresses.
  public let mappings: [MemoryMapping]

  public static func current() -> MemoryMap {
    guard let maps = try? File.open("/proc/self/maps") else { return MemoryMap(text: []) }
    var text: [UInt8] = []
    while let more = try? maps.readAvailable(count: 1 << 20), !more.isEmpty { text += more }
    return MemoryMap(text: text)
  }

  init(text: [UInt8]) {
    mappings = text.split(separator: UInt8(ascii: "\n")).compactMap(MemoryMapping.init(line:))
  }

  /// The mapping that holds `address`; nil if none does.
  public func holding(_ address: UInt) -> MemoryMapping? {
    let address = UInt64(address)
    var low = 0
    var high = mappings.count
    while low < high {
      let middle = (low + high) / 2
      if mappings[middle].end <= address { low = middle + 1 } else { high = middle }
    }
    guard low < mappings.count, mappings[low].start <= address else { return nil }
    return mappings[low]
  }

  /// The paths of all mapped files, each once, sorted.
  public var files: [String] { Array(Set(mappings.map(\.path).filter { $0.hasPrefix("/") })).sorted() }
}

extension MemoryMapping {
  /// `start-end perms offset major:minor inode path`, numbers in hexadecimal but the inode.
  fileprivate init?(line: ArraySlice<UInt8>) {
    var columns = Columns(line)
    let range = columns.next().split(separator: UInt8(ascii: "-"))
    _ = columns.next()
    _ = columns.next()
    let device = columns.next().split(separator: UInt8(ascii: ":"))
    guard range.count == 2, device.count == 2, let start = number(range[0], radix: 16),
      let end = number(range[1], radix: 16), let major = number(device[0], radix: 16),
      let minor = number(device[1], radix: 16), let inode = number(columns.next(), radix: 10)
    else { return nil }
    self.init(
      start: start, end: end, device: deviceNumber(major: major, minor: minor), inode: inode,
      path: String(decoding: columns.rest, as: UTF8.self))
  }
}

/// Columns between spaces.
private struct Columns {
  private(set) var rest: ArraySlice<UInt8>

  init(_ line: ArraySlice<UInt8>) { rest = line }

  mutating func next() -> ArraySlice<UInt8> {
    let column = rest.prefix { $0 != UInt8(ascii: " ") }
    rest = rest[column.endIndex...].drop { $0 == UInt8(ascii: " ") }
    return column
  }
}

private func number(_ digits: ArraySlice<UInt8>, radix: Int) -> UInt64? {
  UInt64(String(decoding: digits, as: UTF8.self), radix: radix)
}

/// As `fstat(2)` shows it. Source: glibc, `gnu_dev_makedev`.
private func deviceNumber(major: UInt64, minor: UInt64) -> UInt64 {
  (major & 0xfff) << 8 | (major & ~0xfff) << 32 | (minor & 0xff) | (minor & ~0xff) << 12
}
