import LinuxCalls
import PluginABI

/// The artifact and cursor handles of one call. A handle is a slot, a generation and random bits; a slot is used again with the
/// next generation, so that a stale handle is refused.
struct HandleTable {
  enum Use: Sendable {
    case writing(ArtifactWriter)
    case reading(ArtifactReader)
    case listing(ArtifactCursor)
  }

  private struct Slot {
    var handle: UInt64
    var use: Use?
    var generation: UInt64
  }

  private static let slotBits: UInt64 = 20
  private static let generationBits: UInt64 = 12
  private var slots: [Slot] = []
  private var free: [Int] = []
  private var random: [UInt8] = []

  /// The most handles that a call may have open at once.
  static let most = 1 << 16

  mutating func add(_ use: Use) throws(ABIFailure) -> UInt64 {
    guard slots.count < Self.most || !free.isEmpty else {
      throw ABIFailure(.quota, "the call has \(Self.most) artifacts and lists open at once: close some first.")
    }
    let index = free.popLast() ?? slots.count
    if index == slots.count { slots.append(Slot(handle: 0, use: nil, generation: 0)) }
    let generation = (slots[index].generation + 1) & (1 << Self.generationBits - 1)
    let handle =
      randomBits() << (Self.slotBits + Self.generationBits) | generation << Self.slotBits | UInt64(index) + 1
    slots[index] = Slot(handle: handle, use: use, generation: generation)
    return handle
  }

  /// 32 bits that nobody can foresee, fetched from the system many at a time.
  private mutating func randomBits() -> UInt64 {
    if random.count < 4 { random = SystemRandom.bytes(256) }
    defer { random.removeLast(4) }
    return random.suffix(4).reduce(0) { $0 << 8 | UInt64($1) }
  }

  subscript(handle: UInt64) -> Use? { index(of: handle).flatMap { slots[$0].use } }

  mutating func remove(_ handle: UInt64) {
    guard let index = index(of: handle) else { return }
    slots[index].use = nil
    free.append(index)
  }

  /// Ends every handle; the artifacts that were being written.
  mutating func removeAll() -> [ArtifactWriter] {
    let writers = slots.compactMap { slot in
      if case .writing(let writer)? = slot.use { writer } else { nil }
    }
    for index in slots.indices where slots[index].use != nil {
      slots[index].use = nil
      free.append(index)
    }
    return writers
  }

  private func index(of handle: UInt64) -> Int? {
    let index = Int(handle & (1 << Self.slotBits - 1)) - 1
    guard slots.indices.contains(index), slots[index].handle == handle, slots[index].use != nil else { return nil }
    return index
  }
}
