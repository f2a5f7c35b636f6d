/// An error that can be shown to a user as it stands.
public protocol Diagnosable: Error, CustomStringConvertible {
  /// The code the command ends with when nothing handles the error.
  var exitCode: ExitCode { get }

  /// Whole sentences: the thing, what was found, what was wanted, and the way out.
  var message: String { get }
}

extension Diagnosable {
  public var description: String { message }
}

/// A text that cannot be the value it should become.
public struct ValueError: Diagnosable, Sendable, Hashable {
  /// The kind of value, for example `plugin id`.
  public let what: String
  /// The text that was found, as it was found.
  public let found: String
  /// What would have been accepted.
  public let wanted: String

  public init(what: String, found: String, wanted: String) {
    self.what = what
    self.found = found
    self.wanted = wanted
  }

  public var exitCode: ExitCode { .badData }

  public var message: String {
    "\(quotedForMessage(found)) is not a valid \(what): wanted \(wanted)."
  }
}

/// Text of unknown origin, in quotes, made safe for a terminal and cut to a readable length.
///
/// Control characters become `\u{..}`: a name read from a file must not move the cursor of whoever reads the refusal.
///
/// - Parameter limit: The number of Unicode scalars to keep.
public func quotedForMessage(_ text: String, limit: Int = 120) -> String {
  var result = "\""
  var count = 0
  for scalar in text.unicodeScalars {
    guard count < limit else {
      result += "…"
      break
    }
    count += 1
    switch scalar {
    case "\"", "\\":
      result += "\\"
      result.unicodeScalars.append(scalar)
    case _ where isUnsafeToPrint(scalar):
      result += "\\u{" + String(scalar.value, radix: 16) + "}"
    default:
      result.unicodeScalars.append(scalar)
    }
  }
  return result + "\""
}

/// Control characters, and the format characters that reorder or hide what stands beside them.
private func isUnsafeToPrint(_ scalar: Unicode.Scalar) -> Bool {
  if scalar.isASCII { return scalar.value < 0x20 || scalar.value == 0x7f }
  switch scalar.properties.generalCategory {
  case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned: return true
  default: return false
  }
}
