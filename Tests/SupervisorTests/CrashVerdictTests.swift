import LinuxCalls
import OmphalosValues
import TestSupport
import Testing

@testable import PluginABI
@testable import Supervisor

/// What the supervisor makes of a page after a crash, where a real plugin could not be made to crash at that moment.
@Suite("The verdict on a crash")
struct CrashVerdictTests {
  private let fixture: WorkerFixture
  private let report = CallIdentity(plugin: "com.example.x", capability: "report", instance: "exports[0]")

  init() throws {
    fixture = try WorkerFixture("kill -SEGV $$")
    _ = try fixture.watch.untilEnd()
  }

  private func write(_ record: CrashRecord) {
    let at = UnsafeMutableRawPointer(bitPattern: fixture.worker.page.memory.address)! + FlightPage.crashAt
    for (index, value) in [record.signal, record.code, record.thread, record.sender].enumerated() {
      at.storeBytes(of: value, toByteOffset: 4 + 4 * index, as: Int32.self)
    }
    at.storeBytes(of: record.access.rawValue, toByteOffset: 20, as: UInt32.self)
    for (index, value) in [record.pc, record.stackPointer, record.value].enumerated() {
      at.storeBytes(of: value, toByteOffset: 24 + 8 * index, as: UInt64.self)
    }
    at.storeBytes(of: 2, as: UInt32.self)
  }

  private func fault(thread: Int32, pc: UInt64) -> CrashRecord {
    CrashRecord(
      signal: 11, code: 1, thread: thread, sender: 0, access: .writing, pc: pc, stackPointer: 0x7000_0000_0000, value: 8)
  }

  /// This test's thread is the one that calls plugins, and one call has returned.
  private func afterACall() throws {
    let page = fixture.worker.page
    try page.beginCalls()
    page.during("run", of: report, timeout: 0) {}
  }

  private var failure: (message: String, exitCode: ExitCode)? { fixture.verdict(.signalled(11)).failure() }

  @Test("on a thread of a plugin while no call runs names the call that returned last, and says so")
  func noCall() throws {
    try afterACall()
    write(fault(thread: DedicatedThread.currentID &+ 1, pc: 0x1234))
    #expect(
      failure?.message
        == "A thread that a plugin started was ended by SIGSEGV, writing to address 0x8, after "
        + "com.example.x/report (exports[0]): run had returned; no call was running.")
    #expect(failure?.exitCode == .callFailed)
  }

  @Test("in the host's code between two calls is a bug here, with the call that returned last")
  func hostBetweenCalls() throws {
    try afterACall()
    fixture.worker.page.recordCode(of: nil)
    let address = try #require(LoadedLibrary.open(path: "libswiftCore.so").address(of: "swift_retain"))
    write(fault(thread: DedicatedThread.currentID, pc: UInt64(address)))
    let message = failure?.message.replacing(/\+0x[0-9a-f]+/, with: "+0x*")
    #expect(
      message
        == "The worker was ended by SIGSEGV at libswiftCore.so+0x*, writing to address 0x8, in omphalos's own code, after "
        + "com.example.x/report (exports[0]): run had returned. This is a bug in omphalos, unless a plugin gave it a wrong "
        + "pointer or damaged its memory.")
    #expect(failure?.exitCode == .bug)
  }

  @Test("is told from the page alone where the record is of another signal than the one that ended the worker")
  func otherSignal() throws {
    try afterACall()
    write(
      CrashRecord(
        signal: 7, code: 1, thread: 1, sender: 0, access: .writing, pc: 0, stackPointer: 0, value: 8))
    #expect(
      failure?.message
        == "com.example.x/report (exports[0]): was ended by SIGSEGV after its run had returned; no call was running.")
  }

  @Test("reads a record of impossible numbers without a trap", arguments: [Int64.min, -1, 0, Int64.max])
  func impossible(_ number: Int64) throws {
    try afterACall()
    let bits = UInt64(bitPattern: number)
    for signal: Int32 in [11, 7, 8, 31] {
      write(
        CrashRecord(
          signal: signal, code: 1, thread: DedicatedThread.currentID, sender: Int32(truncatingIfNeeded: number),
          access: .unknown, pc: bits, stackPointer: ~bits, value: bits))
      #expect(fixture.verdict(.signalled(signal)).failure()?.exitCode == .callFailed)
    }
  }
}
