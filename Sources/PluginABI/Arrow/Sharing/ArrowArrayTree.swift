import COmphalos

/// Arrays of the host's own over buffers that belong to somebody else. A consumer may move children out and release them
/// by themselves, on any thread, whenever it likes: each struct holds a reference to the owner of the buffers.
enum ArrowArrayTree {
  /// Fills `*out` with a batch of these columns, which the consumer releases.
  ///
  /// - Parameter owner: keeps the buffers of all columns; let go with the last struct.
  static func write(
    _ columns: [ArrowColumn], rows: Int, owner: any AnyObject & Sendable, to out: UnsafeMutablePointer<ArrowArray>
  ) {
    let fields: [ArrowField] = []
    let root = unsafe ArrowColumn(
      type: .structure(fields), length: rows, offset: 0, nullCount: 0, validity: nil, values: nil, bytes: nil,
      children: columns)
    unsafe out.initialize(to: make(root, owner))
  }

  private static func make(_ column: ArrowColumn, _ owner: any AnyObject & Sendable) -> ArrowArray {
    var parts = column.children
    var dictionary: UnsafeMutablePointer<ArrowArray>?
    if case .dictionary = column.type, let values = parts.popLast() { unsafe dictionary = place(make(values, owner)) }
    let memory = unsafe TreeMemory(owner, column.buffers, parts.map { unsafe Optional(place(make($0, owner))) }, dictionary)
    return unsafe ArrowArray(
      length: Int64(column.length), null_count: Int64(column.nullCount), offset: Int64(column.offset),
      n_buffers: Int64(column.buffers.count), n_children: Int64(parts.count), buffers: memory.buffers,
      children: memory.children, dictionary: dictionary, release: releaseTree,
      private_data: Unmanaged.passRetained(memory).toOpaque())
  }

  private static func place(_ array: ArrowArray) -> UnsafeMutablePointer<ArrowArray> {
    let place = UnsafeMutablePointer<ArrowArray>.allocate(capacity: 1)
    unsafe place.initialize(to: array)
    return unsafe place
  }
}

/// What one struct of a tree points to. Made on one thread and freed on one, whichever that is.
@safe private final class TreeMemory {
  private let owner: any AnyObject & Sendable
  let buffers: UnsafeMutablePointer<UnsafeRawPointer?>
  let children: UnsafeMutablePointer<UnsafeMutablePointer<ArrowArray>?>
  private let childCount: Int
  private let dictionary: UnsafeMutablePointer<ArrowArray>?

  init(
    _ owner: any AnyObject & Sendable, _ buffers: [UnsafeRawPointer?], _ children: [UnsafeMutablePointer<ArrowArray>?],
    _ dictionary: UnsafeMutablePointer<ArrowArray>?
  ) {
    self.owner = owner
    unsafe self.buffers = .allocate(capacity: max(1, buffers.count))
    for unsafe (index, buffer) in unsafe buffers.enumerated() { unsafe (self.buffers + index).initialize(to: buffer) }
    unsafe self.children = .allocate(capacity: max(1, children.count))
    for unsafe (index, child) in unsafe children.enumerated() { unsafe (self.children + index).initialize(to: child) }
    childCount = unsafe children.count
    unsafe self.dictionary = dictionary
  }

  deinit {
    for index in 0..<childCount { unsafe Self.free(children[index]) }
    unsafe Self.free(dictionary)
    unsafe buffers.deallocate()
    unsafe children.deallocate()
  }

  /// A child that was moved out bears no release any more; the place that it was moved from is ours all the same.
  private static func free(_ array: UnsafeMutablePointer<ArrowArray>?) {
    guard let array = unsafe array else { return }
    if let release = unsafe array.pointee.release { unsafe release(array) }
    unsafe array.deallocate()
  }
}

private let releaseTree: @convention(c) (UnsafeMutablePointer<ArrowArray>?) -> Void = { array in
  guard let array = unsafe array, unsafe array.pointee.release != nil,
    let context = unsafe array.pointee.private_data
  else { return }
  unsafe array.pointee.release = nil
  // Retained by `make`; this release runs once, because it clears itself.
  unsafe Unmanaged<TreeMemory>.fromOpaque(context).release()
}
