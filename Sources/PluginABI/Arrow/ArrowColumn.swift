import COmphalos

/// The buffers of one column of one batch, after their structure has been checked. Sizes of buffers are not part of the
/// Arrow C interface: that they are as long as the offsets say has to be believed.
@safe struct ArrowColumn {
  let type: ArrowType
  let length: Int
  let offset: Int
  let validity: UnsafePointer<UInt8>?
  let values: UnsafeRawPointer?
  let bytes: UnsafeRawPointer?
  let children: [ArrowColumn]

  func isNull(_ row: Int) -> Bool {
    if case .null = type { return true }
    guard let validity = unsafe validity else { return false }
    let bit = row + offset
    return unsafe validity[bit >> 3] & (1 << (bit & 7)) == 0
  }

  /// The byte range of a value of variable size, or the range of a list in its child.
  func range(_ row: Int) -> (start: Int, end: Int) {
    guard let values = unsafe values else { return (0, 0) }
    let index = row + offset
    switch type {
    case .variable32, .list32:
      let offsets = unsafe values.assumingMemoryBound(to: Int32.self)
      return unsafe (Int(offsets[index]), Int(offsets[index + 1]))
    default:
      let offsets = unsafe values.assumingMemoryBound(to: Int64.self)
      return unsafe (Int(offsets[index]), Int(offsets[index + 1]))
    }
  }

  /// The index of a dictionary value.
  func index(_ row: Int, bytes: Int) -> Int {
    guard let values = unsafe values else { return 0 }
    let at = unsafe values + (row + offset) * bytes
    return switch bytes {
    case 1: unsafe Int(at.load(as: UInt8.self))
    case 2: unsafe Int(at.loadUnaligned(as: UInt16.self))
    case 4: unsafe Int(at.loadUnaligned(as: UInt32.self))
    default: unsafe Int(truncatingIfNeeded: at.loadUnaligned(as: UInt64.self))
    }
  }
}
