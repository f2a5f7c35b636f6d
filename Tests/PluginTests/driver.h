/* What the tests do with plugins: open a connector, run connector and exporter, feed a lineage sink. Python calls these
 * through ctypes, the program plugin_driver calls them from its command line. */
#ifndef PLUGIN_TESTS_DRIVER_H
#define PLUGIN_TESTS_DRIVER_H

#include "fake_host.h"

typedef struct driver_job {
  const char *connector; /* path of the plugin */
  const char *connector_name;
  const char *connector_config;
  const char *input; /* path of the file */
  const char *exporter;
  const char *exporter_name;
  const char *exporter_config;
  const char *dataset;
  const char *directory; /* where artifacts go */
} driver_job;

/* Opens the connector of a job as a checked stream. [result] status, with driver_error() */
int32_t driver_connect(const driver_job *job, fake_faults faults, struct ArrowArrayStream *out);
/* Runs connector and exporter. [result] status, with driver_error() */
int32_t driver_convert(const driver_job *job, fake_faults faults);
/* Runs the exporter of a job on a stream that is not the connector's. The stream stays the caller's. */
int32_t driver_export(const driver_job *job, fake_faults faults, struct ArrowArrayStream *stream);
/* Gives the lines of the file `input` to a lineage sink (in the fields for an exporter). [result] status */
int32_t driver_sink(const driver_job *job, fake_faults faults, uint32_t outcome);

/* What the last failing function said. */
const char *driver_error(void);

#endif
