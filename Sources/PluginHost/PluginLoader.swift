import Admission
import ELFInspection
import LinuxCalls
import OmphalosValues
import PluginABI

/// Maps admitted plugins and confirms that they are what was decided on.
///
/// All plugins of a run are loaded before any capability is called, one after the other, on one thread.
public struct PluginLoader: Sendable {
  private let page: FlightPage
  /// Nanoseconds for each function of a plugin, its constructors included.
  private let timeout: Int64
  private let log: @Sendable (PluginID, PluginLogLevel, String) -> Void
  /// The directory of this process in /proc: the number that /proc itself shows, which `getpid` is not where /proc
  /// belongs to another pid namespace.
  private let processDirectory: String

  public init(
    page: FlightPage, timeout: Int64, log: @escaping @Sendable (PluginID, PluginLogLevel, String) -> Void
  ) throws(SystemCallError) {
    self.page = page
    self.timeout = timeout
    self.log = log
    processDirectory = "/proc/" + (try Path.linkTarget("/proc/self"))
  }

  public func load(_ admitted: AdmittedPlugin) throws(LoadFailure) -> LoadedPlugin {
    let identity = admitted.sealed.identity
    try checkDescriptor(admitted)
    let entry = try map(admitted)
    guard let mapping = MemoryMapping.holding(entry) else {
      throw failure(.load, admitted, ["the entry symbol is not in mapped memory"])
    }
    guard mapping.inode == identity.inode, mapping.device == identity.device else {
      throw failure(
        .load, admitted,
        [
          "\(HostInterface.entrySymbol) lies in another object (device \(mapping.device), inode \(mapping.inode)) than "
            + "the sealed plugin (device \(identity.device), inode \(identity.inode)): it comes from a library, or the "
            + "plugin's descriptor was replaced while plugins were loaded"
        ])
    }
    let module = try confirm(admitted, entry: entry)
    return LoadedPlugin(admitted: admitted, module: module, baseAddress: mapping.start)
  }

  /// A plugin that was loaded before may have put something else under the descriptor.
  private func checkDescriptor(_ admitted: AdmittedPlugin) throws(LoadFailure) {
    let now: FileStatus
    do throws(SystemCallError) {
      now = try admitted.sealed.memory.file.status()
    } catch {
      throw failure(.load, admitted, ["its sealed memory is gone, a plugin closed its descriptor: \(error)"])
    }
    let identity = admitted.sealed.identity
    guard now.device == identity.device, now.inode == identity.inode else {
      throw failure(
        .load, admitted, ["a plugin that was loaded before put another file under the descriptor of its sealed memory"])
    }
  }

  private func map(_ admitted: AdmittedPlugin) throws(LoadFailure) -> UInt {
    let path = "\(processDirectory)/fd/\(admitted.sealed.memory.file.descriptor)"
    do throws(LoadError) {
      let library = try page.during(
        "constructor", of: CallIdentity(plugin: admitted.id.text), timeout: timeout
      ) { () throws(LoadError) in try LoadedLibrary.open(path: path) }
      page.recordCode(of: admitted.id.text, file: admitted.sealed.name)
      guard let entry = library.address(of: HostInterface.entrySymbol) else {
        throw LoadError(text: "it has no symbol \(HostInterface.entrySymbol)")
      }
      return entry
    } catch {
      let text = error.text.hasPrefix("\(path): ") ? String(error.text.dropFirst(path.count + 2)) : error.text
      throw failure(.load, admitted, ["the dynamic linker says: \(printable(text))"])
    }
  }

  private func confirm(_ admitted: AdmittedPlugin, entry: UInt) throws(LoadFailure) -> PluginModule {
    let id = admitted.id
    let log = log
    let module: PluginModule
    do throws(DescriptorError) {
      module = try PluginModule(
        entry: entry, id: id.text, path: admitted.sealed.path, page: page, timeout: timeout
      ) { level, text in log(id, level, text) }
    } catch {
      throw failure(.confirm, admitted, [printable(error.message)])
    }
    let differences = Confirmation.differences(admitted.declaration, DescriptorFacts(module.descriptor))
    guard differences.isEmpty else { throw failure(.confirm, admitted, differences.map(\.sentence)) }
    return module
  }

  private func failure(_ stage: LoadFailure.Stage, _ admitted: AdmittedPlugin, _ reasons: [String]) -> LoadFailure {
    LoadFailure(file: admitted.sealed.path, id: admitted.id, stage: stage, reasons: reasons)
  }
}

extension DescriptorFacts {
  init(_ descriptor: PluginDescriptor) {
    self.init(
      abi: ABIDeclaration(
        major: descriptor.abiMajor, minorRequired: descriptor.abiMinorRequired,
        minorBuilt: descriptor.abiMinorBuilt, draft: descriptor.draft),
      id: descriptor.id, version: descriptor.version, vendor: descriptor.vendor, license: descriptor.license,
      summary: descriptor.summary, hermetic: descriptor.hermetic, flags: descriptor.flags,
      capabilities: descriptor.capabilities.map {
        Capability(
          kind: $0.kind, interfaceVersion: $0.interfaceVersion, flags: $0.flags, name: $0.name,
          configSchema: $0.configSchema)
      })
  }
}
