import Foundation
import TestSupport
import Testing

@Suite("Memory of a run")
struct MainMemoryTests {
  /// Runs a command and prints the greatest resident set of its processes, in KiB.
  private static let peakScript = """
    import resource, subprocess, sys
    done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL)
    print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
    sys.exit(done.returncode)
    """

  /// The greatest resident set of any process of a run over a table of so many rows, in KiB.
  ///
  /// - Parameter steps: what stands in the pipeline behind the one input, `data`.
  static func peak(rows: Int, steps: String) throws -> Int {
    let pipeline = try PipelineFolder()
    try pipeline.addExamples("csv")
    let line = String(repeating: "a name that is long enough to count,", count: 9) + "2026-01-01\n"
    try pipeline.folder.write("data.csv", "a,b,c,d,e,f,g,h,i,j\n" + String(repeating: line, count: rows))
    try pipeline.folder.write(
      "pipeline.yaml",
      """
      schema_version: "1.0"
      run: { name: rows, output_root: runs }
      inputs:
        - { name: data, connector: org.omphalos.csv/csv, files: { data: data.csv }, config: { infer: false } }
      \(steps)

      """)
    let result = try Shell.run(
      ["python3", "-c", peakScript, CommandLineTool.path, "run", "pipeline.yaml", "--plugins", "plugins"],
      directory: pipeline.path)
    try #require(result.status == 0, "\(result.stderr)")
    return try #require(Int(result.stdout.trimmingCharacters(in: .whitespacesAndNewlines)))
  }

  // The supervisor reaps the worker, so the maximum of the children is that of both. Ten times the rows are 60 MB more,
  // twice what a whole run takes.
  @Test(
    "does not grow with the rows: ten times as many take no more than a half more",
    .enabled(if: Shell.find("python3") != nil, "python3 is not installed"))
  func bounded() throws {
    let steps = "exports: [ { exporter: org.omphalos.csv/table, inputs: [data] } ]"
    let small = try Self.peak(rows: 20_000, steps: steps)
    let large = try Self.peak(rows: 200_000, steps: steps)
    #expect(large * 2 < small * 3, "\(small) KiB for 20,000 rows, \(large) KiB for 200,000")
  }
}
