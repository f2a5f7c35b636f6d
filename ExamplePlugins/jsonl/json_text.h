/* Text as a JSON string, byte for byte as Python's json.dumps(text, ensure_ascii=False) writes it. */
#ifndef EXAMPLES_JSON_TEXT_H
#define EXAMPLES_JSON_TEXT_H

#include "../common/plugin_call.h"

/* `text` must be UTF-8. */
void json_text_write(artifact_writer *writer, const char *text, size_t length);

#endif
