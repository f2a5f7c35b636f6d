/* The plugin that every case of the corpus starts from: a connector without rows, an exporter and a lineage sink.
 *
 *   -DOWN_NOTE            leaves the declaration note out: the case brings its own
 *   -DNO_ENTRY            leaves the entry out
 *   -DON_ENTRY='...'      statements at the entry's first call: all tables below are writable
 *   -DRETURNED='...'      what the entry returns instead of &descriptor
 *   -DGLOBALS='...'       declarations before the entry
 *   -DON_RUN='...'        statements of the exporter
 *   -DPLUGIN_MEMBERS=, -DCONNECTOR_MEMBERS=, -DEXPORTER_MEMBERS=, -DSINK_MEMBERS=, -D'VTABLE(table)='
 *                         what the tables hold beside their sizes, for headers in which they are shorter or longer
 *   -DFLAGS=, -DMINOR_REQUIRED=, -DMINOR_BUILT=, -DKIND=, -DCAPABILITY_FLAGS=   numbers of the descriptor
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <omphalos/arrow.h>
#include <omphalos/plugin.h>

#ifndef ON_ENTRY
#define ON_ENTRY
#endif
#ifndef RETURNED
#define RETURNED &descriptor
#endif
#ifndef GLOBALS
#define GLOBALS
#endif
#ifndef ON_RUN
#define ON_RUN
#endif
#ifndef PLUGIN_MEMBERS
#define PLUGIN_MEMBERS
#endif
#ifndef CONNECTOR_MEMBERS
#define CONNECTOR_MEMBERS .open = source_open
#endif
#ifndef EXPORTER_MEMBERS
#define EXPORTER_MEMBERS .run = product_run
#endif
#ifndef SINK_MEMBERS
#define SINK_MEMBERS .open = sink_open, .emit = sink_emit, .close = sink_close
#endif
#ifndef VTABLE
#define VTABLE(table) .vtable = &table
#endif
#ifndef FLAGS
#define FLAGS 0
#endif
#ifndef MINOR_REQUIRED
#define MINOR_REQUIRED 0
#endif
#ifndef MINOR_BUILT
#define MINOR_BUILT 0
#endif
#ifndef KIND
#define KIND OMPHALOS_LINEAGE_SINK
#endif
#ifndef CAPABILITY_FLAGS
#define CAPABILITY_FLAGS 0
#endif

#ifndef OWN_NOTE
OMPHALOS_DECLARE("com.example.hostile", "1.0.0", "Example", "MIT", "A case", "compatible", 0, 0,
                 "[{\"kind\":\"connector\",\"name\":\"source\",\"interface_version\":1},"
                 "{\"kind\":\"exporter\",\"name\":\"product\",\"interface_version\":1},"
                 "{\"kind\":\"lineage_sink\",\"name\":\"sink\",\"interface_version\":1}]");
#endif

/* Used from the C library with a version, and for each thread: so that the file has version tables and a PT_TLS. */
__thread int per_thread = 7;

/* ---- A stream of one column without rows ---- */

static void release_schema(struct ArrowSchema *schema) { schema->release = NULL; }
static int get_schema(struct ArrowArrayStream *stream, struct ArrowSchema *out) {
  static struct ArrowSchema child, *children[1] = {&child};
  (void)stream;
  child = (struct ArrowSchema){"l", "n", NULL, 0, 0, NULL, NULL, release_schema, NULL};
  *out = (struct ArrowSchema){"+s", "", NULL, 0, 1, children, NULL, release_schema, NULL};
  return 0;
}
static int get_next(struct ArrowArrayStream *stream, struct ArrowArray *out) {
  (void)stream;
  memset(out, 0, sizeof *out);
  return 0;
}
static const char *get_last_error(struct ArrowArrayStream *stream) {
  (void)stream;
  return NULL;
}
static void release_stream(struct ArrowArrayStream *stream) { stream->release = NULL; }

static int32_t source_open(void *state, const omphalos_call *call, struct ArrowArrayStream *out) {
  (void)state, (void)call;
  *out = (struct ArrowArrayStream){get_schema, get_next, get_last_error, release_stream, NULL};
  return 0;
}
static int32_t product_run(void *state, const omphalos_call *call, const omphalos_dataset *const *inputs, size_t count) {
  (void)state, (void)inputs, (void)count;
  { ON_RUN }
  return call->store->put(call->handle, "exports/x", 9, NULL, "x", 1);
}
static int32_t sink_open(void *state, const omphalos_call *call, void **sink) {
  (void)state, (void)call, (void)sink;
  return 0;
}
static int32_t sink_emit(void *sink, const char *event, size_t length) {
  (void)sink, (void)event, (void)length;
  return 0;
}
static int32_t sink_close(void *sink, uint32_t outcome) {
  (void)sink, (void)outcome;
  return 0;
}

/* ---- Tables, for a case to break ---- */

static omphalos_connector connector = {.struct_size = sizeof(omphalos_connector), CONNECTOR_MEMBERS};
static omphalos_exporter exporter = {.struct_size = sizeof(omphalos_exporter), EXPORTER_MEMBERS};
static omphalos_lineage_sink sink = {.struct_size = sizeof(omphalos_lineage_sink), SINK_MEMBERS};
#define CAPABILITY(kind_, name_, flags_, table_)                                                                 \
  {.struct_size = sizeof(omphalos_capability), .kind = kind_, .interface_version = 1, .flags = flags_, .name = name_, \
   VTABLE(table_)}
static omphalos_capability first = CAPABILITY(OMPHALOS_CONNECTOR, "source", 0, connector);
static omphalos_capability second = CAPABILITY(OMPHALOS_EXPORTER, "product", 0, exporter);
static omphalos_capability third = CAPABILITY(KIND, "sink", CAPABILITY_FLAGS, sink);
static const omphalos_capability *list[1100] = {&first, &second, &third};
static omphalos_plugin descriptor = {
    .struct_size = sizeof(omphalos_plugin),
    .abi_major = OMPHALOS_ABI_MAJOR,
    .abi_minor_required = MINOR_REQUIRED,
    .abi_minor_built = MINOR_BUILT,
    .draft = OMPHALOS_ABI_DRAFT,
    .id = "com.example.hostile",
    .version = "1.0.0",
    .vendor = "Example",
    .license = "MIT",
    .summary = "A case",
    .hermetic = OMPHALOS_HERMETIC_COMPATIBLE,
    .flags = FLAGS,
    .capability_count = 3,
    .capabilities = list,
    PLUGIN_MEMBERS};

/* ---- Memory at addresses that are the same in each run, so that messages are ---- */

#define PAGE 0x200000000000ul

/* `size` bytes of PAGE, and zeros up to the end of the last page. */
__attribute__((unused)) static char *memory(size_t size) {
  return mmap((void *)PAGE, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
}
/* A copy of `size` bytes at the end of PAGE; what follows may not be touched. */
__attribute__((unused)) static void *at_the_end(const void *bytes, size_t size) {
  char *page = memory(8192);
  mprotect(page + 4096, 4096, PROT_NONE);
  return memcpy(page + 4096 - size, bytes, size);
}
/* `length` times 'x' at PAGE. */
__attribute__((unused)) static char *text(size_t length) { return memset(memory(length + 1), 'x', length); }

GLOBALS

#ifndef NO_ENTRY
OMPHALOS_EXPORT const omphalos_plugin *omphalos_plugin_v1(uint32_t host_minor) {
  (void)host_minor;
  /* What a case changes, it changes at the first of the two calls. */
  static int calls;
  if (calls++ == 0) {
    ON_ENTRY
  }
  return (const omphalos_plugin *)(RETURNED);
}
#endif
