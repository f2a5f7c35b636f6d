/// A JSON object: members with distinct keys, kept in the order in which they came.
///
/// Keys are distinct by their UTF-8 bytes, so `é` in one and in two code points may stand side by side. Equality and
/// hash ignore the order.
public struct JSONObject: Sendable {
  /// The members, in order of insertion.
  public private(set) var members: [(key: String, value: JSONValue)] = []
  private var positions: [UTF8String: Int] = [:]

  public init() {}

  /// - Returns: nil if a key comes twice.
  public init?(_ members: some Sequence<(key: String, value: JSONValue)>) {
    for (key, value) in members where !insert(value, for: key) { return nil }
  }

  public var keys: [String] { members.map(\.key) }
  public var count: Int { members.count }
  public var isEmpty: Bool { members.isEmpty }

  /// The value of a key, or nil; setting nil removes the member.
  public subscript(key: String) -> JSONValue? {
    get { positions[UTF8String(key)].map { members[$0].value } }
    set {
      guard let newValue else { return remove(key) }
      if let position = positions[UTF8String(key)] {
        members[position].value = newValue
      } else {
        append(newValue, for: key)
      }
    }
  }

  /// Adds a member unless its key is there already.
  ///
  /// - Returns: whether it was added.
  public mutating func insert(_ value: JSONValue, for key: String) -> Bool {
    guard positions[UTF8String(key)] == nil else { return false }
    append(value, for: key)
    return true
  }

  /// The members in the order of the UTF-8 bytes of their keys: the order of the canonical form.
  public var sortedMembers: [(key: String, value: JSONValue)] {
    members.sorted { bytesPrecede($0.key, $1.key) }
  }

  private mutating func append(_ value: JSONValue, for key: String) {
    positions[UTF8String(key)] = members.count
    members.append((key, value))
  }

  private mutating func remove(_ key: String) {
    guard let removed = positions.removeValue(forKey: UTF8String(key)) else { return }
    members.remove(at: removed)
    for position in removed..<members.count { positions[UTF8String(members[position].key)] = position }
  }
}

extension JSONObject: Hashable {
  public static func == (left: JSONObject, right: JSONObject) -> Bool {
    left.count == right.count && left.members.allSatisfy { right[$0.key] == $0.value }
  }

  public func hash(into hasher: inout Hasher) {
    // A sum, because the order must not matter.
    var sum = 0
    for (key, value) in members {
      var memberHasher = Hasher()
      memberHasher.combine(UTF8String(key))
      memberHasher.combine(value)
      sum &+= memberHasher.finalize()
    }
    hasher.combine(sum)
  }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
  /// Of a key that the literal repeats, the last value counts.
  public init(dictionaryLiteral elements: (String, JSONValue)...) {
    self.init()
    for (key, value) in elements { self[key] = value }
  }
}
