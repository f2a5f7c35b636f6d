import LinuxCalls
import Synchronization

/// A page that worker and supervisor share. Before the worker enters a plugin it writes whose function it enters and
/// until when; so a worker that is gone, in whatever way, has left the name behind.
///
/// Layout, little-endian: word 0 magic, word 1 `Ending`, word 2 cancel, word 3 the thread that calls plugins; from byte
/// 64 on `slotCount` slots of `slotSize` bytes: sequence (u64, 0 = free), deadline, start (i64 ns of the monotonic
/// clock), thread (i32), then four NUL-padded texts. Slot `slotCount` keeps the call that ended last. Then, each on
/// memory pages of its own, the record of a crash and the table of code (`FlightPage+Crash`, `FlightPage+Code`).
public final class FlightPage: Sendable {
  private static let magic: UInt32 = 0x4f4d_5048
  private static let slotCount = 64
  private static let slotSize = 640
  private static let firstSlot = 64
  private static let slotsEnd = firstSlot + (slotCount + 1) * slotSize
  static let crashAt = (slotsEnd + 4095) & ~4095
  static let codeAt = crashAt + 4096
  public static let size = codeAt + codeTableSize

  private enum Text: Int, CaseIterable {
    case plugin = 32
    case capability = 288
    case instance = 352
    case function = 576
    var capacity: Int {
      switch self {
      case .plugin: 256
      case .capability: 64
      case .instance: 224
      case .function: 64
      }
    }
  }

  public let memory: SharedMemory
  private let sequence = Mutex<UInt64>(0)
  let code = Mutex(CodeTable())

  public init(_ memory: SharedMemory) {
    precondition(memory.size >= Self.size)
    self.memory = memory
    unsafe base.storeBytes(of: Self.magic, as: UInt32.self)
  }

  // The mapping is at least `size` bytes and is never unmapped.
  var base: UnsafeMutableRawPointer { unsafe UnsafeMutableRawPointer(bitPattern: memory.address)! }

  /// A function of a plugin that was entered and has not returned.
  public struct Entry: Sendable, Hashable {
    public let identity: CallIdentity
    public let function: String
    /// Monotonic nanoseconds; 0 for none.
    public let deadline: Int64
    public let started: Int64
    public let thread: Int32
    let sequence: UInt64
  }

  // MARK: The worker's side

  /// Runs `body` with its name on the page.
  public func during<Result, Failure: Error>(
    _ function: String, of identity: CallIdentity, timeout: Int64, _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let slot = enter(function, of: identity, timeout: timeout)
    defer { leave(slot) }
    return try body()
  }

  private func enter(_ function: String, of identity: CallIdentity, timeout: Int64) -> Int? {
    sequence.withLock { sequence in
      guard let slot = (0..<Self.slotCount).first(where: { word($0) == 0 }) else { return nil }
      let now = MonotonicClock.now()
      let at = unsafe base + Self.firstSlot + slot * Self.slotSize
      unsafe at.storeBytes(of: timeout > 0 ? now &+ timeout : 0, toByteOffset: 8, as: Int64.self)
      unsafe at.storeBytes(of: now, toByteOffset: 16, as: Int64.self)
      unsafe at.storeBytes(of: DedicatedThread.currentID, toByteOffset: 24, as: Int32.self)
      unsafe write(identity.plugin, .plugin, at)
      unsafe write(identity.capability, .capability, at)
      unsafe write(identity.instance, .instance, at)
      unsafe write(function, .function, at)
      sequence += 1
      // The other process must not see the number before the names.
      atomicMemoryFence(ordering: .releasing)
      unsafe at.storeBytes(of: sequence, as: UInt64.self)
      return slot
    }
  }

  private func leave(_ slot: Int?) {
    guard let slot else { return }
    sequence.withLock { _ in
      let at = unsafe base + Self.firstSlot + slot * Self.slotSize
      let last = unsafe base + Self.firstSlot + Self.slotCount * Self.slotSize
      unsafe last.copyMemory(from: at, byteCount: Self.slotSize)
      unsafe at.storeBytes(of: 0, as: UInt64.self)
    }
  }

  private func word(_ slot: Int) -> UInt64 {
    unsafe base.load(fromByteOffset: Self.firstSlot + slot * Self.slotSize, as: UInt64.self)
  }

  private func write(_ text: String, _ field: Text, _ at: UnsafeMutableRawPointer) {
    unsafe Self.write(text, at + field.rawValue, capacity: field.capacity)
  }

  /// Cuts what is too long between two characters. A text that fills its place has no NUL.
  static func write(_ text: String, _ at: UnsafeMutableRawPointer, capacity: Int) {
    var end = 0
    for scalar in text.unicodeScalars {
      let length = scalar.utf8.count
      if end + length > capacity { break }
      end += length
    }
    var offset = 0
    for byte in text.utf8.prefix(end) {
      unsafe at.storeBytes(of: byte, toByteOffset: offset, as: UInt8.self)
      offset += 1
    }
    if end < capacity { unsafe at.storeBytes(of: 0, toByteOffset: offset, as: UInt8.self) }
  }

  /// How a worker came to end itself. What a plugin ends is unannounced.
  public enum Ending: UInt32, Sendable {
    case unannounced = 0
    case clean = 1
    /// The thread that calls plugins ended inside of a function.
    case threadEnded = 2
    /// The worker's own descriptors are closed, or are other files.
    case descriptorsLost = 3
    /// A function was left by a jump over the host's frames above it, whose locks and objects it left as they were.
    case framesSkipped = 4
  }

  /// The worker's last word before it ends itself; without it an exit status 0 is no success.
  public func markEnd(_ ending: Ending) { unsafe base.storeBytes(of: ending.rawValue, toByteOffset: 4, as: UInt32.self) }
  public func markCleanEnd() { markEnd(.clean) }

  /// The run is being cancelled.
  public var isCancelled: Bool { unsafe base.load(fromByteOffset: 8, as: UInt32.self) != 0 }

  // MARK: The supervisor's side

  public func cancel() { unsafe base.storeBytes(of: 1, toByteOffset: 8, as: UInt32.self) }

  public var ending: Ending {
    Ending(rawValue: unsafe base.load(fromByteOffset: 4, as: UInt32.self)) ?? .unannounced
  }
  public var endedCleanly: Bool { ending == .clean }

  /// What the host itself does with a producer's stream after its consumer.
  public static let drain = "reading the rest of its stream"
  /// The host reads the buffers of a batch, whose sizes it has to believe.
  public static let readingBatch = "get_next (its batch)"

  /// The functions that are being executed, the outermost first.
  public var inFlight: [Entry] {
    (0..<Self.slotCount).compactMap { entry($0) }.sorted { $0.sequence < $1.sequence }
  }

  /// The function that returned last.
  public var lastEnded: Entry? { entry(Self.slotCount) }

  private func entry(_ slot: Int) -> Entry? {
    let before = word(slot)
    guard before != 0 else { return nil }
    atomicMemoryFence(ordering: .acquiring)
    let at = unsafe UnsafeRawPointer(base) + Self.firstSlot + slot * Self.slotSize
    let entry = unsafe Entry(
      identity: CallIdentity(
        plugin: read(.plugin, at), capability: read(.capability, at), instance: read(.instance, at)),
      function: read(.function, at), deadline: at.load(fromByteOffset: 8, as: Int64.self),
      started: at.load(fromByteOffset: 16, as: Int64.self), thread: at.load(fromByteOffset: 24, as: Int32.self),
      sequence: before)
    atomicMemoryFence(ordering: .acquiring)
    // The worker may have left the function and entered another while we read.
    return word(slot) == before ? entry : nil
  }

  private func read(_ field: Text, _ at: UnsafeRawPointer) -> String {
    unsafe Self.read(at + field.rawValue, capacity: field.capacity)
  }

  static func read(_ at: UnsafeRawPointer, capacity: Int) -> String {
    let bytes = unsafe UnsafeRawBufferPointer(start: at, count: capacity)
    return unsafe String(decoding: unsafe bytes.prefix { $0 != 0 }, as: UTF8.self)
  }
}
