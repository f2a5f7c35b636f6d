import OmphalosValues

/// Compares what the note said before loading with what the descriptor says after it. The two come from one source; a
/// difference means that the decision was taken on something else than what was loaded.
public enum Confirmation {
  /// Every field that differs, with both values; empty when the two agree.
  public static func differences(_ declaration: Declaration, _ facts: DescriptorFacts) -> [AdmissionReason] {
    var comparison = Comparison()
    comparison.compare("abi_major", declaration.abi.major, facts.abi.major)
    comparison.compare("abi_minor_required", declaration.abi.minorRequired, facts.abi.minorRequired)
    comparison.compare("abi_minor_built", declaration.abi.minorBuilt, facts.abi.minorBuilt)
    comparison.compare("draft", declaration.abi.draft, facts.abi.draft)
    comparison.compareText("id", declaration.id.text, facts.id)
    comparison.compareText("version", declaration.version.description, facts.version)
    comparison.compareText("vendor", declaration.vendor, facts.vendor)
    comparison.compareText("license", declaration.license, facts.license)
    comparison.compareText("summary", declaration.summary, facts.summary)
    comparison.compare("hermetic", declaration.hermetic.number, facts.hermetic)
    comparison.compareFlags("flags", declaration.flags, facts.flags)
    comparison.compare("capability_count", declaration.capabilities.count, facts.capabilities.count)
    comparison.compareCapabilities(declaration, facts)
    return comparison.reasons
  }
}

private struct Comparison {
  private(set) var reasons: [AdmissionReason] = []

  mutating func differ(_ field: String, note: String, descriptor: String) {
    reasons.append(
      AdmissionReason(
        .confirmation, field: "the descriptor's \(field)", found: descriptor, wanted: "\(note), as the note says",
        remedy: "write both with `omphalos plugin declare`"))
  }

  mutating func compare<Number: FixedWidthInteger>(_ field: String, _ note: Number, _ descriptor: Number) {
    if note != descriptor { differ(field, note: "\(note)", descriptor: "\(descriptor)") }
  }

  mutating func compareFlags(_ field: String, _ note: UInt32, _ descriptor: UInt32) {
    if note != descriptor { differ(field, note: hexText(note), descriptor: hexText(descriptor)) }
  }

  /// By bytes: two spellings of one letter are a difference.
  mutating func compareText(_ field: String, _ note: String, _ descriptor: String) {
    guard UTF8String(note) != UTF8String(descriptor) else { return }
    let limit = 400
    differ(
      field, note: quotedForMessage(note, limit: limit), descriptor: quotedForMessage(descriptor, limit: limit))
  }

  /// By name: the order in which a plugin lists its capabilities has no meaning.
  mutating func compareCapabilities(_ declaration: Declaration, _ facts: DescriptorFacts) {
    var seen: Set<String> = []
    for fact in facts.capabilities {
      let field = "capability \(quotedForMessage(fact.name))"
      guard let declared = declaration.capabilities.first(where: { $0.name.text == fact.name }) else {
        differ(field, note: "no such capability", descriptor: "there")
        continue
      }
      guard seen.insert(fact.name).inserted else {
        differ(field, note: "there once", descriptor: "there several times")
        continue
      }
      compareCapability(field, declared, fact, schema: declaration.schemas[declared.name])
    }
    for declared in declaration.capabilities where !seen.contains(declared.name.text) {
      differ("capability \(quotedForMessage(declared.name.text))", note: "there", descriptor: "missing")
    }
  }

  private mutating func compareCapability(
    _ field: String, _ declared: CapabilityDeclaration, _ fact: DescriptorFacts.Capability, schema: JSONValue?
  ) {
    let isUnknownToBoth = declared.kind.number == nil && CapabilityKind(number: fact.kind) == nil
    if declared.kind.number != fact.kind, !isUnknownToBoth {
      let found = CapabilityKind(number: fact.kind).map { "\($0) (\(fact.kind))" } ?? "\(fact.kind)"
      let wanted = declared.kind.number.map { "\(declared.kind) (\($0))" } ?? declared.kind.text
      differ("kind of \(field)", note: wanted, descriptor: found)
    }
    compare("interface_version of \(field)", declared.interfaceVersion, fact.interfaceVersion)
    // The note has no words for other bits: of those, 0 to 15 are ignored and 16 to 31 refuse, as plugin.h says.
    let relevant = CapabilityFlags.known | 0xffff_0000
    compareFlags("flags of \(field)", declared.flags, fact.flags & relevant)
    compareSchema("config_schema of \(field)", schema, fact.configSchema)
  }

  private mutating func compareSchema(_ field: String, _ note: JSONValue?, _ descriptor: String?) {
    let wanted = note.map { quotedForMessage($0.canonicalText, limit: 400) } ?? "NULL"
    guard let descriptor else {
      if note != nil { differ(field, note: wanted, descriptor: "NULL") }
      return
    }
    do throws(JSONError) {
      let parsed = try JSONValue.parse(
        Array(descriptor.utf8), limits: JSONLimits(bytes: Declaration.schemasLimit, depth: 64))
      if parsed != note {
        differ(field, note: wanted, descriptor: quotedForMessage(parsed.canonicalText, limit: 400))
      }
    } catch {
      differ(field, note: wanted, descriptor: "not JSON (\(error.message))")
    }
  }
}
