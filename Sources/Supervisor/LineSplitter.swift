/// Cuts a stream of bytes into lines. A line longer than the limit is cut where the limit is.
struct LineSplitter {
  private var pending: [UInt8] = []
  private let limit: Int

  init(limit: Int) { self.limit = limit }

  /// The lines that `bytes` complete, without their line feeds.
  mutating func add(_ bytes: [UInt8]) -> [[UInt8]] {
    var lines: [[UInt8]] = []
    for byte in bytes {
      if byte == UInt8(ascii: "\n") {
        lines.append(pending)
        pending.removeAll(keepingCapacity: true)
      } else {
        pending.append(byte)
        if pending.count >= limit {
          lines.append(pending)
          pending.removeAll(keepingCapacity: true)
        }
      }
    }
    return lines
  }

  /// What is left without a line feed at its end.
  mutating func finish() -> [UInt8]? {
    defer { pending = [] }
    return pending.isEmpty ? nil : pending
  }
}
