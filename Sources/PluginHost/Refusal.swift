import Admission
import ELFInspection
import OmphalosValues

/// A reason why a plugin is not loaded: of its file, of its format, or of what it declares.
public enum Refusal: Sendable, Hashable {
  /// Found on the file itself: owner, mode, kind, mount, size.
  case file(found: String, wanted: String, remedy: String)
  /// Found on a file in the plugin's folder; `path` begins with that folder.
  case part(path: String, found: String, wanted: String, remedy: String)
  /// Not a shared object that can be read.
  case format(ELFError)
  case admission(AdmissionReason)

  /// Stable in JSON output.
  public var code: String {
    switch self {
    case .file: "file"
    case .part: "own-file"
    case .format: "format"
    case .admission(let reason): reason.code.rawValue
    }
  }

  /// One sentence without its full stop, safe for a terminal.
  public var sentence: String {
    switch self {
    case .file(let found, let wanted, let remedy):
      "the file is \(printable(found)), wanted \(printable(wanted)); \(printable(remedy))"
    case .part(let path, let found, let wanted, let remedy):
      "\(printable(path)) is \(printable(found)), wanted \(printable(wanted)); \(printable(remedy))"
    case .format(let error): error.message
    case .admission(let reason): reason.sentence
    }
  }

  /// Field, found, wanted, remedy: for the record of a run.
  public var facts: (field: String, found: String, wanted: String, remedy: String) {
    switch self {
    case .file(let found, let wanted, let remedy): ("file", found, wanted, remedy)
    case .part(let path, let found, let wanted, let remedy): (path, found, wanted, remedy)
    case .format(let error): ("file", error.message, "a shared object that can be read", "")
    case .admission(let reason): (reason.field, reason.found, reason.wanted, reason.remedy)
    }
  }

  public var json: JSONValue {
    if case .admission(let reason) = self { return reason.json }
    let facts = facts
    return [
      "code": .string(code), "field": .string(facts.field), "found": .string(facts.found),
      "wanted": .string(facts.wanted), "remedy": .string(facts.remedy), "sentence": .string(sentence),
    ]
  }
}
