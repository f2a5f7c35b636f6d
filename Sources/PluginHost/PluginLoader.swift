import Admission
import LinuxCalls
import OmphalosValues
import PluginABI

/// Maps admitted plugins and confirms that they are what was decided on: first all are mapped, then what is mapped is
/// compared with what was decided, and only then are they asked for their descriptors.
///
/// All plugins of a run are loaded before any capability is called, one after the other, on one thread.
public final class PluginLoader {
  private let page: FlightPage
  /// Nanoseconds for each function of a plugin, its constructors included.
  private let timeout: Int64
  private let log: @Sendable (PluginID, PluginLogLevel, String) -> Void
  private let watch: ClosureWatch?
  private let acceptsForeignEntry: Bool
  /// The directory of this process in /proc: the number that /proc itself shows, which `getpid` is not where /proc
  /// belongs to another pid namespace.
  private let processDirectory: String
  /// Own libraries that are loaded: what several plugins bring with the same bytes is loaded once.
  private var ownLibraries: [UTF8String: SHA256Digest] = [:]

  /// - Parameters:
  ///   - watch: what holds the dynamic linker's list against the prediction; nil where other threads of the process load
  ///     libraries as well, so that nobody can tell whose they are.
  ///   - acceptsForeignEntry: the entry symbol may lie in a library that the plugin needs.
  public init(
    page: FlightPage, timeout: Int64, watch: ClosureWatch?, acceptsForeignEntry: Bool = false,
    log: @escaping @Sendable (PluginID, PluginLogLevel, String) -> Void
  ) throws(SystemCallError) {
    self.page = page
    self.timeout = timeout
    self.watch = watch
    self.acceptsForeignEntry = acceptsForeignEntry
    self.log = log
    processDirectory = "/proc/" + (try Path.linkTarget("/proc/self"))
  }

  /// A plugin in memory that was not yet asked for its descriptor.
  public struct Mapped: Sendable {
    let admitted: AdmittedPlugin
    let entry: UInt
  }

  /// All of these, in their order.
  public func load(_ plugins: [AdmittedPlugin]) throws(LoadFailure) -> [LoadedPlugin] {
    try confirm(plugins.map { (plugin) throws(LoadFailure) in try map(plugin) })
  }

  /// Maps a plugin's own libraries and then the plugin. Constructors run in here.
  public func map(_ admitted: AdmittedPlugin) throws(LoadFailure) -> Mapped {
    let sealed = admitted.sealed
    for library in sealed.own.libraries {
      guard let part = sealed.part(library.path), let soname = library.object.soname else { continue }
      guard ownLibraries.updateValue(part.digest, forKey: UTF8String(soname)) == nil else { continue }
      _ = try open(part.image, library.path, admitted)
    }
    let library = try open(sealed.image, nil, admitted)
    guard let entry = library.address(of: HostInterface.entrySymbol) else {
      throw failure(.load, admitted, ["the dynamic linker says: it has no symbol \(HostInterface.entrySymbol)"])
    }
    return Mapped(admitted: admitted, entry: entry)
  }

  /// - Parameter part: the path of an own library; nil for the plugin itself.
  private func open(
    _ image: ObjectImage, _ part: String?, _ admitted: AdmittedPlugin
  ) throws(LoadFailure) -> LoadedLibrary {
    let function = part.map { "constructor of \($0)" } ?? "constructor"
    let subject = part.map { "\($0): " } ?? ""
    try checkDescriptor(image, admitted, subject)
    let name = image.loadName(processDirectory: processDirectory)
    let library: LoadedLibrary
    do throws(LoadError) {
      library = try page.during(
        function, of: CallIdentity(plugin: admitted.id.text), timeout: timeout
      ) { () throws(LoadError) in try LoadedLibrary.open(path: name) }
    } catch {
      let text = error.text.hasPrefix("\(name): ") ? String(error.text.dropFirst(name.count + 2)) : error.text
      throw failure(.load, admitted, ["\(subject)the dynamic linker says: \(printable(text))" + hint(image)])
    }
    page.recordCode(of: admitted.id.text, file: (part ?? admitted.sealed.name, name))
    // A copy may have been changed between the look and the mapping.
    if image.place != .sealedMemory { try checkDescriptor(image, admitted, subject) }
    let surprises = watch?.surprises(loading: name) ?? []
    guard surprises.isEmpty else { throw failure(.load, admitted, surprises) }
    return library
  }

  /// A system may forbid to execute what lies in memory files.
  private func hint(_ image: ObjectImage) -> String {
    guard image.place == .sealedMemory, !SealedMemory.mayBeExecuted(image.file) else { return "" }
    return "; this system does not let memory files be executed (see `omphalos doctor`), and --load-mode path loads from "
      + "private copies instead"
  }

  /// A plugin that was loaded before may have put something else under the descriptor.
  private func checkDescriptor(
    _ image: ObjectImage, _ admitted: AdmittedPlugin, _ subject: String
  ) throws(LoadFailure) {
    if image.isInPlace { return }
    var what =
      image.place == .sealedMemory
      ? "a plugin that was loaded before put another file under the descriptor of its sealed memory"
      : "its copy was changed after the decision"
    do throws(SystemCallError) {
      _ = try image.file.status()
    } catch {
      what = "its sealed memory is gone, a plugin closed its descriptor: \(error)"
    }
    throw failure(.load, admitted, [subject + what])
  }

  /// Compares the memory of this process with what was decided on, then asks each plugin for its descriptor.
  public func confirm(_ mapped: [Mapped]) throws(LoadFailure) -> [LoadedPlugin] {
    guard let first = mapped.first else { return [] }
    let map = MemoryMap.current()
    let differences = watch?.differences(in: map) ?? []
    guard differences.isEmpty else { throw failure(.load, first.admitted, differences) }
    let bases = try mapped.map { (plugin) throws(LoadFailure) in try base(of: plugin, in: map) }
    return try zip(mapped, bases).map { (plugin, base) throws(LoadFailure) in
      let module = try confirm(plugin.admitted, entry: plugin.entry)
      return LoadedPlugin(admitted: plugin.admitted, module: module, baseAddress: base)
    }
  }

  /// The lowest address of the mapping that holds the entry, which has to be one of the plugin itself.
  private func base(of mapped: Mapped, in map: MemoryMap) throws(LoadFailure) -> UInt64 {
    guard let mapping = map.holding(mapped.entry) else {
      throw failure(.load, mapped.admitted, ["the entry symbol is not in mapped memory"])
    }
    let image = mapped.admitted.sealed.image
    guard image.isMapped(by: mapping) || acceptsForeignEntry else {
      throw failure(
        .load, mapped.admitted,
        [
          "\(HostInterface.entrySymbol) lies in another object (device \(mapping.device), inode \(mapping.inode)) than "
            + "the sealed plugin (device \(image.identity.device), inode \(image.identity.inode)): it comes from a library, "
            + "or the plugin's descriptor was replaced while plugins were loaded"
        ])
    }
    return mapping.start
  }

  private func confirm(_ admitted: AdmittedPlugin, entry: UInt) throws(LoadFailure) -> PluginModule {
    let id = admitted.id
    let log = log
    let module: PluginModule
    do throws(DescriptorError) {
      module = try PluginModule(
        entry: entry, id: id.text, path: admitted.sealed.path, page: page, timeout: timeout,
        resources: PluginResources(admitted.sealed)
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
