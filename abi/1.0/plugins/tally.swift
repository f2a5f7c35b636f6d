// A plugin of interface 1.0 in Swift: an exporter that counts rows. Built once, by the Swift that needs no runtime; see
// README.md beside it.
import COmphalos

/// The tables that the declaration asks for.
enum Plugin: DeclaredPlugin {
  static var exporterTally: omphalos_exporter {
    omphalos_exporter(struct_size: UInt32(MemoryLayout<omphalos_exporter>.size), reserved0: 0, run: run)
  }
}

private func run(
  state: UnsafeMutableRawPointer?, call: UnsafePointer<omphalos_call>?,
  inputs: UnsafePointer<UnsafePointer<omphalos_dataset>?>?, count: Int
) -> Int32 {
  guard let call = call?.pointee, let inputs else { return OMPHALOS_E_INVALID.rawValue }
  var rows: Int64 = 0
  for index in 0..<count {
    guard let stream = inputs[index]?.pointee.stream else { return OMPHALOS_E_INVALID.rawValue }
    while true {
      var batch = ArrowArray()
      guard stream.pointee.get_next(stream, &batch) == 0 else { return OMPHALOS_E_DATA.rawValue }
      guard let release = batch.release else { break }
      rows += batch.length
      release(&batch)
    }
  }
  // At most nine rows: a digit and a line break.
  var text: (UInt8, UInt8) = (UInt8(truncatingIfNeeded: 48 + rows % 10), 10)
  let path: StaticString = "exports/tally.txt"
  return path.withUTF8Buffer { path in
    path.withMemoryRebound(to: CChar.self) { path in
      call.store.pointee.put(call.handle, path.baseAddress, path.count, nil, &text, 2)
    }
  }
}
