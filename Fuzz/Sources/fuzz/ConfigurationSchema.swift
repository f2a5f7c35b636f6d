import ConfigurationSchema
import OmphalosValues

func fuzzConfigurationSchema(_ input: [UInt8]) {
  let (schemaText, valueText) = parts(of: input)
  guard let json = try? JSONValue.parse(schemaText) else { return }
  let value = valueText.flatMap { try? JSONValue.parse($0) } ?? json
  do throws(SchemaError) {
    let schema = try ConfigurationSchema(json)
    let violations = schema.validate(value)
    for violation in violations { promiseMessage(violation.message, of: "the schema") }
    promise(schema.validate(value) == violations, "the same value was judged differently a second time")
    explain(schema)
  } catch {
    promiseMessage(error.message, of: "the schema reader")
  }
}

/// What people are shown of it: lines that end, that a terminal takes, and that our own reader reads again.
private func explain(_ schema: ConfigurationSchema) {
  let table = ConfigurationTable(schema)
  promise(table.rows.count <= 200, "a table has \(table.rows.count) rows")
  guard let example = ConfigurationExample(schema) else { return }
  for line in table.lines + table.remarks + example.lines { promise(haveEqualBytes(printable(line), line), "not printable: \(line)") }
  let text = example.lines.joined(separator: "\n") + "\n"
  do throws(ConfigurationError) {
    let node = try YAMLNode.parse(bytes: Array(text.utf8), file: "example.yaml")
    promise(node[.key("config")] != nil, "an example without a configuration")
  } catch {
    promise(text.utf8.count > 1 << 20, "an example cannot be read: \(error): \(text)")
  }
}
