extension Admission {
  /// One reason for each problem whose default was not switched off.
  static func hardeningReasons(_ facts: HardeningFacts, _ terms: AdmissionTerms) -> [AdmissionReason] {
    facts.problems.filter { !terms.relaxations.contains($0.relaxation) }.map { problem in
      AdmissionReason(
        .hardening, field: problem.field, found: problem.found, wanted: problem.wanted,
        remedy: "\(problem.remedy); --relax \(problem.relaxation.rawValue) accepts it, and the record will show it")
    }
  }
}

extension HardeningProblem {
  /// The switch that accepts it.
  var relaxation: Relaxation {
    switch self {
    case .executableStack: .executableStack
    case .textRelocations, .writableAndExecutable: .textRelocations
    case .relativeLibraryPath, .emptyLibraryPath: .libraryPath
    }
  }
}
