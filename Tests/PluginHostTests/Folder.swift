import Admission
import LinuxCalls
import OmphalosValues
import PluginABI
import Synchronization
import TestSupport

@testable import PluginHost

/// A folder of plugins, as an operator has one.
struct PluginFolder {
  let compiler: Compiler
  var path: String { compiler.folder.path + "/plugins" }

  init() throws {
    compiler = try Compiler()
    try Path.makeDirectories(path)
  }

  /// Compiles a plugin and puts it there.
  @discardableResult
  func add(_ name: String, _ source: ExamplePluginSource) throws -> String {
    try compiler.sharedObject(c: source.text, name: "plugins/\(name)", flags: ["-fvisibility=hidden"])
  }

  func discover(hermetic: Bool = false, largest: UInt64 = 512 << 20, user: UInt32 = Processes.currentUser) -> Discovery
  {
    Discovery([PluginDirectory(path: path, isExplicit: true)], under: AdmissionTerms(hermetic: hermetic), largest: largest, user: user)
  }

  func seal(_ id: String) throws -> SealedPlugin {
    guard let candidate = discover().candidate(for: try PluginID(id)) else {
      throw SealingError(file: id, reason: "it is not there")
    }
    return try SealedPlugin(sealing: candidate, largest: 512 << 20)
  }

  func admit(_ id: String) throws -> AdmittedPlugin {
    try AdmittedPlugin(seal(id), used: [], closure: nil)
  }
}

func plugin(_ id: String, more: String = "") -> ExamplePluginSource {
  var source = ExamplePluginSource()
  source.id = id
  source.more = more
  return source
}
