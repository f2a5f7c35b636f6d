/// Text that is equal, hashed and ordered by its UTF-8 bytes.
///
/// `String` itself compares by canonical equivalence: composed and decomposed "é" are one key to it and two names to
/// a file system. Paths, ids and keys that leave this process are compared through this type.
public struct UTF8String: Hashable, Comparable, Sendable {
  public let string: String

  public init(_ string: String) {
    self.string = string
  }

  public static func == (left: UTF8String, right: UTF8String) -> Bool {
    haveEqualBytes(left.string, right.string)
  }

  /// Equal bytes are canonically equivalent too, so the hash of `String` keeps the promise of `Hashable`.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(string)
  }

  public static func < (left: UTF8String, right: UTF8String) -> Bool {
    bytesPrecede(left.string, right.string)
  }
}

extension UTF8String: ExpressibleByStringLiteral, CustomStringConvertible {
  public init(stringLiteral value: String) {
    self.init(value)
  }

  public var description: String { string }
}

/// Whether two texts consist of the same UTF-8 bytes.
public func haveEqualBytes(_ left: String, _ right: String) -> Bool {
  left == right && left.utf8.elementsEqual(right.utf8)
}

/// Whether `left` comes before `right` in the order of their UTF-8 bytes, which is the order of code points.
public func bytesPrecede(_ left: String, _ right: String) -> Bool {
  left.utf8.lexicographicallyPrecedes(right.utf8)
}
