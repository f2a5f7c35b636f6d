import COmphalos

/// The producer's array under our own release. Only the top level is wrapped: children stay the producer's, and a
/// consumer may move them away as the interface allows.
@safe final class ReleasedBatch {
  private let stream: DatasetStream
  private var original: ArrowArray

  private init(_ stream: DatasetStream, _ original: ArrowArray) {
    self.stream = stream
    unsafe self.original = original
  }

  static func wrap(_ batch: UnsafeMutablePointer<ArrowArray>, of stream: DatasetStream) {
    let box = unsafe ReleasedBatch(stream, batch.pointee)
    unsafe batch.pointee.private_data = Unmanaged.passRetained(box).toOpaque()
    unsafe batch.pointee.release = { batch in
      guard let batch = unsafe batch, let context = unsafe batch.pointee.private_data,
        unsafe batch.pointee.release != nil
      else { return }
      // The box was retained by `wrap`, and this release runs once: it clears itself.
      let box = unsafe Unmanaged<ReleasedBatch>.fromOpaque(context).takeRetainedValue()
      unsafe box.stream.releaseBatch(&box.original)
      unsafe batch.pointee.release = nil
    }
  }
}
