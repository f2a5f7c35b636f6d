import LinuxCalls
import Synchronization

/// Batches on disk: an Arrow IPC stream in a file that has no name. Any Arrow library could read it, if it had the
/// descriptor; it goes with the last reference, however the process ends.
///
/// `append` and `finish` from one thread at a time; `batch` from any thread.
final class Spool: Sendable {
  /// Where one batch lies, its dictionaries before it.
  struct Place: Sendable {
    let start: UInt64
    let byteCount: Int
    let rows: Int
  }

  private let file: File
  private let fields: [ArrowField]
  private let state = Mutex(State())

  private struct State {
    var position: UInt64 = 0
    /// Not yet in the file.
    var pending: [UInt8] = []
    var isBroken = false
  }

  /// - Parameter file: empty, open for reading and writing.
  init(_ file: File, _ fields: [ArrowField]) {
    self.file = file
    self.fields = fields
  }

  private static let flushAt = 1 << 16

  /// What the IPC format cannot say; nil if it can say all of it.
  var unsayable: String? { fields.lazy.compactMap(Self.unsayable).first }

  private static func unsayable(_ field: ArrowField) -> String? {
    guard case .dictionary(_, let values) = field.type else {
      return field.type.children.lazy.compactMap(Self.unsayable).first
    }
    if case .dictionary = values.type { return field.name }
    return unsayable(values)
  }

  /// Writes a batch.
  ///
  /// - Parameter columns: after the batch check; each has at least `rows` rows.
  func append(_ columns: [ArrowColumn], rows: Int) throws(SystemCallError) -> Place {
    try state.withLock { (state) throws(SystemCallError) in
      // After half a message nothing can follow.
      if state.isBroken { throw SystemCallError(call: "write", subject: file.name, errno: .ioError) }
      state.isBroken = true
      if state.position == 0 {
        try write(ArrowIPCMetadata.message(.schema, ArrowIPCMetadata.schema(fields), bodyLength: 0), &state)
      }
      let start = state.position
      for message in ArrowIPCEncoder.messages(columns, rows: rows) {
        try write(message.metadata, &state)
        for buffer in message.buffers { try write(buffer, &state) }
      }
      try flush(&state)
      state.isBroken = false
      return Place(start: start, byteCount: Int(state.position - start), rows: rows)
    }
  }

  /// Marks the end of the stream. Without a batch nothing is written.
  func finish() throws(SystemCallError) {
    try state.withLock { (state) throws(SystemCallError) in
      guard state.position > 0, !state.isBroken else { return }
      state.pending += littleEndian(UInt32.max) + littleEndian(UInt32(0))
      try flush(&state)
    }
  }

  /// A batch in the file's own pages.
  func batch(at place: Place) throws(SpoolError) -> SpooledBatch {
    let mapping: FileMapping
    do throws(SystemCallError) {
      mapping = try FileMapping(file, at: place.start, count: place.byteCount)
    } catch {
      throw .system(error)
    }
    do throws(ArrowError) {
      // Mapped to this size, and kept by the batch.
      let memory = unsafe UnsafeRawBufferPointer(start: UnsafeRawPointer(bitPattern: mapping.address), count: mapping.count)
      return SpooledBatch(mapping, try unsafe ArrowIPCDecoder.columns(in: memory, fields, rows: place.rows))
    } catch {
      throw .content(error)
    }
  }

  // MARK: Writing

  /// A message's metadata with what stands before it, up to where a body may begin.
  private func write(_ metadata: [UInt8], _ state: inout State) throws(SystemCallError) {
    let size = ArrowIPCMessage.padded(metadata.count + 8) - 8
    state.pending += littleEndian(UInt32.max) + littleEndian(Int32(size)) + metadata
    state.pending += [UInt8](repeating: 0, count: size - metadata.count)
    state.position += UInt64(size + 8)
    if state.pending.count >= Self.flushAt { try flush(&state) }
  }

  private func write(_ buffer: ArrowIPCBuffer, _ state: inout State) throws(SystemCallError) {
    if case .bytes(let address, let count) = buffer, count >= Self.flushAt {
      try flush(&state)
      // The producer's buffer, as long as its batch says.
      try unsafe file.write(UnsafeRawBufferPointer(start: address, count: count).bytes)
    } else {
      buffer.append(to: &state.pending)
    }
    let padded = ArrowIPCMessage.padded(buffer.length)
    state.pending += [UInt8](repeating: 0, count: padded - buffer.length)
    state.position += UInt64(padded)
    if state.pending.count >= Self.flushAt { try flush(&state) }
  }

  private func flush(_ state: inout State) throws(SystemCallError) {
    try file.write(state.pending)
    state.pending.removeAll(keepingCapacity: true)
  }
}

/// Why a batch could not be had from the spool.
enum SpoolError: Error {
  case system(SystemCallError)
  /// The file is not what was written.
  case content(ArrowError)
}

/// A batch whose buffers lie in the mapped spool; unmapped with the last reference.
final class SpooledBatch: Sendable {
  private let mapping: FileMapping
  let columns: [ArrowColumn]

  init(_ mapping: FileMapping, _ columns: [ArrowColumn]) {
    self.mapping = mapping
    self.columns = columns
  }
}
