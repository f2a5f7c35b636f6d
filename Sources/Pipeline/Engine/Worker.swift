import LinuxCalls
import OmphalosValues
import PluginABI
import PluginHost

/// The worker process: the one that maps plugins. It reads its order from an inherited descriptor, runs it, and ends by
/// `_exit`, because `exit` would run code of plugins.
public enum Worker {
  /// - Parameter orderDescriptor: of the sealed memory file that holds the work order.
  public static func main(orderDescriptor: Int32) -> Never {
    Processes.exitNow(run(orderDescriptor).rawValue)
  }

  private static func run(_ orderDescriptor: Int32) -> ExitCode {
    let order: WorkOrder
    let page: FlightPage
    do {
      let file = try orderFile(orderDescriptor)
      Processes.closeOnExec(orderDescriptor)
      order = try WorkOrder(JSONValue.parse(try file.readAll(limit: 256 << 20)))
      let shared = File(owning: order.page, name: "the flight page")
      page = FlightPage(try SharedMemory.adopting(shared, size: FlightPage.size))
    } catch {
      // Goes to the log of the supervisor, which sees that the worker never said that it was done.
      return .bug
    }
    // What a process has in memory would lie in its core file.
    if !order.secrets.isEmpty { Processes.forgoCoreFiles() }
    // Ours alone: what a plugin starts must not inherit the run directory or the way to the supervisor.
    for descriptor in order.inherited { Processes.closeOnExec(descriptor) }
    let messages = MessageWriter(File(owning: order.messages, name: "the supervisor"))
    page.recordCode(of: nil)
    let outcome = Outcome()
    let directory = File(owning: order.directory, name: "the run directory")
    do throws(SystemCallError) {
      // Before anything foreign is mapped: a runtime that comes with a plugin chains to the handlers it finds.
      try page.watchCrashes()
      let isComplete = try DedicatedThread.run {
        outcome.code = execute(order, page, messages, directory)
      }
      // A thread that something ended from inside has its call still on the page.
      guard isComplete else {
        page.markEnd(.threadEnded)
        return .bug
      }
    } catch {
      messages.send(.failure(exitCode: ExitCode.bug.rawValue, CallIdentity(plugin: ""), function: "", text: error.message))
      return .bug
    }
    page.markCleanEnd()
    return outcome.code
  }

  /// Sealed, unless the system has no memory files: then it is an unnamed file, of plugins that are loaded from copies.
  private static func orderFile(_ descriptor: Int32) throws(SystemCallError) -> File {
    if SealedMemory.cannotBeSealed(descriptor) { return File(owning: descriptor, name: "the work order") }
    let memory = try SealedMemory.adopting(descriptor: descriptor, name: "the work order")
    return memory.file
  }

  /// Written by the one thread that runs the order, read after it ended.
  private final class Outcome: @unchecked Sendable {
    var code = ExitCode.bug
  }

  private static func execute(
    _ order: WorkOrder, _ page: FlightPage, _ messages: MessageWriter, _ directory: File
  ) -> ExitCode {
    do {
      try page.beginCalls()
      try Engine(order, page: page, messages: messages, directory: directory).run()
      return .done
    } catch is RunCancelled {
      return .interrupted
    } catch let error as CallFailure {
      report(error.identity, error.function, error, messages)
      return error.exitCode
    } catch let error as LoadFailure {
      report(CallIdentity(plugin: error.id.text), error.stage.rawValue, error, messages)
      return error.exitCode
    } catch {
      let known = error as? any Diagnosable
      let code = known?.exitCode ?? .bug
      messages.send(
        .failure(
          exitCode: code.rawValue, CallIdentity(plugin: ""), function: "", text: known?.message ?? "\(error)"))
      return code
    }
  }

  private static func report(
    _ identity: CallIdentity, _ function: String, _ error: some Diagnosable, _ messages: MessageWriter
  ) {
    messages.send(
      .failure(exitCode: error.exitCode.rawValue, identity, function: function, text: error.message))
  }
}
