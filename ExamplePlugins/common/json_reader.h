/* Reads one JSON text (RFC 8259) into a tree: a capability's configuration, which the host has checked against the
 * schema already. Numbers are kept as text, with the value beside it if they are integers. */
#ifndef EXAMPLES_JSON_READER_H
#define EXAMPLES_JSON_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum json_kind { JSON_NULL, JSON_FALSE, JSON_TRUE, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT } json_kind;

typedef struct json_node {
  json_kind kind;
  bool is_integer;
  int64_t integer;
  const char *text; /* of a string (decoded, NUL-terminated) or a number */
  size_t length;
  const char *key; /* in an object: NUL-terminated */
  size_t key_length;
  const struct json_node *first; /* of an array or object */
  const struct json_node *next;
} json_node;

typedef struct json_document {
  json_node *nodes;
  char *text;
} json_document;

/* [result] 0, ENOMEM, or EINVAL with `*error_offset` set to the byte where the text stops being JSON. The document owns
 * its nodes; `text` may go. */
int json_parse(json_document *document, const char *text, size_t length, size_t *error_offset);
void json_free(json_document *document);

/* The member of an object, or NULL. */
const json_node *json_member(const json_node *object, const char *key);

#ifdef __cplusplus
}
#endif
#endif
