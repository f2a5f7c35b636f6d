import COmphalos
import OmphalosValues

/// A status code of the plugin ABI. Names, sentences and exit codes come from the table in `omphalos/plugin.h`.
public struct ABIStatus: Hashable, Sendable, CustomStringConvertible {
  public let rawValue: Int32

  public init(rawValue: Int32) { self.rawValue = rawValue }

  public static let ok = ABIStatus(OMPHALOS_OK)
  public static let invalid = ABIStatus(OMPHALOS_E_INVALID)
  public static let path = ABIStatus(OMPHALOS_E_PATH)
  public static let exists = ABIStatus(OMPHALOS_E_EXISTS)
  public static let notFound = ABIStatus(OMPHALOS_E_NOT_FOUND)
  public static let denied = ABIStatus(OMPHALOS_E_DENIED)
  public static let ended = ABIStatus(OMPHALOS_E_ENDED)
  public static let handle = ABIStatus(OMPHALOS_E_HANDLE)
  public static let state = ABIStatus(OMPHALOS_E_STATE)
  public static let quota = ABIStatus(OMPHALOS_E_QUOTA)
  public static let noSpace = ABIStatus(OMPHALOS_E_NO_SPACE)
  public static let io = ABIStatus(OMPHALOS_E_IO)
  public static let cancelled = ABIStatus(OMPHALOS_E_CANCELLED)
  public static let busy = ABIStatus(OMPHALOS_E_BUSY)
  public static let unsupported = ABIStatus(OMPHALOS_E_UNSUPPORTED)
  public static let configuration = ABIStatus(OMPHALOS_E_CONFIG)
  public static let data = ABIStatus(OMPHALOS_E_DATA)
  public static let memory = ABIStatus(OMPHALOS_E_MEMORY)
  public static let internalError = ABIStatus(OMPHALOS_E_INTERNAL)

  private init(_ code: omphalos_status) { rawValue = code.rawValue }

  /// "E_PATH", or "status 7" for a plugin's own code.
  public var name: String {
    guard let name = unsafe omphalos_status_name(rawValue) else { return "status \(rawValue)" }
    return unsafe String(cString: name)
  }

  /// What the ABI's code means; nil for a plugin's own.
  public var sentence: String? { unsafe omphalos_status_sentence(rawValue).map { unsafe String(cString: $0) } }

  public var exitCode: ExitCode { ExitCode(rawValue: omphalos_status_exit_code(rawValue)) ?? .callFailed }

  public var description: String { name }
}

/// A refusal by the host, on its way to a plugin as a status code and to the operator as a sentence.
public struct ABIFailure: Error, Sendable, Hashable {
  public let status: ABIStatus
  /// Without the plugin's name, which the reader knows from elsewhere.
  public let message: String

  public init(_ status: ABIStatus, _ message: String) {
    self.status = status
    self.message = message
  }
}
