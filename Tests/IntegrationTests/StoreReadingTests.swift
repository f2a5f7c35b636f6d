import Foundation
import OmphalosValues
import TestSupport
import Testing

@Suite("Reading what the run has committed")
struct StoreReadingTests {
  private func run(_ body: String, globals: String = "") throws -> (outcome: PipelineFolder.Outcome, folder: PipelineFolder) {
    try PipelineFolder.runFixture(["GLOBALS": globals, "ON_RUN": body])
  }

  private static let opened = """
    uint64_t artifact, length;
    int32_t status = put(call, "exports/a", "0123456789");
    if (status != 0) return status;
    status = call->store->open(call->handle, "exports/a", 9, &artifact, &length);
    if (status != 0) return status;
    """

  @Test("map gives the bytes in place, the same each time; of an empty artifact an address and no bytes")
  func map() throws {
    let (outcome, folder) = try run(
      Self.opened + """
        const void *bytes, *again; size_t count;
        status = call->store->map(call->handle, artifact, &bytes, &count);
        if (status != 0) return status;
        status = call->store->map(call->handle, artifact, &again, &count);
        if (status != 0 || again != bytes || count != 10 || memcmp(bytes, "0123456789", 10) != 0) return 1;
        status = call->store->close(call->handle, artifact);
        if (status != 0) return status;
        if (call->store->map(call->handle, artifact, &bytes, &count) != OMPHALOS_E_HANDLE) return 2;
        status = put(call, "exports/empty", "");
        if (status != 0) return status;
        status = call->store->open(call->handle, "exports/empty", 13, &artifact, NULL);
        if (status != 0) return status;
        bytes = NULL;
        status = call->store->map(call->handle, artifact, &bytes, &count);
        if (status != 0 || bytes == NULL || count != 0) return 3;
        status = put(call, "exports/verdict", "fine");
        if (status != 0) return status;
        """)
    #expect(outcome.status == 0, "\(outcome.stderr)")
    #expect(try folder.text(outcome, "exports/verdict") == "fine")
  }

  @Test("a mapping cannot be written to: the plugin is named for the fault")
  func readOnly() throws {
    let (outcome, _) = try run(
      Self.opened + """
        const void *bytes; size_t count;
        status = call->store->map(call->handle, artifact, &bytes, &count);
        if (status != 0) return status;
        *(volatile char *)(uintptr_t)bytes = 'x';
        """)
    #expect(outcome.status == 4)
    #expect(outcome.stderr.contains("com.example.fixture/product (exports[0]): run"))
    #expect(outcome.stderr.contains("SIGSEGV"))
  }

  @Test("an artifact that was changed on disk after its commit is not given to a reader", arguments: ["read", "map"])
  func changed(_ how: String) throws {
    let reading =
      how == "read"
      ? "char byte; size_t count; return call->store->read(call->handle, artifact, 0, &byte, 1, &count);"
      : "const void *bytes; size_t count; return call->store->map(call->handle, artifact, &bytes, &count);"
    let (outcome, _) = try run(
      """
      \(Self.opened)
      char path[64]; snprintf(path, sizeof path, "/proc/self/fd");
      /* Around the store: through the descriptors of this process to the run directory. */
      for (int fd = 3; fd < 64; fd++) {
        int file = openat(fd, "exports/a", O_WRONLY);
        if (file >= 0) { if (pwrite(file, "X", 1, 4) != 1) return 1; close(file); break; }
      }
      \(reading)
      """)
    #expect(outcome.status == 5)
    #expect(outcome.stderr.contains("reading exports/a: it changed after it was committed: found SHA-256"))
    #expect(outcome.stderr.contains("wanted \(SHA256Digest(hashing: "0123456789").hex) of 10."))
  }

  private static let listing = """
    static int32_t put(const omphalos_call *call, const char *path, const char *text);
    static int32_t list(const omphalos_call *call, const char *prefix, const char *into) {
      uint64_t cursor, length; char all[4096] = "", path[1024]; size_t count;
      int32_t status = call->store->list_open(call->handle, prefix, strlen(prefix), &cursor);
      if (status != 0) return status;
      while ((status = call->store->list_next(call->handle, cursor, path, sizeof path, &count, &length)) == 0)
        snprintf(all + strlen(all), sizeof all - strlen(all), "%.*s %llu;", (int)count, path, (unsigned long long)length);
      if (status != OMPHALOS_E_NOT_FOUND) return status;
      status = call->store->list_close(call->handle, cursor);
      return status != 0 ? status : put(call, into, all);
    }
    """

  @Test("a list has what is committed, in ascending order of bytes, by prefix, as it was when it was opened")
  func list() throws {
    let (outcome, folder) = try run(
      """
      int32_t status;
      if ((status = put(call, "exports/b", "22")) || (status = put(call, "exports/a/z", "1")) ||
          (status = put(call, "warehouse/t", "333")) || (status = put(call, "exports/B.x", ""))) return status;
      if ((status = list(call, "", "warehouse/all")) || (status = list(call, "exports/b", "warehouse/b")) ||
          (status = list(call, "nothing", "warehouse/none"))) return status;
      """, globals: Self.listing)
    #expect(outcome.status == 0, "\(outcome.stderr)")
    #expect(try folder.text(outcome, "warehouse/all") == "exports/B.x 0;exports/a/z 1;exports/b 2;warehouse/t 3;")
    #expect(try folder.text(outcome, "warehouse/b") == "exports/b 2;")
    #expect(try folder.text(outcome, "warehouse/none") == "")
  }

  @Test("a path that does not fit is E_INVALID with its length, and comes again")
  func short() throws {
    let (outcome, _) = try run(
      """
      int32_t status = put(call, "exports/long-name", "x");
      if (status != 0) return status;
      uint64_t cursor, length; char path[32] = ""; size_t count = 0;
      status = call->store->list_open(call->handle, "exports/", 8, &cursor);
      if (status != 0) return status;
      if (call->store->list_next(call->handle, cursor, path, 4, &count, &length) != OMPHALOS_E_INVALID || count != 17 || path[0]) return 1;
      if (call->store->list_next(call->handle, cursor, path, 17, &count, &length) != 0 || strcmp(path, "exports/long-name")) return 2;
      if (call->store->list_next(call->handle, cursor, path, 17, &count, &length) != OMPHALOS_E_NOT_FOUND) return 3;
      if (call->store->close(call->handle, cursor) != OMPHALOS_E_HANDLE) return 4;
      """)
    #expect(outcome.status == 0, "\(outcome.stderr)")
  }
}
