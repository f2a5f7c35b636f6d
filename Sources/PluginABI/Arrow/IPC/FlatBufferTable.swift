/// A table in a FlatBuffers buffer. Whoever maps the file may have written into it, so no offset is believed: what does
/// not lie in the buffer is absent.
@safe struct FlatBufferTable {
  private let bytes: UnsafeRawBufferPointer
  private let position: Int

  /// The root table; nil where there is none.
  init?(root bytes: UnsafeRawBufferPointer) {
    unsafe self.init(bytes, pointerAt: 0)
  }

  private init?(_ bytes: UnsafeRawBufferPointer, pointerAt place: Int) {
    unsafe self.bytes = unsafe bytes
    guard let offset = unsafe number(UInt32.self, in: bytes, at: place), Int(offset) <= bytes.count else { return nil }
    position = place + Int(offset)
  }

  private func place(of slot: Int, size: Int) -> Int? {
    guard let back = unsafe number(Int32.self, in: bytes, at: position) else { return nil }
    let list = position - Int(back)
    guard let listSize = unsafe number(UInt16.self, in: bytes, at: list), 4 + 2 * slot + 2 <= Int(listSize),
      let offset = unsafe number(UInt16.self, in: bytes, at: list + 4 + 2 * slot), offset != 0
    else { return nil }
    let place = position + Int(offset)
    return unsafe place + size <= bytes.count ? place : nil
  }

  func byte(_ slot: Int) -> UInt8? {
    guard let place = place(of: slot, size: 1) else { return nil }
    return unsafe number(UInt8.self, in: bytes, at: place)
  }

  func long(_ slot: Int) -> Int64? {
    guard let place = place(of: slot, size: 8) else { return nil }
    return unsafe number(Int64.self, in: bytes, at: place)
  }

  func table(_ slot: Int) -> FlatBufferTable? {
    guard let place = place(of: slot, size: 4) else { return nil }
    return unsafe FlatBufferTable(bytes, pointerAt: place)
  }

  /// A vector of structs of two 64-bit numbers.
  func pairs(_ slot: Int) -> [(Int64, Int64)]? {
    guard let place = place(of: slot, size: 4), let offset = unsafe number(UInt32.self, in: bytes, at: place),
      let count = unsafe number(UInt32.self, in: bytes, at: place + Int(offset))
    else { return nil }
    let start = place + Int(offset) + 4
    guard unsafe start + 16 * Int(count) <= bytes.count else { return nil }
    return (0..<Int(count)).map { index in
      let at = start + 16 * index
      return unsafe (number(Int64.self, in: bytes, at: at) ?? -1, number(Int64.self, in: bytes, at: at + 8) ?? -1)
    }
  }
}

/// A little-endian number; nil where it does not lie in `bytes` as a whole.
func number<Number: FixedWidthInteger & BitwiseCopyable>(
  _ type: Number.Type, in bytes: UnsafeRawBufferPointer, at place: Int
) -> Number? {
  guard place >= 0, place <= bytes.count - MemoryLayout<Number>.size else { return nil }
  return unsafe Number(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: Number.self))
}
