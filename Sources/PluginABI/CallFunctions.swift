import COmphalos

// The functions of `omphalos_call`, as C calls them. Each finds its call by handle and refuses one that has ended.

let setError: @convention(c) (UInt64, Int32, UnsafePointer<CChar>?, Int) -> Int32 = { handle, code, text, length in
  CallTable.shared.with(handle) { (call) throws(ABIFailure) in
    guard let message = unsafe pluginText(text, length) else {
      throw ABIFailure(.invalid, "set_error: the message is NULL")
    }
    call.setMessage(code, message)
  }.rawValue
}

let isCancelled: @convention(c) (UInt64) -> Int32 = { handle in
  var cancelled = false
  let status = CallTable.shared.with(handle) { (call) throws(ABIFailure) in
    cancelled = call.services.isCancelled
  }
  return status == .ok ? (cancelled ? 1 : 0) : status.rawValue
}

let progress: @convention(c) (UInt64, UInt64, UInt64) -> Int32 = { handle, done, total in
  CallTable.shared.with(handle) { (call) throws(ABIFailure) in
    call.services.progress(done: done, total: total)
  }.rawValue
}

let metric: @convention(c) (UInt64, UnsafePointer<CChar>?, Int, Double) -> Int32 = { handle, name, length, value in
  CallTable.shared.with(handle) { (call) throws(ABIFailure) in
    guard let bytes = unsafe pluginBytes(name, length, limit: 129), 1...128 ~= bytes.count,
      let name = String(validating: bytes, as: UTF8.self)
    else { throw ABIFailure(.invalid, "metric: wanted a UTF-8 name of 1 to 128 bytes, found \(length) bytes") }
    guard value.isFinite else {
      throw ABIFailure(.invalid, "metric \(name): found \(value), wanted a finite number")
    }
    call.services.metric(name, value)
  }.rawValue
}

let now: @convention(c) (UInt64) -> Int64 = { handle in
  var time: Int64 = 0
  let status = CallTable.shared.with(handle) { (call) throws(ABIFailure) in time = call.services.now() }
  return status == .ok ? time : Int64(status.rawValue)
}

/// The most random bytes that one call of `random_at` gives.
private let randomLimit = 1 << 20

let randomAt:
  @convention(c) (UInt64, UnsafePointer<CChar>?, Int, UInt64, UnsafeMutableRawPointer?, Int) -> Int32 = {
    handle, label, labelLength, index, out, length in
    CallTable.shared.with(handle) { (call) throws(ABIFailure) in
      guard let label = unsafe pluginBytes(label, labelLength, limit: 4096), label.count == labelLength else {
        throw ABIFailure(.invalid, "random_at: wanted a label of at most 4096 bytes, found \(labelLength)")
      }
      guard 0...randomLimit ~= length else {
        throw ABIFailure(.invalid, "random_at: wanted 0 to \(randomLimit) bytes, found \(length)")
      }
      if length == 0 { return }
      guard let out = unsafe out else { throw ABIFailure(.invalid, "random_at: `out` is NULL") }
      // The plugin vouches for `length` writable bytes at `out`.
      unsafe UnsafeMutableRawBufferPointer(start: out, count: length)
        .copyBytes(from: call.services.random(label: label, index: index, count: length))
    }.rawValue
  }

let inputOpen:
  @convention(c) (
    UInt64, UnsafePointer<CChar>?, Int, UnsafeMutablePointer<Int32>?, UnsafeMutablePointer<UInt64>?
  ) -> Int32 = { handle, name, nameLength, descriptor, length in
    CallTable.shared.with(handle) { (call) throws(ABIFailure) in
      guard let bytes = unsafe pluginBytes(name, nameLength, limit: 4096), bytes.count == nameLength,
        let name = String(validating: bytes, as: UTF8.self)
      else { throw ABIFailure(.invalid, "input_open: the name is not UTF-8 of at most 4096 bytes") }
      guard let descriptor = unsafe descriptor else { throw ABIFailure(.invalid, "input_open: `fd` is NULL") }
      let input = try call.services.openInput(name)
      unsafe descriptor.pointee = input.descriptor
      unsafe length?.pointee = input.length
    }.rawValue
  }
