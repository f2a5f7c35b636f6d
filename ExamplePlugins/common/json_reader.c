#include "json_reader.h"

#include "utf8.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_DEPTH = 32 };

typedef struct parser {
  const char *text;
  size_t length;
  size_t at;
  json_node *nodes;
  size_t node_count;
  char *out; /* decoded strings; never longer than the text they come from, with their NUL in place of a quote */
} parser;

static bool parse_value(parser *p, json_node *node, int depth);

static int peek(const parser *p) { return p->at < p->length ? (unsigned char)p->text[p->at] : -1; }

static void skip_space(parser *p) {
  while (p->at < p->length && strchr(" \t\r\n", p->text[p->at]) != NULL && p->text[p->at] != '\0') p->at++;
}

static bool accept(parser *p, char c) {
  skip_space(p);
  if (peek(p) != c) return false;
  p->at++;
  return true;
}

static bool word(parser *p, const char *text) {
  size_t length = strlen(text);
  if (p->length - p->at < length || memcmp(p->text + p->at, text, length) != 0) return false;
  p->at += length;
  return true;
}

/* ---- Strings ----------------------------------------------------------------------------------------------------- */

static bool hex4(parser *p, uint32_t *value) {
  if (p->length - p->at < 4) return false;
  *value = 0;
  for (int i = 0; i < 4; i++) {
    char c = p->text[p->at++];
    uint32_t digit;
    if (c >= '0' && c <= '9') digit = (uint32_t)(c - '0');
    else if (c >= 'a' && c <= 'f') digit = (uint32_t)(c - 'a') + 10;
    else if (c >= 'A' && c <= 'F') digit = (uint32_t)(c - 'A') + 10;
    else return false;
    *value = *value * 16 + digit;
  }
  return true;
}

static void put(parser *p, uint32_t byte) { *p->out++ = (char)(unsigned char)byte; }

static void put_scalar(parser *p, uint32_t c) {
  if (c < 0x80) {
    put(p, c);
  } else if (c < 0x800) {
    put(p, 0xc0 | (c >> 6));
    put(p, 0x80 | (c & 0x3f));
  } else if (c < 0x10000) {
    put(p, 0xe0 | (c >> 12));
    put(p, 0x80 | ((c >> 6) & 0x3f));
    put(p, 0x80 | (c & 0x3f));
  } else {
    put(p, 0xf0 | (c >> 18));
    put(p, 0x80 | ((c >> 12) & 0x3f));
    put(p, 0x80 | ((c >> 6) & 0x3f));
    put(p, 0x80 | (c & 0x3f));
  }
}

/* `\uXXXX` behind the u; outside the basic plane two of them. */
static bool parse_unicode_escape(parser *p) {
  uint32_t c, low;
  if (!hex4(p, &c)) return false;
  if (c >= 0xdc00 && c <= 0xdfff) return false;
  if (c >= 0xd800 && c <= 0xdbff) {
    if (!word(p, "\\u") || !hex4(p, &low) || low < 0xdc00 || low > 0xdfff) return false;
    c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
  }
  put_scalar(p, c);
  return true;
}

static bool parse_escape(parser *p) {
  static const char FROM[] = "\"\\/bfnrt", TO[] = "\"\\/\b\f\n\r\t";
  int c = peek(p);
  if (c < 0) return false;
  p->at++;
  if (c == 'u') return parse_unicode_escape(p);
  const char *found = c == 0 ? NULL : strchr(FROM, c);
  if (found == NULL) return false;
  put(p, (unsigned char)TO[found - FROM]);
  return true;
}

static bool parse_string(parser *p, const char **text, size_t *length) {
  if (!accept(p, '"')) return false;
  *text = p->out;
  for (;;) {
    int c = peek(p);
    if (c < 0x20) return false; /* the end of the text, or a control character */
    p->at++;
    if (c == '"') break;
    if (c == '\\') {
      if (!parse_escape(p)) return false;
    } else {
      put(p, (uint32_t)c);
    }
  }
  *length = (size_t)(p->out - *text);
  put(p, 0);
  return true;
}

/* ---- Values ------------------------------------------------------------------------------------------------------ */

static bool digit(const parser *p) { return peek(p) >= '0' && peek(p) <= '9'; }

static bool parse_digits(parser *p) {
  if (!digit(p)) return false;
  while (digit(p)) p->at++;
  return true;
}

/* An integer beyond int64 is a number without an integer value. */
static void read_integer(json_node *node, const char *text, size_t length) {
  bool negative = text[0] == '-';
  int64_t value = 0;
  for (size_t i = negative ? 1 : 0; i < length; i++) {
    int64_t next = text[i] - '0';
    if (value < (INT64_MIN + next) / 10) return;
    value = value * 10 - next; /* counted downwards: the negative side has one number more */
  }
  if (!negative && value == INT64_MIN) return;
  node->is_integer = true;
  node->integer = negative ? value : -value;
}

static bool parse_number(parser *p, json_node *node) {
  size_t start = p->at;
  bool whole = true;
  if (peek(p) == '-') p->at++;
  if (peek(p) == '0') p->at++;
  else if (!parse_digits(p)) return false;
  if (peek(p) == '.') {
    whole = false;
    p->at++;
    if (!parse_digits(p)) return false;
  }
  if (peek(p) == 'e' || peek(p) == 'E') {
    whole = false;
    p->at++;
    if (peek(p) == '+' || peek(p) == '-') p->at++;
    if (!parse_digits(p)) return false;
  }
  node->kind = JSON_NUMBER;
  node->length = p->at - start;
  node->text = p->out;
  memcpy(p->out, p->text + start, node->length);
  p->out += node->length;
  put(p, 0); /* in the place of the comma, bracket or end behind the number */
  if (whole) read_integer(node, node->text, node->length);
  return true;
}

static bool parse_members(parser *p, json_node *node, bool is_object, int depth) {
  char close = is_object ? '}' : ']';
  node->kind = is_object ? JSON_OBJECT : JSON_ARRAY;
  if (depth >= MAX_DEPTH) return false;
  if (accept(p, close)) return true;
  const json_node **link = &node->first;
  do {
    json_node *child = &p->nodes[p->node_count++];
    if (is_object) {
      if (!parse_string(p, &child->key, &child->key_length)) return false;
      if (json_member(node, child->key) != NULL) return false; /* which of two would count? */
      if (!accept(p, ':')) return false;
    }
    if (!parse_value(p, child, depth + 1)) return false;
    *link = child;
    link = &child->next;
  } while (accept(p, ','));
  return accept(p, close);
}

static bool parse_value(parser *p, json_node *node, int depth) {
  skip_space(p);
  switch (peek(p)) {
    case '{': p->at++; return parse_members(p, node, true, depth);
    case '[': p->at++; return parse_members(p, node, false, depth);
    case '"': node->kind = JSON_STRING; return parse_string(p, &node->text, &node->length);
    case 'n': node->kind = JSON_NULL; return word(p, "null");
    case 't': node->kind = JSON_TRUE; return word(p, "true");
    case 'f': node->kind = JSON_FALSE; return word(p, "false");
    default: return parse_number(p, node);
  }
}

int json_parse(json_document *document, const char *text, size_t length, size_t *error_offset) {
  memset(document, 0, sizeof *document);
  size_t valid = utf8_valid_prefix(text, length);
  if (valid < length) {
    *error_offset = valid;
    return EINVAL;
  }
  /* Each value but the first follows a bracket or a comma, so this many nodes are always enough. */
  size_t nodes = 1;
  for (size_t i = 0; i < length; i++) nodes += text[i] == '[' || text[i] == '{' || text[i] == ',';
  document->nodes = calloc(nodes, sizeof *document->nodes);
  document->text = malloc(length + 1);
  if (document->nodes == NULL || document->text == NULL) {
    json_free(document);
    return ENOMEM;
  }
  parser p = {text, length, 0, document->nodes, 1, document->text};
  bool whole = parse_value(&p, &document->nodes[0], 0);
  if (whole) skip_space(&p);
  if (whole && p.at == length) return 0;
  *error_offset = p.at;
  json_free(document);
  return EINVAL;
}

void json_free(json_document *document) {
  free(document->nodes);
  free(document->text);
  memset(document, 0, sizeof *document);
}

const json_node *json_member(const json_node *object, const char *key) {
  size_t length = strlen(key);
  for (const json_node *member = object->first; member != NULL; member = member->next) {
    if (member->key_length == length && memcmp(member->key, key, length) == 0) return member;
  }
  return NULL;
}
