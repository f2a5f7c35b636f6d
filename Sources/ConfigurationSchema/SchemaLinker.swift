import OmphalosValues

/// Gives every `$ref` its target, and refuses what would never end.
struct SchemaLinker {
  /// How many schemas may apply to one value by way of each other; applying them uses the stack.
  private static let greatestHeight = 64

  private var nodes: [SchemaNode]
  private let references: [(node: Int, target: String)]

  init(nodes: [SchemaNode], references: [(node: Int, target: String)]) {
    self.nodes = nodes
    self.references = references
  }

  consuming func link() throws(SchemaError) -> [SchemaNode] {
    try resolveReferences()
    try orderInPlaceSchemas()
    return nodes
  }

  private mutating func resolveReferences() throws(SchemaError) {
    var numbers: [UTF8String: Int] = [:]
    for (index, node) in nodes.enumerated() { numbers[UTF8String(node.path)] = index }
    for (node, target) in references {
      let path = nodes[node].path + "/$ref"
      guard target == "#" || target.hasPrefix("#/") else {
        throw SchemaError(
          schemaPath: path,
          problem: "found \(quotedForMessage(target)), wanted a place in this schema, as in #/$defs/name")
      }
      guard let decoded = percentDecoded(target), let index = numbers[UTF8String(decoded)] else {
        let nearest = nearestNames(to: target, among: nodes.map(\.path).filter { $0.hasPrefix("#/$defs/") }, limit: 1)
        throw SchemaError(
          schemaPath: path,
          problem: "\(quotedForMessage(target)) names no schema here"
            + (nearest.first.map { "; did you mean \(quotedForMessage($0))?" } ?? ""))
      }
      nodes[node].reference = index
    }
  }

  /// Takes schemas whose in-place schemas are all taken, until none is left; what is left then runs in a circle.
  private mutating func orderInPlaceSchemas() throws(SchemaError) {
    var openCounts = nodes.map(\.inPlaceSchemas.count)
    var users = nodes.map { _ in [Int]() }
    for (index, node) in nodes.enumerated() {
      for inner in node.inPlaceSchemas { users[inner].append(index) }
    }
    var ready = nodes.indices.filter { openCounts[$0] == 0 }
    var heights = nodes.map { _ in 0 }
    while let index = ready.popLast() {
      guard heights[index] <= Self.greatestHeight else {
        throw SchemaError(
          schemaPath: nodes[index].path,
          problem: "more than \(Self.greatestHeight) schemas apply to one value by way of each other")
      }
      for user in users[index] {
        heights[user] = max(heights[user], heights[index] + 1)
        if nodes[index].isSecret { nodes[user].isSecret = true }
        openCounts[user] -= 1
        if openCounts[user] == 0 { ready.append(user) }
      }
    }
    if let circular = nodes.indices.first(where: { openCounts[$0] > 0 }) {
      throw SchemaError(schemaPath: nodes[onCircle(from: circular, openCounts)].path, problem: Self.circleProblem)
    }
  }

  private static let circleProblem =
    "the schema leads back to itself by $ref, allOf, anyOf, oneOf or not, without a property or an element in between"

  /// Every open schema leads to another open one, so walking on ends up in the circle itself.
  private func onCircle(from start: Int, _ openCounts: [Int]) -> Int {
    var current = start
    for _ in nodes.indices {
      current = nodes[current].inPlaceSchemas.first { openCounts[$0] > 0 } ?? current
    }
    return current
  }
}

/// The text without its `%xx`; nil if one is malformed, or if the bytes are not UTF-8.
func percentDecoded(_ text: String) -> String? {
  var bytes: [UInt8] = []
  var rest = Array(text.utf8)[...]
  while let byte = rest.popFirst() {
    guard byte == UInt8(ascii: "%") else {
      bytes.append(byte)
      continue
    }
    let digits = rest.prefix(2)
    guard digits.count == 2, digits.allSatisfy({ Unicode.Scalar($0).properties.isASCIIHexDigit }),
      let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
    else { return nil }
    bytes.append(value)
    rest = rest.dropFirst(2)
  }
  return String(validating: bytes, as: UTF8.self)
}
