import Admission
import OmphalosValues

/// The declaration as a Swift file. Notes are written byte by byte: only integers, tuples of them and `InlineArray`
/// are constant expressions that `@section` accepts.
struct SwiftSource {
  /// Bytes of one array. Swift 6.3 gives up on arrays of about 5,000; a note may have several, side by side.
  private static let arrayBytes = 200 * rowBytes
  private static let rowBytes = 18

  private let declaration: Declaration

  init(_ declaration: Declaration) { self.declaration = declaration }

  var text: String {
    head + note("declarationNote", type: 1, "The declaration as JSON.", declaration.noteText(abi: declaration.abiJSON))
      + (declaration.schemasText.map {
        note("schemasNote", type: 2, "The configuration schemas as JSON.", $0)
      } ?? "") + descriptor + tail
  }

  private var head: String {
    let tables = declaration.capabilities.map {
      "  static var \($0.swiftIdentifier): omphalos_\($0.kind) { get }\n"
    }.joined()
    return """
      // Made by `omphalos plugin declare plugin.json --lang swift`; change plugin.json and make it again.
      //
      // It holds the declaration notes, the descriptor and the entry omphalos_plugin_v1. The plugin defines a type \
      named
      // `Plugin` that conforms to `DeclaredPlugin` below.
      import COmphalos

      typealias PluginInitialize =
        @convention(c) (UnsafePointer<omphalos_host>?, UnsafeMutablePointer<UnsafeMutableRawPointer?>?) -> Int32
      typealias PluginShutdown = @convention(c) (UnsafeMutableRawPointer?) -> Void

      /// The tables of functions that plugin.json promises. Each is read once.
      protocol DeclaredPlugin {
      \(tables)\
        /// Prepares the plugin; nil when there is nothing to prepare.
        static var initialize: PluginInitialize? { get }
        /// Frees what `initialize` made; nil when there is nothing to free.
        static var shutdown: PluginShutdown? { get }
      }

      extension DeclaredPlugin {
        static var initialize: PluginInitialize? { nil }
        static var shutdown: PluginShutdown? { nil }
      }

      """
  }

  /// The size of the array is a multiple of 4, so that the next note begins where a reader looks for it.
  private func note(_ name: String, type: UInt32, _ comment: String, _ text: String) -> String {
    let body = Array(text.utf8) + [0]
    let padded = body + Array(repeating: 0, count: (4 - body.count % 4) % 4)
    let arrays = stride(from: 0, to: padded.count, by: Self.arrayBytes).map {
      padded[$0..<min($0 + Self.arrayBytes, padded.count)]
    }
    let types = arrays.map { ", InlineArray<\($0.count), UInt8>" }.joined()
    return """

      /// \(comment)
      @section(".note.omphalos") @used
      private let \(name): (UInt32, UInt32, UInt32, InlineArray<12, UInt8>\(types)) = (
        9, \(body.count), \(type),
        [\(hexList(Array("omphalOS".utf8) + [0, 0, 0, 0]))],
        \(arrays.map(arrayText).joined(separator: ",\n  "))
      )

      """
  }

  private func arrayText(_ bytes: ArraySlice<UInt8>) -> String {
    let rows = stride(from: bytes.startIndex, to: bytes.endIndex, by: Self.rowBytes).map {
      hexList(bytes[$0..<min($0 + Self.rowBytes, bytes.endIndex)])
    }
    return "[\n    \(rows.joined(separator: ",\n    ")),\n  ]"
  }

  private func hexList(_ bytes: some Collection<UInt8>) -> String {
    bytes.map { "0x" + ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: ", ")
  }

  private var descriptor: String {
    var text = """

      /// The descriptor, made once and never freed: the host may read it as long as the process lives.
      nonisolated(unsafe) private let descriptor: UnsafePointer<omphalos_plugin> = {
        let capabilities = UnsafeMutablePointer<UnsafePointer<omphalos_capability>?>\
      .allocate(capacity: \(declaration.capabilities.count))

      """
    for (index, capability) in declaration.capabilities.enumerated() {
      let schema = declaration.schemas[capability.name].map { "text(\(literal($0.canonicalText)))" } ?? "nil"
      text += """
          unsafe capabilities[\(index)] = eternal(
            omphalos_capability(
              struct_size: UInt32(MemoryLayout<omphalos_capability>.size), \
        kind: OMPHALOS_\(capability.kind.text.uppercased()).rawValue,
              interface_version: \(capability.interfaceVersion), flags: 0x\(String(capability.flags, radix: 16)), \
        name: text("\(capability.name)"),
              config_schema: \(schema),
              vtable: eternal(Plugin.\(capability.swiftIdentifier))))

        """
    }
    let abi = declaration.abi
    return text + """
        return unsafe eternal(
          omphalos_plugin(
            struct_size: UInt32(MemoryLayout<omphalos_plugin>.size), abi_major: \(abi.major), \
      abi_minor_required: \(abi.minorRequired),
            abi_minor_built: \(abi.minorBuilt), draft: \(abi.draft), reserved0: 0,
            id: text(\(literal(declaration.id.text))),
            version: text(\(literal(declaration.version.description))),
            vendor: text(\(literal(declaration.vendor))),
            license: text(\(literal(declaration.license))),
            summary: text(\(literal(declaration.summary))),
            hermetic: OMPHALOS_HERMETIC_\(declaration.hermetic.rawValue.uppercased()).rawValue, \
      flags: 0x\(String(declaration.flags, radix: 16)), \
      capability_count: \(declaration.capabilities.count), reserved1: 0,
            capabilities: capabilities, init: Plugin.initialize, shutdown: Plugin.shutdown))
      }()

      """
  }

  private func literal(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": result += "\\" + String(scalar)
      case _ where isPlainInSource(scalar): result.unicodeScalars.append(scalar)
      default: result += "\\u{\(String(scalar.value, radix: 16))}"
      }
    }
    return result + "\""
  }

  private let tail = """

    /// A copy of `value` that is never freed.
    private func eternal<Value>(_ value: Value) -> UnsafePointer<Value> {
      let place = UnsafeMutablePointer<Value>.allocate(capacity: 1)
      unsafe place.initialize(to: value)
      return unsafe UnsafePointer(place)
    }

    /// A literal as a C string: the compiler puts it, with its NUL, into constant data.
    private func text(_ literal: StaticString) -> UnsafePointer<CChar> {
      unsafe UnsafeRawPointer(literal.utf8Start).assumingMemoryBound(to: CChar.self)
    }

    @c(omphalos_plugin_v1)
    public func pluginEntry(_ hostMinor: UInt32) -> UnsafePointer<omphalos_plugin>? {
      unsafe descriptor
    }

    """
}
