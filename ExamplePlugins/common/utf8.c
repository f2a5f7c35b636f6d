#include "utf8.h"

#include <stdint.h>
#include <string.h>

/* The length of the character at `s`, 0 if there is no whole one within `left` bytes. Table 3-7 of the Unicode
 * standard: only the second byte has a range that depends on the first. */
static size_t character_length(const uint8_t *s, size_t left) {
  uint8_t low = 0x80, high = 0xbf;
  size_t length;
  if (s[0] < 0x80) return 1;
  if (s[0] >= 0xc2 && s[0] <= 0xdf) {
    length = 2;
  } else if (s[0] >= 0xe0 && s[0] <= 0xef) {
    length = 3;
    if (s[0] == 0xe0) low = 0xa0;  /* overlong */
    if (s[0] == 0xed) high = 0x9f; /* surrogates */
  } else if (s[0] >= 0xf0 && s[0] <= 0xf4) {
    length = 4;
    if (s[0] == 0xf0) low = 0x90;  /* overlong */
    if (s[0] == 0xf4) high = 0x8f; /* above U+10FFFF */
  } else {
    return 0;
  }
  if (left < length || s[1] < low || s[1] > high) return 0;
  for (size_t i = 2; i < length; i++) {
    if ((s[i] & 0xc0) != 0x80) return 0;
  }
  return length;
}

size_t utf8_valid_prefix(const char *text, size_t length) {
  const uint8_t *bytes = (const uint8_t *)text;
  size_t i = 0;
  while (i < length) {
    uint64_t eight; /* eight ASCII characters at a time: most text is nothing else */
    if (length - i >= sizeof eight) {
      memcpy(&eight, bytes + i, sizeof eight);
      if ((eight & UINT64_C(0x8080808080808080)) == 0) {
        i += sizeof eight;
        continue;
      }
    }
    size_t step = character_length(bytes + i, length - i);
    if (step == 0) return i;
    i += step;
  }
  return length;
}
