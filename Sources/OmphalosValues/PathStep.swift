/// One step from a value to a value inside it.
public enum PathStep: Hashable, Sendable {
  case key(String)
  case index(Int)

  public static func == (left: PathStep, right: PathStep) -> Bool {
    switch (left, right) {
    case (.key(let left), .key(let right)): haveEqualBytes(left, right)
    case (.index(let left), .index(let right)): left == right
    default: false
    }
  }
}

extension [PathStep] {
  /// The path as people write it: `inputs[0].config.batch_rows`; keys that are no plain words stand in quotes.
  public var pathText: String {
    var text = ""
    for step in self {
      switch step {
      case .index(let index): text += "[\(index)]"
      case .key(let key) where isPlainKey(key): text += (text.isEmpty ? "" : ".") + key
      case .key(let key): text += "[" + quotedForMessage(key) + "]"
      }
    }
    return text
  }
}

private func isPlainKey(_ key: String) -> Bool {
  !key.isEmpty
    && key.unicodeScalars.allSatisfy {
      $0.properties.isAlphabetic || ("0"..."9").contains($0) || $0 == "_" || $0 == "-" || $0 == "$"
    }
}
