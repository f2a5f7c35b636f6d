import COmphalos
import LinuxCalls

/// Reads an `ArrowSchema` of a plugin without trusting its pointers.
enum ArrowSchemaReader {
  private static let depthLimit = 64
  private static let childLimit: Int64 = 65_536
  private static let textLimit = 65_536
  /// Of a whole schema. A child that is its own parent's child would otherwise be read for ever.
  private static let fieldLimit = 100_000
  private static let totalTextLimit = 16 << 20

  private struct Budget {
    var fields = ArrowSchemaReader.fieldLimit
    var text = ArrowSchemaReader.totalTextLimit
  }

  /// The columns of a stream: its schema must be a struct.
  static func columns(of schema: ArrowSchema) throws(ArrowError) -> [ArrowField] {
    var budget = Budget()
    let field = try unsafe Self.field(schema, path: "schema", depth: 0, &budget)
    guard case .structure(let columns) = field.type, field.format == "+s" else {
      throw ArrowError("the schema's format is \"\(field.format)\", wanted a struct, \"+s\", of the columns")
    }
    return columns
  }

  private static func field(
    _ schema: ArrowSchema, path: String, depth: Int, _ budget: inout Budget
  ) throws(ArrowError) -> ArrowField {
    guard depth <= depthLimit else { throw ArrowError("\(path) is nested more than \(depthLimit) deep") }
    budget.fields -= 1
    guard budget.fields >= 0 else { throw ArrowError("the schema has more than \(fieldLimit) fields in all") }
    guard unsafe schema.release != nil else { throw ArrowError("\(path) is a released schema") }
    let format = try text(unsafe UInt(bitPattern: schema.format), "\(path).format")
    let name = unsafe schema.name == nil ? "" : try text(UInt(bitPattern: schema.name), "\(path).name")
    budget.text -= format.utf8.count + name.utf8.count
    guard budget.text >= 0 else { throw tooMuchText }
    guard unsafe 0...childLimit ~= schema.n_children else {
      throw ArrowError("\(path).n_children is \(unsafe schema.n_children), wanted 0 to \(childLimit)")
    }
    var children: [ArrowField] = []
    for index in 0..<(unsafe Int(schema.n_children)) {
      let place = "\(path).children[\(index)]"
      let child = unsafe try structure(
        ArrowSchema.self, at: element(index, of: UInt(bitPattern: schema.children), place), place)
      children.append(try unsafe Self.field(child, path: place, depth: depth + 1, &budget))
    }
    var type = try layout(format, children: children, path: path)
    let dictionary = unsafe UInt(bitPattern: schema.dictionary)
    if dictionary != 0 {
      guard let index = ArrowIndex(format: format) else {
        throw ArrowError("\(path) has a dictionary, and its format is \"\(format)\", wanted an integer")
      }
      let place = "\(path).dictionary"
      let values = try unsafe field(
        structure(ArrowSchema.self, at: dictionary, place), path: place, depth: depth + 1, &budget)
      type = .dictionary(index, values: values)
    }
    let metadata = try metadata(at: unsafe UInt(bitPattern: schema.metadata), "\(path).metadata")
    budget.text -= metadata.count
    guard budget.text >= 0 else { throw Self.tooMuchText }
    return ArrowField(
      name: name, format: format, flags: unsafe schema.flags & knownFlags, type: type, metadata: metadata)
  }

  private static let knownFlags: Int64 = 7
  private static let tooMuchText = ArrowError(
    "the schema has more than \(totalTextLimit) bytes of names, formats and metadata in all")

  /// `i32` number of pairs, then for each of key and value `i32` length and bytes, native-endian. NULL: no pairs.
  private static func metadata(at address: UInt, _ path: String) throws(ArrowError) -> [UInt8] {
    guard address != 0 else { return [] }
    var bytes: [UInt8] = []
    func number(_ what: String, atMost limit: Int32) throws(ArrowError) -> Int {
      guard let word = OwnMemory.bytes(at: address &+ UInt(bytes.count), count: 4) else {
        throw ArrowError("\(path) lies in unreadable memory")
      }
      let value = Int32(bitPattern: UInt32(word[0]) | UInt32(word[1]) << 8 | UInt32(word[2]) << 16 | UInt32(word[3]) << 24)
      guard 0...limit ~= value else { throw ArrowError("\(path): \(what) is \(value), wanted 0 to \(limit)") }
      bytes += word
      return Int(value)
    }
    let pairs = try number("the number of pairs", atMost: 65_536)
    for _ in 0..<(2 * pairs) {
      let length = try number("a length", atMost: 1 << 20)
      guard bytes.count + length <= totalTextLimit else { throw tooMuchText }
      guard let text = OwnMemory.bytes(at: address &+ UInt(bytes.count), count: length) else {
        throw ArrowError("\(path) lies in unreadable memory")
      }
      bytes += text
    }
    return bytes
  }

  private static func layout(
    _ format: String, children: [ArrowField], path: String
  ) throws(ArrowError) -> ArrowType {
    func only(_ count: Int) throws(ArrowError) {
      if children.count != count {
        throw ArrowError("\(path).n_children is \(children.count), wanted \(count) for format \"\(format)\"")
      }
    }
    switch format {
    case "+s": return .structure(children)
    case "+l", "+m":
      try only(1)
      return .list32(children[0])
    case "+L":
      try only(1)
      return .list64(children[0])
    default: break
    }
    if format.hasPrefix("+w:"), let size = Int(format.dropFirst(3)), 0...1_000_000 ~= size {
      try only(1)
      return .fixedList(children[0], size)
    }
    try only(0)
    if let type = scalar(format) { return type }
    throw ArrowError("\(path): this host does not take columns of format \"\(format)\"; cast it before handing it over")
  }

  private static func scalar(_ format: String) -> ArrowType? {
    switch format {
    case "n": return .null
    case "b": return .bits
    case "c", "C": return .fixed(1)
    case "s", "S", "e": return .fixed(2)
    case "i", "I", "f", "tdD", "tts", "ttm", "tiM": return .fixed(4)
    case "l", "L", "g", "tdm", "ttu", "ttn", "tiD", "tDs", "tDm", "tDu", "tDn": return .fixed(8)
    case "tin": return .fixed(16)
    case "u", "z": return .variable32
    case "U", "Z": return .variable64
    default: break
    }
    if format.hasPrefix("tss:") || format.hasPrefix("tsm:") || format.hasPrefix("tsu:") || format.hasPrefix("tsn:") {
      return .fixed(8)
    }
    if format.hasPrefix("w:"), let width = Int(format.dropFirst(2)), 0...(1 << 20) ~= width { return .fixed(width) }
    if format.hasPrefix("d:") {
      let parts = format.dropFirst(2).split(separator: ",", omittingEmptySubsequences: false)
      if parts.count == 2 { return .fixed(16) }
      if parts.count == 3, let bits = Int(parts[2]), [32, 64, 128, 256].contains(bits) { return .fixed(bits / 8) }
    }
    return nil
  }

  private static func text(_ address: UInt, _ path: String) throws(ArrowError) -> String {
    guard address != 0, let bytes = OwnMemory.cString(at: address, limit: textLimit) else {
      throw ArrowError("\(path) is NULL, unreadable or longer than \(textLimit) bytes")
    }
    guard let text = String(validating: bytes, as: UTF8.self) else { throw ArrowError("\(path) is not UTF-8") }
    return text
  }
}

/// The address in slot `index` of an array of pointers of a plugin.
func element(_ index: Int, of array: UInt, _ path: String) throws(ArrowError) -> UInt {
  let (slot, overflow) = array.addingReportingOverflow(UInt(index * MemoryLayout<UInt>.size))
  guard array != 0, !overflow, let bytes = OwnMemory.bytes(at: slot, count: MemoryLayout<UInt>.size) else {
    throw ArrowError("\(path) lies in unreadable memory")
  }
  return bytes.reversed().reduce(UInt(0)) { $0 << 8 | UInt($1) }
}

/// Copies a C struct of a plugin.
func structure<Struct: BitwiseCopyable>(
  _ type: Struct.Type, at address: UInt, _ path: String
) throws(ArrowError) -> Struct {
  guard address != 0, let bytes = OwnMemory.bytes(at: address, count: MemoryLayout<Struct>.size) else {
    throw ArrowError("\(path) is NULL or lies in unreadable memory")
  }
  // The bytes are exactly one Struct, and any bit pattern is a valid value of these C structs.
  return unsafe bytes.withUnsafeBytes { unsafe $0.loadUnaligned(as: Struct.self) }
}
