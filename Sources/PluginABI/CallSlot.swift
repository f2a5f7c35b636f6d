import LinuxCalls
import Synchronization

/// The place of one call in the table: its handle, and how many functions of the host and the store are running for it.
/// Never freed, so that a handle can be looked up at any time without a lock.
///
/// Nearly all functions are called by the thread on which the host entered the plugin, and that thread ends the call as
/// well: so what it is inside of need not be counted, and costs no atomic addition. A stream that a plugin's other
/// thread releases meanwhile ends a call without waiting for it; then the locks of the session are what holds.
@safe struct CallSlot: ~Copyable {
  let handle: UInt64
  /// The thread that made the call.
  private let owner = ThreadIdentity.current
  /// Bit 63: the call has ended. Below: functions of other threads that have begun and not returned.
  private let use = Atomic<UInt64>(0)
  private static let ended: UInt64 = 1 << 63
  /// Not retained: read only by functions that `begin` let in, and a call does not go away before they have returned.
  private let call: Unmanaged<PluginCall>

  init(handle: UInt64, call: PluginCall) {
    self.handle = handle
    unsafe self.call = Unmanaged.passUnretained(call)
  }

  /// Runs `body` with the call while it lasts; nil once it has ended.
  @inline(__always) func with<Result>(_ body: (PluginCall) -> Result) -> Result? {
    if owner == ThreadIdentity.current {
      guard use.load(ordering: .relaxed) & Self.ended == 0 else { return nil }
      return unsafe call._withUnsafeGuaranteedRef(body)
    }
    let before = use.wrappingAdd(1, ordering: .acquiring).oldValue
    defer { use.wrappingSubtract(1, ordering: .releasing) }
    guard before & Self.ended == 0 else { return nil }
    return unsafe call._withUnsafeGuaranteedRef(body)
  }

  /// From here on nothing new begins.
  func end() { use.bitwiseOr(Self.ended, ordering: .sequentiallyConsistent) }

  var isQuiet: Bool { use.load(ordering: .acquiring) == Self.ended }
}
