import Admission
import ELFInspection
import OmphalosValues

/// Counts what is read, because a file can ask for the same bytes again and again.
private final class CountedBytes: ByteSource {
  let bytes: MemoryBytes
  private(set) var read = 0

  init(_ bytes: [UInt8]) { self.bytes = MemoryBytes(bytes, name: "acme.so") }

  var byteCount: Int { bytes.byteCount }
  var name: String { bytes.name }

  func bytes(at offset: Int, count: Int) throws -> [UInt8] {
    read += count
    return try bytes.bytes(at: offset, count: count)
  }
}

func fuzzELF(_ input: [UInt8]) {
  let source = CountedBytes(input)
  do throws(ELFError) {
    let plugin = try InspectedPlugin.inspect(source)
    promise(plugin.object.size == input.count, "the size is \(plugin.object.size), wanted \(input.count)")
    for symbol in plugin.object.imports { promise(!symbol.name.isEmpty, "an import has no name") }
    for symbol in plugin.object.exports { promise(!symbol.name.isEmpty, "an export has no name") }
    for note in plugin.object.notes {
      promise(note.offset < UInt64(input.count), "a note is at \(note.offset), behind the end")
    }
    switch plugin.declaration {
    case .failure(let error): promiseReasons(error)
    case .success, nil: break
    }
    let again = try InspectedPlugin.inspect(MemoryBytes(input, name: "acme.so"))
    promise(again.object == plugin.object, "the same bytes were read differently a second time")
  } catch {
    promisePrintable(error.message, of: "the ELF reader")
    promise(error.message.hasPrefix("acme.so "), "a refusal does not begin with the file's name: \(error.message)")
  }
  // Walks of a table forwards read each window once; only chains that jump between far places read windows again.
  promise(source.read <= 256 << 20, "\(source.read) bytes were read of a file of \(input.count)")
}
