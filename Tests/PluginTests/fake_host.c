#include "fake_host.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool fake_listing = false;

void fake_broken_rule(const char *rule, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  fprintf(stderr, "broken rule: ");
  vfprintf(stderr, format, arguments);
  fprintf(stderr, " (wanted: %s)\n", rule);
  va_end(arguments);
  abort();
}

/* ---- The call ---------------------------------------------------------------------------------------------------- */

static fake_call *current; /* calls nest at most once: an exporter that pulls a connector */
static fake_call *outer;

static fake_call *call_of(uint64_t handle) {
  if (current != NULL && current->call.handle == handle) return current;
  RULE(outer != NULL && outer->call.handle == handle, "a function was called with the handle %llu, which is no call's",
       (unsigned long long)handle);
  return outer;
}

static int32_t set_error(uint64_t handle, int32_t code, const char *utf8, size_t length) {
  fake_call *call = call_of(handle);
  RULE(code != 0, "set_error with the status of success");
  RULE(length > 0 && length < sizeof call->error && memchr(utf8, 0, length) == NULL, "a message of %zu bytes", length);
  call->error_code = code;
  memcpy(call->error, utf8, length);
  call->error[length] = 0;
  return OMPHALOS_OK;
}

static int32_t is_cancelled(uint64_t handle) {
  fake_call *call = call_of(handle);
  if (call->faults.cancel_after < 0) return 0;
  return call->faults.cancel_after-- == 0 ? (call->faults.cancel_after = 0, 1) : 0;
}

static int32_t progress(uint64_t handle, uint64_t done, uint64_t total) {
  call_of(handle);
  RULE(total == 0 || done <= total, "progress of more than all");
  return OMPHALOS_OK;
}

static int32_t metric(uint64_t handle, const char *name, size_t length, double value) {
  call_of(handle);
  RULE(length >= 1 && length <= 128 && isfinite(value), "a metric with a name of %zu bytes", length);
  if (fake_listing) printf("metric %.*s %.17g\n", (int)length, name, value);
  return OMPHALOS_OK;
}

static int64_t now_ns(uint64_t handle) { return call_of(handle), 946684800000000000; }

static int32_t random_at(uint64_t handle, const char *label, size_t label_length, uint64_t index, void *out,
                         size_t length) {
  (void)label, (void)label_length, (void)index;
  call_of(handle);
  memset(out, 0x5a, length);
  return OMPHALOS_OK;
}

static int32_t input_open(uint64_t handle, const char *name, size_t length, int32_t *fd, uint64_t *bytes) {
  fake_call *call = call_of(handle);
  if (call->input_path == NULL || length != 4 || memcmp(name, "data", 4) != 0) return OMPHALOS_E_NOT_FOUND;
  struct stat facts;
  *fd = open(call->input_path, O_RDONLY | O_CLOEXEC);
  if (*fd < 0 || fstat(*fd, &facts) != 0) return OMPHALOS_E_IO;
  *bytes = (uint64_t)facts.st_size;
  return OMPHALOS_OK;
}

static void log_line(void *ctx, uint32_t level, const char *utf8, size_t length) {
  (void)ctx;
  fprintf(stderr, "log %u %.*s\n", level, (int)length, utf8);
}

static const void *get_extension(void *ctx, const char *id) { return (void)ctx, (void)id, NULL; }

/* ---- The store: one artifact at a time, which is all that these plugins need ------------------------------------- */

static struct {
  uint64_t handle; /* 0: none is open */
  bool failed;
  FILE *file;
  char path[2200], partial[2300], artifact[1100], role[64];
} open_artifact;

static void make_parents(char *path) {
  for (char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
    *slash = 0;
    mkdir(path, 0777);
    *slash = '/';
  }
}

static bool within(const char *path, size_t length) {
  if (length == 0 || length > 1024 || memchr(path, 0, length) != NULL || path[0] == '/') return false;
  return strncmp(path, "exports/", 8) == 0 || strncmp(path, "lineage/", 8) == 0 || strncmp(path, "warehouse/", 10) == 0;
}

static int32_t store_create(uint64_t handle, const char *path, size_t length, const omphalos_artifact_options *options,
                            uint64_t *artifact) {
  fake_call *call = call_of(handle);
  if (call->directory == NULL || !within(path, length)) return OMPHALOS_E_DENIED;
  RULE(open_artifact.handle == 0, "an artifact is open already");
  RULE(options != NULL && options->struct_size == sizeof *options && options->reserved0 == 0, "other options");
  snprintf(open_artifact.artifact, sizeof open_artifact.artifact, "%.*s", (int)length, path);
  snprintf(open_artifact.role, sizeof open_artifact.role, "%.*s", (int)options->role_len, options->role);
  snprintf(open_artifact.path, sizeof open_artifact.path, "%.1000s/%s", call->directory, open_artifact.artifact);
  snprintf(open_artifact.partial, sizeof open_artifact.partial, "%s.partial", open_artifact.path);
  if (access(open_artifact.path, F_OK) == 0) return OMPHALOS_E_EXISTS;
  make_parents(open_artifact.path);
  open_artifact.file = fopen(open_artifact.partial, "wb");
  if (open_artifact.file == NULL) return OMPHALOS_E_IO;
  open_artifact.handle = *artifact = handle + 1000;
  open_artifact.failed = false;
  return OMPHALOS_OK;
}

static int32_t store_write(uint64_t handle, uint64_t artifact, const void *bytes, size_t length) {
  fake_call *call = call_of(handle);
  RULE(artifact == open_artifact.handle, "a write to an artifact that is not open");
  if (call->faults.write_after >= 0) {
    call->faults.write_after -= (int64_t)length;
    if (call->faults.write_after < 0) call->faults.write_after = 0, open_artifact.failed = true;
  }
  if (open_artifact.failed) return OMPHALOS_E_NO_SPACE;
  return fwrite(bytes, 1, length, open_artifact.file) == length ? OMPHALOS_OK : OMPHALOS_E_IO;
}

static int32_t store_commit(uint64_t handle, uint64_t artifact) {
  call_of(handle);
  RULE(artifact == open_artifact.handle, "a commit of an artifact that is not open");
  RULE(!open_artifact.failed, "a commit after a failed write");
  open_artifact.handle = 0;
  if (fclose(open_artifact.file) != 0 || rename(open_artifact.partial, open_artifact.path) != 0) return OMPHALOS_E_IO;
  if (fake_listing) printf("artifact %s %s\n", open_artifact.artifact, open_artifact.role);
  return OMPHALOS_OK;
}

static int32_t store_discard(uint64_t handle, uint64_t artifact) {
  call_of(handle);
  RULE(artifact == open_artifact.handle, "a discard of an artifact that is not open");
  open_artifact.handle = 0;
  fclose(open_artifact.file);
  return unlink(open_artifact.partial) == 0 ? OMPHALOS_OK : OMPHALOS_E_IO;
}

static int32_t store_put(uint64_t handle, const char *path, size_t length, const omphalos_artifact_options *options,
                         const void *bytes, size_t count) {
  uint64_t artifact;
  int32_t status = store_create(handle, path, length, options, &artifact);
  if (status == OMPHALOS_OK && (status = store_write(handle, artifact, bytes, count)) != OMPHALOS_OK)
    store_discard(handle, artifact);
  return status == OMPHALOS_OK ? store_commit(handle, artifact) : status;
}

static int32_t store_open(uint64_t handle, const char *path, size_t path_length, uint64_t *artifact, uint64_t *length) {
  return (void)path, (void)path_length, (void)artifact, (void)length, call_of(handle), OMPHALOS_E_NOT_FOUND;
}

static int32_t store_read(uint64_t handle, uint64_t artifact, uint64_t offset, void *into, size_t capacity,
                          size_t *count) {
  return (void)artifact, (void)offset, (void)into, (void)capacity, (void)count, call_of(handle), OMPHALOS_E_HANDLE;
}

static int32_t store_close(uint64_t handle, uint64_t artifact) {
  return (void)artifact, call_of(handle), OMPHALOS_E_HANDLE;
}

/* A real host's descriptor has no name. On a disk that is full from the start it is one of /dev/full. */
static int32_t store_stage(uint64_t handle, const char *path, size_t length, const omphalos_artifact_options *options,
                           uint64_t *artifact, int32_t *fd) {
  int32_t status = store_create(handle, path, length, options, artifact);
  if (status != OMPHALOS_OK) return status;
  *fd = open(call_of(handle)->faults.write_after == 0 ? "/dev/full" : open_artifact.partial, O_RDWR | O_CLOEXEC);
  return *fd >= 0 ? OMPHALOS_OK : OMPHALOS_E_IO;
}

/* What these plugins have no need of. */
static int32_t store_map(uint64_t handle, uint64_t artifact, const void **bytes, size_t *length) {
  return call_of(handle), (void)artifact, (void)bytes, (void)length, OMPHALOS_E_UNSUPPORTED;
}

static int32_t store_list_open(uint64_t handle, const char *prefix, size_t length, uint64_t *cursor) {
  return call_of(handle), (void)prefix, (void)length, (void)cursor, OMPHALOS_E_UNSUPPORTED;
}

static int32_t store_list_next(uint64_t handle, uint64_t cursor, char *path, size_t capacity, size_t *path_length,
                               uint64_t *length) {
  return call_of(handle), (void)cursor, (void)path, (void)capacity, (void)path_length, (void)length, OMPHALOS_E_HANDLE;
}

static int32_t store_list_close(uint64_t handle, uint64_t cursor) { return call_of(handle), (void)cursor, OMPHALOS_E_HANDLE; }

static const omphalos_store STORE = {
    .struct_size = sizeof(omphalos_store),
    .put = store_put,
    .create = store_create,
    .write = store_write,
    .commit = store_commit,
    .discard = store_discard,
    .stage = store_stage,
    .open = store_open,
    .read = store_read,
    .map = store_map,
    .close = store_close,
    .list_open = store_list_open,
    .list_next = store_list_next,
    .list_close = store_list_close,
};
static int32_t no_resource(void *ctx, const char *path, size_t path_len, int32_t *fd) {
  return (void)ctx, (void)path, (void)path_len, (void)fd, OMPHALOS_E_NOT_FOUND;
}

static const omphalos_host HOST = {sizeof(omphalos_host), OMPHALOS_ABI_MAJOR, OMPHALOS_ABI_MINOR, NULL, "0.0.0-test",
                                   "plugin under test",   log_line,           get_extension,      no_resource};

void fake_call_init(fake_call *call, const char *config, const char *input_path, const char *directory,
                    fake_faults faults) {
  static uint64_t next_handle = 7;
  memset(call, 0, sizeof *call);
  const omphalos_call table = {sizeof(omphalos_call), 0, next_handle++, &HOST, &STORE, config, strlen(config),
                               set_error, is_cancelled, progress, metric, now_ns, random_at, input_open};
  call->call = table;
  call->input_path = input_path;
  call->directory = directory;
  call->faults = faults;
  RULE(outer == NULL, "three calls at once");
  outer = current;
  current = call;
}

void fake_call_end(fake_call *call) {
  RULE(!call->ended, "a call ended twice");
  RULE(open_artifact.handle == 0 || open_artifact.handle != call->call.handle + 1000, "an artifact was left open");
  call->ended = true;
  if (outer == call) outer = NULL;
  if (current == call) current = outer, outer = NULL;
}

/* ---- Loading ----------------------------------------------------------------------------------------------------- */

const omphalos_plugin *fake_load(const char *path, void **state) {
  static struct {
    const omphalos_plugin *plugin;
    void *state;
  } loaded[8];
  static size_t count;
  void *object = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  RULE(object != NULL, "%s", dlerror());
  const omphalos_plugin *(*entry)(uint32_t) = NULL;
  *(void **)&entry = dlsym(object, "omphalos_plugin_v1");
  RULE(entry != NULL, "%s has no entry", path);
  const omphalos_plugin *plugin = entry(OMPHALOS_ABI_MINOR);
  for (size_t i = 0; i < count; i++) {
    if (loaded[i].plugin == plugin) return *state = loaded[i].state, plugin;
  }
  RULE(plugin != NULL && plugin == entry(OMPHALOS_ABI_MINOR), "%s gives a new descriptor each time", path);
  RULE(plugin->struct_size == sizeof *plugin && plugin->draft == OMPHALOS_ABI_DRAFT, "%s is for another ABI", path);
  RULE(plugin->reserved0 == 0 && plugin->reserved1 == 0, "%s: reserved fields must be 0", path);
  void *made = NULL;
  if (plugin->init != NULL) RULE(plugin->init(&HOST, &made) == OMPHALOS_OK, "init of %s failed", path);
  RULE(count < 8, "too many plugins");
  loaded[count].plugin = plugin;
  loaded[count++].state = made;
  *state = made;
  return plugin;
}

const void *fake_capability(const omphalos_plugin *plugin, uint32_t kind, const char *name) {
  for (uint32_t i = 0; i < plugin->capability_count; i++) {
    const omphalos_capability *capability = plugin->capabilities[i];
    RULE(capability->struct_size == sizeof *capability, "a capability of another size");
    if (capability->kind == kind && strcmp(capability->name, name) == 0) return capability->vtable;
  }
  fake_broken_rule("the capability", "%s provides no %s of kind %u", plugin->id, name, kind);
}
