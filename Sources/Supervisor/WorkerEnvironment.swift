import Admission
import ELFInspection
import Pipeline

/// The environment of the worker: built, never inherited.
enum WorkerEnvironment {
  /// glibc keeps this much room for initial-exec TLS of libraries loaded later; above it the ninth plugin fails.
  private static let staticTLSByDefault: UInt64 = 1024

  static func variables(_ plan: RunPlan, caller: [String: String]) -> [String] {
    var variables = [
      "PATH=/usr/local/bin:/usr/bin:/bin", "HOME=/nonexistent", "LC_ALL=C.UTF-8", "TZ=UTC",
      // Read before main, so it cannot be set later.
      "SWIFT_DETERMINISTIC_HASHING=1",
    ]
    let staticTLS = objects(plan).filter(\.hasStaticTLS).reduce(0) { $0 + $1.tlsBytes }
    if staticTLS > staticTLSByDefault {
      variables.append("GLIBC_TUNABLES=glibc.rtld.optional_static_tls=\(staticTLS * 2)")
    }
    for name in plan.configuration.environment {
      if let value = caller[name] { variables.append("\(name)=\(value)") }
    }
    return variables
  }

  /// All that is loaded: plugins, their own libraries, and those of the system, each of these once.
  private static func objects(_ plan: RunPlan) -> [ELFObject] {
    plan.plugins.flatMap { [$0.sealed.plugin.object] + $0.sealed.own.libraries.map(\.object) }
      + plan.systemLibraries.map(\.object)
  }
}
