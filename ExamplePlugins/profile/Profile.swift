import COmphalos

/// A dataset that the host hands over, behind safe functions. It may not outlive the call.
@safe struct Dataset {
  let name: String
  private let stream: UnsafeMutablePointer<ArrowArrayStream>

  /// - Parameter dataset: as the host passed it: its name and its stream are valid until the call returns.
  @unsafe init(_ dataset: omphalos_dataset) throws(Failure) {
    let bytes = unsafe UnsafeRawBufferPointer(start: dataset.name, count: dataset.name_len)
    name = unsafe String(decoding: bytes, as: UTF8.self)
    guard let stream = unsafe dataset.stream else { throw .data("the dataset \(name) has no stream") }
    unsafe self.stream = stream
  }

  func fields() throws(Failure) -> [Field] {
    var schema = unsafe ArrowSchema()
    try check(unsafe stream.pointee.get_schema(stream, &schema))
    // What a producer filled in is ours to release, once.
    defer { if let release = unsafe schema.release { unsafe release(&schema) } }
    return try unsafe readFields(schema)
  }

  /// Calls `body` with the columns of each batch; they are valid inside it only.
  func forEachBatch(_ fields: [Field], _ body: ([ColumnView]) throws(Failure) -> Void) throws(Failure) {
    while true {
      var batch = unsafe ArrowArray()
      try check(unsafe stream.pointee.get_next(stream, &batch))
      guard let release = unsafe batch.release else { return }  // the end of the stream
      defer { unsafe release(&batch) }
      try body(try unsafe columns(of: batch, fields))
    }
  }

  @unsafe private func columns(of batch: ArrowArray, _ fields: [Field]) throws(Failure) -> [ColumnView] {
    guard unsafe batch.n_children == fields.count, unsafe batch.length >= 0, unsafe batch.offset >= 0 else {
      throw unsafe .data("a batch of \(name) has \(batch.n_children) columns, its schema \(fields.count)")
    }
    var views: [ColumnView] = []
    for (index, field) in fields.enumerated() {
      guard let column = unsafe batch.children?[index] else {
        throw .data("column \"\(field.name)\" is missing in a batch")
      }
      views.append(try unsafe ColumnView(field, column.pointee, first: batch.offset, rows: batch.length))
    }
    return views
  }

  private func check(_ error: Int32) throws(Failure) {
    guard error != 0 else { return }
    // The text is the stream's, valid until the next call of it.
    let reason = unsafe stream.pointee.get_last_error(stream).map { unsafe String(cString: $0) }
    throw .data("cannot read the dataset \(name): \(reason ?? "its stream gave no reason") (errno \(error))")
  }
}

extension Configuration {
  /// Profiles one dataset.
  func profile(_ dataset: Dataset, _ call: Call) throws(Failure) -> JSON {
    let fields = try dataset.fields()
    var profiles = fields.map { ColumnProfile($0, distinctLimit: distinctLimit) }
    var rows = 0
    try dataset.forEachBatch(fields) { columns throws(Failure) in
      try call.checkCancelled()
      for (index, column) in columns.enumerated() { try profiles[index].add(column) }
      rows += columns.first?.rows ?? 0
      call.reportProgress(rows: rows)
    }
    var columns: [JSON] = []
    for profile in profiles { columns.append(try profile.json()) }
    return .object([("dataset", .text(dataset.name)), ("rows", .integer(Int64(rows))), ("columns", .array(columns))])
  }
}
