import Pipeline

/// What a plugin prints, without secrets, in lines. A value may be printed in parts, and may itself have several lines.
struct PrintedLines {
  private static let longest = 64 << 10
  private var mask: SecretStreamMask
  private var splitter = LineSplitter(limit: longest)

  init(mask: SecretMask) { self.mask = SecretStreamMask(mask) }

  mutating func add(_ bytes: [UInt8]) -> [[UInt8]] { splitter.add(mask.add(bytes)) }

  mutating func finish() -> [[UInt8]] {
    let lines = splitter.add(mask.finish())
    return splitter.finish().map { lines + [$0] } ?? lines
  }
}

/// Cuts a stream of bytes into lines. A line longer than the limit is cut where the limit is.
struct LineSplitter {
  private var pending: [UInt8] = []
  private let limit: Int

  init(limit: Int) { self.limit = limit }

  /// The lines that `bytes` complete, without their line feeds.
  mutating func add(_ bytes: [UInt8]) -> [[UInt8]] {
    var lines: [[UInt8]] = []
    var rest = bytes[...]
    while !rest.isEmpty {
      let part = rest.prefix(limit - pending.count)
      guard let end = part.firstIndex(of: UInt8(ascii: "\n")) else {
        pending += part
        rest = rest[part.endIndex...]
        if pending.count == limit { lines.append(take()) }
        continue
      }
      pending += part[..<end]
      rest = rest[(end + 1)...]
      lines.append(take())
    }
    return lines
  }

  private mutating func take() -> [UInt8] {
    defer { pending = [] }
    return pending
  }

  /// What is left without a line feed at its end.
  mutating func finish() -> [UInt8]? {
    defer { pending = [] }
    return pending.isEmpty ? nil : pending
  }
}
