import Admission
import ELFInspection
import LinuxCalls
import OmphalosValues

/// The SONAMEs of a run. They are one name space for the process, RTLD_LOCAL or not: an object that is loaded under a
/// SONAME answers every later need for that name. A plugin that claims the name of a library takes over its calls, so
/// such a plugin is refused before anything is mapped.
public struct SonameTable: Sendable {
  /// A plugin with all that loading it brings into the process.
  public struct Member: Sendable {
    let sealed: SealedPlugin
    let closure: LibraryClosure

    public init(_ sealed: SealedPlugin, _ closure: LibraryClosure) {
      self.sealed = sealed
      self.closure = closure
    }

    /// The names that its files claim.
    var claims: [Claim] {
      let plugin = sealed.plugin.object.soname.map {
        Claim(name: UTF8String($0), subject: "the SONAME \($0)", place: sealed.path, digest: sealed.digest, isOwn: false)
      }
      let own = sealed.own.libraries.compactMap { library -> Claim? in
        guard let name = library.object.soname, let part = sealed.part(library.path) else { return nil }
        return Claim(
          name: UTF8String(name), subject: "the SONAME \(name) of \(library.path)", place: library.path,
          digest: part.digest, isOwn: true)
      }
      return (plugin.map { [$0] } ?? []) + own
    }
  }

  struct Claim {
    let name: UTF8String
    /// "the SONAME libfoo.so of acme.d/libfoo.so"
    let subject: String
    let place: String
    let digest: SHA256Digest
    let isOwn: Bool
  }

  /// With the libraries that this very program has mapped.
  public static let host = SonameTable(hostLibraries: mappedInHost())

  private let hostLibraries: Set<UTF8String>

  /// - Parameter hostLibraries: the SONAMEs of what this program itself has mapped.
  public init(hostLibraries: [String]) {
    self.hostLibraries = Set(hostLibraries.map { UTF8String($0) })
  }

  /// File names of the libraries that this process has mapped; the worker is the same program.
  private static func mappedInHost() -> [String] {
    MemoryMap.current().files.map { fileName(of: $0) }.filter { $0.contains(".so") }
  }

  /// The reasons against each of the plugins of a run, in their order; empty arrays where there is none. Of two plugins
  /// that claim one name with different bytes, the later one is refused.
  public func conflicts(among members: [Member]) -> [[AdmissionReason]] {
    var claimed: [UTF8String: (claim: Claim, plugin: String)] = [:]
    var needed: [UTF8String: (library: ResolvedLibrary, plugin: Int)] = [:]
    for (index, member) in members.enumerated() {
      for library in member.closure.libraries where !library.isOwn {
        if needed[UTF8String(library.name)] == nil { needed[UTF8String(library.name)] = (library, index) }
      }
    }
    return members.map { member in
      var reasons: [AdmissionReason] = []
      for claim in member.claims {
        if hostLibraries.contains(claim.name) {
          reasons.append(reason(claim, "the name of a library of omphalos itself"))
        } else if let user = needed[claim.name] {
          let who = members[user.plugin].sealed.path
          reasons.append(reason(claim, "the name of \(user.library.path), which \(who) needs"))
        } else if let earlier = claimed[claim.name], earlier.claim.digest != claim.digest {
          let place = earlier.claim.isOwn ? "\(earlier.claim.place) of \(earlier.plugin)" : earlier.plugin
          reasons.append(reason(claim, "also that of \(place), which has other bytes"))
        } else {
          claimed[claim.name] = claimed[claim.name] ?? (claim, member.sealed.path)
        }
      }
      return reasons
    }
  }

  /// The reasons against a plugin whatever else is in the run.
  func conflicts(of plugin: InspectedPlugin, _ own: OwnFiles, _ closure: LibraryClosure) -> [AdmissionReason] {
    let names = [(plugin.object.soname, "")] + own.libraries.map { ($0.object.soname, " of \($0.path)") }
    return names.compactMap { name, place in
      guard let name else { return nil }
      let subject = "the SONAME \(name)\(place)"
      if hostLibraries.contains(UTF8String(name)) {
        return reason(subject, isOwn: !place.isEmpty, "the name of a library of omphalos itself")
      }
      guard place.isEmpty, let library = closure.libraries.first(where: { haveEqualBytes($0.name, name) }) else {
        return nil
      }
      return reason(subject, isOwn: false, "the name of \(library.path), which the plugin itself needs")
    }
  }

  private func reason(_ claim: Claim, _ found: String) -> AdmissionReason {
    reason(claim.subject, isOwn: claim.isOwn, found)
  }

  private func reason(_ subject: String, isOwn: Bool, _ found: String) -> AdmissionReason {
    AdmissionReason(
      .soname, field: subject, found: found,
      wanted: isOwn ? "a name that nothing else in the process has" : "none, or a name that nothing else in the process has",
      remedy: isOwn
        ? "give the library a name of the vendor's own, for instance with a prefix, and link the plugin again"
        : "link the plugin without -soname: nobody links against a plugin")
  }
}
