import OmphalosValues

enum NumericOrder {
  case less, equal, greater
}

/// The exact order of two numbers; nil unless both values are numbers.
///
/// An integer is not turned into a `Double` for it: above 2^53 that would make neighbours equal.
func numericOrder(_ left: JSONValue, _ right: JSONValue) -> NumericOrder? {
  switch (left, right) {
  case (.integer(let left), .integer(let right)): order(left, right)
  case (.number(let left), .number(let right)): order(left.value, right.value)
  case (.integer(let left), .number(let right)): order(left, right.value)
  case (.number(let left), .integer(let right)):
    switch order(right, left.value) {
    case .less: .greater
    case .equal: .equal
    case .greater: .less
    }
  default: nil
  }
}

private func order<Value: Comparable>(_ left: Value, _ right: Value) -> NumericOrder {
  left < right ? .less : left == right ? .equal : .greater
}

private func order(_ left: Int64, _ right: Double) -> NumericOrder {
  let whole = right.rounded(.down)
  guard let integer = Int64(exactly: whole) else { return right < 0 ? .greater : .less }
  let result = order(left, integer)
  return result == .equal && whole < right ? .less : result
}

/// Equality of JSON Schema: of numbers by value, so that `1` equals `1.0`, of texts by bytes, of objects in any order.
func areEqualInSchema(_ left: JSONValue, _ right: JSONValue) -> Bool {
  switch (left, right) {
  case (.array(let left), .array(let right)):
    left.count == right.count && zip(left, right).allSatisfy(areEqualInSchema)
  case (.object(let left), .object(let right)):
    left.count == right.count
      && left.members.allSatisfy { key, value in right[key].map { areEqualInSchema(value, $0) } ?? false }
  default:
    numericOrder(left, right).map { $0 == .equal } ?? (left == right)
  }
}
