import COmphalos

/// A producer's batch that several consumers read. The producer's array is released with the last reference: the host's,
/// while the batch is kept, and those of the consumers' own structs. On the thread that lets go last.
@safe final class SharedBatch: @unchecked Sendable {
  // Touched by `init` and `deinit` only.
  private var original: ArrowArray
  let columns: [ArrowColumn]
  private let extents: [Int]

  /// Takes the array out of `*batch`.
  init(moving batch: UnsafeMutablePointer<ArrowArray>, _ columns: [ArrowColumn]) {
    unsafe original = unsafe batch.pointee
    unsafe batch.initialize(to: ArrowArray())
    self.columns = columns
    extents = columns.extents
  }

  /// Whether values of variable size end where they ended at first. Beyond that nobody vouches for the memory.
  var keepsExtents: Bool { columns.extents == extents }

  deinit { if let release = unsafe original.release { unsafe release(&original) } }
}

extension [ArrowColumn] {
  fileprivate var extents: [Int] { flatMap { [$0.lastByte] + $0.children.extents } }

  /// What a batch of these columns holds in memory: its structs, and each buffer from its start to the end of its last
  /// row, by its layout. Buffers bear no size of their own.
  var byteCount: Int { reduce(unsafe MemoryLayout<ArrowArray>.size) { $0 + $1.byteCount } }
}

extension ArrowColumn {
  fileprivate var byteCount: Int {
    let end = offset + length
    let nulls = unsafe validity == nil ? 0 : (end + 7) / 8
    let values: Int =
      switch type {
      case .null, .structure, .fixedList: 0
      case .bits: (end + 7) / 8
      case .fixed(let size): end * size
      case .dictionary(let index, _): end * index.size
      case .list32: (end + 1) * 4
      case .list64: (end + 1) * 8
      case .variable32: (end + 1) * 4 + lastByte
      case .variable64: (end + 1) * 8 + lastByte
      }
    return nulls + values + children.byteCount
  }

  /// Where the bytes of the last value end, in a column of bytes or text.
  fileprivate var lastByte: Int {
    switch type {
    case .variable32, .variable64: length > 0 ? range(length - 1).end : 0
    default: 0
    }
  }
}
