import Admission
import OmphalosValues

/// The declaration as a header for C and C++. It is clean as C99 and as C++11 under -Wall -Wextra -Wpedantic.
struct CSource {
  private let declaration: Declaration

  init(_ declaration: Declaration) { self.declaration = declaration }

  var text: String { head + notes + descriptor }

  private var capabilities: [CapabilityDeclaration] { declaration.capabilities }

  private var head: String {
    let tables = capabilities.map { " *   const omphalos_\($0.kind) \($0.cIdentifier)" }.joined(separator: "\n")
    let externs = capabilities.map { "extern const omphalos_\($0.kind) \($0.cIdentifier);" }.joined(separator: "\n")
    return """
      /* Made by `omphalos plugin declare plugin.json --lang c`; change plugin.json and make it again.
       *
       * Include this file in exactly one source file of the plugin. It holds the declaration notes, the descriptor \
      and the
       * entry omphalos_plugin_v1. The plugin defines, in any of its files:
       *
      \(tables)
       *
       * For init or shutdown, declare the function and define OMPHALOS_INIT or OMPHALOS_SHUTDOWN as its name before the
       * include.
       */
      #ifndef OMPHALOS_DECLARATION_H
      #define OMPHALOS_DECLARATION_H

      #include <omphalos/plugin.h>

      #ifndef OMPHALOS_INIT
      #define OMPHALOS_INIT NULL
      #endif
      #ifndef OMPHALOS_SHUTDOWN
      #define OMPHALOS_SHUTDOWN NULL
      #endif

      /* A schema may be longer than what ISO C asks of every compiler. */
      #pragma GCC diagnostic push
      #pragma GCC diagnostic ignored "-Woverlength-strings"

      #pragma GCC visibility push(hidden)
      \(externs)
      #pragma GCC visibility pop

      """
  }

  /// The ABI numbers come from the header that the plugin is built with, so that note and descriptor cannot differ.
  private var notes: String {
    let required = declaration.abi.minorRequired
    let placeholder: JSONValue = ["draft": 0, "major": 0, "minor_built": 0, "minor_required": 0]
    let afterABI = declaration.noteText(abi: placeholder).dropFirst(#"{"abi":"#.count + placeholder.canonicalText.count)
    let lines =
      [
        #""{\"abi\":{\"draft\":" OMPHALOS_STR(OMPHALOS_ABI_DRAFT) ",\"major\":" OMPHALOS_STR(OMPHALOS_ABI_MAJOR)"#,
        #"",\"minor_built\":" OMPHALOS_STR(OMPHALOS_ABI_MINOR) ",\"minor_required\":\#(required)}""#,
      ] + CLiteral.lines(String(afterABI))
    var text = "\n#define OMPHALOS_DECLARATION_TEXT \\\n" + macroBody(lines)
    for capability in capabilities {
      guard let schema = declaration.schemas[capability.name] else { continue }
      text += "\n#define OMPHALOS_SCHEMA_\(capability.cIdentifier) \\\n"
      text += macroBody(CLiteral.lines(schema.canonicalText))
    }
    text += "\nOMPHALOS_NOTE(omphalos_declaration, OMPHALOS_NOTE_DECLARATION, OMPHALOS_DECLARATION_TEXT);\n"
    return text + schemasNote
  }

  private var schemasNote: String {
    let members = capabilities.filter { declaration.schemas[$0.name] != nil }.sorted { $0.name < $1.name }
    guard !members.isEmpty else { return "" }
    let parts = members.enumerated().map { index, member in
      #""\#(index == 0 ? "{" : ",")\"\#(member.name)\":" OMPHALOS_SCHEMA_\#(member.cIdentifier)"#
    }
    let indent = "\n              "
    return "OMPHALOS_NOTE(omphalos_schemas, OMPHALOS_NOTE_SCHEMAS," + indent + parts.joined(separator: indent)
      + #" "}");"# + "\n"
  }

  private func macroBody(_ lines: [String]) -> String { lines.map { "  " + $0 }.joined(separator: " \\\n") + "\n" }

  private var descriptor: String {
    var text = ""
    for (index, capability) in capabilities.enumerated() {
      let schema = declaration.schemas[capability.name] == nil ? "NULL" : "OMPHALOS_SCHEMA_\(capability.cIdentifier)"
      text += """

        static const omphalos_capability omphalos_capability_\(index) = {
            sizeof(omphalos_capability), OMPHALOS_\(capability.kind.text.uppercased()), \
        \(capability.interfaceVersion)u, 0x\(String(capability.flags, radix: 16))u, "\(capability.name)",
            \(schema), &\(capability.cIdentifier)};

        """
    }
    let list = capabilities.indices.map { "&omphalos_capability_\($0)" }.joined(separator: ", ")
    let strings = [
      declaration.id.text, declaration.version.description, declaration.vendor, declaration.license,
      declaration.summary,
    ].map { "    " + CLiteral.lines($0).joined(separator: "\n        ") + ",\n" }.joined()
    return text + """

      static const omphalos_capability *const omphalos_capabilities[] = {
          \(list)};

      static const omphalos_plugin omphalos_descriptor = {
          sizeof(omphalos_plugin), OMPHALOS_ABI_MAJOR, \(declaration.abi.minorRequired), OMPHALOS_ABI_MINOR, \
      OMPHALOS_ABI_DRAFT, 0,
      \(strings)\
          OMPHALOS_HERMETIC_\(declaration.hermetic.rawValue.uppercased()), \
      0x\(String(declaration.flags, radix: 16))u, \(capabilities.count)u, 0, omphalos_capabilities, OMPHALOS_INIT, \
      OMPHALOS_SHUTDOWN};

      const omphalos_plugin *omphalos_plugin_v1(uint32_t host_minor) {
        (void)host_minor;
        return &omphalos_descriptor;
      }

      #pragma GCC diagnostic pop
      #endif

      """
  }
}

/// String literals of C.
enum CLiteral {
  /// Source characters between the quotes of one line.
  private static let width = 100

  /// `text` in pieces that the compiler joins, none cut within an escape.
  static func lines(_ text: String) -> [String] {
    var lines: [String] = []
    var piece = ""
    var length = 0
    for scalar in text.unicodeScalars {
      let token = escaped(scalar)
      let count = token.unicodeScalars.count
      if length + count > width {
        lines.append("\"\(piece)\"")
        piece = ""
        length = 0
      }
      piece += token
      length += count
    }
    lines.append("\"\(piece)\"")
    return lines
  }

  private static func escaped(_ scalar: Unicode.Scalar) -> String {
    switch scalar {
    case "\"", "\\": return "\\" + String(scalar)
    // Two of them could begin a trigraph of C99.
    case "?": return "\\?"
    case _ where isPlainInSource(scalar): return String(scalar)
    default:
      // Always three octal digits: a digit that follows cannot join them.
      return String(scalar).utf8.map { byte in
        let digits = String(byte, radix: 8)
        return "\\" + String(repeating: "0", count: 3 - digits.count) + digits
      }.joined()
    }
  }
}
