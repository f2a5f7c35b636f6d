import OmphalosValues

/// The exit codes in words, for help and manuals; each is defined once, in `OmphalosValues.ExitCode`.
enum ExitCodes {
  static var text: String {
    OmphalosValues.ExitCode.allCases.map { "\($0.rawValue) \($0.meaning)" }.joined(separator: ", ") + "."
  }
}
