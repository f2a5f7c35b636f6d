import COmphalos
import LinuxCalls
import Synchronization

/// A plugin in this process: its descriptor, its host table and its state. Calls go through here, each with its name on
/// the flight page.
public final class PluginModule: Sendable {
  public let descriptor: PluginDescriptor
  public let id: String
  private let host: HostTable
  private let page: FlightPage
  private let state = Mutex(PluginState())

  @safe private struct PluginState: @unchecked Sendable {
    var pointer: UnsafeMutableRawPointer?
    var isInitialized = false
  }

  /// Asks the entry for the descriptor and reads it.
  ///
  /// - Parameters:
  ///   - entry: the address of `omphalos_plugin_v1`, known to lie in the plugin's own file.
  ///   - timeout: nanoseconds for each function.
  ///   - resources: what the plugin may open by `resource_open`.
  public init(
    entry: UInt, id: String, path: String, page: FlightPage, timeout: Int64, resources: any ResourceProvider,
    log: @escaping @Sendable (PluginLogLevel, String) -> Void
  ) throws(DescriptorError) {
    typealias Entry = @convention(c) (UInt32) -> UnsafePointer<omphalos_plugin>?
    let identity = CallIdentity(plugin: id)
    let address = page.during(HostInterface.entrySymbol, of: identity, timeout: timeout) {
      // The declaration and the symbol's version promise this type.
      let function = unsafe unsafeBitCast(entry, to: Entry.self)
      let first = unsafe UInt(bitPattern: function(UInt32(HostInterface.abiMinor)))
      let second = unsafe UInt(bitPattern: function(UInt32(HostInterface.abiMinor)))
      return first == second ? first : nil
    }
    guard let address else {
      throw DescriptorError(
        HostInterface.entrySymbol, found: "two different pointers from two calls", wanted: "the same pointer each time")
    }
    descriptor = try DescriptorReader.read(at: address)
    self.id = id
    self.page = page
    host = HostTable(pluginPath: path, resources: resources, log: log)
  }

  private var identity: CallIdentity { CallIdentity(plugin: id) }

  public func initialize(timeout: Int64) throws(CallFailure) {
    guard let initialize = unsafe descriptor.initialize else {
      state.withLock { $0.isInitialized = true }
      return
    }
    var pointer: UnsafeMutableRawPointer?
    let status = page.during("init", of: identity, timeout: timeout) { unsafe initialize(host.pointer, &pointer) }
    guard status == 0 else {
      let status = ABIStatus(rawValue: status)
      throw CallFailure(identity, "init", status, status.sentence ?? "the plugin returned its own code.")
    }
    let box = unsafe PluginState(pointer: pointer, isInitialized: true)
    state.withLock { $0 = box }
  }

  /// Once, after the last call ended; not after a failed `initialize`.
  public func shutdown(timeout: Int64) {
    let state = state.withLock { state in
      defer { state.isInitialized = false }
      return state
    }
    guard state.isInitialized, let shutdown = unsafe descriptor.shutdown else { return }
    page.during("shutdown", of: identity, timeout: timeout) { unsafe shutdown(state.pointer) }
  }

  /// A call block for one capability.
  public func makeCall(
    _ identity: CallIdentity, configuration: [UInt8], services: any CallServices, store: any StoreSession
  ) -> PluginCall {
    PluginCall(identity, host: host, configuration: configuration, services: services, store: store)
  }

  private func vtable(_ capability: Int) -> PluginDescriptor.VTable { descriptor.capabilities[capability].functions }

  /// Opens a connector. The call ends when the stream is closed, or here if opening fails.
  public func openConnector(
    _ capability: Int, call: PluginCall, name: String, timeout: Int64,
    onRows: @escaping @Sendable (UInt64) -> Void
  ) throws(CallFailure) -> DatasetStream {
    guard case .connector(let table) = vtable(capability), let open = unsafe table.open else {
      throw CallFailure(call.identity, "open", .unsupported, "the capability is not a connector.")
    }
    let stream = UnsafeMutablePointer<ArrowArrayStream>.allocate(capacity: 1)
    unsafe stream.initialize(to: ArrowArrayStream())
    let status = page.during("open", of: call.identity, timeout: timeout) {
      unsafe open(state.withLock { $0 }.pointer, call.block.pointer, stream)
    }
    do throws(CallFailure) {
      if status != 0 { throw call.failure("open", status) }
      guard unsafe stream.pointee.release != nil else {
        throw CallFailure(
          call.identity, "open", .data, "open succeeded and gave no stream: its `release` is NULL.")
      }
      return try unsafe DatasetStream(
        name: name, source: stream, call: call, page: page, timeout: timeout, onRows: onRows)
    } catch {
      // After a failed open there is nothing to release: the interface says that `release` stays NULL.
      if status == 0, let release = unsafe stream.pointee.release {
        page.during("release of the stream", of: call.identity, timeout: timeout) { unsafe release(stream) }
      }
      unsafe stream.deallocate()
      _ = call.end()
      throw error
    }
  }

  /// Runs an exporter over its datasets. The call ends here. The streams stay open: the caller closes them.
  public func runExporter(
    _ capability: Int, call: PluginCall, datasets: [ExporterDataset], timeout: Int64
  ) throws(CallFailure) {
    guard case .exporter(let table) = vtable(capability), let run = unsafe table.run else {
      throw CallFailure(call.identity, "run", .unsupported, "the capability is not an exporter.")
    }
    let arguments = DatasetArguments(datasets)
    defer { arguments.free() }
    let status = page.during("run", of: call.identity, timeout: timeout) {
      unsafe run(state.withLock { $0 }.pointer, call.block.pointer, arguments.list, datasets.count)
    }
    let endedInTime = call.end()
    // A broken dataset is its producer's failure, whatever the consumer made of it.
    for dataset in datasets { if let failure = dataset.source.failure { throw failure } }
    if status != 0 { throw call.failure("run", status) }
    if !endedInTime { throw CallFailure(call.identity, "run", .busy, ABIStatus.busy.sentence ?? "") }
  }

  /// Opens a lineage sink; the call ends when the sink is closed, or here if opening fails.
  public func openSink(_ capability: Int, call: PluginCall, timeout: Int64) throws(CallFailure) -> SinkInstance {
    guard case .lineageSink(let table) = vtable(capability), let open = unsafe table.open else {
      throw CallFailure(call.identity, "open", .unsupported, "the capability is not a lineage sink.")
    }
    var pointer: UnsafeMutableRawPointer?
    let status = page.during("open", of: call.identity, timeout: timeout) {
      unsafe open(state.withLock { $0 }.pointer, call.block.pointer, &pointer)
    }
    guard status == 0 else {
      _ = call.end()
      throw call.failure("open", status)
    }
    return unsafe SinkInstance(table, pointer, call: call, page: page, timeout: timeout)
  }
}

/// The array of `omphalos_dataset` that an exporter is given, for the duration of its call.
@safe private struct DatasetArguments {
  let list: UnsafeMutablePointer<UnsafePointer<omphalos_dataset>?>
  private let count: Int

  init(_ datasets: [ExporterDataset]) {
    count = datasets.count
    unsafe list = UnsafeMutablePointer.allocate(capacity: max(1, datasets.count))
    for (index, dataset) in datasets.enumerated() {
      let stream = UnsafeMutablePointer<ArrowArrayStream>.allocate(capacity: 1)
      unsafe dataset.source.export(to: stream)
      let value = UnsafeMutablePointer<omphalos_dataset>.allocate(capacity: 1)
      unsafe value.initialize(
        to: omphalos_dataset(
          struct_size: UInt32(MemoryLayout<omphalos_dataset>.size), reserved0: 0,
          name: newCString(dataset.name), name_len: dataset.name.utf8.count, stream: stream))
      unsafe (list + index).initialize(to: UnsafePointer(value))
    }
  }

  /// Releases the streams that the exporter did not, and frees the rest.
  func free() {
    for index in 0..<count {
      guard let value = unsafe list[index], let stream = unsafe value.pointee.stream else { continue }
      if let release = unsafe stream.pointee.release { unsafe release(stream) }
      unsafe stream.deallocate()
      unsafe value.pointee.name?.deallocate()
      unsafe value.deallocate()
    }
    unsafe list.deallocate()
  }
}
