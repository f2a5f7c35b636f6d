import ELFInspection
import OmphalosValues

extension InspectionReport {
  /// The report for people. Whatever comes from the plugin is escaped for terminals.
  ///
  /// - Parameter color: headings in bold, refusals in red.
  public func text(color: Bool) -> String {
    var page = Page(color: color)
    identity(&page)
    capabilities(&page)
    for configuration in configurations { page.section(configuration.heading, configuration.lines) }
    unknownMembers(&page)
    file(&page)
    hardening(&page)
    ownFiles(&page)
    signature(&page)
    libraries(&page)
    for note in plugin.packageNotes { page.row("\(note.kind.rawValue) note", note.text) }
    page.heading("Findings")
    for line in findingLines(findings) { page.item(line) }
    if !notable.isEmpty {
      page.heading("Worth knowing")
      for fact in notable { page.item(fact) }
    }
    verdict(&page)
    page.blank()
    page.line(Self.caveat)
    return page.text
  }

  private func identity(_ page: inout Page) {
    page.line(plugin.file)
    guard let declaration else {
      page.heading("Declaration")
      if plugin.declaration == nil { page.item("none: the file carries no note of owner omphalOS") }
      for problem in declarationProblems { page.problem(problem.sentence) }
      return
    }
    page.heading("Identity, as declared")
    page.row("id", declaration.id.text)
    page.row("version", declaration.version.description)
    page.row("vendor", declaration.vendor)
    page.row("license", declaration.license)
    page.row("summary", declaration.summary)
    page.row("hermetic", declaration.hermetic.rawValue + " (the plugin's own claim)")
    let abi = declaration.abi
    page.row(
      "ABI",
      "\(abi.major), needs minor \(abi.minorRequired), built with minor \(abi.minorBuilt)"
        + (abi.draft == 0 ? "" : ", draft \(abi.draft)"))
    if declaration.flags != 0 {
      page.row("flags", hexText(declaration.flags) + (declaration.isConcurrent ? " (concurrent)" : ""))
    }
  }

  private func capabilities(_ page: inout Page) {
    guard let declaration else { return }
    page.heading("Capabilities")
    for capability in declaration.capabilities {
      var words = "\(capability.kind) \(capability.name), interface \(capability.interfaceVersion)"
      if capability.kind.number == nil { words += ", of a kind this host does not know: not used" }
      if capability.required { words += ", required" }
      if capability.hermetic == .incompatible { words += ", not for hermetic runs" }
      words += declaration.schemas[capability.name] == nil ? ", any configuration" : ", configuration by schema"
      page.item(words)
    }
  }

  private func unknownMembers(_ page: inout Page) {
    guard let declaration, !declaration.unknownMembers.isEmpty else { return }
    page.heading("Declared, and unknown to this host")
    for member in declaration.unknownMembers { page.item("\(member.path): \(member.value.canonicalText)") }
  }

  private func file(_ page: inout Page) {
    let object = plugin.object
    page.heading("File")
    if let sha256 { page.row("SHA-256", sha256.hex) }
    page.row("size", "\(object.size) bytes")
    page.row("machine", object.machine.description)
    page.row("build id", object.buildID ?? "none")
    page.row("SONAME", object.soname ?? "none")
    page.row("needs", object.needed.isEmpty ? "no libraries" : object.needed.joined(separator: ", "))
    if let runpath = object.runpath { page.row("RUNPATH", runpath) }
    if let rpath = object.rpath { page.row("RPATH", rpath) }
    page.row("symbols", "\(object.imports.count) imported, \(object.exports.count) exported")
  }

  private func ownFiles(_ page: inout Page) {
    guard !own.isEmpty else { return }
    page.heading("Its folder, part of the plugin")
    for file in own {
      let digest = digests.own[file.path].map { ", SHA-256 \($0.hex)" } ?? ""
      page.item("\(file.path): \(file.kind.rawValue), \(file.byteCount) bytes\(digest)")
    }
    if let contents = digests.contents { page.row("all files", "SHA-256 \(contents.hex)") }
  }

  private func signature(_ page: inout Page) {
    guard let signature else { return }
    page.heading("Signature")
    for row in signature.rows { page.row(row.name, row.content) }
  }

  private func libraries(_ page: inout Page) {
    guard let closure, !closure.libraries.isEmpty else { return }
    page.heading("Libraries it would load here")
    for library in closure.libraries {
      page.item("\(library.name) at \(library.path), needed by \(library.neededBy)")
      guard let digest = digests.libraries[library.path] else { continue }
      page.item("  SHA-256 \(digest.hex), build id \(library.object.buildID ?? "none")")
    }
  }

  private func hardening(_ page: inout Page) {
    let object = plugin.object
    page.row(
      "hardening",
      [
        "RELRO \(object.relro.rawValue)", object.bindNow ? "bound on loading" : "bound lazily",
        object.hasExecutableStack ? "executable stack" : "no executable stack",
        object.hasTextRelocations ? "text relocations" : "no text relocations",
      ].joined(separator: ", "))
  }

  private func verdict(_ page: inout Page) {
    guard let decision else { return }
    page.heading("This host: \(decision.outcome.rawValue)")
    for reason in decision.reasons { page.problem(reason.sentence) }
  }
}

/// Lines of a report. All text goes through `printable`.
private struct Page {
  let color: Bool
  private(set) var text = ""

  init(color: Bool) { self.color = color }

  mutating func line(_ content: String) { text += printable(content) + "\n" }
  mutating func blank() { text += "\n" }
  mutating func heading(_ content: String) { text += "\n" + styled(printable(content), "1") + "\n" }
  mutating func item(_ content: String) { text += "  " + printable(content) + "\n" }
  mutating func problem(_ content: String) { text += "  " + styled(printable(content), "31") + "\n" }

  mutating func section(_ name: String, _ lines: [String]) {
    heading(name)
    for line in lines { line.isEmpty ? blank() : item(line) }
  }

  mutating func row(_ name: String, _ content: String) {
    let padding = String(repeating: " ", count: max(1, 14 - name.count))
    text += "  " + name + padding + printable(content) + "\n"
  }

  private func styled(_ content: String, _ code: String) -> String {
    color ? "\u{1b}[\(code)m\(content)\u{1b}[0m" : content
  }
}
