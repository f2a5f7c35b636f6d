#include "json_text.h"

#include <string.h>

static void write_escape(artifact_writer *writer, unsigned char c) {
  static const char HEX[] = "0123456789abcdef", NAMED[] = "\"\\\b\f\n\r\t", LETTERS[] = "\"\\bfnrt";
  const char *named = c == 0 ? NULL : strchr(NAMED, c);
  if (named != NULL) {
    const char escape[2] = {'\\', LETTERS[named - NAMED]};
    artifact_write(writer, escape, sizeof escape);
  } else {
    const char escape[6] = {'\\', 'u', '0', '0', HEX[c >> 4], HEX[c & 15]};
    artifact_write(writer, escape, sizeof escape);
  }
}

void json_text_write(artifact_writer *writer, const char *text, size_t length) {
  artifact_write_byte(writer, '"');
  size_t plain = 0; /* where the run of bytes that stand for themselves began */
  for (size_t i = 0; i < length; i++) {
    unsigned char c = (unsigned char)text[i];
    if (c >= 0x20 && c != '"' && c != '\\') continue;
    artifact_write(writer, text + plain, i - plain);
    write_escape(writer, c);
    plain = i + 1;
  }
  artifact_write(writer, text + plain, length - plain);
  artifact_write_byte(writer, '"');
}
