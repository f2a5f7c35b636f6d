import Admission
import OmphalosValues

/// The declaration as a Rust module, without any crate. It is clean under `-D warnings` in the editions 2021 and 2024, and
/// takes the types of the interface from a module `abi`, as `ExamplePlugins/digest/abi.rs` is one.
struct RustSource {
  private let declaration: Declaration

  init(_ declaration: Declaration) { self.declaration = declaration }

  var text: String {
    head + note("DECLARATION", type: 1, "The declaration as JSON.", declaration.noteText(abi: declaration.abiJSON))
      + (declaration.schemasText.map { note("SCHEMAS", type: 2, "The configuration schemas as JSON.", $0) } ?? "")
      + descriptor + tail
  }

  private var capabilities: [CapabilityDeclaration] { declaration.capabilities }

  private var head: String {
    let tables = capabilities.map { "//!     pub static \($0.rustIdentifier): abi::\($0.rustType)\n" }.joined()
    return """
      //! Made by `omphalos plugin declare plugin.json --lang rust`; change plugin.json and make it again.
      //!
      //! It holds the declaration notes, the descriptor and the entry omphalos_plugin_v1. Built by rustc 1.82 or later as a
      //! cdylib whose root has `mod declaration;`, `mod abi;` and
      //!
      \(tables)\
      //!     pub const INIT: Option<abi::Init> and pub const SHUTDOWN: Option<abi::Shutdown>, None where there is nothing to do

      use crate::abi;
      use core::ffi::c_void;
      use core::mem::size_of;

      /// Pointers to constants, which any thread may read.
      #[repr(transparent)]
      struct Constant<T>(T);
      unsafe impl<T> Sync for Constant<T> {}

      #[repr(C)]
      struct Note<const N: usize> {
          namesz: u32,
          descsz: u32,
          kind: u32,
          name: [u8; 12],
          desc: [u8; N],
      }

      """
  }

  /// Its size is a multiple of 4, so that the next note begins where a reader looks for it.
  private func note(_ name: String, type: UInt32, _ comment: String, _ text: String) -> String {
    let length = text.utf8.count + 1
    let padding = (4 - length % 4) % 4
    return """

      /// \(comment)
      #[used]
      #[unsafe(link_section = ".note.omphalos")]
      static \(name)_NOTE: Note<\(length + padding)> = Note {
          namesz: 9,
          descsz: \(length),
          kind: \(type),
          name: *b"omphalOS\\0\\0\\0\\0",
          desc: *\(RustLiteral.bytes(text, zeros: 1 + padding)),
      };

      """
  }

  private var descriptor: String {
    var text = ""
    for (index, capability) in capabilities.enumerated() {
      let schema = declaration.schemas[capability.name]
      if let schema {
        text += "\nstatic SCHEMA_\(index): &[u8] = \(RustLiteral.bytes(schema.canonicalText));\n"
      }
      text += """

        static CAPABILITY_\(index): Constant<abi::Capability> = Constant(abi::Capability {
            struct_size: size_of::<abi::Capability>() as u32,
            kind: \(capability.kind.number ?? 0),
            interface_version: \(capability.interfaceVersion),
            flags: 0x\(String(capability.flags, radix: 16)),
            name: \(RustLiteral.bytes(capability.name.text)).as_ptr().cast(),
            config_schema: \(schema == nil ? "core::ptr::null()" : "SCHEMA_\(index).as_ptr().cast()"),
            vtable: {
                let table: &'static abi::\(capability.rustType) = &crate::\(capability.rustIdentifier);
                core::ptr::from_ref(table).cast::<c_void>()
            },
        });

        """
    }
    let abi = declaration.abi
    let list = capabilities.indices.map { "&CAPABILITY_\($0).0" }.joined(separator: ", ")
    return text + """

      static CAPABILITIES: Constant<[&abi::Capability; \(capabilities.count)]> = Constant([\(list)]);

      static DESCRIPTOR: Constant<abi::Plugin> = Constant(abi::Plugin {
          struct_size: size_of::<abi::Plugin>() as u32,
          abi_major: \(abi.major),
          abi_minor_required: \(abi.minorRequired),
          abi_minor_built: \(abi.minorBuilt),
          draft: \(abi.draft),
          reserved0: 0,
          id: \(pointer(declaration.id.text)),
          version: \(pointer(declaration.version.description)),
          vendor: \(pointer(declaration.vendor)),
          license: \(pointer(declaration.license)),
          summary: \(pointer(declaration.summary)),
          hermetic: \(declaration.hermetic.number),
          flags: 0x\(String(declaration.flags, radix: 16)),
          capability_count: \(capabilities.count),
          reserved1: 0,
          capabilities: core::ptr::from_ref(&CAPABILITIES.0).cast(),
          init: crate::INIT,
          shutdown: crate::SHUTDOWN,
      });

      """
  }

  private func pointer(_ text: String) -> String { RustLiteral.bytes(text) + ".as_ptr().cast()" }

  private let tail = """

    #[unsafe(no_mangle)]
    pub extern "C" fn omphalos_plugin_v1(_host_minor: u32) -> *const abi::Plugin {
        &DESCRIPTOR.0
    }

    """
}

/// Byte strings of Rust.
enum RustLiteral {
  /// Source characters of one line.
  private static let width = 100

  /// `b"…"`, ASCII alone, with NUL bytes at its end. A long one goes over several lines: a backslash at the end of a line
  /// swallows the line break and the white space after it, so that no line may begin with a space of its own.
  static func bytes(_ text: String, zeros: Int = 1) -> String {
    var lines: [String] = []
    var line = ""
    for byte in Array(text.utf8) + Array(repeating: 0, count: zeros) {
      if line.utf8.count >= width {
        lines.append(line)
        line = ""
      }
      line += line.isEmpty && byte == UInt8(ascii: " ") && !lines.isEmpty ? "\\x20" : escaped(byte)
    }
    lines.append(line)
    return "b\"" + lines.joined(separator: "\\\n      ") + "\""
  }

  private static func escaped(_ byte: UInt8) -> String {
    switch byte {
    case 0: "\\0"
    case UInt8(ascii: "\""), UInt8(ascii: "\\"): "\\" + String(UnicodeScalar(byte))
    case 0x20..<0x7f: String(UnicodeScalar(byte))
    default: "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }
  }
}

extension CapabilityDeclaration {
  /// The name of the capability's table in Rust: `EXPORTER_SAY_HELLO`.
  var rustIdentifier: String { cIdentifier.uppercased() }

  /// The type of its table in the module `abi`: `LineageSink`.
  var rustType: String { kind.text.split(separator: "_").map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined() }
}
