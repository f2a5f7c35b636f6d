import COmphalos
import LinuxCalls

/// Checks the structure of a batch against its schema: children, buffers, lengths, offsets that never decrease,
/// dictionary indices within their dictionary. Text is not checked to be UTF-8, and buffers carry no size.
enum ArrowBatchCheck {
  /// The columns of a batch, in the schema's order.
  static func columns(of batch: ArrowArray, _ fields: [ArrowField]) throws(ArrowError) -> [ArrowColumn] {
    let root = ArrowField(name: "batch", format: "+s", isNullable: false, type: .structure(fields))
    guard unsafe batch.offset == 0 else { throw ArrowError("batch.offset is \(unsafe batch.offset), wanted 0") }
    guard unsafe batch.null_count <= 0 else {
      throw ArrowError("batch.null_count is \(unsafe batch.null_count): a row as a whole cannot be null")
    }
    let column = try unsafe column(batch, root, path: "batch", atLeast: 0)
    // -1 says that nobody counted.
    if unsafe batch.null_count < 0, let row = (0..<column.length).first(where: column.isNull) {
      throw ArrowError("batch: row \(row) is null as a whole")
    }
    return column.children
  }

  private static func column(
    _ array: ArrowArray, _ field: ArrowField, path: String, atLeast least: Int
  ) throws(ArrowError) -> ArrowColumn {
    let type = field.type
    try unsafe checkHeader(array, type, path: path, atLeast: least)
    let length = unsafe Int(array.length)
    let offset = unsafe Int(array.offset)
    let buffers = try unsafe buffers(array, type, path: path)
    let end = length + offset
    // Null buffers are fine where nothing lies in them; a column of type null has none, and counts all its rows.
    let validity = buffers.isEmpty ? 0 : buffers[0]
    if type != .null, unsafe validity == 0 && array.null_count > 0 {
      throw ArrowError("\(path).null_count is \(unsafe array.null_count), and there is no validity buffer")
    }
    if buffers.count > 1, buffers[1] == 0, end > 0, length > 0 {
      throw ArrowError("\(path).buffers[1] is NULL, and the column has \(length) rows")
    }
    var children: [ArrowColumn] = []
    for (index, child) in type.children.enumerated() {
      let place = "\(path).\(child.name.isEmpty ? "children[\(index)]" : child.name)"
      let raw = try unsafe structure(
        ArrowArray.self, at: element(index, of: UInt(bitPattern: array.children), place), place)
      children.append(try unsafe column(raw, child, path: place, atLeast: wantedRows(of: type, end)))
    }
    if case .dictionary(_, let values) = type {
      let place = "\(path).dictionary"
      let raw = try unsafe structure(ArrowArray.self, at: UInt(bitPattern: array.dictionary), place)
      children.append(try unsafe column(raw, values, path: place, atLeast: 0))
    }
    let column = unsafe ArrowColumn(
      type: type, length: length, offset: offset, nullCount: Int(array.null_count),
      validity: UnsafePointer(bitPattern: validity),
      values: UnsafeRawPointer(bitPattern: buffers.count > 1 ? buffers[1] : 0),
      bytes: UnsafeRawPointer(bitPattern: buffers.count > 2 ? buffers[2] : 0), children: children)
    try checkContents(column, path: path)
    return column
  }

  private static func wantedRows(of type: ArrowType, _ end: Int) -> Int {
    switch type {
    case .structure: end
    case .fixedList(_, let size): end * size
    default: 0
    }
  }

  private static func checkHeader(
    _ array: ArrowArray, _ type: ArrowType, path: String, atLeast least: Int
  ) throws(ArrowError) {
    guard unsafe array.release != nil else { throw ArrowError("\(path) is a released array") }
    // 2^40 rows in one batch is beyond any memory, and keeps every sum and product below Int.max.
    let limit: Int64 = 1 << 40
    guard unsafe 0...limit ~= array.length, unsafe 0...limit ~= array.offset else {
      throw ArrowError("\(path) has length \(unsafe array.length) and offset \(unsafe array.offset), wanted 0 or more")
    }
    guard unsafe array.length + array.offset >= least else {
      throw ArrowError("\(path) has \(unsafe array.length) rows, wanted \(least)")
    }
    guard unsafe -1...array.length ~= array.null_count else {
      throw ArrowError("\(path).null_count is \(unsafe array.null_count), wanted -1 to \(unsafe array.length)")
    }
    guard unsafe array.n_buffers == type.bufferCount else {
      throw ArrowError("\(path).n_buffers is \(unsafe array.n_buffers), wanted \(type.bufferCount)")
    }
    guard unsafe array.n_children == type.children.count else {
      throw ArrowError("\(path).n_children is \(unsafe array.n_children), wanted \(type.children.count)")
    }
  }

  private static func buffers(
    _ array: ArrowArray, _ type: ArrowType, path: String
  ) throws(ArrowError) -> [UInt] {
    let count = type.bufferCount
    if count == 0 { return [] }
    let address = unsafe UInt(bitPattern: array.buffers)
    return try (0..<count).map { (index) throws(ArrowError) in
      try element(index, of: address, "\(path).buffers[\(index)]")
    }
  }

  /// Offsets and indices once more, of columns that came through the check before.
  static func checkContents(_ columns: [ArrowColumn]) throws(ArrowError) {
    for column in columns {
      try checkContents(column, path: "batch")
      try checkContents(column.children)
    }
  }

  private static func checkContents(_ column: ArrowColumn, path: String) throws(ArrowError) {
    switch column.type {
    case .variable32, .variable64, .list32, .list64: try checkOffsets(column, path: path)
    case .dictionary(let index, _): try checkIndices(column, index, path: path)
    default: break
    }
  }

  private static func checkOffsets(_ column: ArrowColumn, path: String) throws(ArrowError) {
    guard column.length > 0 else { return }
    var previous = column.range(0).start
    guard previous >= 0 else { throw ArrowError("\(path): the first offset is \(previous), wanted 0 or more") }
    for row in 0..<column.length {
      let end = column.range(row).end
      guard end >= previous else {
        throw ArrowError("\(path): offsets decrease at row \(row), from \(previous) to \(end)")
      }
      previous = end
    }
    switch column.type {
    case .list32, .list64:
      let child = column.children[0]
      guard previous <= child.length else {
        throw ArrowError("\(path): the last offset is \(previous), and the child has \(child.length) rows")
      }
    default:
      if previous > 0, unsafe column.bytes == nil {
        throw ArrowError("\(path).buffers[2] is NULL, and the last offset is \(previous)")
      }
    }
  }

  private static func checkIndices(_ column: ArrowColumn, _ type: ArrowIndex, path: String) throws(ArrowError) {
    let size = column.children[0].length
    for row in 0..<column.length where !column.isNull(row) {
      let index = column.index(row, type)
      guard 0..<size ~= index else {
        throw ArrowError("\(path): dictionary index \(index) at row \(row), and the dictionary has \(size) values")
      }
    }
  }
}
