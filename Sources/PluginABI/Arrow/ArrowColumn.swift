import COmphalos

/// The buffers of one column of one batch, after their structure has been checked. Sizes of buffers are not part of the
/// Arrow C interface: that they are as long as the offsets say has to be believed.
///
/// Nobody writes through it: it may be read on any thread as long as its batch lives.
@safe struct ArrowColumn: @unchecked Sendable {
  let type: ArrowType
  let length: Int
  let offset: Int
  /// As the producer says; -1 where nobody counted.
  let nullCount: Int
  let validity: UnsafePointer<UInt8>?
  let values: UnsafeRawPointer?
  let bytes: UnsafeRawPointer?
  let children: [ArrowColumn]

  /// In the order of the layout; nil for NULL.
  var buffers: [UnsafeRawPointer?] {
    unsafe Array([validity.map { unsafe UnsafeRawPointer($0) }, values, bytes].prefix(type.bufferCount))
  }

  func isNull(_ row: Int) -> Bool {
    if case .null = type { return true }
    guard let validity = unsafe validity else { return false }
    let bit = row + offset
    return unsafe validity[bit >> 3] & (1 << (bit & 7)) == 0
  }

  /// The byte range of a value of variable size, or the range of a list in its child. The interface recommends aligned
  /// buffers and does not require them.
  func range(_ row: Int) -> (start: Int, end: Int) {
    guard let values = unsafe values else { return (0, 0) }
    let index = row + offset
    switch type {
    case .variable32, .list32:
      let at = unsafe values + index * 4
      return unsafe (Int(at.loadUnaligned(as: Int32.self)), Int(at.loadUnaligned(fromByteOffset: 4, as: Int32.self)))
    default:
      let at = unsafe values + index * 8
      return unsafe (Int(at.loadUnaligned(as: Int64.self)), Int(at.loadUnaligned(fromByteOffset: 8, as: Int64.self)))
    }
  }

  /// The index of a dictionary value.
  func index(_ row: Int, _ type: ArrowIndex) -> Int {
    guard let values = unsafe values else { return 0 }
    let at = row + offset
    return switch type {
    case .int8: unsafe Int(values.load(fromByteOffset: at, as: Int8.self))
    case .uint8: unsafe Int(values.load(fromByteOffset: at, as: UInt8.self))
    case .int16: unsafe Int(values.loadUnaligned(fromByteOffset: at * 2, as: Int16.self))
    case .uint16: unsafe Int(values.loadUnaligned(fromByteOffset: at * 2, as: UInt16.self))
    case .int32: unsafe Int(values.loadUnaligned(fromByteOffset: at * 4, as: Int32.self))
    case .uint32: unsafe Int(values.loadUnaligned(fromByteOffset: at * 4, as: UInt32.self))
    case .int64: unsafe Int(values.loadUnaligned(fromByteOffset: at * 8, as: Int64.self))
    // Beyond Int.max no dictionary reaches.
    case .uint64: unsafe Int(clamping: values.loadUnaligned(fromByteOffset: at * 8, as: UInt64.self))
    }
  }
}
