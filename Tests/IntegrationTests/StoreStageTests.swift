import Foundation
import OmphalosValues
import TestSupport
import Testing

@Suite("Staged artifacts, for libraries that need a file to seek in")
struct StoreStageTests {
  private static let helpers = """
    static int32_t stage(const omphalos_call *call, const char *path, uint64_t *artifact, int32_t *fd) {
      return call->store->stage(call->handle, path, strlen(path), NULL, artifact, fd);
    }
    """

  private func run(_ body: String, limits: String = "") throws -> (outcome: PipelineFolder.Outcome, folder: PipelineFolder) {
    try PipelineFolder.runFixture(["GLOBALS": Self.helpers, "ON_RUN": body], limits: limits)
  }

  @Test("what the plugin wrote, out of order and over itself, is the artifact, with its digest in the manifest")
  func outOfOrder() throws {
    let (outcome, folder) = try run(
      """
      uint64_t artifact; int32_t fd;
      int32_t status = stage(call, "warehouse/data.bin", &artifact, &fd);
      if (status != 0) return status;
      if (pwrite(fd, "world", 5, 6) != 5 || pwrite(fd, "hullo ", 6, 0) != 6 || pwrite(fd, "e", 1, 1) != 1) return 1;
      close(fd);
      status = call->store->commit(call->handle, artifact);
      if (status != 0) return status;
      """)
    #expect(outcome.status == 0, "\(outcome.stderr)")
    #expect(try folder.text(outcome, "warehouse/data.bin") == "hello world")
    #expect(try folder.text(outcome, "run_manifest.json").contains(SHA256Digest(hashing: "hello world").hex))
  }

  @Test("a plugin that keeps descriptor and mapping and writes after commit changes nothing of the artifact")
  func writingOn() throws {
    let (outcome, folder) = try run(
      """
      uint64_t artifact; int32_t fd;
      int32_t status = stage(call, "exports/kept", &artifact, &fd);
      if (status != 0) return status;
      if (pwrite(fd, "as committed", 12, 0) != 12) return 1;
      char *mapping = mmap(NULL, 12, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
      status = call->store->commit(call->handle, artifact);
      if (status != 0) return status;
      memcpy(mapping, "AFTERWARDS", 10);
      if (pwrite(fd, "more", 4, 12) != 4) return 1;
      munmap(mapping, 12);
      close(fd);
      """)
    #expect(outcome.status == 0, "\(outcome.stderr)")
    #expect(try folder.text(outcome, "exports/kept") == "as committed")
  }

  @Test("an ordinary user's library may open the file again, by its name in /proc")
  func openedAgain() throws {
    guard getuid() == 0 else { try Test.cancel("only root can run the program as somebody else") }
    let pipeline = try PipelineFolder()
    try pipeline.addFixture([
      "GLOBALS": Self.helpers,
      "ON_RUN": """
        uint64_t artifact; int32_t fd; char name[64];
        int32_t status = stage(call, "exports/again", &artifact, &fd);
        if (status != 0) return status;
        snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
        int second = open(name, O_RDWR);
        if (second < 0 || pwrite(second, "through a name", 14, 0) != 14) return fail(call, 1, "cannot be opened again");
        close(second); close(fd);
        status = call->store->commit(call->handle, artifact);
        if (status != 0) return status;
        """,
    ])
    try pipeline.writeFixturePipeline()
    try pipeline.giveAway(to: 65534)
    let outcome = try pipeline.run(user: 65534)
    #expect(outcome.status == 0, "\(outcome.stderr)")
    #expect(try pipeline.text(outcome, "exports/again") == "through a name")
  }

  @Test("write on a staged artifact is E_STATE, and says how it is written")
  func wrongWrite() throws {
    let (outcome, _) = try run(
      """
      uint64_t artifact; int32_t fd;
      int32_t status = stage(call, "exports/x", &artifact, &fd);
      if (status != 0) return status;
      close(fd);
      return call->store->write(call->handle, artifact, "x", 1);
      """)
    #expect(outcome.status == 4)
    #expect(outcome.stderr.contains("exports/x: it is staged, so it is written through its descriptor."))
    #expect(outcome.stderr.contains("[E_STATE]"))
  }

  @Test("more bytes than the limit, written or as a hole, are refused by commit before any is copied")
  func quota() throws {
    let (outcome, _) = try run(
      """
      uint64_t artifact; int32_t fd;
      int32_t status = stage(call, "exports/x", &artifact, &fd);
      if (status != 0) return status;
      if (ftruncate(fd, 1LL << 40) != 0) return 1;
      close(fd);
      return call->store->commit(call->handle, artifact);
      """, limits: "bytes: 1MiB")
    #expect(outcome.status == 4)
    #expect(outcome.stderr.contains("limits.bytes"))
    #expect(outcome.stderr.contains("[E_QUOTA]"))
  }

  @Test("a staged artifact that is discarded or forgotten leaves nothing, and its path is free again")
  func discarded() throws {
    let (outcome, folder) = try run(
      """
      uint64_t artifact; int32_t fd;
      int32_t status = stage(call, "exports/again", &artifact, &fd);
      if (status != 0) return status;
      close(fd);
      status = call->store->discard(call->handle, artifact);
      if (status != 0) return status;
      status = put(call, "exports/again", "second");
      if (status != 0) return status;
      status = stage(call, "exports/forgotten", &artifact, &fd);
      if (status != 0) return status;
      close(fd);
      """)
    #expect(outcome.status == 0, "\(outcome.stderr)")
    #expect(try folder.text(outcome, "exports/again") == "second")
    #expect(throws: (any Error).self) { try folder.text(outcome, "exports/forgotten") }
  }

  @Test("a descriptor that the plugin keeps is noticed in its name")
  func keptDescriptor() throws {
    let (outcome, _) = try run(
      """
      uint64_t artifact; int32_t fd;
      int32_t status = stage(call, "exports/x", &artifact, &fd);
      if (status != 0) return status;
      status = call->store->commit(call->handle, artifact);
      if (status != 0) return status;
      """)
    #expect(outcome.status == 0, "\(outcome.stderr)")
    #expect(outcome.stderr.contains("run, with the connectors it read from, left 1 descriptor open."))
  }
}
