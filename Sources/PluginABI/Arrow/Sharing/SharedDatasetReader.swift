import COmphalos
import Synchronization

/// One consumer's reading of a shared dataset. One thread at a time, as the Arrow C stream interface asks.
public final class SharedDatasetReader: Sendable {
  private let dataset: SharedDataset
  private let number: Int
  private let state = Mutex<(isBeingRead: Bool, isClosed: Bool)>((false, false))

  init(_ dataset: SharedDataset, number: Int) {
    self.dataset = dataset
    self.number = number
  }

  public var name: String { dataset.name }

  /// From here on it reads nothing, and nothing is kept for it. Arrays that the consumer has stay its own. Safe to call
  /// twice.
  ///
  /// - Throws: if a thread of the consumer is still reading; what that one gets is its own as well.
  public func close() throws(CallFailure) {
    let isBeingRead = state.withLock { state in
      state.isClosed = true
      return state.isBeingRead
    }
    dataset.close(number)
    if isBeingRead { throw dataset.stream.stillReading("get_next") }
  }
}

extension SharedDatasetReader: BatchSource {
  var fields: [ArrowField] { dataset.stream.fields }

  var failure: CallFailure? {
    if let failure = dataset.failure { return failure }
    guard state.withLock({ $0.isClosed }) else { return nil }
    return CallFailure(
      dataset.stream.call.identity, "get_next", .ended, "the stream was read after its call had ended.")
  }

  func next(_ out: UnsafeMutablePointer<ArrowArray>) -> Bool {
    unsafe out.initialize(to: ArrowArray())
    let isFree = state.withLock { state in
      if state.isClosed || state.isBeingRead { return false }
      state.isBeingRead = true
      return true
    }
    guard isFree else { return false }
    defer { state.withLock { $0.isBeingRead = false } }
    return unsafe dataset.next(number, out)
  }
}
