import Admission
import ELFInspection
import OmphalosValues
import TestSupport
import Testing

@Suite("The report of an inspection")
struct InspectionReportTests {
  private func plugin(_ change: (inout JSONObject) -> Void = { _ in }, more: String = "") throws -> InspectedPlugin {
    var note = goodNote
    change(&note)
    let schemas: JSONValue = ["csv": ["type": "object"]]
    return try inspected(
      c: noteSource("n1", type: 1, bytes: JSONValue.object(note).canonicalBytes)
        + noteSource("n2", type: 2, bytes: schemas.canonicalBytes) + more
        + "void *omphalos_plugin_v1(void) { return 0; }",
      flags: ["-Wl,-soname,libacme.so.1", "-Wl,--build-id=sha1", "-Wl,-z,now"])
  }

  @Test("it shows identity, capabilities, claim, ABI, file facts and the sentence about proof")
  func everything() throws {
    let plugin = try plugin()
    let digest = SHA256Digest(hashing: "x")
    let report = InspectionReport(plugin, sha256: digest, decision: Admission.decide(plugin))
    let text = report.text(color: false)
    for part in [
      "com.example.acme", "1.2.3", "Acme", "MIT", "Reads and writes", "compatible (the plugin's own claim)",
      "1, needs minor 0, built with minor 0", "0x1 (concurrent)",
      "connector csv, interface 1, configuration by schema",
      "exporter table, interface 2, required, not for hermetic runs, any configuration", digest.hex,
      "libacme.so.1", "libc.so.6", "RELRO full", "no executable stack", "This host: admissible",
      plugin.object.buildID ?? "no build id", InspectionReport.caveat,
    ] {
      #expect(text.contains(part), "\(part) is missing in\n\(text)")
    }
    #expect(!text.contains("\u{1b}"))
    #expect(report.text(color: true).contains("\u{1b}[1m"))
  }

  @Test("its JSON holds the same facts under stable keys")
  func json() throws {
    let plugin = try plugin { $0["homepage"] = "https://example.com" }
    let json = InspectionReport(plugin, decision: Admission.decide(plugin, under: AdmissionTerms(hermetic: true))).json
    #expect(json["declaration"]?["id"] == "com.example.acme")
    #expect(json["declaration"]?["capabilities"]?.arrayValue?.count == 2)
    #expect(json["declaration"]?["capabilities"]?.arrayValue?[0]["schema"] == ["type": "object"])
    #expect(json["declaration"]?["unknown"] == [["path": "homepage", "value": "https://example.com"]])
    #expect(json["object"]?["soname"] == "libacme.so.1")
    #expect(json["object"]?["hardening"]?["relro"] == "full")
    #expect(
      json["object"]?["exports"]?.arrayValue?.contains(["name": "omphalos_plugin_v1", "kind": "function"]) == true)
    #expect(json["decision"]?["outcome"] == "admissible")
    #expect(try JSONValue.parse(json.canonicalBytes) == json)
  }

  @Test("what a plugin says cannot reach the terminal as control characters")
  func escapes() throws {
    let plugin = try plugin {
      $0["vendor"] = "Evil\u{202e}Corp"
      $0["x\u{1b}[2J"] = "\u{9b}31m"
    }
    let text = InspectionReport(plugin).text(color: false)
    #expect(text.unicodeScalars.allSatisfy { $0 == "\n" || $0.properties.generalCategory != .control })
    #expect(!text.contains("\u{202e}"))
    #expect(text.contains("Evil\\u{202e}Corp"))
  }

  @Test("a file without a declaration, and one with a broken one, are still described")
  func withoutDeclaration() throws {
    let bare = try inspected(c: "int acme;")
    #expect(InspectionReport(bare).text(color: false).contains("none: the file carries no note of owner omphalOS"))
    #expect(InspectionReport(bare).json["declaration"] == .null)
    let broken = InspectionReport(try plugin { $0["id"] = "x" })
    #expect(broken.text(color: false).contains("id is \"x\", wanted a reverse domain name"))
    #expect(broken.json["declaration_problems"]?.arrayValue?.count == 1)
    #expect(broken.text(color: false).contains("libacme.so.1"))
  }

  @Test("freedesktop's notes are shown")
  func packageNotes() throws {
    let package = #"{"type":"deb","name":"acme"}"#
    let notes =
      noteSource("fdo", type: 0xcafe_1a7e, bytes: Array(package.utf8) + [0], owner: "FDO")
      + noteSource("dl", type: 0x407c_0c0a, bytes: Array("[\"libz.so.1\"]".utf8), owner: "FDO")
    let plugin = try plugin(more: notes)
    #expect(Set(plugin.packageNotes.map(\.kind)) == [.package, .dlopen])
    #expect(plugin.packageNotes.first { $0.kind == .package }?.json?["name"] == "acme")
    #expect(InspectionReport(plugin).text(color: false).contains(package))
  }

  @Test("code that runs on loading is worth knowing")
  func notable() throws {
    let plugin = try plugin(more: "__attribute__((constructor)) static void start(void) {}\n")
    #expect(InspectionReport(plugin).text(color: false).contains("runs 2 functions while it is loaded"))
  }

  @Test("what weakens the process is worth knowing, and stands in the JSON")
  func hardening() throws {
    let report = InspectionReport(try inspected(c: "int acme;", flags: ["-Wl,-z,execstack,-rpath,lib"]))
    let problems = report.json["object"]?["hardening"]?["problems"]?.arrayValue
    #expect(problems?.map { $0["code"] } == ["executable-stack", "relative-library-path"])
    #expect(report.text(color: false).contains("\nWorth knowing\n  the stack of acme.so is executable, wanted"))
  }
}
