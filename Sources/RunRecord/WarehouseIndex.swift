import OmphalosValues

/// `warehouse/index.jsonl`: the datasets of the run, where no exporter made a warehouse file.
enum WarehouseIndex {
  /// One line a dataset, sorted by name, keys sorted.
  static func file(_ inputs: [InputFacts]) -> RecordFile {
    var content: [UInt8] = []
    for input in inputs.sorted(by: { $0.name < $1.name }) {
      let line: JSONValue = [
        "dataset": .string(input.name.text), "fingerprint": .string(input.fingerprint.hex),
        "rows": .integer(Int64(clamping: input.rowCount)),
      ]
      content += line.canonicalBytes + [UInt8(ascii: "\n")]
    }
    return RecordFile(path: RunLayout.warehouseIndex, content: content)
  }
}
