import Synchronization

/// The place of one call in the table: its handle, and how many functions of the host and the store are running for it.
/// Never freed, so that a handle can be looked up at any time without a lock.
@safe struct CallSlot: ~Copyable {
  let handle: UInt64
  /// Bit 63: the call has ended. Below: functions that have begun and not returned.
  private let use = Atomic<UInt64>(0)
  private static let ended: UInt64 = 1 << 63
  /// Not retained: read only by functions that `begin` let in, and a call does not go away before they have returned.
  private let call: Unmanaged<PluginCall>

  init(handle: UInt64, call: PluginCall) {
    self.handle = handle
    unsafe self.call = Unmanaged.passUnretained(call)
  }

  /// Runs `body` with the call while it lasts; nil once it has ended.
  func with<Result>(_ body: (PluginCall) -> Result) -> Result? {
    let before = use.wrappingAdd(1, ordering: .acquiring).oldValue
    defer { use.wrappingSubtract(1, ordering: .releasing) }
    guard before & Self.ended == 0 else { return nil }
    return unsafe call._withUnsafeGuaranteedRef(body)
  }

  /// From here on nothing new begins.
  func end() { use.bitwiseOr(Self.ended, ordering: .sequentiallyConsistent) }

  var isQuiet: Bool { use.load(ordering: .acquiring) == Self.ended }
}
