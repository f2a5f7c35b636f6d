import OmphalosValues

/// Applies schemas to values and counts the work, which a hostile schema could make endless.
struct SchemaEvaluation {
  private static let greatestSteps = 250_000
  private static let greatestPatternSteps = 5_000_000
  private static let greatestDepth = 512
  static let greatestViolations = 100

  private let nodes: [SchemaNode]
  private let name: String
  private let secretPaths: Set<[PathStep]>?
  /// What the schema marks as a secret, in whichever of its branches, and the value gives as it is.
  private(set) var plainSecrets: [SchemaViolation] = []
  private var steps = 0
  private var depth = 0
  /// How many of the schemas being applied keep their values secret.
  private var secretCount = 0
  private var patternSteps = SchemaEvaluation.greatestPatternSteps
  /// Set once the work got too much: what was found until then says nothing.
  private(set) var exhaustion: SchemaViolation?

  /// How much was done so far, whatever came of it.
  var work: Int { steps + Self.greatestPatternSteps - patternSteps }

  init(nodes: [SchemaNode], name: String, secretPaths: Set<[PathStep]>? = nil) {
    self.nodes = nodes
    self.name = name
    self.secretPaths = secretPaths
  }

  mutating func apply(_ index: Int, to value: JSONValue, at path: [PathStep], violations: inout [SchemaViolation]) {
    // The answer is known by then, and more of them help nobody.
    guard violations.count < Self.greatestViolations else { return }
    let node = nodes[index]
    steps += 1 + node.required.count + (node.enumeration?.count ?? 0)
    depth += 1
    if node.isSecret { secretCount += 1 }
    defer {
      depth -= 1
      if node.isSecret { secretCount -= 1 }
    }
    let isGivenAsSecret = secretPaths?.contains(path) ?? false
    let site = Site(
      node: node, value: value, path: path, name: name, isSecret: secretCount > 0 || isGivenAsSecret)
    guard exhaustion == nil, steps <= Self.greatestSteps, depth <= Self.greatestDepth else {
      exhaust(site)
      return
    }
    if secretCount > 0, secretPaths != nil, !isGivenAsSecret { notePlainSecret(site) }
    if let answer = node.constantAnswer {
      if !answer { violations.append(site.violation("", "found \(site.found), wanted nothing here")) }
      return
    }
    checkValue(site, &violations)
    checkPattern(site, &violations)
    switch value {
    case .object(let object): checkMembers(of: object, site, &violations)
    case .array(let elements): checkElements(elements, site, &violations)
    default: break
    }
    checkCombinations(site, &violations)
  }

  private mutating func notePlainSecret(_ site: Site) {
    switch site.value {
    case .string, .integer, .number: break
    default: return
    }
    // Several schemas may apply to one value.
    guard plainSecrets.count < Self.greatestViolations, plainSecrets.last?.instancePath != site.path,
      !plainSecrets.contains(where: { $0.instancePath == site.path })
    else { return }
    plainSecrets.append(
      site.violation(
        "/" + SchemaKeyword.secret.rawValue,
        "this is a secret, and what stands in a pipeline is recorded; write it as { secret: { env: NAME } } or "
          + "{ secret: { file: PATH } }"))
  }

  private mutating func exhaust(_ site: Site) {
    guard exhaustion == nil else { return }
    exhaustion = site.violation("", "the schema takes too long to apply: it combines too many alternatives")
  }

  private func checkValue(_ site: Site, _ violations: inout [SchemaViolation]) {
    let (node, value) = (site.node, site.value)
    if let types = node.types, !types.contains(where: { $0.includes(value) }) {
      violations.append(
        site.violation("/type", "found \(site.found), wanted \(list(types.map(\.withArticle)))"))
    }
    if let constant = node.constant, !areEqualInSchema(value, constant) {
      violations.append(site.violation("/const", "found \(site.found), wanted \(shortText(constant))"))
    }
    if let accepted = node.enumeration, !accepted.contains(where: { areEqualInSchema(value, $0) }) {
      violations.append(site.violation("/enum", "found \(site.found), wanted \(wantedText(accepted, for: site))"))
    }
    for bound in node.bounds where !bound.admits(value) {
      violations.append(site.violation("/" + bound.keyword.rawValue, "found \(site.found), wanted \(bound.wanted)"))
    }
    for bound in node.counts {
      guard let count = bound.count(in: value), !bound.admits(count) else { continue }
      violations.append(
        site.violation("/" + bound.keyword.rawValue, "found \(bound.text(count)), wanted \(bound.wanted)"))
    }
  }

  private func wantedText(_ accepted: [JSONValue], for site: Site) -> String {
    let wanted = list(accepted.prefix(20).map(shortText)) + (accepted.count > 20 ? ", …" : "")
    guard let found = site.value.stringValue, !site.isSecret,
      let nearest = nearestNames(to: found, among: accepted.prefix(500).compactMap(\.stringValue), limit: 1).first
    else { return wanted }
    return wanted + "; did you mean \(quotedForMessage(nearest))?"
  }

  private mutating func checkPattern(_ site: Site, _ violations: inout [SchemaViolation]) {
    guard let pattern = site.node.pattern, let text = site.value.stringValue else { return }
    switch pattern.matches(text, steps: &patternSteps) {
    case nil: exhaust(site)
    case true?: break
    case false?:
      violations.append(
        site.violation("/pattern", "found \(site.found), wanted a text with the pattern \(pattern.source)"))
    }
  }

  private mutating func checkMembers(of object: JSONObject, _ site: Site, _ violations: inout [SchemaViolation]) {
    for name in site.node.required where object[name] == nil {
      violations.append(site.violation("/required", "the property \(quotedForMessage(name)) is missing"))
    }
    for (key, value) in object.members {
      let path = site.path + [.key(key)]
      if let property = site.node.properties[UTF8String(key)] {
        apply(property, to: value, at: path, violations: &violations)
      } else if let additional = site.node.additionalProperties {
        if nodes[additional].constantAnswer == false {
          violations.append(site.unknownProperty(key))
        } else {
          apply(additional, to: value, at: path, violations: &violations)
        }
      }
    }
  }

  private mutating func checkElements(_ elements: [JSONValue], _ site: Site, _ violations: inout [SchemaViolation]) {
    for (number, element) in elements.enumerated() {
      let path = site.path + [.index(number)]
      if number < site.node.prefixItems.count {
        apply(site.node.prefixItems[number], to: element, at: path, violations: &violations)
      } else if let items = site.node.items {
        apply(items, to: element, at: path, violations: &violations)
      }
    }
  }
}

extension SchemaEvaluation {
  private mutating func checkCombinations(_ site: Site, _ violations: inout [SchemaViolation]) {
    if let reference = site.node.reference {
      apply(reference, to: site.value, at: site.path, violations: &violations)
    }
    for inner in site.node.allOf { apply(inner, to: site.value, at: site.path, violations: &violations) }
    if let inner = site.node.not, self.violations(of: inner, site).isEmpty {
      violations.append(site.violation("/not", "found \(site.found), which the schema excludes"))
    }
    if !site.node.anyOf.isEmpty {
      let results = site.node.anyOf.map { self.violations(of: $0, site) }
      if !results.contains(where: \.isEmpty) { report(results, "/anyOf", site, &violations) }
    }
    if !site.node.oneOf.isEmpty {
      let results = site.node.oneOf.map { self.violations(of: $0, site) }
      let fitting = results.indices.filter { results[$0].isEmpty }
      if fitting.isEmpty { report(results, "/oneOf", site, &violations) }
      if fitting.count > 1 {
        let numbers = fitting.map { String($0 + 1) }.joined(separator: " and ")
        violations.append(
          site.violation("/oneOf", "found \(site.found), which fits alternatives \(numbers), wanted exactly one"))
      }
    }
  }

  private mutating func violations(of index: Int, _ site: Site) -> [SchemaViolation] {
    var violations: [SchemaViolation] = []
    apply(index, to: site.value, at: site.path, violations: &violations)
    return violations
  }

  /// Tells why no alternative fits: if one of them fits down to a part of the value, its complaint about that part is
  /// the one to read; otherwise all have their say.
  private func report(
    _ results: [[SchemaViolation]], _ keyword: String, _ site: Site, _ violations: inout [SchemaViolation]
  ) {
    let reaching = results.filter { $0.allSatisfy { $0.instancePath.count > site.path.count } }
    if reaching.count == 1, let result = reaching.first {
      violations += result
      return
    }
    let reasons = results.prefix(8).compactMap { $0.first?.message }.map { message in
      message.hasPrefix(site.subject + ": ") ? String(message.dropFirst(site.subject.count + 2)) : message
    }
    violations.append(
      site.violation(keyword, "fits none of the alternatives: " + reasons.joined(separator: "; or ")))
  }
}

/// A value with the schema that is applied to it.
private struct Site {
  let node: SchemaNode
  let value: JSONValue
  let path: [PathStep]
  let name: String
  /// Whether the value is kept out of messages: by this schema, or by one around it.
  let isSecret: Bool

  /// The value as messages show it.
  var found: String { isSecret ? "a secret value" : shortText(value) }

  /// The value's name with the path to it.
  var subject: String {
    let text = path.pathText
    return text.isEmpty || text.hasPrefix("[") ? name + text : name + "." + text
  }

  func violation(_ keyword: String, _ problem: String) -> SchemaViolation {
    SchemaViolation(instancePath: path, schemaPath: node.path + keyword, message: "\(subject): \(problem)")
  }

  func unknownProperty(_ key: String) -> SchemaViolation {
    let known = node.properties.keys.sorted().map(\.string)
    let nearest = nearestNames(to: key, among: Array(known.prefix(500)), limit: 1).first
    let remedy =
      nearest.map { "did you mean \(quotedForMessage($0))?" }
      ?? (known.isEmpty ? "none is" : "known are \(known.prefix(20).joined(separator: ", "))")
    return SchemaViolation(
      instancePath: path + [.key(key)], schemaPath: node.path + "/additionalProperties", isAboutKey: true,
      message: "\(subject): the property \(quotedForMessage(key)) is not known; \(remedy)")
  }
}

private func shortText(_ value: JSONValue) -> String {
  switch value {
  case .string(let text): quotedForMessage(text, limit: 60)
  case .array, .object: value.kindForMessage
  default: value.canonicalText
  }
}

/// `a, b or c`.
private func list(_ texts: [String]) -> String {
  guard let last = texts.last, texts.count > 1 else { return texts.first ?? "" }
  return texts.dropLast().joined(separator: ", ") + " or " + last
}
