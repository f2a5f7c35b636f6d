import COmphalos

/// The call that the host made, behind safe functions.
///
/// The host promises that the call and its tables are readable for the life of the process, and that every function of
/// ABI 1.0 is there: that is what the `unsafe` lines below rely on. Whoever makes a value promises that the pointer is
/// the one that the host passed.
@safe struct Call {
  private let call: UnsafePointer<omphalos_call>

  @unsafe init(_ call: UnsafePointer<omphalos_call>) { unsafe self.call = call }

  /// The configuration: a JSON object.
  var configuration: [UInt8] {
    let bytes = unsafe UnsafeRawBufferPointer(start: call.pointee.config, count: call.pointee.config_len)
    return unsafe [UInt8](bytes)
  }

  /// Tells the host why the call is about to fail, and returns the status to return.
  func fail(_ failure: Failure) -> Int32 {
    var message = failure.message
    message.withUTF8 { text in
      _ = unsafe text.withMemoryRebound(to: CChar.self) { characters in
        unsafe call.pointee.set_error(
          call.pointee.handle, failure.status, characters.baseAddress, characters.count)
      }
    }
    return failure.status
  }

  func checkCancelled() throws(Failure) {
    guard unsafe call.pointee.is_cancelled(call.pointee.handle) != 0 else { return }
    throw Failure(status: OMPHALOS_E_CANCELLED.rawValue, message: "the run is being cancelled")
  }

  func reportProgress(rows: Int) {
    _ = unsafe call.pointee.progress(call.pointee.handle, UInt64(rows), 0)
  }

  /// Writes an artifact whole.
  func put(
    path: String, mediaType: StaticString, role: StaticString, description: StaticString, bytes: [UInt8]
  ) throws(Failure) {
    // Literals lie in constant data: the pointers stay valid, and the store reads them before it returns.
    var options = unsafe omphalos_artifact_options(
      struct_size: UInt32(MemoryLayout<omphalos_artifact_options>.size), reserved0: 0,
      media_type: characters(mediaType), media_type_len: mediaType.utf8CodeUnitCount,
      role: characters(role), role_len: role.utf8CodeUnitCount,
      description: characters(description), description_len: description.utf8CodeUnitCount)
    let pathBytes = path.utf8.map { CChar(bitPattern: $0) }
    let status = unsafe pathBytes.withUnsafeBufferPointer { path in
      unsafe bytes.withUnsafeBytes { content in
        unsafe call.pointee.store.pointee.put(
          call.pointee.handle, path.baseAddress, path.count, &options, content.baseAddress, content.count)
      }
    }
    guard status != OMPHALOS_OK.rawValue else { return }
    let reason = unsafe omphalos_status_sentence(status).map { unsafe String(cString: $0) }
    throw Failure(
      status: status, message: "cannot write the artifact \(path): \(reason ?? "the store gave an unknown status.")")
  }
}

private func characters(_ literal: StaticString) -> UnsafePointer<CChar> {
  unsafe UnsafeRawPointer(literal.utf8Start).assumingMemoryBound(to: CChar.self)
}
