import Admission
import ArtifactStore
import LinuxCalls
import OmphalosValues
import PluginABI
import PluginHost
import RunRecord

/// Runs a work order inside the worker: loads the plugins, pulls datasets through exporters, feeds sinks. All calls are
/// made by one thread, one after the other, in the pipeline's order.
final class Engine {
  let order: WorkOrder
  let page: FlightPage
  let messages: MessageWriter
  let store: ArtifactStore
  let source: TimeAndRandomness
  let committed = CommittedList()
  let numbers = CallNumbers()
  var registry = PluginRegistry()
  var sinks: [SinkInstance] = []
  var readings: [InstanceName: Reading] = [:]
  /// Inputs with more than one reading, from the first exporter that reads them until the last one is through.
  var sharing: [InstanceName: SharedInput] = [:]
  let budget: BufferBudget
  let stateChecks: StateChecks
  let descriptors: OwnDescriptors
  let closureWatch: ClosureWatch
  var leftovers = LeftoverProcesses()

  init(_ order: WorkOrder, page: FlightPage, messages: MessageWriter, directory: File) throws(SystemCallError) {
    self.order = order
    self.page = page
    self.messages = messages
    budget = BufferBudget(limit: order.limits.buffer)
    stateChecks = StateChecks(messages)
    closureWatch = ClosureWatch(predicted: order.libraries)
    descriptors = try OwnDescriptors([directory, messages.file], page: page)
    source = TimeAndRandomness(fingerprint: order.fingerprint, hermetic: order.hermetic)
    let mask = SecretMask(order.secrets.map { ($0.label, $0.value) })
    store = ArtifactStore(
      directory: directory, limits: order.limits.store, reserved: RunLayout.reservedPayloadPaths, hashing: try? WorkThread(),
      objection: { path in
        // Names are recorded, and cannot be changed afterwards.
        mask.label(in: path.text).map { "the path holds the value of the secret \($0), and paths are recorded" }
      }
    ) { [committed, numbers] artifact in
      messages.send(.artifact(artifact, call: numbers.number(of: artifact.producer)))
      committed.append(artifact)
    }
  }

  /// Nanoseconds for each function of a plugin.
  var timeout: Int64 { order.limits.callTimeout }

  /// - Throws: `CallFailure`, `LoadFailure`, `PluginRefused`, `SealingError`, `SystemCallError`.
  func run() throws {
    try loadAll()
    do {
      try runSteps()
    } catch {
      // A call that failed because descriptors were closed under it is not the one to say so.
      if let failure = error as? CallFailure { checkHost(failure.identity, after: failure.function) }
      // Sinks are told; one that fails now has no say in why the run failed.
      for sink in sinks { try? sink.close(page.isCancelled ? .cancelled : .failed) }
      throw error
    }
    for plugin in registry.all.reversed() {
      let identity = CallIdentity(plugin: plugin.id.text)
      stateChecks.counting(for: identity) { plugin.module.shutdown(timeout: timeout) }
      // What init opened may stay open until here.
      stateChecks.settle(identity, "init, with shutdown,")
      try checkLeftovers(identity, "shutdown")
    }
    messages.send(.done)
  }

  /// All plugins before any call, so that a plugin that plays with descriptors cannot disturb a later load.
  private func loadAll() throws {
    // The decision is taken again, on the sealed bytes: a second look costs less than an assumption.
    let admitted = try order.plugins.map { plugin in
      try AdmittedPlugin(
        SealedPlugin(handedOver: plugin.files),
        under: AdmissionTerms(hermetic: order.hermetic, relaxations: order.relaxations), used: plugin.used, closure: nil)
    }
    let messages = messages
    let loader = try PluginLoader(
      page: page, timeout: timeout, watch: closureWatch,
      acceptsForeignEntry: order.relaxations.contains(.foreignEntry)
    ) { id, level, text in
      messages.send(.log(plugin: id.text, level: "\(level)", text: text))
    }
    var mapped: [PluginLoader.Mapped] = []
    for (index, plugin) in admitted.enumerated() {
      let identity = CallIdentity(plugin: plugin.id.text)
      mapped.append(try stateChecks.counting(for: identity) { try loader.map(plugin) })
      stateChecks.settle(identity, "constructor")
      try checkLeftovers(identity, "constructor")
      if index + 1 < admitted.count { try checkMemory(of: admitted[index + 1].sealed, after: plugin) }
    }
    for plugin in try loader.confirm(mapped) { registry.register(plugin) }
    for plugin in registry.all {
      let identity = CallIdentity(plugin: plugin.id.text)
      try stateChecks.counting(for: identity) { try plugin.module.initialize(timeout: timeout) }
      try checkLeftovers(identity, "init")
    }
  }

  func find(_ reference: CapabilityReference) throws -> (module: PluginModule, capability: Int) {
    guard let found = registry.find(reference) else {
      throw ProtocolError("The work order names \(reference), which is not loaded.")
    }
    return found
  }

  func makeCall(
    _ module: PluginModule, _ step: WorkOrder.Step, scope: StoreScope, services: EngineServices
  ) -> PluginCall {
    let identity = CallIdentity(step)
    return module.makeCall(
      identity, configuration: step.configuration.canonicalBytes, services: services,
      store: store.session(
        for: identity, scope: scope.granting(step.rights.grants), limits: step.rights.limits))
  }

  func services(_ step: WorkOrder.Step, files: [WorkOrder.InputFile] = []) -> EngineServices {
    let identity = CallIdentity(step)
    return EngineServices(
      identity, call: numbers.next(for: identity), page: page, source: source, files: files, messages: messages)
  }

  /// After each call: no process was left behind, and the disk held. A plugin may have ignored what the store told it.
  func afterCall(_ identity: CallIdentity, _ function: String) throws {
    try checkLeftovers(identity, function)
    if let failure = store.fatalFailure {
      throw CallFailure(identity, function, failure.status, failure.message)
    }
  }

  /// The loader finds it out as well, and could only name the plugin that is not loaded for it.
  private func checkMemory(of next: SealedPlugin, after plugin: AdmittedPlugin) throws {
    guard !next.isInPlace else { return }
    throw CallFailure(
      CallIdentity(plugin: plugin.id.text), "constructor", .state,
      next.isSealed
        ? "it closed or replaced the descriptor of the sealed memory that \(next.name) is loaded from."
        : "it changed the copy that \(next.name) is loaded from, or took its descriptor.")
  }

  /// After each function: the worker's descriptors are its own, and what changed for the whole process is noticed.
  func checkProcess(_ identity: CallIdentity, after function: String) {
    // It may have loaded libraries by itself.
    page.recordCode(of: identity.plugin)
    checkHost(identity, after: function)
    stateChecks.check(identity, after: function)
    let objects = closureWatch.laterObjects()
    if !objects.isEmpty { stateChecks.report(identity, loaded: objects, by: function) }
  }

  /// Does not return if the host itself cannot go on.
  private func checkHost(_ identity: CallIdentity, after function: String) {
    descriptors.check(identity, after: function)
    guard page.callingThreadIsInFunction else { return }
    page.markEnd(.framesSkipped)
    Processes.exitNow(0)
  }

  func checkLeftovers(_ identity: CallIdentity, _ function: String) throws {
    checkProcess(identity, after: function)
    let processes = leftovers.find()
    guard processes.isEmpty else {
      throw CallFailure(
        identity, function, .state, "it left processes running: \(listed(processes)).")
    }
  }

  func checkCancelled() throws {
    if page.isCancelled { throw RunCancelled() }
  }
}

/// The run is being cancelled, and no plugin is to blame.
struct RunCancelled: Error {}
