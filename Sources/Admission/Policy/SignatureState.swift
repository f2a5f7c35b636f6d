import OmphalosValues
import Signatures

/// The signature of a plugin, as the signers of one policy see it.
public enum SignatureState: Sendable {
  case absent
  /// There is a file that is no signature which can be checked.
  case unusable(SSHSignatureError)
  /// What it was made over cannot be read.
  case unreadable(reason: String)
  case checked(SignatureCheck)

  public var isGood: Bool { if case .checked(let check) = self { check.isGood } else { false } }

  /// It is no signature, or was made over other bytes, or for another purpose: something that nobody does on purpose.
  var isBroken: Bool {
    switch self {
    case .absent: return false
    case .unusable, .unreadable: return true
    case .checked(let check):
      switch check.outcome {
      case .broken, .wrongNamespace: return true
      case .good, .unknownKey, .barred: return false
      }
    }
  }

  public func isSigned(by principal: String) -> Bool {
    if case .checked(let check) = self { check.isSigned(by: principal) } else { false }
  }

  /// As the end of a sentence that begins with "the signature is".
  public var description: String {
    switch self {
    case .absent: "missing"
    case .unusable(let error): "none that can be checked (\(error.summary))"
    case .unreadable(let reason): "none that can be checked (\(reason))"
    case .checked(let check): Self.words(of: check)
    }
  }

  private static func words(of check: SignatureCheck) -> String {
    if case .wrongNamespace(let found, let wanted) = check.outcome {
      return "one that was made for \(quotedForMessage(found)), not for \(quotedForMessage(wanted))"
    }
    return check.words.hasPrefix("is ") ? String(check.words.dropFirst(3)) : "one that \(check.words)"
  }

  /// What would make it a good one.
  var remedy: String {
    switch self {
    case .absent: "put the vendor's NAME.so.sig beside the plugin, or ask the vendor for one"
    case .unusable, .unreadable: "get the signature from the vendor again"
    case .checked(let check):
      switch check.outcome {
      case .good: ""
      case .broken: "the plugin, or its signature, is not what the vendor released: get both again"
      case .wrongNamespace: "ask the vendor for a signature of the plugin, made with -n \(SignatureNamespace.plugin)"
      case .unknownKey: "find out whose key it is, and add it to the allowed_signers file if it is the vendor's"
      case .barred: "ask the vendor for a signature by a key that is permitted"
      }
    }
  }
}
