import OmphalosValues
import PluginABI

/// When something of a plugin ran. Calls follow each other, and one may run inside of another; what a plugin's own
/// threads do between its calls is in none.
public struct CallInterval: Sendable, Hashable {
  public let identity: CallIdentity
  /// Nanoseconds since the epoch.
  public let began: Int64
  public let ended: Int64

  public init(_ identity: CallIdentity, began: Int64, ended: Int64) {
    self.identity = identity
    self.began = began
    self.ended = ended
  }

  /// Who ran at a time, as the file system stamps it: the innermost, or two where the stamp is too coarse to tell.
  ///
  /// - Parameter time: of a coarse clock, which is behind by at most one tick of the kernel.
  public static func running(at time: Int64, in intervals: [CallInterval]) -> [CallIdentity] {
    let tick: Int64 = 10_000_000
    let candidates = intervals.filter { $0.began <= time + tick && time <= $0.ended }
    // Of calls that run inside of each other, the inner one.
    let innermost = candidates.filter { outer in
      !candidates.contains { $0 != outer && outer.began <= $0.began && $0.ended <= outer.ended }
    }
    var seen: Set<CallIdentity> = []
    return innermost.map(\.identity).filter { seen.insert($0).inserted }
  }
}
