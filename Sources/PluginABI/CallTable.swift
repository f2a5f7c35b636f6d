import LinuxCalls
import Synchronization

/// All calls of this process by handle. A handle is a slot and random bits; a slot is never used twice, so a stale
/// handle is told from an invented one. Looking one up takes no lock: plugins do it with each function they call.
@safe final class CallTable: @unchecked Sendable {
  static let shared = CallTable()

  private static let slotBits: UInt64 = 24
  private static let slotsInChunk = 1024
  private static let mostChunks = (1 << Int(slotBits)) / slotsInChunk
  /// Chunks are made one after the other and stay; a slot is written before `count` tells of it, and never again.
  private let chunks: UnsafeMutablePointer<UnsafeMutablePointer<CallSlot>?>
  private let count = Atomic<Int>(0)
  private let adding = Mutex(())

  private init() {
    unsafe chunks = .allocate(capacity: Self.mostChunks)
    unsafe chunks.initialize(repeating: nil, count: Self.mostChunks)
  }

  /// - Returns: the handle, and the slot, which lasts as long as the process.
  func register(_ call: PluginCall) -> (handle: UInt64, slot: CallReference) {
    let random = SystemRandom.bytes(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    return adding.withLock { _ in
      let index = count.load(ordering: .relaxed)
      let (chunk, place) = index.quotientAndRemainder(dividingBy: Self.slotsInChunk)
      precondition(chunk < Self.mostChunks, "A process has at most \(1 << Self.slotBits) calls.")
      if place == 0 { unsafe chunks[chunk] = .allocate(capacity: Self.slotsInChunk) }
      let slot = unsafe chunks[chunk]! + place
      let handle = random << Self.slotBits | UInt64(index) + 1
      unsafe slot.initialize(to: CallSlot(handle: handle, call: call))
      count.store(index + 1, ordering: .releasing)
      return unsafe (handle, CallReference(slot: slot))
    }
  }

  /// Runs `body` with the call that `handle` was given out for, while it lasts.
  @inline(__always) func with(_ handle: UInt64, _ body: (PluginCall) throws(ABIFailure) -> Void) -> ABIStatus {
    let index = Int(handle & (1 << Self.slotBits - 1)) - 1
    guard index >= 0, index < count.load(ordering: .acquiring) else { return .handle }
    let slot = unsafe chunks[index / Self.slotsInChunk]! + index % Self.slotsInChunk
    guard unsafe slot.pointee.handle == handle else { return .handle }
    return unsafe slot.pointee.with { $0.status(of: body) } ?? .ended
  }
}

/// A call's own way to its slot.
@safe struct CallReference: @unchecked Sendable {
  fileprivate let slot: UnsafeMutablePointer<CallSlot>

  func end() { unsafe slot.pointee.end() }
  /// After `end`: all functions that had begun have returned.
  var isQuiet: Bool { unsafe slot.pointee.isQuiet }
}
