import LinuxCalls
import Synchronization
import TestSupport

@testable import PluginABI

/// A plugin in C whose functions do what the configuration of their call says.
struct PluginFixture {
  static let source = """
    #include <errno.h>
    #include <omphalos/arrow.h>
    #include <omphalos/plugin.h>
    #include <stdlib.h>
    #include <string.h>
    OMPHALOS_EXPORT int released_streams, released_batches, shutdowns, initialized, closed_with = -1, flushed;
    OMPHALOS_EXPORT uint64_t rows_seen;
    OMPHALOS_EXPORT char last_event[64];
    static int has(const omphalos_call *call, const char *word) { return strstr(call->config, word) != NULL; }
    static int32_t init(const omphalos_host *host, void **state) {
      if (INIT != 0) return INIT;
      host->log(host->ctx, OMPHALOS_LOG_WARNING, "hello", 5);
      host->log(host->ctx, 99, "odd level", 9);
      host->log(host->ctx, 1, NULL, 3);
      initialized++;
      *state = &initialized;
      return 0;
    }
    static void shut(void *state) { if (state == &initialized) shutdowns++; }

    static void release_part(struct ArrowArray *array) { array->release = NULL; }
    static void release_batch(struct ArrowArray *array) { released_batches++; free((void *)array->children[0]->buffers[1]);
      free(array->children[0]->buffers); free(array->children[0]); free(array->children); free(array->buffers);
      array->release = NULL; }
    static void release_schema(struct ArrowSchema *schema) {
      if (schema->n_children) { free(schema->children[0]); free(schema->children); }
      schema->release = NULL; }
    static int schema(struct ArrowArrayStream *stream, struct ArrowSchema *out) {
      (void)stream;
      memset(out, 0, sizeof *out);
      out->format = "+s"; out->name = ""; out->release = release_schema; out->n_children = 1;
      out->children = malloc(sizeof *out->children);
      out->children[0] = calloc(1, sizeof **out->children);
      out->children[0]->format = "i"; out->children[0]->name = "n"; out->children[0]->release = release_schema;
      return 0;
    }
    static int next(struct ArrowArrayStream *stream, struct ArrowArray *out) {
      int *left = stream->private_data;
      memset(out, 0, sizeof *out);
      if (*left == -1) return EIO;
      if (*left == 0) return 0;
      --*left;
      struct ArrowArray *child = calloc(1, sizeof *child);
      int32_t *values = malloc(12);
      values[0] = 1; values[1] = 2; values[2] = 3;
      child->length = 3; child->n_buffers = 2; child->buffers = calloc(2, sizeof(void *)); child->buffers[1] = values;
      child->release = release_part;
      out->length = 3; out->n_buffers = 1; out->buffers = calloc(1, sizeof(void *));
      out->n_children = 1; out->children = malloc(sizeof *out->children); out->children[0] = child;
      out->release = release_batch;
      return 0;
    }
    static const char *last(struct ArrowArrayStream *stream) { (void)stream; return "the disk is on fire"; }
    static void release(struct ArrowArrayStream *stream) {
      released_streams++; free(stream->private_data); stream->release = NULL; }
    static int32_t open(void *state, const omphalos_call *call, struct ArrowArrayStream *out) {
      if (state != &initialized) return OMPHALOS_E_INTERNAL;
      if (has(call, "fail")) { call->set_error(call->handle, 7, "no such table", 13); return 7; }
      if (has(call, "nothing")) return 0;
      int *left = malloc(sizeof *left);
      *left = has(call, "broken") ? -1 : 2;
      *out = (struct ArrowArrayStream){schema, has(call, "no next") ? NULL : next, last, release, left};
      return 0;
    }
    static int32_t run(void *state, const omphalos_call *call, const omphalos_dataset *const *inputs, size_t count) {
      if (state != &initialized) return OMPHALOS_E_INTERNAL;
      if (has(call, "config")) return OMPHALOS_E_CONFIG;
      if (has(call, "own")) return 3;
      if (has(call, "idle")) return 0;
      rows_seen = 0;
      for (size_t i = 0; i < count; i++) {
        if (strlen(inputs[i]->name) != inputs[i]->name_len) return OMPHALOS_E_INTERNAL;
        struct ArrowArrayStream *in = inputs[i]->stream;
        for (;;) {
          struct ArrowArray batch;
          if (in->get_next(in, &batch) != 0) return has(call, "hide") ? 0 : OMPHALOS_E_DATA;
          if (!batch.release) break;
          rows_seen += (uint64_t)batch.length;
          batch.release(&batch);
        }
        if (has(call, "release")) in->release(in);
      }
      return call->store->put(call->handle, "exports/x", 9, NULL, "x", 1);
    }
    static int32_t sink_open(void *state, const omphalos_call *call, void **sink) {
      (void)state;
      if (has(call, "fail")) return OMPHALOS_E_UNSUPPORTED;
      *sink = (void *)call;
      return 0;
    }
    static int32_t emit(void *sink, const char *event, size_t length) {
      const omphalos_call *call = sink;
      if (has(call, "refuse")) return OMPHALOS_E_IO;
      memcpy(last_event, event, length);
      return 0;
    }
    static int32_t flush(void *sink) { (void)sink; flushed++; return 0; }
    static int32_t close_sink(void *sink, uint32_t outcome) { (void)sink; closed_with = (int)outcome; return 0; }
    static const omphalos_connector connector = {sizeof connector, 0, open};
    static const omphalos_exporter exporter = {sizeof exporter, 0, run};
    static const omphalos_lineage_sink sink = {sizeof sink, 0, sink_open, emit, flush, close_sink};
    static const omphalos_capability c0 = {sizeof c0, OMPHALOS_CONNECTOR, 1, 0, "table", NULL, &connector};
    static const omphalos_capability c1 = {sizeof c1, OMPHALOS_EXPORTER, 1, 0, "report", NULL, &exporter};
    static const omphalos_capability c2 = {sizeof c2, OMPHALOS_LINEAGE_SINK, 1, 0, "ledger", NULL, &sink};
    static const omphalos_capability *const all[] = {&c0, &c1, &c2};
    #define PLUGIN {sizeof(omphalos_plugin), 1, 0, 0, 1, 0, "com.example.p", "1.0.0", "V", "MIT", "S", 1, 0, 3, 0, all, \\
      init, shut}
    static const omphalos_plugin plugin = PLUGIN, other = PLUGIN;
    static int asked;
    OMPHALOS_EXPORT const omphalos_plugin *omphalos_plugin_v1(uint32_t minor) {
      (void)minor;
      return CHANGES && asked++ ? &other : &plugin;
    }
    """

  let module: PluginModule
  let page: FlightPage
  let logged: Lines
  private let library: LoadedLibrary
  private let compiler: Compiler

  init(initialize: Int32 = 0, changes: Bool = false) throws {
    compiler = try Compiler()
    let path = try compiler.sharedObject(
      c: Self.source, flags: ["-DINIT=\(initialize)", "-DCHANGES=\(changes ? 1 : 0)", "-fvisibility=hidden"])
    library = try LoadedLibrary.open(path: path)
    page = try makePage()
    let lines = Lines()
    logged = lines
    guard let entry = library.address(of: HostInterface.entrySymbol) else { throw LoadError(text: "no entry") }
    module = try PluginModule(entry: entry, id: "com.example.p", path: path, page: page, timeout: 0, resources: NoResources()) { level, text in
      lines.add("\(level): \(text)")
    }
  }

  /// The plugin's own counter.
  func counter(_ name: String) -> Int32 {
    UnsafePointer<Int32>(bitPattern: library.address(of: name) ?? 0)?.pointee ?? .min
  }

  func text(_ name: String) -> String {
    UnsafePointer<CChar>(bitPattern: library.address(of: name) ?? 0).map { String(cString: $0) } ?? ""
  }

  func call(_ capability: String, _ configuration: String, store: RecordingStore = RecordingStore()) -> PluginCall {
    module.makeCall(
      CallIdentity(plugin: "com.example.p", capability: capability, instance: "i"),
      configuration: Array(configuration.utf8), services: RecordingServices(), store: store)
  }

  func open(_ configuration: String = "{}", name: String = "feed") throws -> DatasetStream {
    try module.openConnector(0, call: call("table", configuration), name: name, timeout: 0) { _ in }
  }
}

/// Lines from any thread.
final class Lines: Sendable {
  private let state = Mutex<[String]>([])
  func add(_ line: String) { state.withLock { $0.append(line) } }
  var all: [String] { state.withLock { $0 } }
}
