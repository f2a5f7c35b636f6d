import COmphalos
import LinuxCalls
import Synchronization

/// One call in the ABI's sense: the scope in which a capability may use the store. For an exporter until `run` returns,
/// for a connector until its stream is released, for a sink until `close` returns.
public final class PluginCall: Sendable {
  public let identity: CallIdentity
  let services: any CallServices
  let store: any StoreSession
  /// What the plugin sees. Never freed, so that a late use reads a handle that has ended.
  let block: CallBlock
  private let state = Mutex(State())
  private let slot = Mutex<CallReference?>(nil)

  private struct State {
    var message: (code: Int32, text: String)?
    var refusal: ABIFailure?
  }

  /// - Parameter configuration: a JSON object.
  init(
    _ identity: CallIdentity, host: HostTable, configuration: [UInt8], services: any CallServices,
    store: any StoreSession
  ) {
    self.identity = identity
    self.services = services
    self.store = store
    block = CallBlock(host: host, configuration: configuration)
    let (handle, slot) = CallTable.shared.register(self)
    self.slot.withLock { $0 = slot }
    block.setHandle(handle)
  }

  deinit { slot.withLock { $0?.end() } }

  /// Runs `body` for a host or store function that the plugin called.
  @inline(__always) func status(of body: (PluginCall) throws(ABIFailure) -> Void) -> ABIStatus {
    do throws(ABIFailure) {
      try body(self)
      return .ok
    } catch {
      state.withLock { $0.refusal = error }
      return error.status
    }
  }

  func setMessage(_ code: Int32, _ text: String) { state.withLock { $0.message = (code, text) } }

  /// What the plugin said last through `set_error`, and the host's last refusal of one of its calls.
  var explanation: (message: String?, refusal: ABIFailure?) { state.withLock { ($0.message?.text, $0.refusal) } }

  /// The status that the plugin named with its last `set_error`; nil if it named none.
  var namedStatus: ABIStatus? {
    state.withLock { state in
      guard let code = state.message?.code, code != 0 else { return nil }
      return ABIStatus(rawValue: code)
    }
  }

  /// Ends the call: from here on the plugin's handle is refused. False if its own store calls were still running after
  /// a second.
  func end() -> Bool {
    guard let slot = slot.withLock({ $0 }) else { return true }
    slot.end()
    let deadline = MonotonicClock.now() + 1_000_000_000
    while !slot.isQuiet {
      guard MonotonicClock.now() < deadline else {
        // Whatever still runs for it may look at it for ever.
        unsafe _ = Unmanaged.passRetained(self)
        return false
      }
      Pause.milliseconds(1)
    }
    store.end()
    return true
  }
}

/// The memory of one `omphalos_call`, which is never freed.
@safe struct CallBlock: @unchecked Sendable {
  // Written before the plugin sees it, then constant.
  let pointer: UnsafeMutablePointer<omphalos_call>

  init(host: HostTable, configuration: [UInt8]) {
    unsafe pointer = UnsafeMutablePointer<omphalos_call>.allocate(capacity: 1)
    unsafe pointer.initialize(
      to: omphalos_call(
        struct_size: UInt32(MemoryLayout<omphalos_call>.size), reserved0: 0, handle: 0, host: host.pointer,
        store: StoreTable.shared.pointer, config: newCBytes(configuration + [0]), config_len: configuration.count,
        set_error: setError, is_cancelled: isCancelled, progress: progress, metric: metric, now_ns: now,
        random_at: randomAt, input_open: inputOpen))
  }

  func setHandle(_ handle: UInt64) { unsafe pointer.pointee.handle = handle }
}
