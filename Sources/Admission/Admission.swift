import ELFInspection
import OmphalosValues

/// Decides about a plugin from what its file says.
public enum Admission {
  /// - Parameters:
  ///   - usedCapabilities: the capabilities that the pipeline names; empty when nothing of the plugin is used yet.
  ///   - own: what lies in the plugin's folder.
  ///   - closure: the plugin's libraries on paper; nil where they are not asked for.
  ///   - evidence: what policies may ask for beside the declaration.
  public static func decide(
    _ plugin: InspectedPlugin, under terms: AdmissionTerms = AdmissionTerms(), usedCapabilities: [CapabilityName] = [],
    own: OwnFiles = .none, closure: LibraryClosure? = nil, evidence: PluginEvidence = .none
  ) -> AdmissionDecision {
    let host = terms.host
    var reasons =
      machineReasons(plugin.object, host) + entryReasons(plugin.object, closure, terms) + own.reasons
      + hardeningReasons(HardeningFacts(plugin, own: own), terms)
    // Another machine's plugin has nothing to find here.
    if let closure, plugin.object.machine == host.machine { reasons += closureReasons(closure) }
    let findings = Finding.all(of: plugin, own: own, closure: closure).map(terms.judge)
    var verdicts: [PolicyVerdict] = []
    var signatures: [SignatureState] = []
    switch plugin.declaration {
    case nil:
      reasons.append(
        AdmissionReason(
          .noDeclaration, field: "the declaration note", found: "missing",
          wanted: "an ELF note of owner omphalOS and type 1 in a PT_NOTE segment",
          remedy: "write it with `omphalos plugin declare`; the object that holds it must be linked in"))
    case .failure(let error): reasons += error.reasons
    case .success(let declaration):
      verdicts = terms.policies.verdicts(on: PolicySubject(declaration, evidence))
      signatures = terms.policies.policies.compactMap(\.requirements.signers).map(evidence.signature)
      reasons += abiReasons(declaration.abi, host) + useReasons(declaration, usedCapabilities)
      reasons += hermeticReasons(declaration, usedCapabilities, terms)
      reasons += policyReasons(verdicts) + signatureReasons(terms.policies, evidence) + findingReasons(findings)
    }
    return AdmissionDecision(reasons: reasons, verdicts: verdicts, signatures: signatures, findings: findings)
  }

  private static func machineReasons(_ object: ELFObject, _ host: HostABI) -> [AdmissionReason] {
    guard object.machine != host.machine else { return [] }
    return [
      AdmissionReason(
        .machine, field: "the file", found: "for \(object.machine)",
        wanted: "one for this host, which is \(host.machine)", remedy: "build the plugin for \(host.machine)")
    ]
  }

  /// - Parameter closure: in which an entry that the plugin itself lacks may lie; nil where that was looked at before.
  private static func entryReasons(
    _ object: ELFObject, _ closure: LibraryClosure?, _ terms: AdmissionTerms
  ) -> [AdmissionReason] {
    let name = terms.host.entrySymbol
    var remedy = "define it in the plugin, with default visibility and C linkage"
    let found: String
    let exports = object.exports.filter { $0.name == name }
    switch exports.first {
    case _ where exports.count > 1: found = "exported \(exports.count) times"
    case let entry? where entry.kind != .function:
      found = "an exported symbol that is no function (\(entry.kind.rawValue))"
    case let entry? where !entry.isInCode: found = "exported with an address that holds no code"
    case _?: return []
    case nil:
      let isImported = object.imports.contains { $0.name == name }
      let owner = closure?.libraries.first { $0.object.exports.contains { $0.name == name } }
      if terms.relaxations.contains(.foreignEntry), closure == nil || owner != nil { return [] }
      found = isImported ? "taken from another library" : "not exported"
      if owner != nil { remedy += ", or accept it with --relax foreign-entry, which the record will show" }
    }
    return [
      AdmissionReason(
        .entrySymbol, field: "the entry symbol \(name)", found: found,
        wanted: "a function that the plugin itself defines and exports",
        remedy: remedy)
    ]
  }

  private static func abiReasons(_ abi: ABIDeclaration, _ host: HostABI) -> [AdmissionReason] {
    guard abi.major == host.major else {
      // Minor and draft numbers mean something within one major version only.
      return [
        AdmissionReason(
          .abiMajor, field: "abi.major", found: "\(abi.major)", wanted: "\(host.major)",
          remedy: "use a plugin that was built for ABI \(host.major)")
      ]
    }
    var reasons: [AdmissionReason] = []
    if abi.minorRequired > host.minor {
      reasons.append(
        AdmissionReason(
          .abiMinor, field: "abi.minor_required", found: "\(abi.minorRequired)", wanted: "at most \(host.minor)",
          remedy: "use a host of ABI \(abi.major).\(abi.minorRequired) or newer"))
    }
    if abi.draft != host.draft {
      reasons.append(
        AdmissionReason(
          .draft, field: "abi.draft", found: "\(abi.draft)", wanted: "\(host.draft)",
          remedy: "build the plugin again with the header of this host"))
    }
    return reasons
  }

  private static func useReasons(_ declaration: Declaration, _ used: [CapabilityName]) -> [AdmissionReason] {
    used.compactMap { name in
      guard let capability = declaration.capability(named: name) else {
        let names = declaration.capabilities.map(\.name.text)
        let nearest = nearestNames(to: name.text, among: names)
        return AdmissionReason(
          .unknownCapability, field: "capability \(name)", found: "not declared",
          wanted: "one of \(names.prefix(10).joined(separator: ", "))",
          remedy: nearest.isEmpty ? "" : "did you mean \(nearest.joined(separator: ", "))?")
      }
      guard capability.kind.number == nil else { return nil }
      return AdmissionReason(
        .unknownKind, field: "capability \(name)", found: "of kind \(capability.kind)",
        wanted: "one of \(CapabilityKind.known.map(\.text).joined(separator: ", "))",
        remedy: "use a host that knows this kind")
    }
  }

  private static func hermeticReasons(
    _ declaration: Declaration, _ used: [CapabilityName], _ terms: AdmissionTerms
  ) -> [AdmissionReason] {
    let demand = terms.policies.demand(\.hermetic)
    guard terms.hermetic || demand != nil else { return [] }
    let wanted = "\"compatible\" " + (terms.hermetic ? "in a hermetic run" : "as \(demand ?? "") asks")
    func remedy(_ other: String) -> String {
      terms.hermetic && demand == nil ? "run without --hermetic, or use another \(other)" : "use another \(other)"
    }
    var reasons: [AdmissionReason] = []
    if declaration.hermetic == .incompatible {
      reasons.append(
        AdmissionReason(
          .hermeticPlugin, field: "hermetic", found: "\"incompatible\"", wanted: wanted, remedy: remedy("plugin")))
    }
    for name in used where declaration.capability(named: name)?.hermetic == .incompatible {
      reasons.append(
        AdmissionReason(
          .hermeticCapability, field: "capability \(name)", found: "declared hermetic \"incompatible\"",
          wanted: wanted, remedy: remedy("capability")))
    }
    return reasons
  }
}
