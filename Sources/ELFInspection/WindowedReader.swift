import OmphalosValues

/// Reads little-endian numbers of a file through a window: a jump reads one page, and walking on from there ever larger
/// windows, so that neither a small file nor a long table costs more than it has to. Every read is checked against the
/// size of the file first.
struct WindowedReader {
  private static let jumpBytes: UInt64 = 4 << 10
  private static let windowBytes: UInt64 = 64 << 10

  let size: Int
  private let source: any ByteSource
  private var start: UInt64 = 0
  private(set) var window: [UInt8] = []

  init(_ source: any ByteSource) {
    self.source = source
    self.size = source.byteCount
  }

  /// Throws unless the file has `count` bytes at `offset`.
  func check(_ what: String, at offset: UInt64, count: UInt64) throws(ELFFault) {
    let (end, overflow) = offset.addingReportingOverflow(count)
    if overflow || end > UInt64(size) {
      throw .truncated(what: what, offset: offset, end: overflow ? .max : end, size: size)
    }
  }

  /// Makes the window hold `count` bytes at `offset` and returns their index in it. `count` is a record's size.
  mutating func locate(_ what: String, at offset: UInt64, count: Int) throws(ELFFault) -> Int {
    if offset >= start {
      let index = offset - start
      if index <= UInt64(window.count), UInt64(count) <= UInt64(window.count) - index { return Int(index) }
    }
    try check(what, at: offset, count: UInt64(count))
    let walksOn = offset >= start && offset - start <= UInt64(window.count)
    let wanted = walksOn ? min(max(UInt64(window.count) * 2, Self.jumpBytes), Self.windowBytes) : Self.jumpBytes
    let length = min(max(wanted, UInt64(count)), UInt64(size) - offset)
    window = try read(at: offset, count: Int(length))
    start = offset
    return 0
  }

  /// A copy of `count` bytes at `offset`, of at most `limit`.
  mutating func bytes(_ what: String, at offset: UInt64, count: UInt64, limit: Int) throws(ELFFault) -> [UInt8] {
    try check(what, at: offset, count: count)
    guard count <= UInt64(limit) else { throw .tooLarge(what: what, found: count, limit: limit) }
    if count > Self.windowBytes { return try read(at: offset, count: Int(count)) }
    let index = try locate(what, at: offset, count: Int(count))
    return Array(window[index..<index + Int(count)])
  }

  mutating func u16(_ what: String, at offset: UInt64) throws(ELFFault) -> UInt16 {
    let index = try locate(what, at: offset, count: 2)
    return window.u16(at: index)
  }

  mutating func u32(_ what: String, at offset: UInt64) throws(ELFFault) -> UInt32 {
    // In two steps: in one, the window would be taken before it moves.
    let index = try locate(what, at: offset, count: 4)
    return window.u32(at: index)
  }

  private func read(at offset: UInt64, count: Int) throws(ELFFault) -> [UInt8] {
    do {
      let bytes = try source.bytes(at: Int(offset), count: count)
      guard bytes.count == count else { throw ELFFault.unreadable(reason: "a read returned too few bytes") }
      return bytes
    } catch let fault as ELFFault {
      throw fault
    } catch {
      throw .unreadable(reason: "\(error)")
    }
  }
}

/// Little-endian numbers. The caller has checked that the bytes are there.
extension [UInt8] {
  @inline(__always)
  func u16(at index: Int) -> UInt16 { UInt16(self[index]) | UInt16(self[index + 1]) << 8 }

  @inline(__always)
  func u32(at index: Int) -> UInt32 {
    UInt32(self[index]) | UInt32(self[index + 1]) << 8 | UInt32(self[index + 2]) << 16
      | UInt32(self[index + 3]) << 24
  }

  @inline(__always)
  func u64(at index: Int) -> UInt64 { UInt64(u32(at: index)) | UInt64(u32(at: index + 4)) << 32 }
}
