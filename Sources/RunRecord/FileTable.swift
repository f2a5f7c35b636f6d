import OmphalosValues

/// The files that a manifest lists, for a million of them: some seventy bytes for each beside its path.
///
/// Paths are distinct by their bytes, over both lists together. A reader that compares the files with a tree notes here
/// what it found.
public struct FileTable: Sendable {
  private struct Row: Sendable {
    var sha256: SHA256Digest
    var bytes: UInt64
    let isPayload: Bool
    var isSeen = false
    /// Digest and size are those of the file on disk.
    var isRead = false
  }

  private var paths = PathList()
  private var rows = BlockArray<Row>()
  /// Open addressing by the hash of the path: an index plus 1, or 0. A power of two, at least half of it free.
  private var slots = [UInt32](repeating: 0, count: 64)
  /// Whether both lists came in byte order of path, as those that we write do.
  private var isInOrder = true
  private var lastOfList: [Bool: Int] = [:]
  public private(set) var payloadCount = 0

  public init() {}

  public var count: Int { rows.count }
  public var controlCount: Int { count - payloadCount }
  public func path(_ index: Int) -> String { paths[index] }
  public func sha256(_ index: Int) -> SHA256Digest { rows[index].sha256 }
  public func bytes(_ index: Int) -> UInt64 { rows[index].bytes }
  public func isSeen(_ index: Int) -> Bool { rows[index].isSeen }

  /// - Returns: false where its path is there already; then nothing is changed.
  public mutating func insert(_ record: FileRecord, isPayload: Bool) -> Bool {
    let path = record.path.text
    let slot = slot(of: path)
    guard slots[slot] == 0 else { return false }
    paths.append(path)
    rows.append(Row(sha256: record.sha256, bytes: record.bytes, isPayload: isPayload))
    let index = count - 1
    if let last = lastOfList[isPayload], !paths.precedes(last, index) { isInOrder = false }
    lastOfList[isPayload] = index
    if isPayload { payloadCount += 1 }
    slots[slot] = UInt32(count)
    if count * 2 > slots.count { grow() }
    return true
  }

  public func index(of path: String) -> Int? {
    let index = Int(slots[slot(of: path)])
    return index == 0 ? nil : index - 1
  }

  public mutating func markSeen(_ index: Int) { rows[index].isSeen = true }

  /// From here on `sha256` and `bytes` are those of the file on disk.
  public mutating func setFound(_ sha256: SHA256Digest, bytes: UInt64, _ index: Int) {
    rows[index].sha256 = sha256
    rows[index].bytes = bytes
    rows[index].isRead = true
  }

  /// All files in byte order of path, for `hasPath(below:in:)`.
  public func inOrder() -> [UInt32] { (0..<UInt32(count)).sorted { paths.precedes(Int($0), Int($1)) } }

  /// Whether a path lies below this one.
  public func hasPath(below folder: String, in order: [UInt32]) -> Bool {
    let start = Array(folder.utf8) + [UInt8(ascii: "/")]
    var (low, high) = (0, order.count)
    while low < high {
      let middle = (low + high) / 2
      if paths.utf8(Int(order[middle])).lexicographicallyPrecedes(start) { low = middle + 1 } else { high = middle }
    }
    return low < order.count && paths.utf8(Int(order[low])).starts(with: start)
  }

  /// The root over the payload as it is listed, or over those files of it that were read from disk.
  public func payloadRoot(ofFilesRead onlyRead: Bool) -> SHA256Digest {
    var root = PayloadRoot()
    for index in payloadInOrder().lazy.map(Int.init) where !onlyRead || rows[index].isRead {
      root.add(path: paths.utf8(index), sha256: rows[index].sha256, bytes: rows[index].bytes)
    }
    return root.digest
  }

  private func payloadInOrder() -> [UInt32] {
    let indices = (0..<UInt32(count)).filter { rows[Int($0)].isPayload }
    return isInOrder ? indices : indices.sorted { paths.precedes(Int($0), Int($1)) }
  }

  /// The records of one list, in the order in which they came.
  func records(isPayload: Bool) -> [FileRecord] {
    (0..<count).filter { rows[$0].isPayload == isPayload }.map { index in
      // What was put in had a path by these rules.
      FileRecord(path: try! ArtifactPath(paths[index]), sha256: rows[index].sha256, bytes: rows[index].bytes)
    }
  }

  /// The slot that has the path, or the free one where it belongs.
  private func slot(of path: String) -> Int {
    // Seeded anew in each process, so that nobody can choose paths that meet in one slot.
    var slot = UTF8String(path).hashValue & (slots.count - 1)
    while slots[slot] != 0, !paths.isEqual(Int(slots[slot]) - 1, path) { slot = (slot + 1) & (slots.count - 1) }
    return slot
  }

  private mutating func grow() {
    slots = [UInt32](repeating: 0, count: slots.count * 2)
    for index in 0..<count { slots[slot(of: paths[index])] = UInt32(index + 1) }
  }
}
