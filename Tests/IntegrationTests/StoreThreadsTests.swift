import Foundation
import TestSupport
import Testing

@Suite("The store under threads of a plugin")
struct StoreThreadsTests {
  /// Eight threads that run `work` with their number, and a count of what the store answered.
  private static func threads(_ work: String) -> String {
    """
    static const omphalos_call *mine; static int answers[64];
    static void count(int32_t status) { __atomic_fetch_add(&answers[-status], 1, __ATOMIC_RELAXED); }
    static void *work(void *x) { long thread = (long)x; char path[64]; \(work) return x; }
    static void run_threads(const omphalos_call *call) {
      pthread_t t[8]; mine = call;
      for (long i = 0; i < 8; i++) pthread_create(&t[i], NULL, work, (void *)i);
      for (int i = 0; i < 8; i++) pthread_join(t[i], NULL);
      char text[200];
      snprintf(text, 200, "ok %d exists %d quota %d", answers[0], answers[3], answers[9]);
      say(text);
    }
    """
  }

  @Test("eight threads of an exporter write different artifacts and race for shared ones: all that was told OK is there")
  func race() throws {
    let work = """
      for (int i = 0; i < 50; i++) {
        snprintf(path, sizeof path, "exports/own/%ld-%d", thread, i); count(put(mine, path, path));
        snprintf(path, sizeof path, "exports/shared/%d", i); count(put(mine, path, path));
      }
      """
    let (outcome, folder) = try PipelineFolder.runFixture(["GLOBALS": Self.threads(work), "ON_RUN": "run_threads(call);"])
    #expect(outcome.status == 0, "\(outcome.stderr)")
    #expect(try folder.text(outcome, "logs/run.jsonl").contains("ok 450 exists 350 quota 0"))
    #expect(try folder.text(outcome, "exports/own/7-49") == "exports/own/7-49")
    #expect(try folder.text(outcome, "exports/shared/49") == "exports/shared/49")
    let verified = try CommandLineTool.run(["verify", folder.runs + "/" + outcome.finalized[0]])
    #expect(verified.status == 0, "\(verified.stderr)")
    #expect(verified.stdout.contains("453 payload"))
  }

  @Test("a quota that threads reach at once is never exceeded")
  func quota() throws {
    let work = """
      for (int i = 0; i < 50; i++) { snprintf(path, sizeof path, "exports/%ld-%d", thread, i); count(put(mine, path, "0123456789")); }
      """
    let (outcome, folder) = try PipelineFolder.runFixture(
      ["GLOBALS": Self.threads(work), "ON_RUN": "run_threads(call); return 0;"], limits: "bytes: 1005")
    #expect(outcome.status == 0, "\(outcome.stderr)")
    #expect(try folder.text(outcome, "logs/run.jsonl").contains("ok 100 exists 0 quota 300"))
  }

  @Test("a sink and an exporter that write at once from threads of their own each have their artifacts under their name")
  func capabilities() throws {
    let globals = """
      static const omphalos_call *sinks; static pthread_t side; static volatile int stop;
      static void *beside(void *x) {
        char path[64];
        for (int i = 0; !stop || i < 20; i++) { snprintf(path, 64, "lineage/beside/%d", i); if (put(sinks, path, "s") != 0) return path; }
        return NULL;
      }
      """ + Self.threads("for (int i = 0; i < 20; i++) { snprintf(path, 64, \"exports/%ld-%d\", thread, i); count(put(mine, path, \"e\")); }")
    let (outcome, folder) = try PipelineFolder.runFixture(
      [
        "GLOBALS": globals, "ON_RUN": "run_threads(call);",
        "ON_SINK_OPEN": "sinks = call; pthread_create(&side, NULL, beside, NULL);",
        "ON_SINK_CLOSE": "void *failed; stop = 1; pthread_join(side, &failed); if (failed) return 1;",
      ], sink: true)
    #expect(outcome.status == 0, "\(outcome.stderr)")
    let data = try Data(contentsOf: URL(fileURLWithPath: "\(folder.runs)/\(outcome.finalized[0])/reports/attribution.json"))
    let text = String(decoding: data, as: UTF8.self)
    #expect(text.contains("exports/7-19") && text.contains("lineage/beside/19"))
    let artifacts = try #require((JSONSerialization.jsonObject(with: data) as? [String: Any])?["artifacts"] as? [[String: Any]])
    for artifact in artifacts {
      let path = try #require(artifact["path"] as? String)
      guard path.hasPrefix("exports/") || path.hasPrefix("lineage/beside/") else { continue }
      let producer = artifact["producer"] as? [String: Any]
      #expect(producer?["capability"] as? String == (path.hasPrefix("exports/") ? "product" : "sink"), "\(path)")
    }
  }

  @Test("a call that returns while its store call is still running, and stays so, fails as E_BUSY in the plugin's name")
  func busy() throws {
    // The bytes to write lie on a page that cannot be read; the plugin's own handler holds whoever touches it.
    let (outcome, folder) = try PipelineFolder.runFixture([
      "GLOBALS": """
        static const omphalos_call *mine; static char *page; static volatile int held;
        static void hold(int signal) { (void)signal; held = 1; for (;;) pause(); }
        static void *work(void *x) { mine->store->put(mine->handle, "exports/held", 12, NULL, page, 4096); return x; }
        """,
      "ON_RUN": """
        mine = call; page = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        struct sigaction action; memset(&action, 0, sizeof action); action.sa_handler = hold; sigaction(SIGSEGV, &action, NULL);
        pthread_t t; pthread_create(&t, NULL, work, NULL);
        while (!held) usleep(1000);
        """,
    ])
    #expect(outcome.status == 4, "\(outcome.stderr)")
    #expect(outcome.stderr.contains("com.example.fixture/product (exports[0]): run failed: "))
    #expect(outcome.stderr.contains("[E_BUSY]"))
    #expect(outcome.finalized.isEmpty && outcome.partials.count == 1)
    #expect(folder.processes() == [])
  }
}
