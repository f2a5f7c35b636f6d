import LinuxCalls
import OmphalosValues
import RunRecord

/// What lies in a run root under the name of a run.
struct FoundRuns {
  /// Names of what claims to be a finalized run, those with the greatest manifests first: they take longest.
  let runs: [String]
  /// Of partial runs, each a sentence without its full stop.
  let notes: [String]

  init(in rootPath: String) throws(RunDirectoryError) {
    let root = try RunListing.openRoot(rootPath)
    let names: [String]
    do {
      names = try root.entries().compactMap(\.name)
    } catch {
      throw .notARoot(path: rootPath, cause: error.cause)
    }
    var runs: [(name: String, size: UInt64)] = []
    var notes: [String] = []
    for name in names {
      switch RunName(name) {
      case nil: continue
      case .finalized:
        let manifest = try? root.status(of: "\(name)/\(RunLayout.manifest.text)")
        guard RunListing.isRun(name, hasManifest: manifest != nil) else { continue }
        runs.append((name, manifest?.size ?? 0))
      case .partial:
        guard let entry = RunListing.entry(name, in: root, root: rootPath) else { continue }
        notes.append("\(printable(name)) is a partial run (\(entry.state.name))")
      }
    }
    self.runs = runs.sorted { $0.size > $1.size }.map(\.name)
    self.notes = notes
  }
}
