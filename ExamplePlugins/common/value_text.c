#include "value_text.h"

#include "civil_date.h"

#include <float.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t copy(char out[VALUE_TEXT_MAX], const char *text) {
  size_t length = strlen(text);
  memcpy(out, text, length);
  return length;
}

/* ---- Floating point ---------------------------------------------------------------------------------------------- */

/* Finds the digits and the decimal exponent of the shortest text that reads back as `value`. A decimal of at most 15
 * digits survives the way into a normal double and back, so 15 digits less their trailing zeros are the shortest if
 * they fit at all; else it takes 16 or 17. Below DBL_MIN precision is lost, and fewer digits may do. */
static int shortest_digits(double value, char digits[20], int *exponent) {
  char text[40];
  for (int precision = value < DBL_MIN ? 1 : 15; precision <= 17; precision++) {
    snprintf(text, sizeof text, "%.*e", precision - 1, value);
    if (strtod(text, NULL) == value) break;
  }
  /* Digits are picked one by one: whatever stands between the first two depends on the locale. */
  int count = 0;
  const char *at = text;
  for (; *at != 'e'; at++) {
    if (*at >= '0' && *at <= '9') digits[count++] = *at;
  }
  *exponent = (int)strtol(at + 1, NULL, 10);
  while (count > 1 && digits[count - 1] == '0') count--;
  return count;
}

size_t float_text(double value, char out[VALUE_TEXT_MAX]) {
  if (value != value) return copy(out, "nan");
  size_t at = 0;
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  if (bits >> 63) {
    out[at++] = '-';
    value = -value;
  }
  if (value > 1.7976931348623157e308) return at + copy(out + at, "inf");
  if (value <= 0) return at + copy(out + at, "0.0");

  char digits[20] = {0};
  int exponent;
  int count = shortest_digits(value, digits, &exponent);
  if (exponent < -4 || exponent >= 16) { /* Python's bounds for the exponent form */
    out[at++] = digits[0];
    if (count > 1) out[at++] = '.';
    for (int i = 1; i < count; i++) out[at++] = digits[i];
    return at + (size_t)snprintf(out + at, VALUE_TEXT_MAX - at, "e%c%02d", exponent < 0 ? '-' : '+', abs(exponent));
  }
  for (int i = exponent < 0 ? exponent : 0; i < count || i <= exponent + 1; i++) {
    if (i == exponent + 1) out[at++] = '.';
    out[at++] = i >= 0 && i < count ? digits[i] : '0';
  }
  return at;
}

/* ---- Dates and times --------------------------------------------------------------------------------------------- */

static size_t date_text(int64_t days, char *out, size_t capacity) {
  civil_date date = civil_from_days(days);
  int width = date.year < 0 ? 5 : 4; /* the sign takes a place */
  return (size_t)snprintf(out, capacity, "%0*" PRId64 "-%02d-%02d", width, date.year, date.month, date.day);
}

static size_t timestamp_text(const arrow_view *view, int64_t row, char out[VALUE_TEXT_MAX]) {
  int64_t per_second = view->field->units_per_second;
  int64_t value = arrow_int_at(view, row);
  int64_t fraction = value % per_second, seconds = value / per_second;
  if (fraction < 0) { /* division rounds towards zero, a clock rounds down */
    fraction += per_second;
    seconds--;
  }
  int64_t second_of_day = seconds % 86400, days = seconds / 86400;
  if (second_of_day < 0) {
    second_of_day += 86400;
    days--;
  }
  int clock = (int)second_of_day;
  size_t at = date_text(days, out, VALUE_TEXT_MAX);
  at += (size_t)snprintf(out + at, VALUE_TEXT_MAX - at, "T%02d:%02d:%02d", clock / 3600, clock / 60 % 60, clock % 60);
  int places = per_second == 1 ? 0 : per_second == 1000 ? 3 : per_second == 1000000 ? 6 : 9;
  if (places > 0) at += (size_t)snprintf(out + at, VALUE_TEXT_MAX - at, ".%0*" PRId64, places, fraction);
  if (view->field->has_zone) out[at++] = 'Z';
  return at;
}

size_t value_text(const arrow_view *view, int64_t row, char out[VALUE_TEXT_MAX]) {
  switch (view->field->kind) {
    case ARROW_KIND_BOOL: return copy(out, arrow_bool_at(view, row) ? "true" : "false");
    case ARROW_KIND_INT: return (size_t)snprintf(out, VALUE_TEXT_MAX, "%" PRId64, arrow_int_at(view, row));
    case ARROW_KIND_UINT: return (size_t)snprintf(out, VALUE_TEXT_MAX, "%" PRIu64, arrow_uint_at(view, row));
    case ARROW_KIND_FLOAT: return float_text(arrow_float_at(view, row), out);
    case ARROW_KIND_DATE: return date_text(arrow_int_at(view, row), out, VALUE_TEXT_MAX);
    case ARROW_KIND_TIMESTAMP: return timestamp_text(view, row, out);
    case ARROW_KIND_NULL:
    case ARROW_KIND_TEXT:
    case ARROW_KIND_BINARY: break;
  }
  return 0;
}
