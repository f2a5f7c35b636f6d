import LinuxCalls
import Synchronization

/// All calls of this process by handle. A handle is a slot and random bits; a slot is never used twice, so a stale
/// handle is told from an invented one.
final class CallTable: Sendable {
  static let shared = CallTable()

  private static let slotBits: UInt64 = 24
  private let entries = Mutex<[Entry]>([])

  private struct Entry {
    let handle: UInt64
    // Nil once the call has been forgotten; its handle stays known as one that ended.
    weak var call: PluginCall?
  }

  func register(_ call: PluginCall) {
    let random = SystemRandom.bytes(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    let handle = entries.withLock { entries in
      let handle = random << Self.slotBits | UInt64(entries.count) + 1
      entries.append(Entry(handle: handle, call: call))
      return handle
    }
    call.block.setHandle(handle)
  }

  /// Runs `body` with the call that `handle` was given out for, while it lasts.
  func with(_ handle: UInt64, _ body: (PluginCall) throws(ABIFailure) -> Void) -> ABIStatus {
    let found: (known: Bool, call: PluginCall?) = entries.withLock { entries in
      let slot = Int(handle & (1 << Self.slotBits - 1)) - 1
      guard entries.indices.contains(slot), entries[slot].handle == handle else { return (false, nil) }
      return (true, entries[slot].call)
    }
    guard let call = found.call else { return found.known ? .ended : .handle }
    return call.whileLasting { () throws(ABIFailure) in try body(call) }
  }
}
