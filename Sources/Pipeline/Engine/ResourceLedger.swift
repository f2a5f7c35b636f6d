import LinuxCalls
import PluginABI

/// Descriptors and threads that came into being, and did not go again, while something ran in somebody's name. What
/// runs inside of something else counts for the inner one only.
struct ResourceLedger {
  struct Balance: Equatable {
    var descriptors = 0
    var threads = 0

    static func + (left: Balance, right: Balance) -> Balance {
      Balance(descriptors: left.descriptors + right.descriptors, threads: left.threads + right.threads)
    }
    static func - (left: Balance, right: Balance) -> Balance {
      Balance(descriptors: left.descriptors - right.descriptors, threads: left.threads - right.threads)
    }
  }

  /// Where a measurement began.
  struct Mark {
    fileprivate let now: Balance
    fileprivate let accounted: Balance
  }

  private var balances: [CallIdentity: Balance] = [:]
  private var accounted = Balance()

  func mark() -> Mark { Mark(now: Self.current(), accounted: accounted) }

  /// Puts what changed since the mark on somebody's account.
  mutating func account(_ identity: CallIdentity, since mark: Mark) {
    let change = Self.current() - mark.now - (accounted - mark.accounted)
    balances[identity] = (balances[identity] ?? Balance()) + change
    accounted = accounted + change
  }

  /// What is still there of an account, which is closed.
  mutating func settle(_ identity: CallIdentity) -> Balance { balances.removeValue(forKey: identity) ?? Balance() }

  private static func current() -> Balance {
    let now = ProcessResources.current()
    return Balance(descriptors: Int(now.descriptors), threads: Int(now.threads))
  }
}
