import OmphalosValues
import Pipeline

func fuzzPipeline(_ input: [UInt8]) {
  do {
    let pipeline = try PipelineConfiguration.parse(input, file: "fuzz.yaml")
    promiseCanonical(pipeline.payload(hermetic: true, pack: .baseline))
    promise(!pipeline.inputs.isEmpty, "a pipeline without inputs was accepted")
    for use in pipeline.uses { promiseCanonical(use.recordedConfiguration) }
  } catch let errors as ConfigurationErrors {
    for error in errors.errors { promisePlace(error, in: input) }
  } catch let error as ConfigurationError {
    promisePlace(error, in: input)
  } catch {
    promise(false, "the pipeline reader threw \(error)")
  }
  // Most inputs are no pipeline; what they mean as YAML is worth a look all the same.
  do throws(ConfigurationError) {
    let value = try YAMLNode.parse(bytes: input, file: "fuzz.yaml").json
    promiseCanonical(value)
    // JSON is YAML: where the canonical form is taken at all, it must mean the same.
    if let again = try? YAMLNode.parse(bytes: value.canonicalBytes, file: "fuzz.json") {
      promise(again.json == value, "read as YAML, the canonical form is another value: \(value.canonicalText)")
    }
  } catch {
    promisePlace(error, in: input)
  }
}

func promisePlace(_ error: ConfigurationError, in input: [UInt8]) {
  promiseMessage(error.description, of: "the pipeline reader")
  guard let mark = error.mark else { return }
  // YAML breaks lines at more characters than LF, and the end of a file is a place too.
  let lines = input.count { $0 == 0x0a || $0 == 0x0d || $0 == 0x85 || $0 == 0xa8 || $0 == 0xa9 } + 2
  promise(1...lines ~= mark.line && mark.column >= 1, "\(mark) is outside the file: \(error.description)")
}
