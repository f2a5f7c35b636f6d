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
  } catch {
    promiseMessage(error.message, of: "the schema reader")
  }
}
