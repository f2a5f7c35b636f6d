import OmphalosValues

/// The dynamic linker's cache, `/etc/ld.so.cache`, in its new format: which file the system has for a library's name.
/// Source: glibc, `elf/dl-cache.h`. The file is read as if it were hostile: every offset is checked.
struct LoaderCache: Sendable {
  /// For each name the files in the cache's order, the loader's preference; those for a better processor come first.
  private var files: [UTF8String: [Entry]] = [:]

  private struct Entry {
    let path: String
    /// "x86-64-v3", nil for every processor.
    let level: String?
  }

  private static let magic = Array("glibc-ld.so.cache1.1".utf8)
  private static let headerSize = 48
  private static let entrySize = 24
  private static let largest = 200_000
  /// ELF, libc6, x86-64 and aarch64.
  private static let flags: Set<UInt32> = [0x0303, 0x0a03]
  private static let extensionMagic: UInt32 = 0xeaa4_2174
  private static let levelBit: UInt64 = 0x4000_0000_0000_0000

  /// Empty where the bytes are no cache of the new format.
  init(_ bytes: [UInt8]) {
    guard let start = Self.start(in: bytes), bytes.count >= start + Self.headerSize else { return }
    let count = Int(bytes.u32(at: start + 20))
    guard count <= Self.largest, start + Self.headerSize + count * Self.entrySize <= bytes.count else { return }
    let levels = Self.levels(bytes, start)
    for index in 0..<count {
      let at = start + Self.headerSize + index * Self.entrySize
      guard Self.flags.contains(bytes.u32(at: at)),
        let name = Self.text(bytes, at: start + Int(bytes.u32(at: at + 4))),
        let path = Self.text(bytes, at: start + Int(bytes.u32(at: at + 8)))
      else { continue }
      let word = bytes.u64(at: at + 16)
      var level: String?
      if word & Self.levelBit != 0 {
        let number = Int(word & 0xffff)
        guard levels.indices.contains(number) else { continue }
        level = levels[number]
      }
      files[UTF8String(name), default: []].append(Entry(path: path, level: level))
    }
  }

  /// The files for a name on a processor that has these levels.
  func paths(of name: String, levels: [String]) -> [String] {
    (files[UTF8String(name)] ?? []).filter { $0.level.map(levels.contains) ?? true }.map(\.path)
  }

  /// A file may begin with the old format; the new one follows it, aligned to eight.
  private static func start(in bytes: [UInt8]) -> Int? {
    if bytes.starts(with: magic) { return 0 }
    guard bytes.starts(with: Array("ld.so-1.7.0".utf8)), bytes.count >= 16 else { return nil }
    let old = 16 + Int(bytes.u32(at: 12)) * 12
    let start = (old + 7) & ~7
    guard start < bytes.count, bytes[start...].starts(with: magic) else { return nil }
    return start
  }

  /// Names of processor levels, from the extension with tag 1.
  private static func levels(_ bytes: [UInt8], _ start: Int) -> [String] {
    let offset = Int(bytes.u32(at: start + 32))
    guard offset > 0, start + offset + 8 <= bytes.count, bytes.u32(at: start + offset) == extensionMagic else {
      return []
    }
    for index in 0..<min(16, Int(bytes.u32(at: start + offset + 4))) {
      let at = start + offset + 8 + index * 16
      guard at + 16 <= bytes.count else { return [] }
      guard bytes.u32(at: at) == 1 else { continue }
      let table = start + Int(bytes.u32(at: at + 8))
      let count = min(64, Int(bytes.u32(at: at + 12)) / 4)
      guard table + count * 4 <= bytes.count else { return [] }
      return (0..<count).map { text(bytes, at: start + Int(bytes.u32(at: table + $0 * 4))) ?? "" }
    }
    return []
  }

  private static func text(_ bytes: [UInt8], at offset: Int) -> String? {
    guard offset < bytes.count else { return nil }
    let tail = bytes[offset..<min(bytes.count, offset + 4096)]
    guard let end = tail.firstIndex(of: 0) else { return nil }
    return String(validating: tail[..<end], as: UTF8.self)
  }
}
