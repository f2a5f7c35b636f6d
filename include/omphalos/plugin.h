/* omphalos plugin ABI, major 1, minor 0.
 *
 * This header is the whole of what a plugin needs. A plugin is one ELF shared object for Linux that
 *   - exports one function, `omphalos_plugin_v1`, which returns a descriptor, and
 *   - carries the same declaration in an ELF note (owner "omphalOS", section .note.omphalos), so that a host can decide
 *     about the plugin without running any of it.
 * `omphalos plugin declare plugin.json --lang c` writes note and descriptor from one source; OMPHALOS_DECLARE below is
 * for hand-written plugins. After loading, the host compares the two field by field and refuses a difference.
 *
 * FROZEN. What this header says of 1.0 holds for every later 1.N: names, numbers, offsets and signatures stay, structs grow
 * at their ends only, and what is new bears its own [since 1.N]. A breaking change would be major version 2, with an entry
 * of another name. abi/1.0/ of the host's sources keeps this header as it was frozen, and plugins built from it.
 *
 * HOW TO READ THE TAGS. Each function says:
 *   [thread]  which thread may call it: `call` = the thread on which the host entered the plugin for this call,
 *             `any` = any thread, while the call lasts;
 *   [state]   when it may be called;
 *   [owner]   who owns what is passed, and until when;
 *   [result]  what it returns;
 *   [since]   the ABI version that brought it, and whether a plugin built for that version must provide it.
 *
 * GENERAL RULES
 *   1. Strings from plugin to host are a pointer and a length in bytes: UTF-8, no NUL inside. Strings in the descriptor
 *      are NUL-terminated UTF-8 of at most 4,096 bytes, but for schemas (1 MiB). The host copies what it keeps before it
 *      returns.
 *   2. Memory is freed by the side that allocated it. Nothing here transfers ownership, except Arrow structs, which
 *      carry their own `release`.
 *   3. `struct_size` is the first member of every struct: whoever fills the struct sets it to sizeof of what it knows.
 *      A struct only grows at its end. Use OMPHALOS_HAS before reading a member that your minimum version lacks.
 *   4. Results: 0 is success; negative values are the ABI's own codes (OMPHALOS_STATUS_TABLE); positive values are the
 *      plugin's own, and then a message through `set_error` is required.
 *   5. Threads: the host enters one *instance* (an open stream, a sink, one exporter call) on one thread at a time.
 *      Instances of one plugin may nest on one thread: an exporter that pulls a dataset may thereby enter a connector
 *      of its own plugin. Different threads enter different instances only if the plugin sets OMPHALOS_PLUGIN_CONCURRENT.
 *      A call that returns while its own store calls are still running on other threads has up to one second for them
 *      to end, and then fails with OMPHALOS_E_BUSY.
 *   6. Lifecycle: `init` once before anything else, `shutdown` once after the last call ended. `shutdown` is not called
 *      after a failed `init`, nor when the process is ended by a failure. A plugin is never unloaded.
 *   7. No exception, longjmp or thread exit may leave a plugin function: it ends the worker process, and the run fails
 *      in the name of the plugin.
 *   8. The host exports no symbol. All it offers is reached through the tables below, each with its context.
 *      Rationale: a host that exported symbols would capture the plugin's own symbols of the same name.
 */
#ifndef OMPHALOS_PLUGIN_H
#define OMPHALOS_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

#if !defined(__LP64__) || __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "omphalos ABI 1 is defined for little-endian LP64 only"
#endif

#ifdef __cplusplus
extern "C" {
#endif

#define OMPHALOS_ABI_MAJOR 1
#define OMPHALOS_ABI_MINOR 0
/* 0: this major version is frozen. Note and descriptor carried the number of a draft before. */
#define OMPHALOS_ABI_DRAFT 0

/* True if the struct at `p` is large enough to hold `member`. `p` must not be NULL. */
#define OMPHALOS_HAS(p, type, member) ((p)->struct_size >= offsetof(type, member) + sizeof((p)->member))

/* Put before the definition of omphalos_plugin_v1, so that -fvisibility=hidden keeps everything else private. */
#define OMPHALOS_EXPORT __attribute__((visibility("default")))

/* ---- Status codes ------------------------------------------------------------------------------------------------ */

/* X(NAME, value, exit code of the host when it ends a run, sentence). The one definition of all status codes. */
#define OMPHALOS_STATUS_TABLE(X)                                                                                        \
  X(OK, 0, 0, "The call succeeded.")                                                                                    \
  X(E_INVALID, -1, 4, "An argument is wrong: a NULL where a value is required, or a size that cannot be.")              \
  X(E_PATH, -2, 4, "The path is not a well-formed artifact path.")                                                      \
  X(E_EXISTS, -3, 4, "The path is taken: an artifact is written once.")                                                 \
  X(E_NOT_FOUND, -4, 4, "There is no such artifact or input.")                                                          \
  X(E_DENIED, -5, 4, "The path lies outside what this capability was granted.")                                         \
  X(E_ENDED, -6, 4, "The call that the handle belongs to has ended.")                                                   \
  X(E_HANDLE, -7, 4, "The handle is not one that the host gave out for this call.")                                     \
  X(E_STATE, -8, 4, "The artifact is in a state that does not allow this: already committed, discarded or failed.")     \
  X(E_QUOTA, -9, 4, "A limit of the pipeline is reached: bytes or number of artifacts.")                                \
  X(E_NO_SPACE, -10, 5, "The disk is full.")                                                                            \
  X(E_IO, -11, 5, "The disk or the kernel reported an error.")                                                          \
  X(E_CANCELLED, -12, 4, "The run is being cancelled.")                                                                 \
  X(E_BUSY, -13, 4, "The call returned while its own store calls were still running.")                                  \
  X(E_UNSUPPORTED, -14, 4, "This host or plugin does not provide what was asked for.")                                  \
  X(E_CONFIG, -15, 65, "The configuration is not one that the capability accepts.")                                     \
  X(E_DATA, -16, 65, "The input data is malformed.")                                                                    \
  X(E_MEMORY, -17, 4, "There was not enough memory.")                                                                   \
  X(E_INTERNAL, -18, 70, "The host met a state that it holds to be impossible.")

#define OMPHALOS_STATUS_ENUM_(name, value, exit_code, sentence) OMPHALOS_##name = value,
enum omphalos_status { OMPHALOS_STATUS_TABLE(OMPHALOS_STATUS_ENUM_) OMPHALOS_STATUS_FORCE_INT_ = 0x7fffffff };
#undef OMPHALOS_STATUS_ENUM_

/* The name ("E_EXISTS") and the sentence of an ABI status code; NULL for a value that is none. */
static inline const char *omphalos_status_name(int32_t status) {
#define OMPHALOS_STATUS_NAME_(name, value, exit_code, sentence) case value: return #name;
  switch (status) { OMPHALOS_STATUS_TABLE(OMPHALOS_STATUS_NAME_) default: return NULL; }
#undef OMPHALOS_STATUS_NAME_
}
static inline const char *omphalos_status_sentence(int32_t status) {
#define OMPHALOS_STATUS_SENTENCE_(name, value, exit_code, sentence) case value: return sentence;
  switch (status) { OMPHALOS_STATUS_TABLE(OMPHALOS_STATUS_SENTENCE_) default: return NULL; }
#undef OMPHALOS_STATUS_SENTENCE_
}
/* The exit code of `omphalos run` when a call fails with this status; 4 for a plugin's own (positive) codes. */
static inline int32_t omphalos_status_exit_code(int32_t status) {
#define OMPHALOS_STATUS_EXIT_(name, value, exit_code, sentence) case value: return exit_code;
  switch (status) { OMPHALOS_STATUS_TABLE(OMPHALOS_STATUS_EXIT_) default: return 4; }
#undef OMPHALOS_STATUS_EXIT_
}

/* ---- Constants --------------------------------------------------------------------------------------------------- */

/* omphalos_plugin.hermetic. 0 is refused: a plugin says which it is. */
enum omphalos_hermetic {
  OMPHALOS_HERMETIC_COMPATIBLE = 1,  /* needs no network, clock, randomness or environment of its own */
  OMPHALOS_HERMETIC_INCOMPATIBLE = 2 /* refused under --hermetic */
};

/* omphalos_capability.kind. Numbers are never reused. */
enum omphalos_kind {
  OMPHALOS_CONNECTOR = 1,   /* reads inputs; vtable omphalos_connector */
  OMPHALOS_EXPORTER = 2,    /* writes products; vtable omphalos_exporter */
  OMPHALOS_LINEAGE_SINK = 3 /* receives lineage events; vtable omphalos_lineage_sink */
};

/* omphalos_plugin.flags. A host ignores bits 0 to 15 that it does not know, and refuses bits 16 to 31 likewise. */
#define OMPHALOS_PLUGIN_CONCURRENT 0x1u

/* omphalos_capability.flags; the same rule for unknown bits. */
#define OMPHALOS_CAPABILITY_NOT_HERMETIC 0x1u   /* this capability alone is refused under --hermetic */
#define OMPHALOS_CAPABILITY_REQUIRED 0x10000u   /* a host that does not know `kind` refuses the plugin */

/* omphalos_host.log */
enum omphalos_log_level {
  OMPHALOS_LOG_DEBUG = 0,
  OMPHALOS_LOG_INFO = 1,
  OMPHALOS_LOG_WARNING = 2,
  OMPHALOS_LOG_ERROR = 3
};

/* omphalos_lineage_sink.close */
enum omphalos_outcome { OMPHALOS_FINISHED = 0, OMPHALOS_FAILED = 1, OMPHALOS_RUN_CANCELLED = 2 };

struct ArrowArrayStream; /* omphalos/arrow.h, or any Arrow library's header */

/* ---- The restricted artifact store ------------------------------------------------------------------------------- */

/* What is known about an artifact beside its bytes. NULL options, or empty strings, leave the defaults. */
typedef struct omphalos_artifact_options {
  uint32_t struct_size;
  uint32_t reserved0;
  const char *media_type; /* RFC 6838, for instance "text/csv"; default "application/octet-stream" */
  size_t media_type_len;
  const char *role; /* "briefing_table", "packet", "narrative", "warehouse" or "other" (the default) */
  size_t role_len;
  const char *description; /* one line for people; default none */
  size_t description_len;
} omphalos_artifact_options;

/* The only way for a plugin to write. Artifacts appear whole or not at all, are written once, and become part of the
 * run's manifest under the name of the capability that wrote them.
 *
 * `call` is omphalos_call.handle; with any other value the functions return E_HANDLE, after the call ended E_ENDED.
 *
 * Paths are relative to the run directory: UTF-8 in NFC, '/' between parts, no part empty, "." or "..", no control
 * characters, a part at most 255 bytes, the whole at most 1,024. Two paths that differ only in case are one (E_EXISTS).
 * An exporter writes below exports/ or warehouse/, a lineage sink below lineage/, a connector nowhere (E_DENIED); what a
 * capability may write it may read. The pipeline may grant it more folders, to write or to read only.
 * lineage/lineage.jsonl and warehouse/index.jsonl are the host's own (E_EXISTS).
 *
 * All functions: [thread] any; one artifact or cursor handle on one thread at a time. [state] from the entry of the call
 * until it ends. [owner] arguments are the caller's and read before the function returns. [result] a status code.
 * [since 1.0, provided by every host].
 */
typedef struct omphalos_store {
  uint32_t struct_size;
  uint32_t reserved0;
  /* Writes an artifact whole: create, write and commit in one. `bytes` may be NULL if `length` is 0. */
  int32_t (*put)(uint64_t call, const char *path, size_t path_len, const omphalos_artifact_options *options,
                 const void *bytes, size_t length);
  /* Begins an artifact and sets `*artifact` to its handle. The path is taken from here on; nothing is visible there
   * until commit. An artifact that is neither committed nor discarded when the call ends is discarded. */
  int32_t (*create)(uint64_t call, const char *path, size_t path_len, const omphalos_artifact_options *options,
                    uint64_t *artifact);
  /* Appends. After a failed write the artifact can only be discarded (E_STATE from commit): a cut file is never
   * published. */
  int32_t (*write)(uint64_t call, uint64_t artifact, const void *bytes, size_t length);
  /* Publishes the artifact under its path; the handle is gone afterwards. */
  int32_t (*commit)(uint64_t call, uint64_t artifact);
  /* Drops the artifact and frees its path; the handle is gone afterwards. */
  int32_t (*discard)(uint64_t call, uint64_t artifact);
  /* As create, for a library that needs a file to seek and to change: sets `*fd` to a descriptor, open for reading and
   * writing, of an empty file without a name. `write` is refused (E_STATE); `commit` copies what the file then holds into
   * a file that the plugin never had a descriptor of, and publishes that. Bytes count against the limit at commit.
   * [owner] the descriptor becomes the plugin's, which closes it, before or after commit or discard.
   * Rationale: a copy, because whoever has a descriptor or a mapping could go on writing. */
  int32_t (*stage)(uint64_t call, const char *path, size_t path_len, const omphalos_artifact_options *options,
                   uint64_t *artifact, int32_t *fd);
  /* Opens an artifact that this run has committed and this capability may read, and sets its handle and its length in
   * bytes. `length` may be NULL. Where its bytes are not those that were committed, the first read or map says E_IO. */
  int32_t (*open)(uint64_t call, const char *path, size_t path_len, uint64_t *artifact, uint64_t *length);
  /* Reads at most `capacity` bytes from `offset` (bytes from the start) and sets `*count`; 0 at the end. */
  int32_t (*read)(uint64_t call, uint64_t artifact, uint64_t offset, void *into, size_t capacity, size_t *count);
  /* Sets `*bytes` and `*length` to the artifact's bytes in memory, without a copy; the same each time. `*bytes` is not
   * NULL, not even for an empty artifact. [owner] the host's, read-only, until `close` or the end of the call. */
  int32_t (*map)(uint64_t call, uint64_t artifact, const void **bytes, size_t *length);
  /* Ends reading and takes the mapping away; the handle is gone afterwards. */
  int32_t (*close)(uint64_t call, uint64_t artifact);
  /* Sets `*cursor` to a handle on the artifacts whose paths begin with the bytes `prefix` ("exports/", or nothing for
   * all), that are committed now and that this capability may read. */
  int32_t (*list_open)(uint64_t call, const char *prefix, size_t prefix_len, uint64_t *cursor);
  /* Copies the next path, without a NUL, in ascending order of bytes, into `path`, and sets `*path_len` and the
   * artifact's length in bytes. `length` may be NULL. [result] E_NOT_FOUND after the last; E_INVALID where `capacity` is
   * less than `*path_len`, which is set, and the path comes again: 1,024 bytes are always enough. */
  int32_t (*list_next)(uint64_t call, uint64_t cursor, char *path, size_t capacity, size_t *path_len, uint64_t *length);
  /* Ends listing; the handle is gone afterwards. */
  int32_t (*list_close)(uint64_t call, uint64_t cursor);
} omphalos_store;

/* ---- The host ---------------------------------------------------------------------------------------------------- */

/* One table for each plugin, the same for its whole life; lives as long as the process. */
typedef struct omphalos_host {
  uint32_t struct_size;
  uint16_t abi_major;
  uint16_t abi_minor;
  void *ctx;               /* first argument of the functions below */
  const char *version;     /* the host program's version, SemVer 2.0; NUL-terminated, process-lifetime */
  const char *plugin_path; /* the file this plugin was read from, for messages only; it may have changed since */
  /* A line for the run's log, at most 8 KiB of it are kept. [thread] any [state] from init until shutdown returned.
   * [since 1.0] */
  void (*log)(void *ctx, uint32_t level, const char *utf8, size_t length);
  /* A table of a later extension by its id (NUL-terminated), or NULL if this host does not know it. [thread] any
   * [state] from init [owner] the host's, process-lifetime [since 1.0] */
  const void *(*get_extension)(void *ctx, const char *id);
  /* Opens a resource: a file of the folder NAME.d/ beside NAME.so that is no library, by its path in that folder
   * ("data/table.bin"). The bytes are those that were decided on, whatever lies in the folder now. A refusal is explained
   * in the log. [thread] any [state] from init until shutdown returned [owner] the descriptor becomes the plugin's, which
   * closes it: read-only, its offset its own and at 0 [result] status: E_PATH, E_NOT_FOUND, E_IO [since 1.0] */
  int32_t (*resource_open)(void *ctx, const char *path, size_t path_len, int32_t *fd);
} omphalos_host;

/* What a capability is given for one call. A call lasts: for an exporter until `run` returns; for a connector from
 * `open` until its stream is released; for a lineage sink from `open` until `close` returns. The struct itself stays
 * readable for the life of the process, so that a late use is refused (E_ENDED) and not a crash.
 *
 * All functions: [thread] any. [state] while the call lasts. [since 1.0].
 */
typedef struct omphalos_call {
  uint32_t struct_size;
  uint32_t reserved0;
  uint64_t handle; /* first argument of the functions below and of the store's */
  const omphalos_host *host;
  const omphalos_store *store;
  const char *config; /* a JSON object, UTF-8; "{}" where the pipeline says nothing. Lives as long as the call. */
  size_t config_len;
  /* Says why this call is about to fail; the message appears in the operator's terminal. `code` is what the function
   * will return. The last message before the failing return counts. [result] status */
  int32_t (*set_error)(uint64_t call, int32_t code, const char *utf8, size_t length);
  /* [result] 1 if the run is being cancelled and the function should return soon, else 0; negative: a status. */
  int32_t (*is_cancelled)(uint64_t call);
  /* `total` 0 means unknown. Units are the plugin's own. [result] status */
  int32_t (*progress)(uint64_t call, uint64_t done, uint64_t total);
  /* Records a finite number under a name of 1 to 128 bytes; it appears in the run's reports. The last value of a name
   * counts. [result] status */
  int32_t (*metric)(uint64_t call, const char *name, size_t name_len, double value);
  /* Nanoseconds since 1970-01-01T00:00:00Z. In a hermetic run one constant, derived from the run's configuration; else
   * the real clock, never going backwards. [result] the time, or a negative status */
  int64_t (*now_ns)(uint64_t call);
  /* Fills `out` with `length` bytes (at most 1 MiB). In a hermetic run a pure function of the run's seed, the plugin,
   * the capability, its place in the pipeline, `label` and `index`, whatever thread asks; else from the system's random
   * source. [result] status */
  int32_t (*random_at)(uint64_t call, const char *label, size_t label_len, uint64_t index, void *out, size_t length);
  /* Opens a file that the pipeline named under `files` for this capability, and whose bytes the host has hashed: a
   * read-only descriptor with its own offset at 0, and the length in bytes. [owner] the descriptor becomes the
   * plugin's, which closes it. [result] status */
  int32_t (*input_open)(uint64_t call, const char *name, size_t name_len, int32_t *fd, uint64_t *length);
} omphalos_call;

/* ---- Capabilities ------------------------------------------------------------------------------------------------ */

/* One thing that the plugin provides. This struct never grows: what is new goes into the vtable. All that it points to
 * lives as long as the process. */
typedef struct omphalos_capability {
  uint32_t struct_size;
  uint32_t kind;              /* enum omphalos_kind */
  uint32_t interface_version; /* the plugin's own number for this capability's configuration, at least 1 */
  uint32_t flags;             /* OMPHALOS_CAPABILITY_... */
  const char *name;           /* ^[a-z][a-z0-9_-]{0,63}$, unique in the plugin */
  const char *config_schema;  /* JSON Schema of the configuration, at most 1 MiB; NULL: any object */
  const void *vtable;         /* by kind */
} omphalos_capability;

/* Reads inputs. */
typedef struct omphalos_connector {
  uint32_t struct_size;
  uint32_t reserved0;
  /* Opens the dataset and fills `*out`, whose batches are struct arrays (format "+s") with one child a column.
   * [thread] call [state] after init [owner] the host zeroes `*out` before, and releases it exactly once after a success;
   * `call` is the host's and ends with that release, but the arrays handed out live on until each is released
   * [result] status; on failure `out->release` stays NULL [since 1.0, required]
   * The stream's functions follow the Arrow C stream interface: errno values as results, text by get_last_error. A
   * status and a sentence for the operator go by set_error as well, before the failing function returns. */
  int32_t (*open)(void *state, const omphalos_call *call, struct ArrowArrayStream *out);
} omphalos_connector;

/* A named dataset that the pipeline hands to an exporter. */
typedef struct omphalos_dataset {
  uint32_t struct_size;
  uint32_t reserved0;
  const char *name;
  size_t name_len;
  /* The host's; lasts until `run` returns. The exporter pulls from it and releases the schemas and arrays that it took;
   * it may release the stream when done, and need not. On an error from get_next the exporter returns a failure; the
   * host names the dataset's producer. */
  struct ArrowArrayStream *stream;
} omphalos_dataset;

/* Writes products. */
typedef struct omphalos_exporter {
  uint32_t struct_size;
  uint32_t reserved0;
  /* Reads `count` datasets (at least 1) in the pipeline's order and writes artifacts. [thread] call [state] after init
   * [owner] everything passed is the host's until the function returns [result] status [since 1.0, required] */
  int32_t (*run)(void *state, const omphalos_call *call, const omphalos_dataset *const *inputs, size_t count);
} omphalos_exporter;

/* Receives lineage events. The host keeps its own lineage/lineage.jsonl in any case; sinks forward or translate. */
typedef struct omphalos_lineage_sink {
  uint32_t struct_size;
  uint32_t reserved0;
  /* [thread] call [state] after init [owner] `*sink` is the plugin's own, passed back to the functions below; `call`
   * lasts until `close` returns [result] status [since 1.0, required] */
  int32_t (*open)(void *state, const omphalos_call *call, void **sink);
  /* One event as a JSON object without a newline. [owner] `event` until the function returns [since 1.0, required] */
  int32_t (*emit)(void *sink, const char *event, size_t length);
  /* All events so far are to be made durable at the receiver. [since 1.0, optional] */
  int32_t (*flush)(void *sink);
  /* Called once after a successful open, also after a failed emit. `outcome`: enum omphalos_outcome. Frees `sink`.
   * [since 1.0, required] */
  int32_t (*close)(void *sink, uint32_t outcome);
} omphalos_lineage_sink;

/* ---- The descriptor ---------------------------------------------------------------------------------------------- */

/* What the plugin says of itself. Everything it points to is constant and lives as long as the process. */
typedef struct omphalos_plugin {
  uint32_t struct_size;
  uint16_t abi_major;          /* OMPHALOS_ABI_MAJOR */
  uint16_t abi_minor_required; /* the oldest host minor this plugin works with */
  uint16_t abi_minor_built;    /* OMPHALOS_ABI_MINOR of the header it was built with */
  uint16_t draft;              /* OMPHALOS_ABI_DRAFT; a host refuses any other */
  uint32_t reserved0;
  const char *id;      /* reverse DNS, lower case: "com.example.warehouse" */
  const char *version; /* SemVer 2.0 */
  const char *vendor;
  const char *license; /* SPDX expression */
  const char *summary;
  uint32_t hermetic; /* enum omphalos_hermetic */
  uint32_t flags;    /* OMPHALOS_PLUGIN_... */
  uint32_t capability_count;
  uint32_t reserved1;
  const omphalos_capability *const *capabilities; /* at most 1,024 */
  /* Prepares the plugin; `*state` is passed to every capability. [thread] call [state] once, first [owner] `host` lives
   * as long as the process; `*state` is the plugin's [result] status [since 1.0, optional] */
  int32_t (*init)(const omphalos_host *host, void **state);
  /* Frees `state`. [thread] call [state] once, after the last call ended [since 1.0, optional] */
  void (*shutdown)(void *state);
} omphalos_plugin;

/* The entry. Returns the same pointer each time it is asked; does no I/O and starts no thread. The address must lie in
 * the plugin's own file: a symbol that comes from a library the plugin needs is refused. `host_minor` is the minor ABI
 * version of the host, so that a plugin may hide what an older host would not know. */
OMPHALOS_EXPORT const omphalos_plugin *omphalos_plugin_v1(uint32_t host_minor);

/* ---- The static declaration -------------------------------------------------------------------------------------- */

/* Note types in section .note.omphalos, owner "omphalOS". */
#define OMPHALOS_NOTE_DECLARATION 1 /* one JSON object, at most 64 KiB */
#define OMPHALOS_NOTE_SCHEMAS 2     /* {capability name: JSON Schema of its configuration}, at most 1 MiB */

/* OMPHALOS_NOTE(symbol, type, json): a note whose text is the string literal `json`. The length counts the literal's
 * NUL, which the reader strips: so the text fits at every length, in C and in C++. The alignment is required: without
 * it a compiler may choose one at which note readers give up. */
#define OMPHALOS_NOTE(symbol, note_type, json)                                                                          \
  struct symbol##_note {                                                                                                \
    uint32_t namesz, descsz, type;                                                                                      \
    char name[12];                                                                                                      \
    char desc[(sizeof(json) + 3u) & ~(size_t)3u];                                                                       \
  };                                                                                                                    \
  __attribute__((section(".note.omphalos"), used, aligned(4))) static const struct symbol##_note symbol = {             \
      sizeof "omphalOS", sizeof(json), note_type, "omphalOS", json}

#define OMPHALOS_STR_(x) #x
#define OMPHALOS_STR(x) OMPHALOS_STR_(x)

/* The declaration note of a hand-written plugin. The strings may hold no quotes, backslashes or line breaks (use
 * `omphalos plugin declare` for those); `capabilities` is a JSON array as a string literal. `minor_required`, `flags`
 * are integer literals without suffix. `hermetic` is "compatible" or "incompatible".
 *
 *   OMPHALOS_DECLARE("com.example.hello", "1.0.0", "Example", "MIT", "Says hello", "compatible", 0, 0,
 *     "[{\"kind\":\"exporter\",\"name\":\"hello\",\"interface_version\":1}]");
 */
#define OMPHALOS_DECLARE(id, version, vendor, license, summary, hermetic, minor_required, flags, capabilities)          \
  OMPHALOS_NOTE(omphalos_declaration, OMPHALOS_NOTE_DECLARATION,                                                        \
                "{\"note\":1,\"abi\":{\"major\":" OMPHALOS_STR(OMPHALOS_ABI_MAJOR) ",\"minor_required\":"               \
                OMPHALOS_STR(minor_required) ",\"minor_built\":" OMPHALOS_STR(OMPHALOS_ABI_MINOR) ",\"draft\":"         \
                OMPHALOS_STR(OMPHALOS_ABI_DRAFT) "},\"id\":\"" id "\",\"version\":\"" version "\",\"vendor\":\"" vendor \
                "\",\"license\":\"" license "\",\"summary\":\"" summary "\",\"hermetic\":\"" hermetic "\",\"flags\":"   \
                OMPHALOS_STR(flags) ",\"capabilities\":" capabilities "}")

/* ---- Layout ------------------------------------------------------------------------------------------------------ */

#if defined(__cplusplus)
#define OMPHALOS_ASSERT_(condition, text) static_assert(condition, text)
#elif defined(__STDC_VERSION__) && __STDC_VERSION__ >= 201112L
#define OMPHALOS_ASSERT_(condition, text) _Static_assert(condition, text)
#else
#define OMPHALOS_CONCAT2_(a, b) a##b
#define OMPHALOS_CONCAT_(a, b) OMPHALOS_CONCAT2_(a, b)
#define OMPHALOS_ASSERT_(condition, text) \
  typedef char OMPHALOS_CONCAT_(omphalos_layout_, __LINE__)[(condition) ? 1 : -1] __attribute__((unused))
#endif
#define OMPHALOS_SIZE_(type, size) OMPHALOS_ASSERT_(sizeof(type) == (size), #type " has another size")
#define OMPHALOS_AT_(type, member, offset) \
  OMPHALOS_ASSERT_(offsetof(type, member) == (offset), #type "." #member " is elsewhere")

OMPHALOS_SIZE_(omphalos_artifact_options, 56);
OMPHALOS_AT_(omphalos_artifact_options, media_type, 8);
OMPHALOS_AT_(omphalos_artifact_options, media_type_len, 16);
OMPHALOS_AT_(omphalos_artifact_options, role, 24);
OMPHALOS_AT_(omphalos_artifact_options, role_len, 32);
OMPHALOS_AT_(omphalos_artifact_options, description, 40);
OMPHALOS_AT_(omphalos_artifact_options, description_len, 48);
OMPHALOS_SIZE_(omphalos_store, 112);
OMPHALOS_AT_(omphalos_store, put, 8);
OMPHALOS_AT_(omphalos_store, create, 16);
OMPHALOS_AT_(omphalos_store, write, 24);
OMPHALOS_AT_(omphalos_store, commit, 32);
OMPHALOS_AT_(omphalos_store, discard, 40);
OMPHALOS_AT_(omphalos_store, stage, 48);
OMPHALOS_AT_(omphalos_store, open, 56);
OMPHALOS_AT_(omphalos_store, read, 64);
OMPHALOS_AT_(omphalos_store, map, 72);
OMPHALOS_AT_(omphalos_store, close, 80);
OMPHALOS_AT_(omphalos_store, list_open, 88);
OMPHALOS_AT_(omphalos_store, list_next, 96);
OMPHALOS_AT_(omphalos_store, list_close, 104);
OMPHALOS_SIZE_(omphalos_host, 56);
OMPHALOS_AT_(omphalos_host, abi_major, 4);
OMPHALOS_AT_(omphalos_host, abi_minor, 6);
OMPHALOS_AT_(omphalos_host, ctx, 8);
OMPHALOS_AT_(omphalos_host, version, 16);
OMPHALOS_AT_(omphalos_host, plugin_path, 24);
OMPHALOS_AT_(omphalos_host, log, 32);
OMPHALOS_AT_(omphalos_host, get_extension, 40);
OMPHALOS_AT_(omphalos_host, resource_open, 48);
OMPHALOS_SIZE_(omphalos_call, 104);
OMPHALOS_AT_(omphalos_call, handle, 8);
OMPHALOS_AT_(omphalos_call, host, 16);
OMPHALOS_AT_(omphalos_call, store, 24);
OMPHALOS_AT_(omphalos_call, config, 32);
OMPHALOS_AT_(omphalos_call, config_len, 40);
OMPHALOS_AT_(omphalos_call, set_error, 48);
OMPHALOS_AT_(omphalos_call, is_cancelled, 56);
OMPHALOS_AT_(omphalos_call, progress, 64);
OMPHALOS_AT_(omphalos_call, metric, 72);
OMPHALOS_AT_(omphalos_call, now_ns, 80);
OMPHALOS_AT_(omphalos_call, random_at, 88);
OMPHALOS_AT_(omphalos_call, input_open, 96);
OMPHALOS_SIZE_(omphalos_capability, 40);
OMPHALOS_AT_(omphalos_capability, kind, 4);
OMPHALOS_AT_(omphalos_capability, interface_version, 8);
OMPHALOS_AT_(omphalos_capability, flags, 12);
OMPHALOS_AT_(omphalos_capability, name, 16);
OMPHALOS_AT_(omphalos_capability, config_schema, 24);
OMPHALOS_AT_(omphalos_capability, vtable, 32);
OMPHALOS_SIZE_(omphalos_connector, 16);
OMPHALOS_AT_(omphalos_connector, open, 8);
OMPHALOS_SIZE_(omphalos_dataset, 32);
OMPHALOS_AT_(omphalos_dataset, name, 8);
OMPHALOS_AT_(omphalos_dataset, name_len, 16);
OMPHALOS_AT_(omphalos_dataset, stream, 24);
OMPHALOS_SIZE_(omphalos_exporter, 16);
OMPHALOS_AT_(omphalos_exporter, run, 8);
OMPHALOS_SIZE_(omphalos_lineage_sink, 40);
OMPHALOS_AT_(omphalos_lineage_sink, open, 8);
OMPHALOS_AT_(omphalos_lineage_sink, emit, 16);
OMPHALOS_AT_(omphalos_lineage_sink, flush, 24);
OMPHALOS_AT_(omphalos_lineage_sink, close, 32);
OMPHALOS_SIZE_(omphalos_plugin, 96);
OMPHALOS_AT_(omphalos_plugin, abi_major, 4);
OMPHALOS_AT_(omphalos_plugin, abi_minor_required, 6);
OMPHALOS_AT_(omphalos_plugin, abi_minor_built, 8);
OMPHALOS_AT_(omphalos_plugin, draft, 10);
OMPHALOS_AT_(omphalos_plugin, reserved0, 12);
OMPHALOS_AT_(omphalos_plugin, id, 16);
OMPHALOS_AT_(omphalos_plugin, version, 24);
OMPHALOS_AT_(omphalos_plugin, vendor, 32);
OMPHALOS_AT_(omphalos_plugin, license, 40);
OMPHALOS_AT_(omphalos_plugin, summary, 48);
OMPHALOS_AT_(omphalos_plugin, hermetic, 56);
OMPHALOS_AT_(omphalos_plugin, flags, 60);
OMPHALOS_AT_(omphalos_plugin, capability_count, 64);
OMPHALOS_AT_(omphalos_plugin, reserved1, 68);
OMPHALOS_AT_(omphalos_plugin, capabilities, 72);
OMPHALOS_AT_(omphalos_plugin, init, 80);
OMPHALOS_AT_(omphalos_plugin, shutdown, 88);

#ifdef __cplusplus
}
#endif
#endif
