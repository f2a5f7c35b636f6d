import OmphalosValues

/// A regular expression that is looked for anywhere in a text, in time proportional to the text.
///
/// All ways through the pattern are followed at once, scalar by scalar, so that no pattern can make a short text take
/// long, as with an engine that tries one way after the other. The price: no lookaround and no references to groups.
struct SchemaPattern: Sendable {
  private static let greatestBytes = 4096
  private static let greatestProgram = 5000

  enum Instruction: Sendable {
    case set(ScalarSet)
    case start
    case end
    case wordBoundary(isPresent: Bool)
    case split(Int, Int)
    case jump(Int)
    case match
  }

  let source: String
  private var program: [Instruction] = []
  private var emissions = 0

  init(_ source: String) throws(PatternError) {
    self.source = source
    guard source.utf8.count <= Self.greatestBytes else {
      throw PatternError(problem: "it has more than \(Self.greatestBytes) bytes")
    }
    var parser = PatternParser(source)
    try emit(try parser.parse())
    program.append(.match)
  }

  private mutating func emit(_ tree: PatternTree) throws(PatternError) {
    // Counted apart from the program, since a repetition of nothing adds nothing to it.
    emissions += 1
    guard emissions <= 10 * Self.greatestProgram, program.count <= Self.greatestProgram else {
      throw PatternError(problem: "its repetitions make it too large")
    }
    switch tree {
    case .set(let set): program.append(.set(set))
    case .start: program.append(.start)
    case .end: program.append(.end)
    case .wordBoundary(let isPresent): program.append(.wordBoundary(isPresent: isPresent))
    case .sequence(let parts):
      for part in parts { try emit(part) }
    case .alternatives(let alternatives): try emitAlternatives(alternatives)
    case .repetition(let tree, let minimum, let maximum):
      for _ in 0..<minimum { try emit(tree) }
      if let maximum { try emitOptional(tree, count: maximum - minimum) } else { try emitLoop(tree) }
    }
  }

  private mutating func emitAlternatives(_ alternatives: [PatternTree]) throws(PatternError) {
    var jumps: [Int] = []
    for (number, alternative) in alternatives.enumerated() {
      guard number < alternatives.count - 1 else {
        try emit(alternative)
        break
      }
      let split = program.count
      program.append(.match)
      try emit(alternative)
      jumps.append(program.count)
      program.append(.match)
      program[split] = .split(split + 1, program.count)
    }
    for jump in jumps { program[jump] = .jump(program.count) }
  }

  private mutating func emitOptional(_ tree: PatternTree, count: Int) throws(PatternError) {
    var splits: [Int] = []
    for _ in 0..<count {
      splits.append(program.count)
      program.append(.match)
      try emit(tree)
    }
    for split in splits { program[split] = .split(split + 1, program.count) }
  }

  private mutating func emitLoop(_ tree: PatternTree) throws(PatternError) {
    let split = program.count
    program.append(.match)
    try emit(tree)
    program.append(.jump(split))
    program[split] = .split(split + 1, program.count)
  }
}

extension SchemaPattern {
  /// - Parameter steps: How much work is left; lessened by what was done.
  /// - Returns: nil if the work ran out.
  func matches(_ text: String, steps: inout Int) -> Bool? {
    let scalars = Array(text.unicodeScalars)
    var threads = ThreadList(count: program.count)
    for position in 0...scalars.count {
      // A match may begin anywhere.
      threads.pending.append(0)
      let place = Place(scalars: scalars, position: position)
      guard let hasMatched = follow(&threads, at: place, steps: &steps) else { return nil }
      if hasMatched { return true }
      guard position < scalars.count else { break }
      for index in threads.waiting {
        if case .set(let set) = program[index], set.contains(scalars[position]) { threads.pending.append(index + 1) }
      }
      threads.startPosition()
    }
    return false
  }

  /// Follows everything that consumes no scalar, and collects what waits for one.
  private func follow(_ threads: inout ThreadList, at place: Place, steps: inout Int) -> Bool? {
    while let index = threads.pending.popLast() {
      guard threads.visit(index) else { continue }
      steps -= 1
      guard steps > 0 else { return nil }
      switch program[index] {
      case .match: return true
      case .set: threads.waiting.append(index)
      case .jump(let target): threads.pending.append(target)
      case .split(let first, let second): threads.pending += [second, first]
      case .start: if place.position == 0 { threads.pending.append(index + 1) }
      case .end: if place.position == place.scalars.count { threads.pending.append(index + 1) }
      case .wordBoundary(let isPresent):
        if place.isWordBoundary == isPresent { threads.pending.append(index + 1) }
      }
    }
    return false
  }

  private struct Place {
    let scalars: [Unicode.Scalar]
    let position: Int

    var isWordBoundary: Bool { isWord(position - 1) != isWord(position) }

    private func isWord(_ index: Int) -> Bool {
      scalars.indices.contains(index) && ScalarSet.wordCharacters.contains(scalars[index])
    }
  }

  private struct ThreadList {
    var pending: [Int] = []
    var waiting: [Int] = []
    private var visits: [Int]
    private var generation = 1

    init(count: Int) {
      visits = Array(repeating: 0, count: count)
    }

    /// - Returns: whether the instruction is new at this position.
    mutating func visit(_ index: Int) -> Bool {
      guard visits[index] != generation else { return false }
      visits[index] = generation
      return true
    }

    mutating func startPosition() {
      waiting.removeAll(keepingCapacity: true)
      generation += 1
    }
  }
}
