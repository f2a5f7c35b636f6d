import LinuxCalls

/// The record that the handler of fatal signals fills, and the thread that it is compared with.
extension FlightPage {
  /// Once, in the worker, before anything foreign is mapped.
  public func watchCrashes() throws(SystemCallError) {
    try CrashHandler.install(recordAt: memory.address + UInt(Self.crashAt))
  }

  /// On the thread that calls plugins, before it calls any.
  public func beginCalls() throws(SystemCallError) {
    try CrashHandler.useStackOfItsOwn()
    unsafe base.storeBytes(of: DedicatedThread.currentID, toByteOffset: 12, as: Int32.self)
  }

  /// The crash that the handler saw; nil if there was none, or if it could not see it.
  public var crash: CrashRecord? { CrashRecord.read(at: memory.address + UInt(Self.crashAt)) }

  /// Whether the calling thread has functions in flight. True while none can be: something jumped out of one.
  public var callingThreadIsInFunction: Bool { inFlight.contains { $0.thread == callingThread } }

  /// The worker's thread that calls plugins; 0 before there is one.
  public var callingThread: Int32 { unsafe base.load(fromByteOffset: 12, as: Int32.self) }
}
