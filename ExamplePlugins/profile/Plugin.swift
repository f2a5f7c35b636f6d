import COmphalos

/// What this plugin provides; `declaration.swift` makes the descriptor from it.
enum Plugin: DeclaredPlugin {
  static var exporterProfile: omphalos_exporter {
    unsafe omphalos_exporter(struct_size: UInt32(MemoryLayout<omphalos_exporter>.size), reserved0: 0, run: run)
  }
}

/// The boundary: the host's pointers come in, a status goes out, and no error leaves.
private func run(
  state: UnsafeMutableRawPointer?, call: UnsafePointer<omphalos_call>?,
  inputs: UnsafePointer<UnsafePointer<omphalos_dataset>?>?, count: Int
) -> Int32 {
  guard let call = unsafe call else { return OMPHALOS_E_INVALID.rawValue }
  // The host's promise: `call` is its call, and `inputs` holds `count` datasets until this function returns.
  let safeCall = unsafe Call(call)
  do throws(Failure) {
    let configuration = try Configuration(safeCall.configuration)
    for index in 0..<count {
      guard let input = unsafe inputs?[index] else { throw Failure.data("dataset \(index + 1) is missing") }
      let dataset = try unsafe Dataset(input.pointee)
      let path = try configuration.path(for: dataset.name, several: count > 1)
      let profile = try configuration.profile(dataset, safeCall)
      try safeCall.put(
        path: path, mediaType: "application/json", role: "narrative", description: "A profile of each column",
        bytes: profile.prettyBytes)
    }
    return OMPHALOS_OK.rawValue
  } catch {
    return safeCall.fail(error)
  }
}
