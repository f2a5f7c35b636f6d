import Foundation
import TestSupport
import Testing

@Suite("A pipeline file that is wrong")
struct ConfigurationTests {
  private static let good = """
    schema_version: "1.0"
    run: { name: tables, seed: 1, hermetic: true, output_root: runs }
    inputs:
      - name: data
        connector: org.omphalos.csv/csv
        files: { data: data.csv }
    exports:
      - exporter: org.omphalos.csv/table
        inputs: [data]

    """

  private func run(_ pipeline: String) throws -> PipelineFolder.Outcome {
    let folder = try PipelineFolder()
    try folder.addExamples("csv")
    try folder.folder.write("data.csv", "a,b\n1,x\n")
    try folder.folder.write("pipeline.yaml", pipeline)
    return try folder.run()
  }

  struct Mistake: CustomTestStringConvertible, Sendable {
    let from: String
    let to: String
    /// All that is printed after "omphalos: pipeline.yaml:".
    let message: String
    var testDescription: String { to }
  }

  static let mistakes: [Mistake] = [
    Mistake(from: "seed: 1", to: "sead: 1", message: "2:22: run: the key \"sead\" is not known; did you mean \"seed\"?"),
    Mistake(from: "seed: 1", to: "seed: one", message: "2:28: run.seed: found the text \"one\", wanted a whole number"),
    Mistake(
      from: "seed: 1", to: "seed: 010121",
      message: "2:28: 010121 is a decimal number here and an octal number (or text, if it holds an 8 or 9) in YAML 1.1: "
        + "put it in quotes, \"010121\", if it is a text, or write the number without its leading 0"),
    Mistake(
      from: "hermetic: true", to: "hermetic: NO",
      message: "2:41: NO is text here and the boolean false in YAML 1.1: put it in quotes, \"NO\", if it is a text, or "
        + "write false"),
    Mistake(
      from: "name: tables", to: "name: 1:30",
      message: "2:14: 1:30 is text here and a number in YAML 1.1: put it in quotes, \"1:30\", if it is a text, or write "
        + "the number in decimal digits"),
    Mistake(
      from: "    connector:", to: "   connector:",
      message: "5:4: this is not YAML: while parsing a block collection that begins in line 4, did not find expected '-' "
        + "indicator; the indent must be that of the other elements of this sequence"),
    Mistake(
      from: "    connector:", to: "\tconnector:",
      message: "5:1: this is not YAML: while scanning a plain scalar that begins in line 4, found a tab character that "
        + "violates indentation; the line is indented with a tab: use spaces"),
    Mistake(
      from: "name: data", to: "name: data\n    name: again",
      message: "5:5: the key \"name\" comes twice in this mapping, first in line 4: keep one of them"),
    Mistake(
      from: "inputs: [data]", to: "inputs: [dada]",
      message: "9:14: exports[0].inputs[0]: there is no input dada; did you mean data?"),
    Mistake(
      from: "data.csv", to: "missing.csv",
      message: "6:20: the input file \"missing.csv\" cannot be used: there is no such file"),
    Mistake(
      from: "{ data: data.csv }", to: "{ }",
      message: "4:5: inputs[0]: it names no files, so its bytes cannot be pinned; name them under `files`, or say under "
        + "run.as_of of which day the data is"),
    Mistake(
      from: "csv/csv", to: "csv/cvs", message: "5:16: the plugin org.omphalos.csv has no capability cvs; did you mean csv?"),
    Mistake(
      from: "org.omphalos.csv/csv", to: "org.omphalos.cvs/csv",
      message: "5:16: there is no plugin org.omphalos.cvs in plugins; did you mean org.omphalos.csv?"),
    Mistake(
      from: "csv/csv", to: "csv/table",
      message: "5:16: org.omphalos.csv/table is an exporter, wanted a connector; the plugin has csv"),
    Mistake(
      from: "org.omphalos.csv/csv", to: "csv",
      message: "5:16: inputs[0].connector: \"csv\" is not a valid capability reference: wanted a plugin id, '/' and a "
        + "capability name, as in com.example.acme/csv."),
    Mistake(
      from: "data.csv }", to: "data.csv }\n    config: { batch_rows: 0 }",
      message: "7:27: data: config.batch_rows: found 0, wanted at least 1"),
    Mistake(
      from: "data.csv }", to: "data.csv }\n    config: { batchrows: 10 }",
      message: "7:15: data: config: the property \"batchrows\" is not known; did you mean \"batch_rows\"?"),
    Mistake(from: "\"1.0\"", to: "\"2.0\"", message: "1:17: schema_version: found the text \"2.0\", wanted \"1.0\""),
    Mistake(
      from: "\"1.0\"", to: "1.0", message: "1:17: schema_version: found the number 1.0, wanted a text: put it in quotes"),
    Mistake(
      from: "exports:", to: "export:", message: "7:1: the pipeline: the key \"export\" is not known; did you mean \"exports\"?"),
    Mistake(
      from: "exports:", to: "limits: { call_timeout: 10 }\nexports:",
      message: "7:25: limits.call_timeout: found the number 10, wanted a duration with its unit, as in 10m or 500ms"),
    Mistake(
      from: "exports:", to: "limits: { bytes: -5 }\nexports:",
      message: "7:18: limits.bytes: \"-5\" is not a valid size: wanted a whole number of bytes or one with a unit, as in "
        + "1000, 256MiB, 10GiB or 5MB."),
    Mistake(
      from: "exports:", to: "rules: { pack: certified }\nexports:",
      message: "7:16: rules.pack: found \"certified\", wanted one of baseline, strict"),
    Mistake(
      from: "inputs: [data]", to: "inputs: [data]\n    grants: { write: [reports] }",
      message: "10:23: exports[0].grants.write[0]: found \"reports\", wanted one of exports, lineage, warehouse, or a "
        + "folder in it: the rest of a run is the host's"),
    Mistake(
      from: "inputs: [data]", to: "inputs: [data]\n    grants: { write: [exports/../..] }",
      message: "10:23: exports[0].grants.write[0]: \"exports/../..\" is not a valid artifact path: wanted no part '.' or "
        + "'..'."),
    Mistake(
      from: "inputs: [data]", to: "inputs: [data]\n    limits: { buffer: 1KiB }",
      message: "10:15: exports[0].limits: the key \"buffer\" is not known; known are artifacts, bytes"),
    Mistake(
      from: "output_root: runs", to: "env: [HOME]",
      message: "2:52: run.env: a hermetic run gives plugins no variables of the environment; remove it"),
  ]

  @Test("is refused with file, line, column and the way out, and nothing is made", arguments: mistakes)
  func mistake(_ mistake: Mistake) throws {
    let start = try #require(Self.good.range(of: mistake.from))
    let outcome = try run(Self.good.replacingCharacters(in: start, with: mistake.to))
    #expect(outcome.stderr == "omphalos: pipeline.yaml:\(mistake.message)\n")
    #expect(outcome.status == 65)
    #expect(outcome.stdout == "")
    #expect(outcome.finalized == [] && outcome.partials == [])
  }

  @Test("is told of all that does not fit the schemas of its plugins, step by step, each with its line")
  func several() throws {
    let outcome = try run(
      """
      schema_version: "1.0"
      run: { name: tables, output_root: runs }
      inputs:
        - name: data
          connector: org.omphalos.csv/csv
          files: { data: data.csv }
          config:
            batch_rows: 0
            columns: [ { name: a, type: int63 }, { name: b } ]
        - name: more
          connector: org.omphalos.csv/csv
          files: { data: data.csv }
          config: { delimeter: ";" }
      exports:
        - exporter: org.omphalos.csv/tabel
          inputs: [data, more]
        - exporter: org.omphalos.csv/table
          inputs: [data]
          config:
            header: "yes"
            path: ""
      """)
    #expect(outcome.status == 65 && outcome.stdout == "" && outcome.finalized == [] && outcome.partials == [])
    #expect(
      outcome.stderr == """
        omphalos: pipeline.yaml:8:19: data: config.batch_rows: found 0, wanted at least 1
        pipeline.yaml:9:35: data: config.columns[0].type: found "int63", wanted "string", "int64", "float64", "bool" or \
        "date"; did you mean "int64"?
        pipeline.yaml:9:44: data: config.columns[1]: the property "type" is missing
        pipeline.yaml:13:15: more: config: the property "delimeter" is not known; did you mean "delimiter"?
        pipeline.yaml:15:15: the plugin org.omphalos.csv has no capability tabel; did you mean table?
        pipeline.yaml:20:15: exports[1]: config.header: found "yes", wanted a boolean
        pipeline.yaml:21:13: exports[1]: config.path: found 0 characters, wanted at least 1 character

        """, "\(outcome.stderr)")
  }

  @Test("is refused where it is empty, not UTF-8, missing or a folder")
  func files() throws {
    let empty = try run("")
    #expect(empty.status == 65)
    #expect(empty.stderr == "omphalos: pipeline.yaml:1:1: the file is empty\n")
    let folder = try PipelineFolder()
    try folder.folder.write("pipeline.yaml", [0xff, 0xfe])
    #expect(try folder.run().stderr.contains("1:1: the file is not valid UTF-8 from byte 0 on: save it as UTF-8"))
    let missing = try CommandLineTool.run(["run", "nope.yaml"], directory: folder.path)
    #expect(missing.status == 65)
    #expect(missing.stderr == "omphalos: The pipeline \"nope.yaml\": there is no such file.\n")
    let directory = try CommandLineTool.run(["run", "."], directory: folder.path)
    #expect(directory.status == 65)
    #expect(directory.stderr.contains("found a directory, wanted a regular file"))
  }

  @Test("is no excuse for a wrong command line, which ends with 64")
  func usage() throws {
    for arguments in [["run"], ["run", "x", "--nope"], ["fly"], ["verify"], ["plugin", "inspect"]] {
      #expect(try CommandLineTool.run(arguments).status == 64)
    }
  }
}
