import OmphalosValues

/// One line of a file of signers: `principals [options] type key [comment]`. Words end where ssh-keygen ends them.
struct SignerLine {
  struct Fault: Error {
    let found: String
    let wanted: String
  }

  private var rest: ArraySlice<UInt8>

  /// Nil for a line that says nothing.
  static func read(_ bytes: ArraySlice<UInt8>, number: Int) throws(Fault) -> AllowedSigners.Signer? {
    var line = SignerLine(rest: bytes.drop(while: isSpace))
    guard let first = line.rest.first, first != UInt8(ascii: "#") else { return nil }
    if line.rest.starts(with: [0xef, 0xbb, 0xbf]) {
      throw Fault(found: "a byte order mark (EF BB BF) before the text", wanted: "plain UTF-8 without one")
    }
    if bytes.contains(0) { throw Fault(found: "a NUL byte", wanted: "text") }
    let patterns = PatternList(try text(line.principals(), "principals"))
    guard !patterns.isEmpty else {
      throw Fault(found: "no principal", wanted: "names or patterns with commas between them, as in release@acme.example")
    }
    guard !patterns.hasTooLongPattern else {
      throw Fault(found: "a very long principal", wanted: "at most \(PatternList.largestPattern) bytes for each")
    }
    var options = SignerOptions()
    guard !line.nextWord.isEmpty else { throw missingKey("no key") }
    if !SSHKeyTypes.all.contains(line.nextWord) {
      options = try SignerOptions(text(line.takeOptions(), "options"))
    }
    return AllowedSigners.Signer(
      line: number, patterns: patterns, namespaces: options.namespaces, validAfter: options.validAfter,
      validBefore: options.validBefore, isCertificateAuthority: options.isCertificateAuthority, key: try line.key())
  }

  /// Blanks end it, unless they stand in double quotes; a closing quote ends it too.
  private mutating func principals() throws(Fault) -> [UInt8] {
    let word = rest.prefix { !Self.isSpace($0) && $0 != Self.quote }
    rest = rest.dropFirst(word.count)
    var result = Array(word)
    if rest.first == Self.quote {
      let quoted = rest.dropFirst().prefix { $0 != Self.quote }
      rest = rest.dropFirst(quoted.count + 1)
      guard rest.first == Self.quote else {
        throw Fault(found: "a quote that is not closed in the principals", wanted: "a second one")
      }
      result += quoted
    }
    rest = rest.dropFirst(rest.isEmpty ? 0 : 1).drop(while: Self.isSpace)
    return result
  }

  /// What comes before the next space or tab; nothing is taken.
  private var nextWord: String { String(decoding: rest.prefix { !Self.isBlank($0) }, as: UTF8.self) }

  private mutating func takeOptions() throws(Fault) -> [UInt8] {
    var isQuoted = false
    var end = rest.startIndex
    while end < rest.endIndex, isQuoted || !Self.isBlank(rest[end]) {
      if rest[end] == UInt8(ascii: "\\"), end + 1 < rest.endIndex, rest[end + 1] == Self.quote {
        end += 1
      } else if rest[end] == Self.quote {
        isQuoted.toggle()
      }
      end += 1
    }
    guard !isQuoted else {
      throw Fault(found: "a quote that is not closed in the options", wanted: "a second one")
    }
    defer { rest = rest[end...].drop(while: Self.isBlank) }
    return Array(rest[..<end])
  }

  private mutating func key() throws(Fault) -> SSHPublicKey? {
    let type = nextWord
    guard SSHKeyTypes.all.contains(type) else {
      throw Self.missingKey(
        type.allSatisfy(\.isWhitespace) ? "no key" : "\(quotedForMessage(type)) where the type of a key should be")
    }
    rest = rest.dropFirst(type.utf8.count).drop(while: Self.isBlank)
    let word = rest.prefix { !Self.isBlank($0) }
    guard let bytes = Base64.decode(word), !bytes.isEmpty else {
      throw Fault(found: "a key that is not whole Base64", wanted: "the key as in a .pub file of ssh-keygen")
    }
    var reader = WireReader(bytes)
    guard let own = try? reader.string(), own == Array(type.utf8) else {
      throw Fault(found: "a key that is not of type \(type)", wanted: "the two words of a .pub file of ssh-keygen")
    }
    do throws(KeyProblem) {
      return try SSHPublicKey(bytes)
    } catch {
      if case .malformed = error { throw Fault(found: "\(error.found) in the key", wanted: error.wanted) }
      return nil
    }
  }

  private static func missingKey(_ found: String) -> Fault {
    Fault(found: found, wanted: "a type and a key in Base64, as in a .pub file of ssh-keygen")
  }

  private static func text(_ bytes: [UInt8], _ what: String) throws(Fault) -> String {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw Fault(found: "\(what) that are not UTF-8", wanted: "UTF-8")
    }
    return text
  }

  private static let quote = UInt8(ascii: "\"")
  private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
  private static func isSpace(_ byte: UInt8) -> Bool { isBlank(byte) || byte == 0x0d || byte == 0x0a }
}

/// The types of keys that OpenSSH writes. Lines with one that is not checked here are understood and never match: an
/// operator's file may serve other programs too.
enum SSHKeyTypes {
  static let all: Set<String> = {
    let plain = [
      "ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "ssh-rsa", "ssh-dss",
    ]
    let tokens = ["sk-ssh-ed25519", "sk-ecdsa-sha2-nistp256"]
    return Set(
      plain + plain.map { "\($0)-cert-v01@openssh.com" } + tokens.map { "\($0)@openssh.com" }
        + tokens.map { "\($0)-cert-v01@openssh.com" })
  }()
}
