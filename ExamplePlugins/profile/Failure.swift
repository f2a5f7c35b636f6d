import COmphalos

/// Why a call fails: the status that the host gets, and the sentence that the operator reads.
struct Failure: Error {
  var status: Int32
  var message: String

  static func data(_ message: String) -> Failure { Failure(status: OMPHALOS_E_DATA.rawValue, message: message) }

  static func configuration(_ message: String) -> Failure {
    Failure(status: OMPHALOS_E_CONFIG.rawValue, message: "configuration " + message)
  }
}
