/* A stream in front of a connector's, as the host puts one there: it checks what comes through against the Arrow C
 * stream interface, and counts what has not been released. */
#ifndef PLUGIN_TESTS_CHECKED_STREAM_H
#define PLUGIN_TESTS_CHECKED_STREAM_H

#include <omphalos/arrow.h>
#include <stdint.h>

/* Moves `source` behind a checked stream. `on_release` is called with `context` once the source has been released. */
void checked_stream(struct ArrowArrayStream *out, struct ArrowArrayStream *source, void (*on_release)(void *),
                    void *context);

/* Schemas, arrays and streams that are not released yet. */
int64_t checked_live_objects(void);

#endif
