/* usage: plugin_driver convert DIR CONNECTOR.so NAME CONFIG FILE EXPORTER.so NAME CONFIG DATASET
 *        plugin_driver sink    DIR SINK.so NAME CONFIG EVENTS OUTCOME
 *        plugin_driver faults  DIR (as convert)
 *
 * Runs capabilities of plugins against the test's own small host. Exit: 0, or 1 with `status N: message` on stderr.
 * `faults` runs the conversion again and again, each time with one allocation of a plugin failing, until it succeeds:
 * every failure must be reported as E_MEMORY, leave no artifact and no memory behind. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "driver.h"
#ifdef WITH_ALLOC_FAULTS
#include "alloc_faults.h"
#endif

static int64_t number_from(const char *variable) {
  const char *text = getenv(variable);
  return text == NULL ? -1 : strtoll(text, NULL, 10);
}

static driver_job convert_job(char **a) {
  const driver_job job = {a[3], a[4], a[5], a[6], a[7], a[8], a[9], a[10], a[2]};
  return job;
}

static int report(int32_t status) {
  if (status == OMPHALOS_OK) return 0;
  const char *name = omphalos_status_name(status);
  fprintf(stderr, "status %d (%s): %s\n", status, name == NULL ? "the plugin's own" : name, driver_error());
  return 1;
}

#ifdef WITH_ALLOC_FAULTS
static int run_faults(const driver_job *job, const char *artifact) {
  const fake_faults none = {-1, -1};
  char path[2000];
  snprintf(path, sizeof path, "%s/%s", job->directory, artifact);
  int32_t status = driver_convert(job, none); /* warms up: the C++ library sets a few things aside for good */
  if (status != OMPHALOS_OK) return report(status);
  unlink(path);
  alloc_faults_watch();
  for (int64_t n = 1;; n++) {
    int64_t before = alloc_faults_live();
    alloc_faults_set(n);
    status = driver_convert(job, none);
    alloc_faults_set(-1);
    RULE(alloc_faults_live() == before, "%lld allocations are left after number %lld failed",
         (long long)(alloc_faults_live() - before), (long long)n);
    if (status == OMPHALOS_OK) {
      printf("%lld allocations failed in turn\n", (long long)(n - 1));
      unlink(path);
      return 0;
    }
    RULE(status == OMPHALOS_E_MEMORY, "status %d after allocation %lld failed: %s", status, (long long)n,
         driver_error());
    RULE(access(path, F_OK) != 0, "an artifact in spite of a failure");
  }
}
#endif

int main(int count, char **arguments) {
  const fake_faults faults = {number_from("DRIVER_WRITE_AFTER"), number_from("DRIVER_CANCEL_AFTER")};
  const char *command = count > 1 ? arguments[1] : "";
  fake_listing = strcmp(command, "faults") != 0;
  if (strcmp(command, "convert") == 0 && count == 11) {
    const driver_job job = convert_job(arguments);
    return report(driver_convert(&job, faults));
  }
  if (strcmp(command, "sink") == 0 && count == 8) {
    driver_job job;
    memset(&job, 0, sizeof job);
    job.directory = arguments[2];
    job.exporter = arguments[3];
    job.exporter_name = arguments[4];
    job.exporter_config = arguments[5];
    job.input = arguments[6];
    return report(driver_sink(&job, faults, (uint32_t)strtoul(arguments[7], NULL, 10)));
  }
#ifdef WITH_ALLOC_FAULTS
  if (strcmp(command, "faults") == 0 && count == 12) {
    const driver_job job = convert_job(arguments);
    return run_faults(&job, arguments[11]);
  }
#endif
  fprintf(stderr, "usage: see the head of plugin_driver.c\n");
  return 64;
}
