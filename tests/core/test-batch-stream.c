/* SPDX-License-Identifier: Apache-2.0 */

/* Batch files as streams: wherever they are cut, whatever stands between the lines, whenever the
 * other side stops. */

#include "pt-batch.h"
#include "pt-members.h"
#include "pt-vectors.h"

#define ENTRIES 4

static const char *const entries[ENTRIES] = { "{\"n\":1}", "{}", "{\"text\":\"],\"}", "{\"n\":4}" };
static char line_buffer[PT_ENTRY_MAX + 2];

/* A sink that takes @left calls. */
typedef struct
{
  GString *text;
  int left;
} Tap;

static bool
tap_take (void *context, const void *data, size_t size)
{
  Tap *tap = context;

  if (tap->left == 0)
    return false;
  tap->left--;
  g_string_append_len (tap->text, data, (gssize) size);
  return true;
}

static const PtBatchHeader template = { .area = "demo-east", .batch = 1, .from = 10, .to = 20 };

/* All of a file, or up to where the sink stops. */
static PtResult
write_entries (const PtSpan *spans, size_t count, Tap *tap, PtBatchHeader *written)
{
  PtBatchWriter writer;
  PtResult result = pt_batch_writer_open (&writer, &template, tap_take, tap);

  memset (written, 0, sizeof *written);
  for (size_t i = 0; i < count && result == PT_OK; i++)
    {
      PtHash leaf, expected = { 0 };

      result = pt_batch_writer_append (&writer, spans[i], &leaf);
      if (result == PT_OK)
        pt_tree_leaf_hash (spans[i], &expected);
      pt_assert_hash (leaf, expected); /* zero when nothing was appended */
      g_assert_cmpuint (writer.frontier.size, ==, i + (result == PT_OK));
    }
  return result == PT_OK ? pt_batch_writer_close (&writer, written) : result;
}

static GString *
write_file (const PtSpan *spans, size_t count)
{
  Tap tap = { g_string_new (NULL), -1 };
  PtBatchHeader written;

  g_assert_cmpint (write_entries (spans, count, &tap, &written), ==, PT_OK);
  return tap.text;
}

static GString *
usual_file (void)
{
  PtSpan spans[ENTRIES];

  for (size_t i = 0; i < ENTRIES; i++)
    spans[i] = pt_text (entries[i]);
  return write_file (spans, ENTRIES);
}

/* Checks that the entries come in order, each whole. */
static PtResult
see_usual (void *context, uint64_t index, PtSpan entry, const PtHash *leaf)
{
  uint64_t *next = context;
  PtHash expected;

  g_assert_cmpuint (index, ==, *next);
  g_assert_cmpuint (index, <, ENTRIES);
  g_assert_true (pt_span_is (entry, entries[index]));
  pt_tree_leaf_hash (entry, &expected);
  pt_assert_hash (*leaf, expected);
  (*next)++;
  return PT_OK;
}

/* Feeds @text cut at the @count places in @cuts, each piece in memory of its own. */
static PtResult
read_cut (const GString *text, const size_t *cuts, size_t count, PtBatchVisitor visitor,
          void *context, PtBatchReader *reader)
{
  const PtFrontier empty = { 0 };
  PtBatchHeader header;
  size_t from = 0;
  PtResult result;

  pt_batch_reader_init (reader, &empty, line_buffer, sizeof line_buffer, visitor, context);
  for (size_t i = 0; i <= count; i++)
    {
      size_t to = i < count ? cuts[i] : text->len;
      g_autofree char *piece = pt_tight_copy (text->str + from, to - from);

      pt_batch_reader_feed (reader, piece, to - from);
      from = to;
    }
  result = pt_batch_reader_finish (reader, &header);
  g_assert_cmpstr (header.area, ==, result == PT_OK ? "demo-east" : "");
  g_assert_cmpuint (header.size != 0, ==, result == PT_OK);
  return result;
}

static PtResult
read_whole (const GString *text)
{
  PtBatchReader reader;

  return read_cut (text, NULL, 0, NULL, NULL, &reader);
}

/* Any two cuts, the empty piece between equal ones included. */
static void
test_cuts (void)
{
  g_autoptr (GString) text = usual_file ();

  for (size_t first = 0; first <= text->len; first++)
    for (size_t second = first; second <= text->len; second += 1 + second % 3)
      {
        const size_t cuts[] = { first, second };
        uint64_t seen = 0;
        PtBatchReader reader;

        g_assert_cmpint (read_cut (text, cuts, 2, see_usual, &seen, &reader), ==, PT_OK);
        g_assert_cmpuint (seen, ==, ENTRIES);
      }
}

/* A file that ends early, in one piece or two: never accepted, and no entry seen that is not whole.
 */
static void
test_ends_early (void)
{
  g_autoptr (GString) text = usual_file ();

  for (size_t size = 0; size < text->len; size++)
    {
      g_autoptr (GString) part = g_string_new_len (text->str, (gssize) size);
      const size_t cut = size / 2;
      uint64_t seen = 0, lines = 0;
      PtBatchReader reader;

      for (size_t i = 0; i < size; i++)
        lines += text->str[i] == '\n';
      g_assert_cmpint (read_cut (part, &cut, 1, see_usual, &seen, &reader), ==, PT_MALFORMED);
      g_assert_cmpuint (seen, ==, lines == 0 ? 0 : MIN (lines - 1, ENTRIES));
    }
}

typedef struct
{
  const char *from, *to;
  PtResult expected;
  uint64_t line; /* where the reader stands */
} Change;

/* The first line is 1, the entries are 2 to 5, the last line is 6. */
static const Change changes[] = {
  { "{\"area\"", "\n{\"area\"", PT_MALFORMED, 1 },
  { "{\"area\"", "\r\n{\"area\"", PT_MALFORMED, 1 },
  { "{\"area\"", "\xef\xbb\xbf{\"area\"", PT_MALFORMED, 1 },
  { "{\"area\"", " {\"area\"", PT_MALFORMED, 1 },
  { "\"entries\":[\n", "\"entries\":[\r\n", PT_MALFORMED, 1 },
  { "\"entries\":[\n", "\"entries\":[ \n", PT_MALFORMED, 1 },
  { "\"entries\":[\n", "\"entries\":[", PT_MALFORMED, 1 },
  { "\"entries\":[\n", "\"entries\":[\n\n", PT_MALFORMED, 2 },
  { "\"entries\":[\n", "\"entries\":[\n,\n", PT_MALFORMED, 2 },
  { "\"entries\":[\n", "\"entries\":[\n]\n", PT_MALFORMED, 2 },
  { "\"entries\":[\n", "\"entries\":[\n],\n", PT_MALFORMED, 2 },
  { "{\"n\":1},\n", "{\"n\":1}\n", PT_MALFORMED, 3 }, /* then the next must be the last line */
  { "{},\n", "{}\n", PT_MALFORMED, 4 },
  { "{},\n", "{},,\n", PT_BAD_PROOF, 6 }, /* an entry that ends with a comma: not what was sealed */
  { "{},\n", "{} ,\n", PT_BAD_PROOF, 6 },
  { "{},\n", "{},\r\n", PT_MALFORMED, 4 },
  { "{},\n", "{}\r,\n", PT_BAD_PROOF, 6 },
  { "{},\n", "{},\n\n", PT_MALFORMED, 4 },
  { "{},\n", "{},", PT_BAD_PROOF, 5 },
  { "{},\n", "", PT_BAD_PROOF, 5 },
  { "{},\n", "{},\n{},\n", PT_BAD_PROOF, 7 },
  { "{\"n\":4}\n", "{\"n\":4},\n", PT_MALFORMED, 6 },
  { "{\"n\":4}\n", "{\"n\":4}\n\n", PT_MALFORMED, 6 },
  { "{\"n\":4}\n", "{\"n\":4}\r\n", PT_BAD_PROOF, 6 },
  { "{\"n\":4}\n", "{\"n\":4}", PT_MALFORMED, 6 }, /* all one entry */
  { "{\"n\":4}\n", "{\"n\":5}\n", PT_BAD_PROOF, 6 },
  { "{\"n\":4}\n", "{\"n\":4}\n{}\n", PT_MALFORMED, 6 },
  { "\"to\":20}\n", "\"to\":20}", PT_MALFORMED, 6 },
  { "\"to\":20}\n", "\"to\":20}\r\n", PT_MALFORMED, 6 },
  { "\"to\":20}\n", "\"to\":20},\n", PT_MALFORMED, 6 },
  { "\"to\":20}\n", "\"to\":20}\n\n", PT_MALFORMED, 7 },
  { "\"to\":20}\n", "\"to\":20}\n ", PT_MALFORMED, 7 },
  { "\"to\":20}\n", "\"to\":20}\n{}\n", PT_MALFORMED, 7 },
  { "\"to\":20}\n", "\"to\":20}\n]", PT_MALFORMED, 7 },
  { "\"to\":20}\n", "\"to\":10}\n", PT_BAD_WINDOW, 6 },
  { "\"size\":4", "\"size\":3", PT_BAD_PROOF, 6 },
  { "\"size\":4", "\"size\":5", PT_BAD_PROOF, 6 },
  { "\"prev_size\":0", "\"prev_size\":1", PT_BAD_PROOF, 6 },
};

static void
test_changes (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (changes); i++)
    {
      g_autoptr (GString) text = usual_file ();

      g_test_message ("%s -> %s", changes[i].from, changes[i].to);
      g_assert_cmpuint (g_string_replace (text, changes[i].from, changes[i].to, 1), ==, 1);
      for (size_t cut = 0; cut <= text->len; cut++)
        {
          PtBatchReader reader;

          g_assert_cmpint (read_cut (text, &cut, 1, NULL, NULL, &reader), ==, changes[i].expected);
          g_assert_cmpuint (reader.line, ==, changes[i].line);
        }
    }
}

/* NUL bytes anywhere are bytes like others: part of an entry, never the end of anything. */
static void
test_nul_bytes (void)
{
  const PtSpan spans[]
      = { pt_span ("\0", 1), pt_span ("a\0b", 3), pt_span ("\0\0\0", 3), pt_span ("{}\0", 3) };
  g_autoptr (GString) nul = write_file (spans, G_N_ELEMENTS (spans));
  g_autoptr (GString) usual = usual_file ();

  g_assert_cmpint (read_whole (nul), ==, PT_OK);
  for (size_t at = 0; at <= usual->len; at++)
    {
      g_autoptr (GString) text = g_string_new_len (usual->str, (gssize) usual->len);

      g_string_insert_c (text, (gssize) at, '\0');
      g_assert_cmpint (read_whole (text), !=, PT_OK);
      g_string_erase (text, (gssize) at, 1);
      g_assert_cmpint (read_whole (text), ==, PT_OK);
    }
}

/* Lines of each size near the bounds and near the words that newlines are looked for in. */
static void
test_entry_sizes (void)
{
  static const size_t sizes[]
      = { 1, 2, 6, 7, 8, 9, 15, 16, 17, 63, 64, 65, 4095, 4096, PT_ENTRY_MAX - 1, PT_ENTRY_MAX };
  g_autofree char *bytes = g_strnfill (PT_ENTRY_MAX, '\x8a'); /* a newline but for its top bit */

  for (size_t i = 0; i < G_N_ELEMENTS (sizes); i++)
    for (size_t j = 0; j < G_N_ELEMENTS (sizes); j++)
      {
        const PtSpan spans[] = { pt_span (bytes, sizes[i]), pt_span (bytes, sizes[j]) };
        g_autoptr (GString) text = write_file (spans, 2);
        const size_t cuts[] = { 42 + sizes[i] / 2, text->len - 100 };
        PtBatchReader reader;

        g_assert_cmpint (read_cut (text, cuts, 2, NULL, NULL, &reader), ==, PT_OK);
      }
}

/* One byte more than the largest entry: refused with and without a comma, in whatever pieces. */
static void
test_entry_too_large (void)
{
  g_autofree char *bytes = g_strnfill (PT_ENTRY_MAX + 1, 'x');
  const char *const endings[] = { ",\n{}\n", "\n", "x,\n", "xxxxxxx\n", "" };

  for (size_t i = 0; i < G_N_ELEMENTS (endings); i++)
    for (size_t piece = 1; piece <= 3; piece++)
      {
        g_autoptr (GString) text
            = g_string_new ("{\"area\":\"demo-east\",\"batch\":1,\"entries\":[\n");
        size_t cuts[] = { text->len, text->len + 7, text->len + PT_ENTRY_MAX };
        bool ends = *endings[i] != '\0';
        PtBatchReader reader;

        g_string_append (text, bytes);
        g_string_append (text, endings[i]);
        g_assert_cmpint (read_cut (text, cuts, piece, NULL, NULL, &reader), ==,
                         ends ? PT_TOO_LARGE : PT_MALFORMED);
        g_assert_cmpuint (reader.line, ==, 2);
      }
}

/* Whenever the sink stops, what it has is a beginning of the file, and nothing claims more. */
static void
test_sink_stops (void)
{
  g_autoptr (GString) whole = usual_file ();
  PtSpan spans[ENTRIES];
  int calls = 0;

  for (size_t i = 0; i < ENTRIES; i++)
    spans[i] = pt_text (entries[i]);
  for (PtResult result = PT_STOPPED; result != PT_OK; calls++)
    {
      g_autoptr (GString) text = g_string_new (NULL);
      Tap tap = { text, calls };
      PtBatchHeader written;

      result = write_entries (spans, ENTRIES, &tap, &written);
      g_assert_cmpint (result, ==, text->len == whole->len ? PT_OK : PT_STOPPED);
      g_assert_cmpmem (text->str, text->len, whole->str, text->len);
      g_assert_cmpuint (written.size, ==, result == PT_OK ? ENTRIES : 0);
      g_assert_cmpint (read_whole (text), ==, result == PT_OK ? PT_OK : PT_MALFORMED);
    }
  g_assert_cmpint (calls, ==, 1 + 1 + 2 * ENTRIES - 1 + 1);
}

static PtResult
answer (void *context, uint64_t index, PtSpan entry, const PtHash *leaf)
{
  return index == 1 ? *(PtResult *) context : PT_OK;
}

/* The visitor's answer, whatever it is, ends the reading and is the answer. */
static void
test_visitor_answers (void)
{
  g_autoptr (GString) text = usual_file ();

  for (int result = PT_OK; result < PT_RESULT_COUNT; result++)
    {
      PtResult given = (PtResult) result;
      PtBatchReader reader;

      g_assert_cmpint (read_cut (text, NULL, 0, answer, &given, &reader), ==, given);
      g_assert_cmpuint (reader.line, ==, given == PT_OK ? 7 : 3);
    }
}

/* A reader's buffer of any size below its bound is refused at once, and for good. */
static void
test_small_buffers (void)
{
  const PtFrontier empty = { 0 };
  const size_t sizes[] = { 0, 1, 4096, PT_ENTRY_MAX, PT_ENTRY_MAX + 1 };
  g_autoptr (GString) text = usual_file ();

  for (size_t i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autofree char *buffer = g_malloc (MAX (sizes[i], 1));
      PtBatchReader reader;
      PtBatchHeader header;

      g_assert_cmpint (pt_batch_reader_init (&reader, &empty, buffer, sizes[i], NULL, NULL), ==,
                       PT_NO_SPACE);
      g_assert_cmpint (pt_batch_reader_feed (&reader, text->str, text->len), ==, PT_NO_SPACE);
      g_assert_cmpint (pt_batch_reader_finish (&reader, &header), ==, PT_NO_SPACE);
      g_assert_cmpuint (header.batch, ==, 0);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/batch-stream/cuts", test_cuts);
  g_test_add_func ("/batch-stream/ends-early", test_ends_early);
  g_test_add_func ("/batch-stream/changes", test_changes);
  g_test_add_func ("/batch-stream/nul-bytes", test_nul_bytes);
  g_test_add_func ("/batch-stream/entry-sizes", test_entry_sizes);
  g_test_add_func ("/batch-stream/entry-too-large", test_entry_too_large);
  g_test_add_func ("/batch-stream/sink-stops", test_sink_stops);
  g_test_add_func ("/batch-stream/visitor-answers", test_visitor_answers);
  g_test_add_func ("/batch-stream/small-buffers", test_small_buffers);
  return g_test_run ();
}
