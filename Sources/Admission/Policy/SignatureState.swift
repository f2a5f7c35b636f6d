import Signatures

public enum SignatureState: Sendable { case absent
  var description: String { "missing" }
  var isGood: Bool { false }
  var isBroken: Bool { false }
  var remedy: String { "" }
  func isSigned(by: String) -> Bool { false }
}
