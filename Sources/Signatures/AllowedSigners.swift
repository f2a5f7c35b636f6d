import OmphalosValues

/// Who may sign, from a file of OpenSSH's format `allowed_signers`. Source: ssh-keygen(1), ALLOWED SIGNERS.
public struct AllowedSigners: Sendable, Hashable {
  /// A line that was understood.
  public struct Signer: Sendable, Hashable {
    /// From 1.
    public let line: Int
    let patterns: PatternList
    let namespaces: PatternList?
    public let validAfter: SignerTime?
    public let validBefore: SignerTime?
    /// It speaks for certificates only, and those are not read here.
    public let isCertificateAuthority: Bool
    /// Nil for a key of a type, or of a size, with which no signature is checked here.
    public let key: SSHPublicKey?

    /// The patterns, as they were written.
    public var principals: String { patterns.text }

    /// Whether the literal name is one that the patterns mean.
    public func isNamed(_ principal: String) -> Bool { patterns.matches(principal) }
  }

  /// A line, or a file, that cannot be used. ssh-keygen skips such a line in silence unless it names who is asked for.
  public struct Problem: Diagnosable, Sendable, Hashable {
    public let file: String
    /// From 1; nil for the whole file.
    public let line: Int?
    public let found: String
    public let wanted: String

    public var exitCode: ExitCode { .badData }

    public var message: String {
      let place = line.map { ":\($0)" } ?? ""
      return "\(printable(file))\(place): found \(found), wanted \(wanted). "
        + (line == nil ? "Shorten the file." : "Mend the line, or put # before it.")
    }
  }

  public static let largestByteCount = 1 << 20
  /// So many problems are told; who has more has given the wrong file.
  public static let mostProblems = 100

  public let file: String
  /// In the order of the lines.
  public private(set) var signers: [Signer] = []
  /// In the order of the lines.
  public private(set) var problems: [Problem] = []

  /// - Parameter file: what to call the bytes in messages.
  public init(_ bytes: [UInt8], file: String) {
    self.file = file
    guard bytes.count <= Self.largestByteCount else {
      let found = "\(bytes.count) bytes"
      problems = [Problem(file: file, line: nil, found: found, wanted: "at most \(Self.largestByteCount)")]
      return
    }
    let lines = bytes.split(separator: 0x0a, omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated() {
      do throws(SignerLine.Fault) {
        if let signer = try SignerLine.read(line, number: index + 1) { signers.append(signer) }
      } catch {
        guard problems.count < Self.mostProblems else { continue }
        problems.append(Problem(file: file, line: index + 1, found: error.found, wanted: error.wanted))
      }
    }
  }
}
