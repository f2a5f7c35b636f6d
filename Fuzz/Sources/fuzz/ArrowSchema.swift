import COmphalos

@testable import PluginABI

/// Builds a schema as a plugin would hand it over, with the input's bytes as its texts, and reads it.
func fuzzArrowSchema(_ input: [UInt8]) {
  var builder = SchemaBuilder(input)
  let root = builder.schema(depth: 0)
  defer { builder.free() }
  do throws(ArrowError) {
    let columns = try ArrowSchemaReader.columns(of: root.pointee)
    promiseCopy(columns)
  } catch {
    promiseMessage(error.message, of: "the Arrow schema reader")
  }
}

/// What a consumer gets is what the producer gave.
private func promiseCopy(_ columns: [ArrowField]) {
  let copy = UnsafeMutablePointer<ArrowSchema>.allocate(capacity: 1)
  ArrowSchemaCopy.write(columns, to: copy)
  defer {
    copy.pointee.release?(copy)
    copy.deallocate()
  }
  do throws(ArrowError) {
    promise(try ArrowSchemaReader.columns(of: copy.pointee) == columns, "the copy of a schema reads differently")
  } catch {
    promise(false, "the copy of a schema is refused: \(error.message)")
  }
}

/// Each schema takes from the input: a byte of choices, a byte with the number of children, and texts up to a line feed
/// (format, name, metadata).
private struct SchemaBuilder {
  private var rest: ArraySlice<UInt8>
  private var blocks: [UnsafeMutableRawPointer] = []
  private var made: [UnsafeMutablePointer<ArrowSchema>] = []
  private static let mostSchemas = 200

  init(_ input: [UInt8]) { rest = input[...] }

  mutating func schema(depth: Int) -> UnsafeMutablePointer<ArrowSchema> {
    let schema = UnsafeMutablePointer<ArrowSchema>.allocate(capacity: 1)
    schema.initialize(to: ArrowSchema())
    blocks.append(UnsafeMutableRawPointer(schema))
    made.append(schema)
    let choices = rest.popFirst() ?? 0
    let count = rest.popFirst() ?? 0
    schema.pointee.format = text(terminated: choices & 1 == 0)
    if choices & 2 == 0 { schema.pointee.name = text(terminated: true) }
    if choices & 4 != 0 { schema.pointee.metadata = text(terminated: false) }
    schema.pointee.flags = Int64(choices >> 4)
    if choices & 8 == 0 { schema.pointee.release = { _ in } }
    let isNested = made.count < Self.mostSchemas && depth < 70
    if isNested, choices & 128 != 0 { schema.pointee.dictionary = self.schema(depth: depth + 1) }
    addChildren(Int(count), to: schema, depth: depth, isNested: isNested)
    return schema
  }

  private mutating func addChildren(
    _ count: Int, to schema: UnsafeMutablePointer<ArrowSchema>, depth: Int, isNested: Bool
  ) {
    guard isNested, count > 0 else { return }
    // Large numbers lie: there is memory for four at most.
    let real = min(count, 4)
    let children = UnsafeMutablePointer<UnsafeMutablePointer<ArrowSchema>?>.allocate(capacity: real)
    blocks.append(UnsafeMutableRawPointer(children))
    for index in 0..<real {
      // 5: the child is one of those that are there already, perhaps its own parent.
      let known = count == 5 ? made[index % made.count] : nil
      (children + index).initialize(to: known ?? self.schema(depth: depth + 1))
    }
    schema.pointee.children = children
    schema.pointee.n_children = count < 250 ? Int64(real) : Int64(count - 255)
  }

  private mutating func text(terminated: Bool) -> UnsafePointer<CChar> {
    let line = Array(rest.prefix { $0 != 0x0a })
    rest = rest.dropFirst(line.count + 1)
    // The reader never runs past 64 KiB, but without a terminator it may read whatever lies behind the text, which
    // would make a run depend on the heap: zeros enough for the longest number are put there.
    let padding = terminated ? 1 : 64
    let bytes = UnsafeMutablePointer<CChar>.allocate(capacity: line.count + padding)
    bytes.initialize(repeating: 0, count: line.count + padding)
    for (index, byte) in line.enumerated() { bytes[index] = CChar(bitPattern: byte) }
    blocks.append(UnsafeMutableRawPointer(bytes))
    return UnsafePointer(bytes)
  }

  func free() { for block in blocks { block.deallocate() } }
}
