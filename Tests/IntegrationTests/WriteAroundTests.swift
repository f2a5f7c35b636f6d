import Foundation
import LinuxCalls
import TestSupport
import Testing

@Suite("Writing around the store, and who it was")
struct WriteAroundTests {
  /// `dir`: the run directory, as a plugin can find it. The pause keeps the calls apart by more than a tick of the clock.
  private static let find =
    "usleep(30000); int dir = -1; struct stat st; for (int fd = 3; fd < 64 && dir < 0; fd++) "
    + "if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode) && faccessat(fd, \"exports\", F_OK, 0) == 0) dir = fd; "

  private func pair(_ first: String, _ second: String) throws -> PipelineFolder.Outcome {
    let folder = try PipelineFolder()
    try folder.addFixture(["ON_RUN": first])
    try folder.addFixture(["ID": "\"com.example.second\"", "ON_RUN": second], name: "second.so")
    try folder.folder.write(
      "pipeline.yaml",
      """
      schema_version: "1.0"
      run: { name: two, as_of: "2026-01-01", output_root: runs }
      inputs: [ { name: numbers, connector: com.example.fixture/source } ]
      exports:
        - { exporter: com.example.fixture/product, inputs: [numbers] }
        - { exporter: com.example.second/product, inputs: [numbers] }
      """)
    return try folder.run()
  }

  @Test(
    "the call that ran when the change was recorded is named, and no other",
    arguments: [
      (#"close(openat(dir, "exports/extra", O_CREAT | O_WRONLY, 0644));"#, #""exports/extra" was not written through the store"#),
      (#"mkdirat(dir, "exports/folder", 0755);"#, #""exports/folder" was not written through the store: found a directory"#),
      (#"symlinkat("/etc/passwd", dir, "exports/link");"#, #""exports/link" was not written through the store: found a symbolic link"#),
      (#"mkfifoat(dir, "exports/pipe", 0644);"#, #""exports/pipe" was not written through the store: found a fifo"#),
      (#"linkat(dir, "exports/first", dir, "exports/again", 0);"#, #""exports/first" has 2 names"#),
      (
        #"fchmodat(dir, "exports/first", 0644, 0); int d = openat(dir, "exports/first", O_WRONLY); pwrite(d, "X", 1, 0); close(d);"#,
        #""exports/first" changed after it was committed"#
      ),
      (
        #"unlinkat(dir, "exports/first", 0); symlinkat("/etc/passwd", dir, "exports/first");"#,
        #""exports/first" is a symbolic link, wanted a regular file"#
      ),
    ])
  func culprit(_ statement: String, _ sentence: String) throws {
    let outcome = try pair(
      #"usleep(30000); return put(call, "exports/first", "first");"#,
      Self.find + statement + #"usleep(30000); return put(call, "exports/second", "second");"#)
    #expect(outcome.status == 2, "\(outcome.stderr)")
    #expect(outcome.finalized == [])
    let line = try #require(outcome.stderr.split(separator: "\n").first { $0.contains(sentence) }, "\(outcome.stderr)")
    #expect(line.hasSuffix("Its last recorded change is from when com.example.second/product (exports[1]) ran."), "\(line)")
  }

  @Test(
    "bytes that change through a descriptor or a mapping from before the commit are found",
    arguments: ["pwrite(own, \"X\", 1, 0);", "mapping[0] = 'X';"])
  func fromBefore(_ statement: String) throws {
    // The unnamed file of the artifact is among the descriptors of this process; /proc opens it a second time.
    let body =
      Self.find
      + #"uint64_t a; call->store->create(call->handle, "exports/a", 9, NULL, &a); call->store->write(call->handle, a, "one", 3); "#
      + #"int own = -1; char name[64]; for (int fd = 3; fd < 64 && own < 0; fd++) if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) "#
      + #"&& st.st_nlink == 0 && st.st_size == 3) { fchmod(fd, 0644); snprintf(name, 64, "/proc/self/fd/%d", fd); own = open(name, O_RDWR); } "#
      + #"if (own < 0) return 98; char *mapping = mmap(NULL, 3, PROT_READ | PROT_WRITE, MAP_SHARED, own, 0); "#
      + #"int32_t s = call->store->commit(call->handle, a); if (s != 0) return s; "# + statement
    let (outcome, _) = try PipelineFolder.runFixture(["ON_RUN": body])
    #expect(outcome.status == 2, "\(outcome.stderr)")
    #expect(outcome.stderr.contains(#""exports/a" changed after it was committed: found SHA-256"#))
    #expect(outcome.finalized == [])
  }

  @Test("an artifact that somebody outside still has open for writing is not finalized, though its bytes are right")
  func openElsewhere() throws {
    let folder = try PipelineFolder()
    let go = folder.path + "/go"
    try folder.addFixture([
      "ON_RUN": "int32_t s = put(call, \"exports/a\", \"one\"); if (s != 0) return s; "
        + "for (int i = 0; i < 2000 && access(\"\(go)\", F_OK) != 0; i++) usleep(5000); return 0;"
    ])
    try folder.writeFixturePipeline()
    let held = Holder()
    let outside = Thread {
      for _ in 0..<2000 where held.file == nil {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.runs)) ?? []
        for name in names where name.hasSuffix(".partial") {
          let path = "\(folder.runs)/\(name)/exports/a"
          chmod(path, 0o644)
          held.file = try? File.open(path, .append)
        }
        usleep(5000)
      }
      _ = FileManager.default.createFile(atPath: go, contents: nil)
    }
    outside.start()
    let outcome = try folder.run()
    try #require(held.file != nil)
    #expect(outcome.status == 2, "\(outcome.stderr)")
    #expect(outcome.stderr.contains(#""exports/a" is still open for writing in some process."#))
    #expect(outcome.finalized == [])
    held.file = nil
  }

  private final class Holder: @unchecked Sendable {
    // Written by one thread before the other reads it: the run ends only after `go` is there.
    var file: File?
  }
}
