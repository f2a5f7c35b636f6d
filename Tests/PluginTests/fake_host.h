/* The host's side of the ABI, as small as it can be: enough to run one capability of one plugin in a test.
 *
 * Its store writes to a directory. What a plugin does against the rules of plugin.h ends the process with a sentence:
 * these are tests. */
#ifndef PLUGIN_TESTS_FAKE_HOST_H
#define PLUGIN_TESTS_FAKE_HOST_H

#include <omphalos/arrow.h>
#include <omphalos/plugin.h>
#include <stdbool.h>

/* Faults to inject; -1: never. */
typedef struct fake_faults {
  int64_t write_after;  /* the store is full after this many bytes */
  int64_t cancel_after; /* the run is cancelled after this many questions */
} fake_faults;

/* One call. At most one input, named `data`. */
typedef struct fake_call {
  omphalos_call call;
  const char *input_path; /* NULL: none */
  const char *directory;  /* NULL: writing is denied */
  fake_faults faults;
  bool ended;
  int32_t error_code;
  char error[1100];
} fake_call;

/* Prepares a call; `config` must live as long as it. */
void fake_call_init(fake_call *call, const char *config, const char *input_path, const char *directory,
                    fake_faults faults);
/* Ends the call and checks that no artifact was left open. */
void fake_call_end(fake_call *call);

/* Loads a plugin, checks its descriptor and calls `init`, once a path. */
const omphalos_plugin *fake_load(const char *path, void **state);
/* The table of a capability. */
const void *fake_capability(const omphalos_plugin *plugin, uint32_t kind, const char *name);

/* Whether artifacts and metrics are listed on stdout. */
extern bool fake_listing;

#define RULE(condition, ...) \
  do {                       \
    if (!(condition)) fake_broken_rule(#condition, __VA_ARGS__); \
  } while (0)
__attribute__((noreturn, format(printf, 2, 3))) void fake_broken_rule(const char *rule, const char *format, ...);

#endif
