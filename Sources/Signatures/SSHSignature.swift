import OmphalosValues

/// A signature in OpenSSH's format, as `ssh-keygen -Y sign` writes it. What it is worth, `SignatureCheck` says.
/// Source: PROTOCOL.sshsig of openssh-portable.
public struct SSHSignature: Sendable, Hashable {
  /// How the message is hashed before it is signed; the key has a hash of its own.
  public enum MessageHash: String, Sendable, CaseIterable {
    case sha256, sha512

    public var digestBytes: Int { self == .sha256 ? 32 : 64 }
  }

  /// Numbers are without leading zeros.
  enum Body: Sendable, Hashable {
    case ed25519([UInt8])
    case ecdsaP256(r: [UInt8], s: [UInt8])
    case rsa(hash: MessageHash, [UInt8])
  }

  public static let largestByteCount = 64 << 10

  public let key: SSHPublicKey
  /// What the signer meant it for.
  public let namespace: String
  public let hash: MessageHash
  let body: Body

  /// The name of the algorithm that made it: "rsa-sha2-512".
  public var algorithm: String {
    if case .rsa(let hash, _) = body { "rsa-sha2-\(hash == .sha256 ? "256" : "512")" } else { key.type }
  }

  /// - Parameter file: what to call the bytes in messages.
  public init(armoured bytes: [UInt8], file: String) throws(SSHSignatureError) {
    let complaint = SignatureComplaint(file: file)
    guard bytes.count <= Self.largestByteCount else {
      throw complaint.about(.file, "\(bytes.count) bytes", "at most \(Self.largestByteCount)")
    }
    self = try SSHSignature(blob: SignatureArmour.open(bytes, complaint), complaint)
  }

  private init(blob: [UInt8], _ complaint: SignatureComplaint) throws(SSHSignatureError) {
    var reader = WireReader(blob)
    guard reader.skip(Self.magic) else {
      throw complaint.about(.armour, "Base64 of something that does not begin with SSHSIG", "a signature of ssh-keygen -Y sign")
    }
    let version = try complaint.reading(.version) { () throws(WireError) in try reader.number() }
    guard version == 1 else { throw complaint.about(.version, "\(version)", "1") }
    let keyBytes = try complaint.reading(.key) { () throws(WireError) in try reader.string() }
    do throws(KeyProblem) {
      key = try SSHPublicKey(keyBytes)
    } catch {
      throw complaint.about(.key, error.found, error.wanted)
    }
    namespace = try Self.namespace(complaint.reading(.namespace) { () throws(WireError) in try reader.string() }, complaint)
    let reserved = try complaint.reading(.reserved) { () throws(WireError) in try reader.string() }
    guard reserved.isEmpty else {
      // ssh-keygen does not look at it, and no signature covers it.
      throw complaint.about(.reserved, "\(reserved.count) bytes, which are not signed", "none")
    }
    hash = try Self.hash(complaint.reading(.hash) { () throws(WireError) in try reader.string() }, complaint)
    let key = key
    body = try complaint.reading(.signature) { () throws(WireError) in
      let signature = try reader.string()
      try reader.end()
      return try Body(signature, of: key)
    }
  }

  private static func namespace(
    _ bytes: [UInt8], _ complaint: SignatureComplaint
  ) throws(SSHSignatureError) -> String {
    guard !bytes.isEmpty else { throw complaint.about(.namespace, "none", "the name of what it is for") }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw complaint.about(.namespace, "bytes that are not UTF-8", "a text in UTF-8")
    }
    return text
  }

  private static func hash(
    _ bytes: [UInt8], _ complaint: SignatureComplaint
  ) throws(SSHSignatureError) -> MessageHash {
    guard let hash = MessageHash.allCases.first(where: { Array($0.rawValue.utf8) == bytes }) else {
      throw complaint.about(.hash, quotedForMessage(String(decoding: bytes, as: UTF8.self)), "sha256 or sha512")
    }
    return hash
  }

  static let magic = Array("SSHSIG".utf8)

  /// What the key signs: not the message, but a text of its own with the message's digest in it.
  func signedBytes(digest: [UInt8]) -> [UInt8] {
    Self.magic + Wire.string(namespace) + Wire.string("") + Wire.string(hash.rawValue) + Wire.string(digest)
  }
}

extension SSHSignature.Body {
  init(_ bytes: [UInt8], of key: SSHPublicKey) throws(WireError) {
    var reader = WireReader(bytes)
    let type = String(decoding: try reader.string(), as: UTF8.self)
    let content = try reader.string()
    try reader.end()
    switch (key.material, type) {
    case (.ed25519, "ssh-ed25519"):
      guard content.count == 64 else { throw WireError(found: "\(content.count) bytes", wanted: "64") }
      self = .ed25519(content)
    case (.ecdsaP256, "ecdsa-sha2-nistp256"): self = try Self.ecdsa(content)
    case (.rsa(_, let modulus), "rsa-sha2-256"), (.rsa(_, let modulus), "rsa-sha2-512"):
      guard content.count <= modulus.count else {
        throw WireError(found: "\(content.count) bytes", wanted: "at most the \(modulus.count) of its key")
      }
      self = .rsa(hash: type == "rsa-sha2-256" ? .sha256 : .sha512, content)
    default:
      var wanted = key.type
      if case .rsa = key.material { wanted = "rsa-sha2-256 or rsa-sha2-512" }
      throw WireError(found: "one of type \(quotedForMessage(type))", wanted: "\(wanted), for its key is of type \(key.type)")
    }
  }

  /// Two numbers; a file may be written in several ways, for neither leading zeros nor the greater of two possible `s`
  /// are forbidden, here as in OpenSSH.
  private static func ecdsa(_ content: [UInt8]) throws(WireError) -> Self {
    var numbers = WireReader(content)
    let (r, s) = (try numbers.natural(), try numbers.natural())
    try numbers.end()
    guard r.count <= 32, s.count <= 32 else {
      throw WireError(found: "a number of \(max(r.count, s.count)) bytes", wanted: "at most 32")
    }
    return .ecdsaP256(r: r, s: s)
  }
}

/// Makes the errors of one file.
struct SignatureComplaint {
  let file: String

  func about(_ field: SSHSignatureError.Field, _ found: String, _ wanted: String) -> SSHSignatureError {
    let remedy =
      field == .key
      ? "Sign with another key: ssh-keygen -t ed25519 makes one"
      : "Remove it and sign again: ssh-keygen -Y sign -n \(SignatureNamespace.plugin) -f KEY FILE"
    return SSHSignatureError(file: file, field: field, found: found, wanted: wanted, remedy: remedy)
  }

  func reading<Value>(
    _ field: SSHSignatureError.Field, _ read: () throws(WireError) -> Value
  ) throws(SSHSignatureError) -> Value {
    do throws(WireError) {
      return try read()
    } catch {
      throw about(field, error.found, error.wanted ?? "a whole signature of ssh-keygen -Y sign")
    }
  }
}

/// What signatures are made for. One made for something else, mail or a commit, is worth nothing here.
public enum SignatureNamespace {
  public static let plugin = "omphalos-plugin"
}
