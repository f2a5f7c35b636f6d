import COmphalos

/// The one `omphalos_store` table of the process.
@safe struct StoreTable: @unchecked Sendable {
  static let shared = StoreTable()
  // Written once here, then constant, never freed.
  let pointer: UnsafePointer<omphalos_store>

  private init() {
    let table = UnsafeMutablePointer<omphalos_store>.allocate(capacity: 1)
    unsafe table.initialize(
      to: omphalos_store(
        struct_size: UInt32(MemoryLayout<omphalos_store>.size), reserved0: 0, put: storePut, create: storeCreate,
        write: storeWrite, commit: storeCommit, discard: storeDiscard, stage: storeStage, open: storeOpen,
        read: storeRead, map: storeMap, close: storeClose, list_open: storeListOpen, list_next: storeListNext,
        list_close: storeListClose))
    unsafe pointer = UnsafePointer(table)
  }
}

typealias PathPointer = UnsafePointer<CChar>?
private typealias OptionsPointer = UnsafePointer<omphalos_artifact_options>?

/// Longer than any allowed path, so that the store sees that it is too long.
let pathLimit = 4096

func path(_ pointer: PathPointer, _ length: Int) throws(ABIFailure) -> [UInt8] {
  guard let bytes = unsafe pluginBytes(pointer, length, limit: pathLimit) else {
    throw ABIFailure(.path, "the path is NULL")
  }
  return bytes
}

private func text(
  _ pointer: PathPointer, _ length: Int, limit: Int, _ field: String
) throws(ABIFailure) -> String {
  guard let bytes = unsafe pluginBytes(pointer, length, limit: limit + 1), bytes.count <= limit,
    let text = String(validating: bytes, as: UTF8.self)
  else {
    throw ABIFailure(.invalid, "artifact option \(field): wanted UTF-8 of at most \(limit) bytes, found \(length)")
  }
  return text
}

private func options(_ pointer: OptionsPointer) throws(ABIFailure) -> ArtifactOptions {
  guard let pointer = unsafe pointer else { return ArtifactOptions() }
  // The size first: beyond it the struct may not be there.
  let size = unsafe UnsafeRawPointer(pointer).loadUnaligned(as: UInt32.self)
  let wanted = unsafe MemoryLayout<omphalos_artifact_options>.size
  guard size >= wanted else {
    throw ABIFailure(.invalid, "artifact options: struct_size is \(size), wanted at least \(wanted)")
  }
  let raw = unsafe pointer.pointee
  var options = ArtifactOptions()
  let mediaType = unsafe try text(raw.media_type, raw.media_type_len, limit: 255, "media_type")
  if !mediaType.isEmpty { options.mediaType = mediaType }
  let role = unsafe try text(raw.role, raw.role_len, limit: 64, "role")
  if !role.isEmpty {
    guard let known = ArtifactOptions.Role(rawValue: role) else {
      let roles = ArtifactOptions.Role.allCases.map(\.rawValue).joined(separator: ", ")
      throw ABIFailure(.invalid, "artifact option role: found \"\(role)\", wanted one of \(roles)")
    }
    options.role = known
  }
  unsafe options.description = try text(raw.description, raw.description_len, limit: 4096, "description")
  return options
}

/// The plugin vouches for `length` readable bytes.
private func contents(_ bytes: UnsafeRawPointer?, _ length: Int) throws(ABIFailure) -> UnsafeRawBufferPointer {
  guard length >= 0, unsafe bytes != nil || length == 0 else {
    throw ABIFailure(.invalid, "the bytes are NULL or their length (\(UInt(bitPattern: length))) cannot be")
  }
  return unsafe UnsafeRawBufferPointer(start: bytes, count: length)
}

private let storePut:
  @convention(c) (UInt64, UnsafePointer<CChar>?, Int, UnsafePointer<omphalos_artifact_options>?, UnsafeRawPointer?, Int)
    -> Int32 = { handle, pathPointer, pathLength, optionsPointer, bytes, length in
      CallTable.shared.with(handle) { (call) throws(ABIFailure) in
        let contents = unsafe try contents(bytes, length)
        try unsafe call.store.put(path(pathPointer, pathLength), options(optionsPointer), contents.bytes)
      }.rawValue
    }

private let storeCreate:
  @convention(c) (
    UInt64, UnsafePointer<CChar>?, Int, UnsafePointer<omphalos_artifact_options>?, UnsafeMutablePointer<UInt64>?
  ) -> Int32 = { handle, pathPointer, pathLength, optionsPointer, artifact in
    CallTable.shared.with(handle) { (call) throws(ABIFailure) in
      guard let artifact = unsafe artifact else { throw ABIFailure(.invalid, "create: `artifact` is NULL") }
      unsafe artifact.pointee = try call.store.create(path(pathPointer, pathLength), options(optionsPointer))
    }.rawValue
  }

private let storeStage:
  @convention(c) (
    UInt64, UnsafePointer<CChar>?, Int, UnsafePointer<omphalos_artifact_options>?, UnsafeMutablePointer<UInt64>?,
    UnsafeMutablePointer<Int32>?
  ) -> Int32 = { handle, pathPointer, pathLength, optionsPointer, artifact, descriptor in
    CallTable.shared.with(handle) { (call) throws(ABIFailure) in
      guard let artifact = unsafe artifact, let descriptor = unsafe descriptor else {
        throw ABIFailure(.invalid, "stage: `artifact` or `fd` is NULL")
      }
      let staged = unsafe try call.store.stage(path(pathPointer, pathLength), options(optionsPointer))
      unsafe artifact.pointee = staged.artifact
      unsafe descriptor.pointee = staged.descriptor
    }.rawValue
  }

private let storeWrite: @convention(c) (UInt64, UInt64, UnsafeRawPointer?, Int) -> Int32 = {
  handle, artifact, bytes, length in
  CallTable.shared.with(handle) { (call) throws(ABIFailure) in
    let contents = unsafe try contents(bytes, length)
    try unsafe call.store.write(artifact, contents.bytes)
  }.rawValue
}

private let storeCommit: @convention(c) (UInt64, UInt64) -> Int32 = { handle, artifact in
  CallTable.shared.with(handle) { (call) throws(ABIFailure) in try call.store.commit(artifact) }.rawValue
}

private let storeDiscard: @convention(c) (UInt64, UInt64) -> Int32 = { handle, artifact in
  CallTable.shared.with(handle) { (call) throws(ABIFailure) in try call.store.discard(artifact) }.rawValue
}
