/// Reads a node as the type that a configuration wants, or says at its place what was found instead.
extension YAMLNode {
  /// - Parameter what: What the value is, for messages: `run.name`.
  public func string(_ what: String = "the value") throws(ConfigurationError) -> String {
    guard case .scalar(let scalar) = content, let text = scalar.value.stringValue else {
      let remedy = isTypedScalar ? ": put it in quotes" : ""
      throw wrongType(what, wanted: "a text", remedy: remedy)
    }
    return text
  }

  public func bool(_ what: String = "the value") throws(ConfigurationError) -> Bool {
    guard case .scalar(let scalar) = content, let value = scalar.value.boolValue else {
      throw wrongType(what, wanted: "true or false")
    }
    return value
  }

  /// One of the words of a type.
  public func word<Word: RawRepresentable & CaseIterable>(
    _ what: String, _ type: Word.Type
  ) throws(ConfigurationError) -> Word where Word.RawValue == String {
    let text = try string(what)
    guard let word = Word(rawValue: text) else {
      let words = Word.allCases.map(\.rawValue)
      let nearest = nearestNames(to: text, among: words, limit: 1).first.map { "; did you mean \($0)?" } ?? ""
      throw ConfigurationError(
        mark: mark, message: "\(what): found \(quotedForMessage(text)), wanted one of \(listed(words))\(nearest)")
    }
    return word
  }

  /// A whole number; a number with a fraction or an exponent is refused.
  public func integer(_ what: String = "the value") throws(ConfigurationError) -> Int64 {
    guard case .scalar(let scalar) = content, let value = scalar.value.integerValue else {
      throw wrongType(what, wanted: "a whole number")
    }
    return value
  }

  /// A whole number within bounds.
  public func integer(
    _ what: String = "the value", in range: ClosedRange<Int64>
  ) throws(ConfigurationError) -> Int64 {
    let value = try integer(what)
    guard range.contains(value) else {
      throw ConfigurationError(
        mark: mark, message: "\(what): found \(value), wanted \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }

  /// The elements of a sequence.
  public func list(_ what: String = "the value") throws(ConfigurationError) -> [YAMLNode] {
    guard case .sequence(let elements) = content else { throw wrongType(what, wanted: "a sequence") }
    return elements
  }

  /// A duration such as `10m`, `1h30m` or `500ms`. See ``Quantity/duration(_:)``.
  public func duration(_ what: String = "the value") throws(ConfigurationError) -> Duration {
    guard case .scalar(let scalar) = content, scalar.value.stringValue != nil else {
      throw wrongType(what, wanted: "a duration with its unit, as in 10m or 500ms")
    }
    return try value(what, scalar.text, Quantity.duration)
  }

  /// A number of bytes such as `1000`, `256MiB` or `10GiB`. See ``Quantity/byteSize(_:)``.
  public func byteSize(_ what: String = "the value") throws(ConfigurationError) -> Int64 {
    guard case .scalar(let scalar) = content, scalar.value.stringValue != nil || scalar.value.integerValue != nil else {
      throw wrongType(what, wanted: "a number of bytes, as in 1000, 256MiB or 10GiB")
    }
    return try value(what, scalar.value.integerValue.map(String.init) ?? scalar.text, Quantity.byteSize)
  }

  /// A text that becomes a value by a failing initializer: `try node.value("connector", CapabilityReference.init)`.
  public func value<Value>(
    _ what: String = "the value", _ make: (String) throws(ValueError) -> Value
  ) throws(ConfigurationError) -> Value {
    try value(what, try string(what), make)
  }

  private func value<Value>(
    _ what: String, _ text: String, _ make: (String) throws(ValueError) -> Value
  ) throws(ConfigurationError) -> Value {
    do { return try make(text) } catch {
      throw ConfigurationError(mark: mark, message: "\(what): \(error.message)")
    }
  }

  private var isTypedScalar: Bool {
    if case .scalar(let scalar) = content { !scalar.value.isNull } else { false }
  }

  func wrongType(_ what: String, wanted: String, remedy: String = "") -> ConfigurationError {
    ConfigurationError(mark: mark, message: "\(what): found \(foundForMessage), wanted \(wanted)\(remedy)")
  }
}
