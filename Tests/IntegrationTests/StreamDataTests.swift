import Foundation
import TestSupport
import Testing

@Suite("Batches of other columns than integers")
struct StreamDataTests {
  /// One batch of three rows of a column "n", in static memory: the schema's and the array's own statements see `c` and,
  /// for a list's child or a dictionary's values, `v`.
  private func defines(schema: String, array: String, more: [String: String] = [:]) -> [String: String] {
    [
      "GLOBALS":
        "static void forget_schema(struct ArrowSchema *s) { s->release = NULL; } "
        + "static void forget(struct ArrowArray *a) { a->release = NULL; }",
      "ON_SCHEMA":
        "static struct ArrowSchema column, value; static struct ArrowSchema *columns[1] = {&column}, *values[1] = {&value}; "
        + "struct ArrowSchema *c = &column, *v = &value; memset(out, 0, sizeof *out); c->name = \"n\"; v->name = \"item\"; "
        + "c->release = v->release = out->release = forget_schema; out->format = \"+s\"; out->n_children = 1; "
        + "out->children = columns; \(schema) return 0;",
      "ON_NEXT":
        "if (*batch > 0) { memset(out, 0, sizeof *out); return 0; } ++*batch; "
        + "static struct ArrowArray column, value; static struct ArrowArray *columns[1] = {&column}, *values[1] = {&value}; "
        + "static const void *none[3], *cb[3], *vb[3]; struct ArrowArray *c = &column, *v = &value; memset(out, 0, sizeof *out); "
        + "c->release = v->release = out->release = forget; c->buffers = cb; v->buffers = vb; out->buffers = none; "
        + "out->n_buffers = 1; out->length = c->length = 3; out->n_children = 1; out->children = columns; \(array) return 0;",
    ].merging(more) { first, _ in first }
  }

  private static let text = "c->format = \"u\";"
  private static let list = "c->format = \"+l\"; c->n_children = 1; c->children = values; v->format = \"l\";"
  private static let words = "c->format = \"c\"; c->dictionary = v; v->format = \"u\";"
  private static let textOf = "c->n_buffers = 3; cb[1] = offsets; cb[2] = \"abcdefgh\";"
  private static let listOf =
    "static const int64_t numbers[2]; c->n_buffers = 2; cb[1] = offsets; c->n_children = 1; c->children = values; "
    + "v->n_buffers = 2; vb[1] = numbers; v->length = 2;"
  private static let wordsOf =
    "static const int32_t ends[3] = {0, 1, 3}; c->n_buffers = 2; cb[1] = indices; c->dictionary = v; v->n_buffers = 3; "
    + "v->length = 2; vb[1] = ends; vb[2] = \"abb\";"

  @Test(
    "offsets and indices that cannot be are refused with row and value, and the producer is named",
    arguments: [
      (text, "static const int32_t offsets[4] = {0, 4, 2, 6};" + textOf, "batch.n: offsets decrease at row 1, from 4 to 2"),
      (text, "static const int32_t offsets[4] = {-1, 0, 0, 0};" + textOf, "batch.n: the first offset is -1, wanted 0 or more"),
      (
        text, "static const int32_t offsets[4] = {0, 1, 2, 3};" + textOf + "cb[2] = NULL;",
        "batch.n.buffers[2] is NULL, and the last offset is 3"
      ),
      (
        list, "static const int32_t offsets[4] = {0, 1, 2, 5};" + listOf,
        "batch.n: the last offset is 5, and the child has 2 rows"
      ),
      (list, "static const int32_t offsets[4] = {0, 1, 2, 2};" + listOf + "v->release = NULL;", "batch.n.item is a released array"),
      (
        words, "static const int8_t indices[3] = {0, 7, 1};" + wordsOf,
        "batch.n: dictionary index 7 at row 1, and the dictionary has 2 values"
      ),
      (
        words, "static const int8_t indices[3] = {0, -1, 1};" + wordsOf,
        "batch.n: dictionary index -1 at row 1, and the dictionary has 2 values"
      ),
      (
        words, "static const int8_t indices[3] = {0, 1, 1};" + wordsOf + "c->dictionary = NULL;",
        "batch.n.dictionary is NULL or lies in unreadable memory"
      ),
    ])
  func broken(_ schema: String, _ array: String, _ message: String) throws {
    let (outcome, _) = try PipelineFolder.runFixture(defines(schema: schema, array: array))
    #expect(outcome.status == 65)
    #expect(outcome.stderr.contains("com.example.fixture/source (numbers): get_next failed: batch after row 0: \(message)"))
    #expect(outcome.finalized == [])
  }

  @Test(
    "text, lists and dictionaries that hold together are passed on",
    arguments: [
      (text, "static const int32_t offsets[4] = {0, 4, 4, 6};" + textOf),
      (list, "static const int32_t offsets[4] = {0, 1, 2, 2};" + listOf),
      (words, "static const int8_t indices[3] = {0, 1, 1};" + wordsOf),
      // The index of a row without a value means nothing.
      (
        words,
        "static const int8_t indices[3] = {0, 99, 1}; static const uint8_t valid[1] = {5};" + wordsOf
          + "cb[0] = valid; c->null_count = 1;"
      ),
    ])
  func whole(_ schema: String, _ array: String) throws {
    let (outcome, folder) = try PipelineFolder.runFixture(defines(schema: schema, array: array))
    #expect(outcome.status == 0, "\(outcome.stderr)")
    #expect(try folder.text(outcome, "exports/count.txt") == "3\n")
  }
}
