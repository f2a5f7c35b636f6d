import LinuxCalls
import OmphalosValues
import PluginABI
import Synchronization

/// What the engine offers to one call.
final class EngineServices: CallServices {
  private let identity: CallIdentity
  private let call: UInt64
  private let page: FlightPage
  private let source: TimeAndRandomness
  private let files: [WorkOrder.InputFile]
  private let messages: MessageWriter
  private let lastProgress = Mutex<Int64>(0)
  private let lastTime = Mutex<Int64>(.min)

  init(
    _ identity: CallIdentity, call: UInt64, page: FlightPage, source: TimeAndRandomness,
    files: [WorkOrder.InputFile], messages: MessageWriter
  ) {
    self.identity = identity
    self.call = call
    self.page = page
    self.source = source
    self.files = files
    self.messages = messages
  }

  var isCancelled: Bool { page.isCancelled }

  func progress(done: UInt64, total: UInt64) {
    // Ten times a second is as fast as anyone reads, and a plugin may call this for every row.
    let now = MonotonicClock.now()
    let isDue = lastProgress.withLock { last in
      guard now - last >= 100_000_000 else { return false }
      last = now
      return true
    }
    if isDue { messages.send(.progress(identity, done: done, total: total)) }
  }

  func metric(_ name: String, _ value: Double) {
    messages.send(.metric(name: name, value: value, identity, call: call))
  }

  func now() -> Int64 {
    let time = source.now()
    return lastTime.withLock { last in
      last = max(last, time)
      return last
    }
  }

  func random(label: [UInt8], index: UInt64, count: Int) -> [UInt8] {
    source.bytes(
      plugin: identity.plugin, capability: identity.capability, instance: identity.instance, label: label,
      index: index, count: count)
  }

  func openInput(_ name: String) throws(ABIFailure) -> (descriptor: Int32, length: UInt64) {
    guard let file = files.first(where: { UTF8String($0.name) == UTF8String(name) }) else {
      let known = files.map(\.name)
      let remedy = known.isEmpty ? "it names none" : "it names \(known.joined(separator: ", "))"
      throw ABIFailure(
        .notFound, "the pipeline names no file \(quotedForMessage(name)) under `files` of this input: \(remedy).")
    }
    do throws(SystemCallError) {
      // By /proc, so that the plugin gets an offset of its own on the very file that was hashed.
      let opened = try File.open("/proc/self/fd/\(file.descriptor)")
      return (try opened.releaseDescriptor(), file.byteCount)
    } catch {
      throw ABIFailure(.io, "the input file \(quotedForMessage(name)) cannot be opened again: \(error).")
    }
  }
}
