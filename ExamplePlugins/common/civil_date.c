#include "civil_date.h"

/* Years begin in March, so that the leap day is the last of its year, and are counted in eras of 400, which all have
 * 146,097 days; 719,468 is the day number of 0000-03-01. Source: Howard Hinnant, "chrono-Compatible Low-Level Date
 * Algorithms". */
enum { DAYS_IN_ERA = 146097, DAYS_TO_1970 = 719468 };

static int64_t days_from_civil(int64_t year, int32_t month, int32_t day) {
  int64_t y = month <= 2 ? year - 1 : year;
  int64_t era = (y >= 0 ? y : y - 399) / 400;
  int64_t year_of_era = y - era * 400;
  int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * DAYS_IN_ERA + day_of_era - DAYS_TO_1970;
}

civil_date civil_from_days(int64_t days_since_1970) {
  int64_t z = days_since_1970 + DAYS_TO_1970;
  int64_t era = (z >= 0 ? z : z - (DAYS_IN_ERA - 1)) / DAYS_IN_ERA;
  int64_t day_of_era = z - era * DAYS_IN_ERA;
  int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  int64_t month_from_march = (5 * day_of_year + 2) / 153;
  civil_date date;
  date.day = (int32_t)(day_of_year - (153 * month_from_march + 2) / 5 + 1);
  date.month = (int32_t)(month_from_march < 10 ? month_from_march + 3 : month_from_march - 9);
  date.year = year_of_era + era * 400 + (date.month <= 2 ? 1 : 0);
  return date;
}

/* `count` digits as a number, or -1. */
static int32_t digits(const char *text, int count) {
  int32_t value = 0;
  for (int i = 0; i < count; i++) {
    if (text[i] < '0' || text[i] > '9') return -1;
    value = value * 10 + (text[i] - '0');
  }
  return value;
}

bool civil_parse(const char *text, size_t length, int32_t *days_since_1970) {
  if (length != 10 || text[4] != '-' || text[7] != '-') return false;
  int32_t year = digits(text, 4), month = digits(text + 5, 2), day = digits(text + 8, 2);
  if (year < 1 || month < 1 || month > 12 || day < 1 || day > 31) return false;
  int64_t days = days_from_civil(year, month, day);
  civil_date back = civil_from_days(days); /* 30 February comes back as a day in March */
  if (back.month != month || back.day != day) return false;
  *days_since_1970 = (int32_t)days;
  return true;
}
