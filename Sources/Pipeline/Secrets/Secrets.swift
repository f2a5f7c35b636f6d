import LinuxCalls
import OmphalosValues

/// The values of all secrets that a pipeline refers to, as they were read when the plan was made.
public struct Secrets: Sendable {
  /// A pipeline has a handful of them; each is looked for in every line that is logged.
  private static let most = 32
  private static let largest = 64 << 10

  private var values: [SecretSource: String] = [:]
  /// Why one cannot be used, as the end of a sentence.
  private var problems: [SecretSource: String] = [:]
  /// In the order in which they are named first.
  private var sources: [SecretSource] = []
  public private(set) var mask = SecretMask.none

  public var isEmpty: Bool { sources.isEmpty }

  /// The values with their names, for the worker.
  public var named: [NamedSecret] {
    sources.compactMap { source in values[source].map { NamedSecret(label: source.label, value: $0) } }
  }

  /// Reads each once.
  ///
  /// - Parameter environment: of whoever asks for the run.
  public init(_ configuration: PipelineConfiguration, environment: [String: String]) {
    for reference in configuration.uses.flatMap(\.secrets) {
      let source = reference.source
      guard values[source] == nil, problems[source] == nil else { continue }
      sources.append(source)
      do throws(ValueProblem) {
        guard sources.count <= Self.most else {
          throw ValueProblem("it is one too many: a pipeline may have \(Self.most) different secrets")
        }
        values[source] = try Self.value(of: source, configuration, environment)
      } catch {
        problems[source] = error.text
      }
    }
    mask = SecretMask(named.map { ($0.label, $0.value) })
  }

  /// What is wrong with the secrets of a step.
  func errors(in use: CapabilityUse) -> [ConfigurationError] {
    use.secrets.compactMap { reference in
      problems[reference.source].map { ConfigurationError(mark: reference.mark, message: "\(reference.what): \($0)") }
    }
  }

  /// A step's configuration as its plugin gets it.
  public func configuration(of use: CapabilityUse) -> JSONValue {
    guard let node = use.configuration else { return .object([:]) }
    return node.json(replacing: use.secrets) { values[$0.source].map(JSONValue.string) ?? $0.source.placeholder }
  }
}

/// The value of a secret, and the name that stands for it.
public struct NamedSecret: Sendable {
  public let label: String
  public let value: String
}

private struct ValueProblem: Error {
  let text: String
  init(_ text: String) { self.text = text }
}

extension Secrets {
  private static func value(
    of source: SecretSource, _ configuration: PipelineConfiguration, _ environment: [String: String]
  ) throws(ValueProblem) -> String {
    switch source {
    case .variable(let name):
      guard let value = environment[name] else {
        throw ValueProblem("\(source.origin) is not set; set it for omphalos")
      }
      let what = source.origin
      guard value.utf8.count <= largest else { throw tooLarge(what) }
      // Bytes that are not UTF-8 were replaced when the environment was read.
      guard !value.unicodeScalars.contains("\u{fffd}") else { throw notText(what) }
      return try usable(value, what)
    case .file(let path):
      return try content(of: configuration.resolve(path.string))
    }
  }

  private static func content(of path: String) throws(ValueProblem) -> String {
    let what = "the file \(quotedForMessage(path))"
    let (status, bytes): (FileStatus, [UInt8])
    do throws(SystemCallError) {
      let opened = try File.openRegular(path)
      status = opened.status
      bytes = try opened.file.readAll(limit: largest)
    } catch {
      if error.errno == .fileTooLarge { throw tooLarge(what) }
      throw ValueProblem("\(what) cannot be read: \(error.whyNotOpened ?? "\(error.errno)")")
    }
    guard status.permissions & 0o077 == 0 else {
      let mode = String(status.permissions, radix: 8)
      throw ValueProblem("\(what) has mode \(mode), so others may use it; close it with: chmod 600 \(printable(path))")
    }
    guard let text = String(validating: bytes, as: UTF8.self) else { throw notText(what) }
    return try usable(text.utf8.last == UInt8(ascii: "\n") ? String(decoding: bytes.dropLast(), as: UTF8.self) : text, what)
  }

  private static func usable(_ value: String, _ what: String) throws(ValueProblem) -> String {
    guard !value.isEmpty else { throw ValueProblem("\(what) is empty, wanted the value of a secret") }
    guard !value.utf8.contains(0) else { throw ValueProblem("\(what) has a NUL byte in it, which no text has") }
    guard value.utf8.count >= SecretForms.leastBytes else {
      throw ValueProblem(
        "\(what) has fewer than \(SecretForms.leastBytes) bytes: so short a value cannot be kept out of logs; use a longer one")
    }
    return value
  }

  private static func tooLarge(_ what: String) -> ValueProblem {
    ValueProblem("\(what) has more than \(largest >> 10) KiB, wanted the value of a secret")
  }

  private static func notText(_ what: String) -> ValueProblem {
    ValueProblem("\(what) is not valid UTF-8; write it in text, for instance in Base64")
  }
}
