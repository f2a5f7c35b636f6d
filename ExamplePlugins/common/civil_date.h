/* The proleptic Gregorian calendar as day numbers, without the C library's time zone. */
#ifndef EXAMPLES_CIVIL_DATE_H
#define EXAMPLES_CIVIL_DATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct civil_date {
  int64_t year;
  int32_t month; /* 1 to 12 */
  int32_t day;   /* 1 to 31 */
} civil_date;

civil_date civil_from_days(int64_t days_since_1970);

/* Reads YYYY-MM-DD, years 0001 to 9999, and nothing else: a text is accepted only if writing the day gives it back. */
bool civil_parse(const char *text, size_t length, int32_t *days_since_1970);

#ifdef __cplusplus
}
#endif
#endif
