import Admission
import ConfigurationSchema
import OmphalosValues

/// Holds a capability's configuration against the JSON Schema in the plugin's note, before the plugin is mapped.
enum ConfigurationCheck {
  /// All that does not fit, in the order of the file.
  static func errors(in use: CapabilityUse, _ declaration: Declaration, _ secrets: Secrets) -> [ConfigurationError] {
    guard let json = declaration.schemas[use.reference.capability] else { return [] }
    let schema: ConfigurationSchema
    do throws(SchemaError) {
      schema = try ConfigurationSchema(json)
    } catch {
      return [
        ConfigurationError(
          mark: use.mark,
          message: "the schema that \(use.reference) declares for its configuration cannot be used: \(error.message)")
      ]
    }
    let violations = schema.validate(
      secrets.configuration(of: use), name: "\(use.instance): config", secretPaths: Set(use.secrets.map(\.path)))
    return violations.map { violation in
      use.configuration.map(violation.error) ?? ConfigurationError(mark: use.mark, message: violation.message)
    }
  }
}
