import Admission
import ConfigurationSchema
import OmphalosValues

/// Holds a capability's configuration against the JSON Schema in the plugin's note, before the plugin is mapped.
enum ConfigurationCheck {
  static func check(_ use: CapabilityUse, _ declaration: Declaration) throws(ConfigurationError) {
    guard let json = declaration.schemas[use.reference.capability] else { return }
    let schema: ConfigurationSchema
    do throws(SchemaError) {
      schema = try ConfigurationSchema(json)
    } catch {
      throw ConfigurationError(
        mark: use.mark,
        message: "the schema that \(use.reference) declares for its configuration cannot be used: \(error.message)")
    }
    let violations = schema.validate(use.configurationJSON, name: "\(use.instance): config")
    guard let violation = violations.first else { return }
    if let node = use.configuration { throw violation.error(in: node) }
    throw ConfigurationError(mark: use.mark, message: violation.message)
  }
}
