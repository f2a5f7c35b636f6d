import CLinux

/// What a library can change for everyone in its process, as it is on the calling thread now.
public struct ProcessState: Sendable {
  private let raw: clinux_state

  public static func current() -> ProcessState {
    var raw = clinux_state()
    unsafe clinux_process_state(&raw)
    return ProcessState(raw: raw)
  }

  /// The names of the fields in which `later` differs, for messages.
  public func changes(to later: ProcessState) -> [String] {
    var changes: [String] = []
    if raw.vector_control != later.raw.vector_control || raw.scalar_control != later.raw.scalar_control {
      changes.append("floating-point control")
    } else if raw.rounding != later.raw.rounding {
      changes.append("rounding mode")
    }
    if raw.locale != later.raw.locale { changes.append("locale") }
    if raw.directory != later.raw.directory { changes.append("working directory") }
    if raw.umask != later.raw.umask { changes.append("umask") }
    if raw.signals != later.raw.signals { changes.append("signal dispositions") }
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

  public static func current() -> ProcessResources {
    var descriptors: UInt32 = 0
    var threads: UInt32 = 0
    unsafe clinux_count_resources(&descriptors, &threads)
    return ProcessResources(descriptors: descriptors, threads: threads)
  }
}
