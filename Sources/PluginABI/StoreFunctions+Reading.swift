import COmphalos

let storeOpen:
  @convention(c) (
    UInt64, UnsafePointer<CChar>?, Int, UnsafeMutablePointer<UInt64>?, UnsafeMutablePointer<UInt64>?
  ) -> Int32 = { handle, pathPointer, pathLength, artifact, length in
    CallTable.shared.with(handle) { (call) throws(ABIFailure) in
      guard let artifact = unsafe artifact else { throw ABIFailure(.invalid, "open: `artifact` is NULL") }
      let opened = unsafe try call.store.open(path(pathPointer, pathLength))
      unsafe artifact.pointee = opened.artifact
      unsafe length?.pointee = opened.length
    }.rawValue
  }

let storeRead:
  @convention(c) (UInt64, UInt64, UInt64, UnsafeMutableRawPointer?, Int, UnsafeMutablePointer<Int>?) -> Int32 = {
    handle, artifact, offset, into, capacity, count in
    CallTable.shared.with(handle) { (call) throws(ABIFailure) in
      guard let count = unsafe count else { throw ABIFailure(.invalid, "read: `count` is NULL") }
      guard capacity >= 0, unsafe into != nil || capacity == 0 else {
        throw ABIFailure(.invalid, "read: `into` is NULL or its capacity cannot be")
      }
      // The plugin vouches for `capacity` writable bytes.
      let buffer = unsafe UnsafeMutableRawBufferPointer(start: into, count: capacity)
      var span = unsafe buffer.mutableBytes
      unsafe count.pointee = try call.store.read(artifact, at: offset, into: &span)
    }.rawValue
  }

let storeClose: @convention(c) (UInt64, UInt64) -> Int32 = { handle, artifact in
  CallTable.shared.with(handle) { (call) throws(ABIFailure) in try call.store.close(artifact) }.rawValue
}

let storeMap:
  @convention(c) (UInt64, UInt64, UnsafeMutablePointer<UnsafeRawPointer?>?, UnsafeMutablePointer<Int>?) -> Int32 = {
    handle, artifact, bytes, length in
    CallTable.shared.with(handle) { (call) throws(ABIFailure) in
      guard let bytes = unsafe bytes, let length = unsafe length else {
        throw ABIFailure(.invalid, "map: `bytes` or `length` is NULL")
      }
      // The session keeps the mapping until the plugin closes the artifact or its call ends.
      let mapping = try call.store.map(artifact)
      unsafe bytes.pointee = UnsafeRawPointer(bitPattern: mapping.address)
      unsafe length.pointee = mapping.count
    }.rawValue
  }

let storeListOpen:
  @convention(c) (UInt64, UnsafePointer<CChar>?, Int, UnsafeMutablePointer<UInt64>?) -> Int32 = {
    handle, prefix, prefixLength, cursor in
    CallTable.shared.with(handle) { (call) throws(ABIFailure) in
      guard let cursor = unsafe cursor else { throw ABIFailure(.invalid, "list_open: `cursor` is NULL") }
      let prefix = prefixLength == 0 ? [] : unsafe try path(prefix, prefixLength)
      unsafe cursor.pointee = try call.store.listOpen(prefix: prefix)
    }.rawValue
  }

let storeListNext:
  @convention(c) (
    UInt64, UInt64, UnsafeMutablePointer<CChar>?, Int, UnsafeMutablePointer<Int>?, UnsafeMutablePointer<UInt64>?
  ) -> Int32 = { handle, cursor, path, capacity, pathLength, length in
    CallTable.shared.with(handle) { (call) throws(ABIFailure) in
      guard let pathLength = unsafe pathLength else { throw ABIFailure(.invalid, "list_next: `path_len` is NULL") }
      guard capacity >= 0, unsafe path != nil || capacity == 0 else {
        throw ABIFailure(.invalid, "list_next: `path` is NULL or its capacity cannot be")
      }
      let next = try call.store.listNext(cursor, capacity: capacity)
      unsafe pathLength.pointee = next.path.count
      unsafe length?.pointee = next.byteCount
      guard next.path.count <= capacity else {
        throw ABIFailure(.invalid, "list_next: the path has \(next.path.count) bytes, `capacity` is \(capacity)")
      }
      // The plugin vouches for `capacity` writable bytes.
      let room = unsafe UnsafeMutableRawBufferPointer(start: path, count: capacity)
      unsafe room.copyBytes(from: next.path)
    }.rawValue
  }

let storeListClose: @convention(c) (UInt64, UInt64) -> Int32 = { handle, cursor in
  CallTable.shared.with(handle) { (call) throws(ABIFailure) in try call.store.listClose(cursor) }.rawValue
}
