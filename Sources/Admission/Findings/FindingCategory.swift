import OmphalosValues

/// What an object can reach outside the data it is given, judged by the functions that it imports.
public enum FindingCategory: String, CaseIterable, Sendable {
  case network
  case process
  case clock
  case environment
  case randomness
  case dynamicLoading = "dynamic-loading"
  case rawSystemCalls = "raw-syscalls"
  /// STB_GNU_UNIQUE definitions: one for all plugins of the process.
  case sharedState = "shared-state"

  /// The category of a function or variable by its name, without a version; nil for what is in none.
  public init?(symbol: String) {
    guard let category = FindingTable.categories[UTF8String(symbol)] else { return nil }
    self = category
  }
}
