import CLinux

/// What a library can change for everyone in its process, as it is on the calling thread now.
public struct ProcessState: Sendable {
  private let raw: clinux_state

  // The bits of the control words that choose the rounding: MXCSR and x87, or FPCR.
  #if arch(x86_64)
    private static let vectorRounding: UInt32 = 0x6000
    private static let scalarRounding: UInt32 = 0x0c00
  #else
    private static let vectorRounding: UInt32 = 0x00c0_0000
    private static let scalarRounding: UInt32 = 0
  #endif

  public static func current() -> ProcessState {
    var raw = clinux_state()
    unsafe clinux_process_state(&raw)
    return ProcessState(raw: raw)
  }

  /// The names of the fields in which `later` differs, for messages.
  public func changes(to later: ProcessState) -> [String] {
    var changes: [String] = []
    let vector = raw.vector_control ^ later.raw.vector_control
    let scalar = raw.scalar_control ^ later.raw.scalar_control
    if vector & ~Self.vectorRounding != 0 || scalar & ~Self.scalarRounding != 0 { changes.append("floating-point control") }
    if vector & Self.vectorRounding != 0 || scalar & Self.scalarRounding != 0 || raw.rounding != later.raw.rounding {
      changes.append("rounding mode")
    }
    if raw.locale != later.raw.locale { changes.append("locale") }
    if raw.directory != later.raw.directory { changes.append("working directory") }
    if raw.umask != later.raw.umask { changes.append("umask") }
    if raw.signals != later.raw.signals { changes.append("signal dispositions") }
    if raw.mask != later.raw.mask { changes.append("signal mask") }
    if raw.environment != later.raw.environment { changes.append("environment") }
    return changes
  }

  /// Gives the calling thread the floating-point control and rounding mode of this state.
  public func restoreFloatingPoint() {
    var raw = raw
    unsafe clinux_restore_floating_point(&raw)
  }
}

/// Things of the process that are counted rather than compared.
public struct ProcessResources: Sendable, Equatable {
  public let descriptors: UInt32
  public let threads: UInt32

  public init(descriptors: UInt32, threads: UInt32) {
    self.descriptors = descriptors
    self.threads = threads
  }

  public static func current() -> ProcessResources {
    var descriptors: UInt32 = 0
    var threads: UInt32 = 0
    unsafe clinux_count_resources(&descriptors, &threads)
    return ProcessResources(descriptors: descriptors, threads: threads)
  }
}
