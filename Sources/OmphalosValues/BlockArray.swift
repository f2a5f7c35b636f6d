/// An array in blocks. It grows without moving what is there, so it never needs room for itself twice.
public struct BlockArray<Element: Sendable>: Sendable {
  private static var shift: Int { 13 }
  private var blocks: [[Element]] = []
  public private(set) var count = 0

  public init() {}

  public mutating func append(_ element: Element) {
    if count & (1 << Self.shift - 1) == 0 {
      blocks.append([])
      blocks[blocks.count - 1].reserveCapacity(1 << Self.shift)
    }
    blocks[blocks.count - 1].append(element)
    count += 1
  }

  public subscript(index: Int) -> Element {
    get { blocks[index >> Self.shift][index & (1 << Self.shift - 1)] }
    _modify { yield &blocks[index >> Self.shift][index & (1 << Self.shift - 1)] }
  }
}
