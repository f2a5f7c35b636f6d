import ConfigurationSchema
import OmphalosValues

extension InspectionReport {
  /// For each capability with a schema, its configuration: a table of its keys, and an example to paste.
  var configurations: [(heading: String, lines: [String])] {
    guard let declaration else { return [] }
    return declaration.capabilities.compactMap { capability in
      guard let json = declaration.schemas[capability.name] else { return nil }
      return ("Configuration of \(capability.kind) \(capability.name)", Self.lines(json))
    }
  }

  private static func lines(_ json: JSONValue) -> [String] {
    let schema: ConfigurationSchema
    do throws(SchemaError) {
      schema = try ConfigurationSchema(json)
    } catch {
      return ["its schema cannot be used: \(error.message)"]
    }
    let table = ConfigurationTable(schema)
    let example = ConfigurationExample(schema)?.lines ?? ["no example could be made for it"]
    return table.lines + table.remarks + [""] + example
  }
}
