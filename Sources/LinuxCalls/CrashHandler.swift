import CLinux

/// The handler of the signals that end a process by its own fault. It only adds detail to how the process ended, and
/// stays: a language runtime that a plugin brings may put its own handlers before it.
public enum CrashHandler {
  /// Once, before anything foreign is mapped.
  ///
  /// - Parameter address: of zeroed memory of `CrashRecord.size` bytes that is never unmapped, aligned to 8.
  public static func install(recordAt address: UInt) throws(SystemCallError) {
    try check("sigaction", "the handler of fatal signals") {
      unsafe clinux_watch_crashes(UnsafeMutablePointer(bitPattern: address))
    }
  }

  /// Gives the calling thread a stack for the handler, so that it can run when the thread's own is used up.
  public static func useStackOfItsOwn() throws(SystemCallError) {
    try check("sigaltstack", "the handler of fatal signals") { clinux_use_signal_stack() }
  }
}

/// What the handler saw. Written by a process that plugins ran in, so nothing in it can be relied on.
public struct CrashRecord: Sendable, Hashable {
  public enum Access: UInt32, Sendable {
    case unknown = 0
    case reading = 1
    case writing = 2
    case executing = 3
  }

  public static let size = MemoryLayout<clinux_crash>.size

  public let signal: Int32
  /// `si_code`: above 0 the processor or the kernel found a fault, else a process sent the signal.
  public let code: Int32
  public let thread: Int32
  /// The process that sent it, where one did.
  public let sender: Int32
  public let access: Access
  public let pc: UInt64
  public let stackPointer: UInt64
  /// The address of the fault, or for SIGSYS the number of the system call.
  public let value: UInt64

  /// Nil if there was no crash, or if it could not be written down to its end.
  public static func read(at address: UInt) -> CrashRecord? {
    guard let raw = unsafe UnsafePointer<clinux_crash>(bitPattern: address)?.pointee, raw.state == 2 else { return nil }
    return CrashRecord(
      signal: raw.signal_number, code: raw.code, thread: raw.thread, sender: raw.sender,
      access: Access(rawValue: raw.access) ?? .unknown, pc: raw.pc, stackPointer: raw.stack_pointer, value: raw.value)
  }

  public init(
    signal: Int32, code: Int32, thread: Int32, sender: Int32, access: Access, pc: UInt64, stackPointer: UInt64,
    value: UInt64
  ) {
    self.signal = signal
    self.code = code
    self.thread = thread
    self.sender = sender
    self.access = access
    self.pc = pc
    self.stackPointer = stackPointer
    self.value = value
  }
}
