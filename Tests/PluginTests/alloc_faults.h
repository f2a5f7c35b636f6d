/* Lets an allocation of the plugins fail, and counts those that are alive. Only what a plugin or the C++ library asks
 * for is touched: not the test's own memory, nor the C library's. */
#ifndef PLUGIN_TESTS_ALLOC_FAULTS_H
#define PLUGIN_TESTS_ALLOC_FAULTS_H

#include <stdint.h>

/* Looks at what is loaded; call it after the plugins are. */
void alloc_faults_watch(void);
/* The n-th allocation from now on fails, and all after it; -1: none does. */
void alloc_faults_set(int64_t n);
int64_t alloc_faults_live(void);

#endif
