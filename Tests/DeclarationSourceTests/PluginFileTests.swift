import OmphalosValues
import TestSupport
import Testing

@testable import DeclarationSource

@Suite("plugin.json")
struct PluginFileTests {
  private func problems(_ json: String) -> [String] {
    do throws(DeclarationSourceError) {
      _ = try DeclarationSource(json: Array(json.utf8), file: "plugin.json")
      return []
    } catch {
      return error.problems
    }
  }

  private func changed(_ old: String, _ new: String) -> String { Samples.simple.replacing(old, with: new) }

  @Test("what may be left out has a default that the declaration states")
  func defaults() throws {
    let declaration = try Samples.source(
      """
      {"id":"com.example.a","version":"1.0.0","vendor":"A","license":"MIT","summary":"A","hermetic":"compatible",
       "capabilities":[{"kind":"connector","name":"a","interface_version":1}]}
      """
    ).declaration
    #expect(declaration.flags == 0)
    #expect(declaration.abi.minorRequired == 0)
    #expect(declaration.schemas.isEmpty)
    #expect(!declaration.capabilities[0].required && declaration.capabilities[0].hermetic == .compatible)
    let text = declaration.noteText(abi: declaration.abiJSON)
    #expect(text.contains(#""required":false"#) && text.contains(#""hermetic":"compatible""#))
  }

  @Test("a key that is not one is refused with the nearest that is")
  func unknownKeys() {
    let found = problems(changed("\"vendor\"", "\"vendro\""))
    #expect(found.count == 1 && found[0].hasPrefix("\"vendro\" is not a key of plugin.json, wanted one of id, version"))
    #expect(found[0].hasSuffix("did you mean vendor?"))
    let inner = problems(changed("\"interface_version\"", "\"interface_versoin\""))
    #expect(inner.count == 1 && inner[0].hasPrefix("capabilities[0].\"interface_versoin\" is not a key"))
  }

  @Test(
    "what the host would refuse is refused here, in the same words",
    arguments: [
      ("\"com.example.hello\"", "\"hello\"", "id is \"hello\", wanted a reverse domain name"),
      ("\"1.0.0\"", "\"1\"", "version is \"1\", wanted three numbers"),
      ("\"MIT\"", "\"(MIT\"", "license is \"(MIT\", wanted an SPDX license expression: a closing parenthesis"),
      ("\"vendor\":\"Example\"", "\"vendor\":\"a\\nb\"", "vendor is \"a\\u{a}b\", wanted 1 to 4096 bytes"),
      ("\"flags\":0", "\"flags\":65536", "flags is 0x10000, wanted no bits of 16 to 31"),
      ("\"flags\":0", "\"flags\":0,\"abi_minor_required\":4", "abi.minor_required is 4, wanted at most minor_built"),
      ("\"required\":false", "\"required\":0", "capabilities[0].required is an integer, wanted true or false"),
      ("\"exporter\"", "\"teleporter\"", "capabilities[0].kind is \"teleporter\", wanted one of connector, exporter"),
      ("\"capabilities\":[", "\"capabilities\":[7,", "capabilities[0] is an integer, wanted an object"),
      ("\"id\":", "\"id\":\"a.b\",\"id\":", "line 1"),
    ])
  func refusals(old: String, new: String, sentence: String) {
    let found = problems(changed(old, new))
    #expect(found.contains { $0.hasPrefix(sentence) }, "\(found)")
  }

  @Test("a schema that is no object, and a file that is none, are refused")
  func shapes() {
    #expect(problems("[]") == ["the file is an array, wanted an object"])
    #expect(problems("{") != [])
    let start = Samples.simple.prefix(while: { $0 != "[" })
    let schema = start + #"[{"kind":"exporter","name":"a","interface_version":1,"schema":true}]}"#
    #expect(problems(String(schema)) == ["schemas.a is a boolean, wanted a JSON Schema that is an object"])
  }

  @Test("two capabilities whose tables would have one name are refused")
  func collisions() {
    let start = Samples.simple.prefix(while: { $0 != "[" })
    let json =
      start
      + #"[{"kind":"exporter","name":"a-b","interface_version":1},"#
      + #"{"kind":"exporter","name":"a_b","interface_version":1}]}"#
    #expect(
      problems(String(json)) == [
        "capabilities a-b and a_b would both have the table exporterAB; rename one of them"
      ])
  }

  @Test("the message names the file before each problem, and ends with exit code 65")
  func message() {
    let error = DeclarationSourceError(file: "plugin.json", problems: ["a", "b"])
    #expect(error.message == "plugin.json: a\nplugin.json: b")
    #expect(error.exitCode == .badData)
  }
}
