import Admission
import ELFInspection
import OmphalosValues
import TestSupport

@testable import DeclarationSource

/// plugin.json texts that the suites build plugins from.
enum Samples {
  static let simple = """
    {"id":"com.example.hello","version":"1.0.0","vendor":"Example","license":"MIT","summary":"Says \\"hello\\"",
     "hermetic":"compatible","flags":0,"capabilities":[{"kind":"exporter","name":"say-hello","interface_version":1,
     "required":false,"hermetic":"compatible","schema":{"type":"object","properties":{"greeting":{"type":"string",
     "default":"hello","pattern":"^[a-z?]+$"}},"additionalProperties":false}}]}
    """

  /// Everything that is hard to write in source: quotes, backslashes, trigraphs, other scripts, invisible characters,
  /// long strings, digits after an escape.
  static let hard = """
    {"id":"com.example.hard","version":"2.0.0-rc.1+build.5",
     "vendor":"Ac\\u202eme \\"&\\" Söhne 株式会社 \\ud83d\\ude00",
     "license":"MIT OR (Apache-2.0 AND LicenseRef-X)",
     "summary":"what??=is ??/ this?? \\\\n \\\\ 100%s \\u00ad7 \\u200b123 \
    \(String(repeating: "long text, ", count: 300))",
     "hermetic":"incompatible","flags":1,"abi_minor_required":0,"capabilities":[
     {"kind":"connector","name":"csv","interface_version":1,"schema":{"pattern":"^\\\\d+\\"?\\u0001\\u007f??>$"}},
     {"kind":"exporter","name":"a_b-c2","interface_version":4294967295,"required":true,"hermetic":"incompatible",
      "schema":{"description":"\(String(repeating: "é\\\"?", count: 3_000))"}},
     {"kind":"lineage_sink","name":"sink","interface_version":7}]}
    """

  /// The names keep the list of tests readable; the texts are long.
  enum Name: String, CaseIterable, Sendable { case simple, hard }

  static func source(_ name: Name) throws -> DeclarationSource { try source(name == .simple ? simple : hard) }

  static func source(_ json: String) throws -> DeclarationSource {
    try DeclarationSource(json: Array(json.utf8), file: "plugin.json")
  }

  /// The tables that the declaration promises, in C.
  static func tables(_ declaration: Declaration) -> String {
    declaration.capabilities.map { capability in
      let functions = capability.kind == .lineageSink ? "0, 0, 0, 0" : "0"
      return "const omphalos_\(capability.kind) \(capability.cIdentifier) = "
        + "{sizeof(omphalos_\(capability.kind)), 0, \(functions)};\n"
    }.joined()
  }
}

/// Checks that a built plugin declares what its plugin.json says.
func differences(_ path: String, _ source: DeclarationSource) throws -> [String] {
  let plugin = try InspectedPlugin.inspect(MemoryBytes([UInt8](try contents(path)), name: "acme.so"))
  guard let result = plugin.declaration else { return ["there is no declaration"] }
  var problems: [String] = []
  do throws(DeclarationError) {
    if try result.get() != source.declaration { problems.append("the declarations differ") }
  } catch {
    problems.append(error.message)
  }
  let decision = Admission.decide(plugin)
  return problems + decision.reasons.map(\.sentence)
}
