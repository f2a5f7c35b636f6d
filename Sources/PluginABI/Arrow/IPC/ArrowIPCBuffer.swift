/// One buffer of a message's body, as it will be written: made from a producer's buffer without its offset, because the
/// IPC format has none. Valid as long as the producer's batch is.
@safe enum ArrowIPCBuffer {
  case empty
  case zeros(Int)
  /// So many bytes from an address.
  case bytes(UnsafeRawPointer, Int)
  /// So many bits from a bit on; at least one.
  case bits(UnsafeRawPointer, first: Int, count: Int)
  /// So many offsets of 4 or 8 bytes from an index on, less the first of them; at least one.
  case offsets(UnsafeRawPointer, size: Int, first: Int, count: Int)

  /// In bytes, without padding.
  var length: Int {
    switch self {
    case .empty: 0
    case .zeros(let count), .bytes(_, let count): count
    case .bits(_, _, let count): (count + 7) / 8
    case .offsets(_, let size, _, let count): size * count
    }
  }

  /// Appends the buffer's bytes, without padding.
  func append(to bytes: inout [UInt8]) {
    switch self {
    case .empty: break
    case .zeros(let count): bytes += repeatElement(0, count: count)
    case .bytes(let address, let count): unsafe bytes += UnsafeRawBufferPointer(start: address, count: count)
    case .bits(let address, let first, let count): unsafe Self.append(bits: address, first, count, to: &bytes)
    case .offsets(let address, let size, let first, let count):
      if size == 4 {
        unsafe Self.append(Int32.self, address + first * 4, count, to: &bytes)
      } else {
        unsafe Self.append(Int64.self, address + first * 8, count, to: &bytes)
      }
    }
  }

  private static func append(bits address: UnsafeRawPointer, _ first: Int, _ count: Int, to bytes: inout [UInt8]) {
    // The buffer ends with the byte that holds the last bit.
    let source = unsafe UnsafeRawBufferPointer(start: address + first >> 3, count: (first & 7 + count + 7) / 8)
    let shift = UInt8(first & 7)
    if shift == 0 {
      unsafe bytes += source
    } else {
      for index in 0..<(count + 7) / 8 {
        let next: UInt8 = unsafe index + 1 < source.count ? source[index + 1] << (8 - shift) : 0
        bytes.append(unsafe source[index] >> shift | next)
      }
    }
    // What lies behind the last bit is nobody's business.
    if count & 7 != 0 { bytes[bytes.count - 1] &= UInt8(1 << (count & 7)) - 1 }
  }

  private static func append<Offset: FixedWidthInteger & BitwiseCopyable>(
    _ type: Offset.Type, _ address: UnsafeRawPointer, _ count: Int, to bytes: inout [UInt8]
  ) {
    let size = MemoryLayout<Offset>.size
    let base = unsafe address.loadUnaligned(as: Offset.self)
    let start = bytes.count
    unsafe bytes += UnsafeRawBufferPointer(start: address, count: count * size)
    if base == 0 { return }
    unsafe bytes.withUnsafeMutableBytes { bytes in
      // The check saw that they never decrease; somebody may have written since.
      for place in stride(from: start, to: start + count * size, by: size) {
        let offset = unsafe bytes.loadUnaligned(fromByteOffset: place, as: Offset.self)
        unsafe bytes.storeBytes(of: offset &- base, toByteOffset: place, as: Offset.self)
      }
    }
  }
}
