import Admission
import LinuxCalls
import OmphalosValues
import Signatures

/// Where the policies of a run come from, and how they are read.
public struct PolicySources: Sendable {
  /// The file name of the policy in each of the places.
  public static let fileName = "policy.yaml"
  public static let systemFile = "/etc/omphalos/\(fileName)"

  /// Named by the operator, in their order; they take the place of the one beside the pipeline.
  public var explicit: [String]
  /// The user's; nil where there is no place for one.
  public var userFile: String?
  /// Where the environment says that the user's own files are.
  private var home: String?
  /// Asked for by the operator, on top of what the pipeline asks for.
  public var pack: Pack?
  private let user: UInt32

  /// No policy of any kind, for programs that decide by themselves.
  public static let none = PolicySources(explicit: [], userFile: nil, readsSystemFile: false)
  private var readsSystemFile = true

  /// - Parameter environment: of the caller, for XDG_CONFIG_HOME and HOME.
  public init(
    explicit: [String] = [], pack: Pack? = nil, environment: [String: String], user: UInt32 = Processes.currentUser
  ) {
    self.explicit = explicit
    self.pack = pack
    self.user = user
    if let configuration = environment["XDG_CONFIG_HOME"], configuration.hasPrefix("/") {
      home = configuration
      userFile = "\(configuration)/omphalos/\(Self.fileName)"
    } else if let home = environment["HOME"], home.hasPrefix("/") {
      self.home = home
      userFile = "\(home)/.config/omphalos/\(Self.fileName)"
    }
  }

  private init(explicit: [String], userFile: String?, readsSystemFile: Bool) {
    self.explicit = explicit
    self.userFile = userFile
    self.readsSystemFile = readsSystemFile
    user = Processes.currentUser
  }

  /// Reads them all, the system's first.
  ///
  /// - Parameters:
  ///   - folder: of the pipeline; nil where there is none.
  ///   - pack: that the pipeline asks for.
  /// - Throws: `ConfigurationError`. A policy that is there and cannot be read stops everything: to pass over it would be
  ///   to do without it.
  public func stack(pipelineFolder folder: String?, pack pipelinePack: Pack = .baseline) throws -> PolicyStack {
    var policies: [Policy] = []
    let files = [(PolicyLayer.system, readsSystemFile ? Self.systemFile : nil), (.user, isUserFileOutOfReach ? nil : userFile)]
    for (layer, file) in files {
      if let file, let policy = try read(file, layer, mayBeMissing: true) { policies.append(policy) }
    }
    for file in explicit { policies += try read(file, .run, mayBeMissing: false).map { [$0] } ?? [] }
    if explicit.isEmpty, let folder {
      let beside = folder == "." ? Self.fileName : "\(folder)/\(Self.fileName)"
      policies += try read(beside, .pipeline, mayBeMissing: true).map { [$0] } ?? []
    }
    policies.append(try effectivePack(pipelinePack).policy())
    return PolicyStack(policies)
  }

  /// HOME may still name another user's directory after a change of user. What is in there is not this user's; where it
  /// can be read all the same, it counts.
  private var isUserFileOutOfReach: Bool {
    guard let home, let userFile, (try? File.open(userFile)) == nil else { return false }
    do throws(SystemCallError) {
      _ = try File.open(home, .directory)
      return false
    } catch {
      return error.errno == .permissionDenied
    }
  }

  /// The one that asks for more.
  public func effectivePack(_ pipelinePack: Pack) -> Pack { max(pipelinePack, pack ?? .baseline) }

  /// The places that are looked at for policies that hold for every run.
  public var standingFiles: [(layer: PolicyLayer, path: String)] {
    [(.system, Self.systemFile)] + (userFile.map { [(.user, $0)] } ?? [])
  }

  private func read(_ path: String, _ layer: PolicyLayer, mayBeMissing: Bool) throws -> Policy? {
    let source = OwnedTextFile(what: "the policy", limit: Policy.largestFile, user: user)
    guard let bytes = try source.read(path, mark: nil, mayBeMissing: mayBeMissing) else { return nil }
    return try Policy.parse(bytes, file: path, layer: layer) { (name, mark) throws(ConfigurationError) in
      try signers(name, beside: path, mark)
    }
  }

  /// A relative name stands for a file beside the policy that names it.
  private func signers(
    _ name: String, beside policy: String, _ mark: SourceMark
  ) throws(ConfigurationError) -> AllowedSigners {
    let folder = splitPath(policy).folder
    let path = name.hasPrefix("/") || folder == "." ? name : "\(folder)/\(name)"
    let source = OwnedTextFile(what: "the allowed_signers file", limit: AllowedSigners.largestByteCount, user: user)
    guard let bytes = try source.read(path, mark: mark, mayBeMissing: false) else {
      throw ConfigurationError(mark: mark, message: "the allowed_signers file \(quotedForMessage(path)) is missing")
    }
    let signers = AllowedSigners(bytes, file: path)
    // Who keeps the file meant every line of it.
    guard signers.problems.isEmpty else {
      let problems = signers.problems.map(\.message).joined(separator: "\n")
      throw ConfigurationError(mark: mark, message: "the allowed_signers file has lines that cannot be used:\n\(problems)")
    }
    return signers
  }
}
