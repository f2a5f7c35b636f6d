import LinuxCalls
import OmphalosValues
import Pipeline
import PluginABI

/// The started worker and our ends of what connects us.
struct WorkerProcess {
  let pid: Int32
  let page: FlightPage
  let messages: File
  let standardOutput: File
  let standardError: File

  /// Starts this very executable again as the worker.
  ///
  /// - Parameters:
  ///   - directory: the partial run directory.
  ///   - workingDirectory: an empty directory.
  static func start(
    _ plan: RunPlan, directory: File, workingDirectory: File, caller: [String: String]
  ) throws -> WorkerProcess {
    let page = FlightPage(try SharedMemory.create(size: FlightPage.size, name: "omphalos flight page"))
    let messages = try Pipe(name: "the worker's messages")
    let output = try Pipe(name: "the worker's output")
    let errors = try Pipe(name: "the worker's errors")
    let order = WorkOrder(
      plan, directory: directory.descriptor, page: page.memory.file.descriptor,
      messages: messages.writing.descriptor)
    let orderFile = try file(holding: order.json.canonicalBytes, plan)
    let descriptor = orderFile.descriptor
    let launch = ProcessLaunch(
      executable: "/proc/self/exe", arguments: ["omphalos", "worker", "\(descriptor)"],
      environment: WorkerEnvironment.variables(plan, caller: caller), workingDirectory: workingDirectory,
      standardOutput: output.writing, standardError: errors.writing, inherited: order.inherited + [descriptor])
    let pid = try launch.start()
    return WorkerProcess(
      pid: pid, page: page, messages: messages.reading, standardOutput: output.reading,
      standardError: errors.reading)
  }

  /// Where plugins are loaded from copies there may be no memory files for the order either.
  private static func file(holding bytes: [UInt8], _ plan: RunPlan) throws -> File {
    let name = "omphalos work order"
    do throws(SystemCallError) {
      return try SealedMemory.holding(bytes, name: name).file
    } catch {
      if plan.loadsFromMemory { throw error }
      guard plan.secrets.isEmpty else {
        throw RunFailure(
          message: "The pipeline has secrets: secrets reach the worker by a memory file alone, and this system gives none "
            + "(\(error)). Run it where memory files are allowed, or without secrets.", exitCode: .badData, partial: nil)
      }
    }
    let file = try AnonymousFile.create(name: name)
    try file.write(bytes)
    return file
  }
}
