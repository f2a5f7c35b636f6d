import Admission
import ConfigurationSchema
import OmphalosValues

/// The source of a plugin's declaration: plugin.json, turned into notes and descriptor in C, Swift or Rust.
///
/// The members of plugin.json become the JSON of the notes, and these go through the host's own parser: what is
/// generated here is never refused there. An unknown key is an error here, where it can only be a mistake.
public struct DeclarationSource: Sendable {
  let declaration: Declaration

  /// - Parameters:
  ///   - json: the contents of plugin.json.
  ///   - file: its name, for messages.
  public init(json: [UInt8], file: String) throws(DeclarationSourceError) {
    func refusal(_ problems: [String]) -> DeclarationSourceError {
      DeclarationSourceError(file: file, problems: problems)
    }
    let value: JSONValue
    do throws(JSONError) {
      value = try JSONValue.parse(
        json, limits: JSONLimits(bytes: Declaration.declarationLimit + Declaration.schemasLimit, depth: 64))
    } catch {
      throw refusal([error.message])
    }
    guard let root = value.objectValue else { throw refusal(["the file is \(value.kindForMessage), wanted an object"]) }
    let notes = PluginFile(root)
    guard notes.problems.isEmpty else { throw refusal(notes.problems) }
    do throws(DeclarationError) {
      declaration = try Declaration(
        declarationNote: notes.declaration.canonicalBytes, schemasNote: notes.schemas?.canonicalBytes)
    } catch {
      throw refusal(error.reasons.map(\.sentence))
    }
    let problems = Self.identifierProblems(declaration.capabilities) + Self.schemaProblems(declaration)
    guard problems.isEmpty else { throw refusal(problems) }
  }

  /// A header for C and C++, included in exactly one source file.
  public func c() -> String { CSource(declaration).text }

  /// A Swift file, compiled with the plugin's other files.
  public func swift() -> String { SwiftSource(declaration).text }

  /// A module of Rust, beside a module with the types of the interface.
  public func rust() -> String { RustSource(declaration).text }

  /// A schema that the host cannot use would stop the first pipeline that configures the capability.
  private static func schemaProblems(_ declaration: Declaration) -> [String] {
    declaration.capabilities.enumerated().compactMap { index, capability in
      guard let schema = declaration.schemas[capability.name] else { return nil }
      do throws(SchemaError) {
        _ = try ConfigurationSchema(schema)
        return nil
      } catch {
        return "capabilities[\(index)].schema, \(error.message)"
      }
    }
  }

  /// Known kinds only, and no two capabilities whose tables would have one name.
  private static func identifierProblems(_ capabilities: [CapabilityDeclaration]) -> [String] {
    var problems: [String] = []
    var owners: [String: CapabilityName] = [:]
    for (index, capability) in capabilities.enumerated() {
      if capability.kind.number == nil {
        problems.append(
          "capabilities[\(index)].kind is \(quotedForMessage(capability.kind.text)), wanted one of "
            + CapabilityKind.known.map(\.text).joined(separator: ", "))
      }
      // Swift's spelling drops more than C's: names that differ there differ in both.
      let identifier = capability.swiftIdentifier
      if let other = owners.updateValue(capability.name, forKey: identifier) {
        problems.append(
          "capabilities \(other) and \(capability.name) would both have the table \(identifier); rename one of them")
      }
    }
    return problems
  }
}

/// A plugin.json that cannot become a declaration, with everything that is wrong with it.
public struct DeclarationSourceError: Diagnosable, Sendable, Hashable {
  public let file: String
  public let problems: [String]

  public var exitCode: ExitCode { .badData }
  public var message: String { problems.map { "\(file): \($0)" }.joined(separator: "\n") }
}

extension CapabilityDeclaration {
  /// The name of the capability's table in C: `exporter_say_hello`.
  var cIdentifier: String { kind.text + "_" + name.text.replacing("-", with: "_") }

  /// The same in Swift: `exporterSayHello`.
  var swiftIdentifier: String {
    let words = cIdentifier.split(separator: "_")
    let rest = words.dropFirst().map { $0.prefix(1).uppercased() + $0.dropFirst() }
    return (words.first.map(String.init) ?? "") + rest.joined()
  }
}
