import Foundation
import TestSupport
import Testing

@Suite("Loading from copies, for systems without memory files")
struct LoadModeTests {
  private func pipeline(_ defines: [String: String] = [:]) throws -> PipelineFolder {
    let pipeline = try PipelineFolder()
    try pipeline.addFixture(defines)
    try pipeline.writeFixturePipeline()
    try FileManager.default.createDirectory(atPath: pipeline.folder.file("tmp"), withIntermediateDirectories: false)
    return pipeline
  }

  private func left(_ pipeline: PipelineFolder) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: pipeline.folder.file("tmp"))
  }

  @Test("--load-mode path loads from a private copy under TMPDIR, which is gone afterwards")
  func copies() throws {
    let pipeline = try pipeline([
      "ON_RUN":
        "FILE *maps = fopen(\"/proc/self/maps\", \"r\"); char line[512], found[512] = \"memory\\n\"; "
        + "while (fgets(line, 512, maps)) if (strstr(line, \"/0/fixture.so\")) strcpy(found, strchr(line, '/')); "
        + "struct stat s = {0}; char folder[512]; strcpy(folder, found); *strstr(folder, \"/0/\") = 0; stat(folder, &s); "
        + "char text[640]; snprintf(text, 640, \"%o %s\", s.st_mode & 07777, found); put(call, \"exports/place.txt\", text);"
    ])
    let outcome = try pipeline.run(
      ["--load-mode", "path"], environment: ["TMPDIR": pipeline.folder.file("tmp")])
    #expect(outcome.status == 0, "\(outcome.stderr)")
    let place = try pipeline.text(outcome, "exports/place.txt")
    #expect(place.hasPrefix("700 \(pipeline.folder.file("tmp"))/omphalos-plugins-") && place.hasSuffix("/0/fixture.so\n"))
    #expect(try left(pipeline) == [])
  }

  @Test("the record names the relaxation and verify shows it; run id and payload are those of loading from memory")
  func relaxation() throws {
    let pipeline = try pipeline()
    let copies = try pipeline.run(["--load-mode", "path"])
    #expect(copies.status == 0, "\(copies.stderr)")
    let sentence = "Plugins were loaded from copies in a private folder (--load-mode path), not from sealed memory"
    let run = try #require(copies.finalized.first)
    let verified = try CommandLineTool.run(["verify", "runs/\(run)"], directory: pipeline.path)
    #expect(verified.status == 0)
    #expect(verified.stdout.contains("Relaxed for this run: \"\(sentence)"))
    #expect(try pipeline.text(copies, "reports/plugins.json").contains(sentence))
    let again = try pipeline.run(["--output-root", "other"])
    #expect(again.status == 0)
    let other = pipeline.folder.file("other")
    #expect(try FileManager.default.contentsOfDirectory(atPath: other).sorted() == ["ledger.jsonl", run])
    let sealed = try CommandLineTool.run(["verify", "other/\(run)"], directory: pipeline.path)
    #expect(!sealed.stdout.contains("Relaxed"))
  }

  @Test("a copy that is changed before it is loaded is found, and its code does not run")
  func changedCopy() throws {
    let pipeline = try pipeline()
    let marker = pipeline.folder.file("second-ran")
    // The first plugin, while it is loaded, writes over the copy of the second.
    try pipeline.addFixture(
      [
        "ID": "\"com.example.writer\"",
        "ON_CONSTRUCTOR":
          "glob_t g; if (glob(\"\(pipeline.folder.file("tmp"))/omphalos-plugins-*/1/b-second.so\", 0, 0, &g) == 0) { "
          + "chmod(g.gl_pathv[0], 0600); int fd = open(g.gl_pathv[0], O_WRONLY | O_TRUNC); "
          + "int from = open(\"\(pipeline.folder.file("evil.so"))\", O_RDONLY); char b[4096]; ssize_t n; "
          + "while ((n = read(from, b, 4096)) > 0) write(fd, b, n); close(fd); close(from); }",
      ], name: "a-first.so", flags: ["-include", "glob.h"])
    try pipeline.addFixture(["ID": "\"com.example.second\""], name: "b-second.so")
    try pipeline.addFixture(
      ["ID": "\"com.example.second\"", "ON_CONSTRUCTOR": "mark(\"\(marker)\");"], name: "../evil.so")
    try pipeline.writePairPipeline(first: "com.example.writer", second: "com.example.second")
    let outcome = try pipeline.run(["--load-mode", "path"], environment: ["TMPDIR": pipeline.folder.file("tmp")])
    #expect(outcome.status == 4)
    #expect(
      outcome.stderr.contains(
        "com.example.writer: constructor failed: it changed the copy that b-second.so is loaded from, or took its "
          + "descriptor."), "\(outcome.stderr)")
    #expect(!FileManager.default.fileExists(atPath: marker))
    #expect(try left(pipeline) == [])
  }

  @Test("a folder of its own is copied too, and its libraries answer")
  func ownFiles() throws {
    let pipeline = try PipelineFolder()
    let library = try pipeline.addLibrary("libown.so", soname: "libown.so", source: "int own_answer(void) { return 5; }")
    try pipeline.folder.write("plugins/fixture.d/words.txt", "hello")
    try pipeline.addFixture(
      [
        "GLOBALS": "extern int own_answer(void);",
        "ON_RUN":
          "int fd; char text[32] = {0}; if (host->resource_open(host->ctx, \"words.txt\", 9, &fd) != 0) return 9; "
          + "read(fd, text, 5); close(fd); sprintf(text + 5, \" %d\\n\", own_answer()); put(call, \"exports/x.txt\", text);",
      ], flags: [library])
    try pipeline.writeFixturePipeline()
    let outcome = try pipeline.run(["--load-mode", "path"])
    #expect(outcome.status == 0, "\(outcome.stderr)")
    #expect(try pipeline.text(outcome, "exports/x.txt") == "hello 5\n")
  }

  @Test("where memory files cannot be had a run is refused with the cause and the way out, and path mode runs")
  func withoutMemoryFiles() throws {
    let pipeline = try pipeline()
    let refused = try DenyingFilter.run(
      without: "memfd_create", ["run", "pipeline.yaml", "--plugins", "plugins"], in: pipeline)
    if refused.status == DenyingFilter.isNotPossible { try Test.cancel("no seccomp filter may be set up here") }
    #expect(refused.status == 3)
    #expect(
      refused.stderr.contains(
        "cannot be sealed for loading: memory for com.example.fixture: Operation not permitted (memfd_create)"))
    #expect(refused.stderr.contains("--load-mode path loads from private copies"))
    let doctor = try DenyingFilter.run(without: "memfd_create", ["doctor"], in: pipeline)
    #expect(doctor.status == 2 && doctor.stdout.contains("sealed memory files cannot be made"))
    let copies = try DenyingFilter.run(
      without: "memfd_create", ["run", "pipeline.yaml", "--plugins", "plugins", "--load-mode", "path"], in: pipeline)
    #expect(copies.status == 0, "\(copies.stderr)")
  }

  @Test("where a descriptor cannot be read safely nothing is loaded, and doctor names the call")
  func withoutSafeReading() throws {
    let pipeline = try pipeline()
    let doctor = try DenyingFilter.run(without: "process_vm_readv", ["doctor"], in: pipeline)
    if doctor.status == DenyingFilter.isNotPossible { try Test.cancel("no seccomp filter may be set up here") }
    #expect(doctor.status == 2 && doctor.stdout.contains("process_vm_readv(2) cannot be used"))
  }

  @Test("a kernel that makes every memory file non-executable loads plugins all the same")
  func noexecMemoryFiles() throws {
    // The setting belongs to a pid namespace; making one needs rights that are not had everywhere.
    let script = """
      echo 2 > /proc/sys/vm/memfd_noexec || exit 77
      exec "$0" run pipeline.yaml --plugins plugins
      """
    let pipeline = try pipeline()
    let command = ["unshare", "--pid", "--fork", "--mount-proc", "sh", "-c", script, CommandLineTool.path]
    let result = try Shell.run(command, directory: pipeline.path)
    if result.status == 77 || result.stderr.contains("unshare") { try Test.cancel("no namespace may be made here") }
    #expect(result.status == 0, "\(result.stderr)")
  }

  @Test("a TMPDIR that is mounted noexec is refused with what to do")
  func noexecPlace() throws {
    let pipeline = try pipeline()
    let script = """
      mount -t tmpfs -o noexec none tmp || exit 77
      TMPDIR=$PWD/tmp exec "$0" run pipeline.yaml --plugins plugins --load-mode path
      """
    let result = try Shell.run(
      ["unshare", "--mount", "sh", "-c", script, CommandLineTool.path], directory: pipeline.path)
    if result.status == 77 || result.stderr.contains("unshare") { try Test.cancel("no namespace may be made here") }
    #expect(result.status == 5)
    #expect(result.stderr.contains("it is on a file system that is mounted noexec, from which nothing can be loaded. Set TMPDIR"))
  }
}
