/// What is known of the values seen so far.
struct Summary<Value: Hashable & Comparable> {
  private(set) var least: Value?
  private(set) var greatest: Value?
  private var seen: Set<Value> = []
  private var seenBytes = 0
  private var isExact = true
  private let limit: Int

  /// A set of long texts is bounded by its bytes, too.
  private static var byteLimit: Int { 64 << 20 }

  init(limit: Int) { self.limit = limit }

  /// - Parameter size: the bytes that keeping the value takes, beyond a fixed few.
  mutating func add(_ value: Value, size: Int = 0) {
    if let least, let greatest {
      if value < least { self.least = value } else if greatest < value { self.greatest = value }
    } else {
      least = value
      greatest = value
    }
    guard isExact else { return }
    if seen.count < limit, seenBytes + size <= Self.byteLimit {
      if seen.insert(value).inserted { seenBytes += size }
    } else if !seen.contains(value) {
      isExact = false
      atLeast = seen.count + 1
      seen = []
    }
  }

  private var atLeast = 0

  /// How many values differ from each other.
  var distinct: JSON {
    isExact ? .object([("exact", .integer(Int64(seen.count)))]) : .object([("at_least", .integer(Int64(atLeast)))])
  }
}

/// The profile of one column.
struct ColumnProfile {
  private let field: Field
  private var count = 0
  private var nulls = 0
  private var notNumbers = 0
  // One of these is used, by the kind of the column.
  private var truths: Summary<Int8>
  private var integers: Summary<Int64>
  private var unsigned: Summary<UInt64>
  private var floats: Summary<Double>
  private var texts: Summary<Bytes>

  init(_ field: Field, distinctLimit limit: Int) {
    self.field = field
    truths = Summary(limit: limit)
    integers = Summary(limit: limit)
    unsigned = Summary(limit: limit)
    floats = Summary(limit: limit)
    texts = Summary(limit: limit)
  }

  mutating func add(_ column: ColumnView) throws(Failure) {
    for row in 0..<column.rows {
      guard !column.isNull(row) else {
        nulls += 1
        continue
      }
      count += 1
      switch column.kind {
      case .null: break
      case .truth: truths.add(column.truth(row) ? 1 : 0)
      case .integer, .date, .timestamp: integers.add(column.integer(row))
      case .unsigned: unsigned.add(column.unsigned(row))
      case .float:
        let value = column.float(row)
        if value.isNaN { notNumbers += 1 } else { floats.add(value) }
      case .text:
        guard let text = column.bytes(row) else {
          throw .data("column \"\(field.name)\": the offsets of a text are not in order")
        }
        texts.add(text, size: text.bytes.count)
      }
    }
  }

  func json() throws(Failure) -> JSON {
    var members: [(String, JSON)] = [
      ("name", .text(field.name)), ("type", .text(field.kind.name)),
      ("count", .integer(Int64(count))), ("nulls", .integer(Int64(nulls))),
    ]
    if notNumbers > 0 { members.append(("not_a_number", .integer(Int64(notNumbers)))) }
    switch field.kind {
    case .null: break
    case .truth: members += Self.members(truths) { .truth($0 == 1) }
    case .integer: members += Self.members(integers) { .integer($0) }
    case .unsigned: members += Self.members(unsigned) { .unsigned($0) }
    case .float: members += Self.members(floats) { .float($0) }
    case .date: members += Self.members(integers) { .text(dateText(days: $0)) }
    case .timestamp(let unitsPerSecond, let hasZone):
      members += Self.members(integers) {
        .text(timestampText($0, unitsPerSecond: unitsPerSecond) + (hasZone ? "Z" : ""))
      }
    case .text:
      members.append(("distinct", texts.distinct))
      members += try textMembers("least", texts.least)
      members += try textMembers("greatest", texts.greatest)
    }
    return .object(members)
  }

  private static func members<Value>(_ summary: Summary<Value>, _ json: (Value) -> JSON) -> [(String, JSON)] {
    [
      ("distinct", summary.distinct), ("least", summary.least.map(json) ?? .null),
      ("greatest", summary.greatest.map(json) ?? .null),
    ]
  }

  /// A long text is cut after a whole character, and its length in bytes stands beside it.
  private func textMembers(_ key: String, _ value: Bytes?) throws(Failure) -> [(String, JSON)] {
    guard let value else { return [(key, .null)] }
    guard let text = String(validating: value.bytes, as: UTF8.self) else {
      throw .data("column \"\(field.name)\" has a text that is not UTF-8")
    }
    let shown = 256
    guard value.bytes.count > shown else { return [(key, .text(text))] }
    var end = shown
    while value.bytes[end] & 0xc0 == 0x80 { end -= 1 }
    return [
      (key, .text(String(decoding: value.bytes[..<end], as: UTF8.self))),
      (key + "_bytes", .integer(Int64(value.bytes.count))),
    ]
  }
}
