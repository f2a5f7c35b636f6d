import OmphalosValues

/// Many paths in their UTF-8 bytes, eight bytes for each beside them.
struct PathList: Sendable {
  /// Where a path lies: a block, a place in it, and its length.
  private struct Place: Sendable {
    let block: UInt32
    let offset: UInt16
    let length: UInt16
  }

  private static let blockBytes = 1 << 16
  private var blocks: [[UInt8]] = []
  private var places = BlockArray<Place>()

  var count: Int { places.count }

  /// - Parameter path: at most `ArtifactPath.greatestBytes` long.
  mutating func append(_ path: String) {
    let length = path.utf8.count
    precondition(length <= ArtifactPath.greatestBytes)
    if blocks.isEmpty || blocks[blocks.count - 1].count + length > Self.blockBytes {
      blocks.append([])
      blocks[blocks.count - 1].reserveCapacity(Self.blockBytes)
    }
    let last = blocks.count - 1
    places.append(Place(block: UInt32(last), offset: UInt16(blocks[last].count), length: UInt16(length)))
    blocks[last].append(contentsOf: path.utf8)
  }

  /// The bytes of a path.
  func utf8(_ index: Int) -> ArraySlice<UInt8> {
    let place = places[index]
    return blocks[Int(place.block)][Int(place.offset)..<Int(place.offset) + Int(place.length)]
  }

  subscript(index: Int) -> String { String(decoding: utf8(index), as: UTF8.self) }

  func precedes(_ left: Int, _ right: Int) -> Bool { utf8(left).lexicographicallyPrecedes(utf8(right)) }

  func isEqual(_ index: Int, _ path: String) -> Bool {
    Int(places[index].length) == path.utf8.count && utf8(index).elementsEqual(path.utf8)
  }
}
