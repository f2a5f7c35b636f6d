import COmphalos
import Synchronization

/// Where a consumer's batches come from: a connector's stream of its own, or a dataset that several consumers share.
protocol BatchSource: AnyObject, Sendable {
  var fields: [ArrowField] { get }
  /// What went wrong, in the name of whose fault it is.
  var failure: CallFailure? { get }
  /// Puts the next batch into `*out`; its release stays NULL at the end. False after a failure, and for a second thread
  /// while one is reading.
  func next(_ out: UnsafeMutablePointer<ArrowArray>) -> Bool
}

/// A dataset as an exporter is given it.
public struct ExporterDataset: Sendable {
  let name: String
  let source: any BatchSource

  /// Straight from a connector: batches are the connector's own, and nobody else reads them.
  public init(_ stream: DatasetStream) {
    name = stream.name
    source = stream
  }

  public init(_ reader: SharedDatasetReader) {
    name = reader.name
    source = reader
  }
}

extension BatchSource {
  /// Fills `*out` with a stream that pulls from this one.
  func export(to out: UnsafeMutablePointer<ArrowArrayStream>) {
    let context = unsafe Unmanaged.passRetained(ConsumerStream(self)).toOpaque()
    unsafe out.initialize(
      to: ArrowArrayStream(
        get_schema: consumerSchema, get_next: consumerNext, get_last_error: consumerLastError,
        release: consumerRelease, private_data: context))
  }
}

/// What stands behind a consumer's `ArrowArrayStream`.
private final class ConsumerStream: Sendable {
  let source: any BatchSource
  /// What the consumer reads by get_last_error; replaced at its next call.
  private let lastError = Mutex(unsafe TextBox(nil))

  @safe private struct TextBox: @unchecked Sendable {
    let pointer: UnsafePointer<CChar>?
    init(_ pointer: UnsafePointer<CChar>?) { unsafe self.pointer = pointer }
  }

  init(_ source: any BatchSource) { self.source = source }

  deinit { lastError.withLock { unsafe $0.pointer?.deallocate() } }

  func lastErrorText() -> UnsafePointer<CChar>? {
    guard let failure = source.failure else { return nil }
    let box = lastError.withLock { last in
      unsafe last.pointer?.deallocate()
      last = unsafe TextBox(newCString(failure.message))
      return last
    }
    return unsafe box.pointer
  }
}

/// The object behind a consumer's ArrowArrayStream; nil once that is released.
private func consumer(_ pointer: UnsafeMutablePointer<ArrowArrayStream>?) -> ConsumerStream? {
  guard let pointer = unsafe pointer, unsafe pointer.pointee.release != nil,
    let context = unsafe pointer.pointee.private_data
  else { return nil }
  // Retained by `export` until `consumerRelease`.
  return unsafe Unmanaged<ConsumerStream>.fromOpaque(context).takeUnretainedValue()
}

private let ioError: Int32 = 5
private let invalidArgument: Int32 = 22

private let consumerSchema:
  @convention(c) (UnsafeMutablePointer<ArrowArrayStream>?, UnsafeMutablePointer<ArrowSchema>?) -> Int32 = {
    pointer, out in
    guard let consumer = unsafe consumer(pointer), let out = unsafe out else { return invalidArgument }
    unsafe ArrowSchemaCopy.write(consumer.source.fields, to: out)
    return 0
  }

private let consumerNext:
  @convention(c) (UnsafeMutablePointer<ArrowArrayStream>?, UnsafeMutablePointer<ArrowArray>?) -> Int32 = {
    pointer, out in
    guard let consumer = unsafe consumer(pointer), let out = unsafe out else { return invalidArgument }
    return unsafe consumer.source.next(out) ? 0 : ioError
  }

private let consumerLastError: @convention(c) (UnsafeMutablePointer<ArrowArrayStream>?) -> UnsafePointer<CChar>? = {
  unsafe consumer($0)?.lastErrorText()
}

private let consumerRelease: @convention(c) (UnsafeMutablePointer<ArrowArrayStream>?) -> Void = { pointer in
  guard let pointer = unsafe pointer, unsafe pointer.pointee.release != nil,
    let context = unsafe pointer.pointee.private_data
  else { return }
  unsafe pointer.pointee.release = nil
  unsafe Unmanaged<ConsumerStream>.fromOpaque(context).release()
}
