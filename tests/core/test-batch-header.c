/* SPDX-License-Identifier: Apache-2.0 */

/* The first and the last line of a batch file: each member missing, doubled, out of place, of
 * another type or at its bounds. */

#include "pt-batch.h"
#include "pt-members.h"
#include "pt-vectors.h"

#define HASH_A "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\""
#define HASH_B "\"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\""
#define FIRST_HEAD "{"
#define FIRST_TAIL ""
#define LAST_HEAD "],"
#define LAST_TAIL "}"

static const PtMember first_members[]
    = { { "area", "\"demo-east\"" }, { "batch", "7" }, { "entries", "[" } };

enum
{
  LAST_FORMAT,
  LAST_FROM,
  LAST_FRONTIER,
  LAST_PREV_ROOT,
  LAST_PREV_SIZE,
  LAST_ROOT,
  LAST_SIZE,
  LAST_TO,
  LAST_COUNT
};

/* A tree of one leaf before: its root is its frontier. */
static const PtMember last_members[LAST_COUNT] = {
  { "format", "\"powertrack-batch-1\"" },
  { "from", "1764000000000" },
  { "frontier", "[" HASH_A "]" },
  { "prev_root", HASH_A },
  { "prev_size", "1" },
  { "root", HASH_B },
  { "size", "3" },
  { "to", "1764000900000" },
};

static const size_t in_order[LAST_COUNT] = { 0, 1, 2, 3, 4, 5, 6, 7 };

typedef PtResult (*ParseLine) (PtSpan line, PtBatchHeader *out);
typedef PtResult (*WriteLine) (const PtBatchHeader *header, char *out, size_t out_size,
                               size_t *size);

typedef struct
{
  ParseLine parse;
  WriteLine write;
  const char *head, *tail;
  const PtMember *members;
  size_t count;
} LineKind;

static const LineKind kinds[] = {
  { pt_batch_parse_first_line, pt_batch_write_first_line, FIRST_HEAD, FIRST_TAIL, first_members,
    G_N_ELEMENTS (first_members) },
  { pt_batch_parse_last_line, pt_batch_write_last_line, LAST_HEAD, LAST_TAIL, last_members,
    LAST_COUNT },
};

static GString *
good_line (const LineKind *kind)
{
  return pt_members_join (kind->head, kind->members, in_order, kind->count, kind->tail);
}

static PtResult
parse (const LineKind *kind, const char *data, size_t size, PtBatchHeader *out)
{
  g_autofree char *copy = pt_tight_copy (data, size);

  return kind->parse (pt_span (copy, size), out);
}

/* A refusal leaves nothing of the line behind. */
static void
assert_refused (const LineKind *kind, const char *data, size_t size)
{
  static const PtBatchHeader empty;
  PtBatchHeader header;

  memset (&header, 0, sizeof header);
  g_assert_cmpint (parse (kind, data, size, &header), !=, PT_OK);
  g_assert_cmpmem (&header, sizeof header, &empty, sizeof empty);
}

static void
check_refused (const GString *text, const char *what, void *context)
{
  g_test_message ("%s", what);
  assert_refused (context, text->str, text->len);
}

/* What is accepted is written back byte for byte. */
static bool
accepts (const LineKind *kind, const char *data, size_t size)
{
  char again[PT_BATCH_LAST_LINE_MAX];
  PtBatchHeader header;
  size_t written;

  memset (&header, 0, sizeof header);
  if (parse (kind, data, size, &header) != PT_OK)
    {
      assert_refused (kind, data, size);
      return false;
    }
  g_assert_cmpint (kind->write (&header, again, sizeof again, &written), ==, PT_OK);
  g_assert_cmpmem (again, written, data, size);
  return true;
}

static void
test_members (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      const LineKind *kind = &kinds[i];
      g_autoptr (GString) line = good_line (kind);

      g_assert_true (accepts (kind, line->str, line->len));
      g_assert_cmpuint (pt_members_disorder (kind->head, kind->members, kind->count, kind->tail,
                                             check_refused, (void *) kind),
                        ==, kind->count * (kind->count + 3) / 2);
      pt_members_odd (kind->head, kind->members, kind->count - (i == 0), kind->tail, NULL,
                      check_refused, (void *) kind);
    }
}

/* A member that the format has no place for, wherever it stands. */
static void
test_foreign_members (void)
{
  static const PtMember foreign[] = {
    { "", "1" }, { "aaa", "1" }, { "note", "\"\"" }, { "prev_rooz", HASH_A }, { "zzz", "[]" }
  };

  for (size_t i = 0; i < G_N_ELEMENTS (kinds) * G_N_ELEMENTS (foreign); i++)
    {
      const LineKind *kind = &kinds[i % G_N_ELEMENTS (kinds)];

      for (size_t place = 0; place <= kind->count; place++)
        {
          PtMember members[LAST_COUNT + 1];
          size_t order[LAST_COUNT + 1] = { 0, 1, 2, 3, 4, 5, 6, 7, 8 };
          g_autoptr (GString) line = NULL;

          memcpy (members, kind->members, place * sizeof *members);
          members[place] = foreign[i / G_N_ELEMENTS (kinds)];
          memcpy (members + place + 1, kind->members + place,
                  (kind->count - place) * sizeof *members);
          line = pt_members_join (kind->head, members, order, kind->count + 1, kind->tail);
          assert_refused (kind, line->str, line->len);
        }
    }
}

/* Every byte replaced by each that has a meaning in JSON; dropped; and something put before it. */
static void
test_every_byte (void)
{
  static const char bytes[] = " \t\r\n,:\"\\[]{}-+.0123456789abfzABF\x7f\xc3";

  for (size_t i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autoptr (GString) line = good_line (&kinds[i]);

      for (size_t at = 0; at <= line->len; at++)
        for (size_t j = 0; j < sizeof bytes; j++) /* the NUL too */
          {
            g_autoptr (GString) longer = g_string_new_len (line->str, (gssize) line->len);
            bool fits = g_ascii_isxdigit (bytes[j])
                        || (i == 0 && (bytes[j] == 'z' || bytes[j] == '-')); /* in an area */

            g_string_insert_c (longer, (gssize) at, bytes[j]);
            g_assert_true (!accepts (&kinds[i], longer->str, longer->len) || fits);
            if (at == line->len)
              continue;
            g_string_erase (longer, (gssize) at, 1); /* gives the line back */
            longer->str[at] = bytes[j];
            g_assert_true (!accepts (&kinds[i], longer->str, longer->len)
                           || bytes[j] == line->str[at] || fits);
          }
    }
}

static void
test_cut (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autoptr (GString) line = good_line (&kinds[i]);

      for (size_t size = 0; size < line->len; size++)
        {
          assert_refused (&kinds[i], line->str, size);
          assert_refused (&kinds[i], line->str + line->len - size, size);
        }
    }
}

typedef struct
{
  size_t member;
  const char *value;
  PtResult expected;
} Bound;

static void
check_bounds (const LineKind *kind, const Bound *bounds, size_t count)
{
  for (size_t i = 0; i < count; i++)
    {
      PtMember members[LAST_COUNT];
      PtBatchHeader header;
      g_autoptr (GString) line = NULL;

      memset (&header, 0, sizeof header);
      memcpy (members, kind->members, kind->count * sizeof *members);
      members[bounds[i].member].value = bounds[i].value;
      line = pt_members_join (kind->head, members, in_order, kind->count, kind->tail);
      g_test_message ("%s", line->str);
      g_assert_cmpint (parse (kind, line->str, line->len, &header), ==, bounds[i].expected);
      g_assert_cmpint (accepts (kind, line->str, line->len), ==, bounds[i].expected == PT_OK);
    }
}

static void
test_first_bounds (void)
{
  static const Bound bounds[] = {
    { 0, "\"a\"", PT_OK },
    { 0, "\"0\"", PT_OK },
    { 0, "\"a-\"", PT_OK },
    { 0, "\"0123456789012345678901234567890\"", PT_OK },
    { 0, "\"01234567890123456789012345678901\"", PT_MALFORMED },
    { 0, "\"-a\"", PT_MALFORMED },
    { 0, "\"A\"", PT_MALFORMED },
    { 0, "\"a_b\"", PT_MALFORMED },
    { 0, "\"a b\"", PT_MALFORMED },
    { 0, "\"a\\u0062\"", PT_MALFORMED },
    { 0, "\"\xc3\xa9\"", PT_MALFORMED },
    { 0, "\"a\"\"", PT_MALFORMED },
    { 0, "'a'", PT_MALFORMED },
    { 1, "1", PT_OK },
    { 1, "9007199254740991", PT_OK },
    { 1, "0", PT_MALFORMED },
    { 1, "9007199254740992", PT_MALFORMED },
    { 1, "99999999999999999999999999", PT_MALFORMED },
    { 2, "[]", PT_MALFORMED },
    { 2, "[{}", PT_MALFORMED },
    { 2, "{", PT_MALFORMED },
  };

  check_bounds (&kinds[0], bounds, G_N_ELEMENTS (bounds));
}

static void
test_last_bounds (void)
{
  static const Bound bounds[] = {
    { LAST_FORMAT, "\"powertrack-batch-2\"", PT_MALFORMED },
    { LAST_FORMAT, "\"powertrack-batch-10\"", PT_MALFORMED },
    { LAST_FORMAT, "\"powertrack-proof-1\"", PT_MALFORMED },
    { LAST_FROM, "0", PT_OK },
    { LAST_FROM, "1764000899999", PT_OK },
    { LAST_FROM, "1764000900000", PT_BAD_WINDOW },
    { LAST_FROM, "1764000900001", PT_BAD_WINDOW },
    { LAST_FROM, "9007199254740991", PT_BAD_WINDOW },
    { LAST_TO, "9007199254740991", PT_OK },
    { LAST_TO, "1764000000001", PT_OK },
    { LAST_TO, "1764000000000", PT_BAD_WINDOW },
    { LAST_TO, "0", PT_BAD_WINDOW },
    { LAST_FRONTIER, "[]", PT_BAD_PROOF },
    { LAST_FRONTIER, "[" HASH_B "]", PT_BAD_PROOF },
    { LAST_FRONTIER, "[" HASH_A "," HASH_A "]", PT_BAD_PROOF },
    { LAST_FRONTIER, "[" HASH_A ",]", PT_MALFORMED },
    { LAST_FRONTIER, "[," HASH_A "]", PT_MALFORMED },
    { LAST_FRONTIER, "[" HASH_A " ]", PT_MALFORMED },
    { LAST_FRONTIER, "[" HASH_A HASH_A "]", PT_MALFORMED },
    { LAST_FRONTIER, "[[" HASH_A "]]", PT_MALFORMED },
    { LAST_FRONTIER, HASH_A, PT_MALFORMED },
    { LAST_FRONTIER, "[\"\"]", PT_MALFORMED },
    { LAST_PREV_ROOT, HASH_B, PT_BAD_PROOF },
    { LAST_PREV_SIZE, "0", PT_BAD_PROOF },
    { LAST_PREV_SIZE, "3", PT_BAD_PROOF },
    { LAST_PREV_SIZE, "2", PT_OK }, /* one subtree of two: the same root */
    { LAST_PREV_SIZE, "4", PT_BAD_PROOF },
    { LAST_SIZE, "2", PT_OK }, /* that two entries are needed, the reader says */
    { LAST_SIZE, "1", PT_BAD_PROOF },
    { LAST_SIZE, "0", PT_BAD_PROOF },
    { LAST_SIZE, "9007199254740991", PT_OK },
    { LAST_SIZE, "9007199254740992", PT_MALFORMED },
    { LAST_ROOT, HASH_A, PT_OK },
  };

  check_bounds (&kinds[1], bounds, G_N_ELEMENTS (bounds));
}

/* As many frontier nodes as there is room for, and more. */
static void
test_long_frontiers (void)
{
  for (size_t count = 50; count <= 70; count++)
    {
      g_autoptr (GString) frontier = g_string_new ("[");
      g_autoptr (GString) line = NULL;
      PtMember members[LAST_COUNT];

      for (size_t i = 0; i < count; i++)
        g_string_append_printf (frontier, "%s" HASH_A, i > 0 ? "," : "");
      g_string_append_c (frontier, ']');
      memcpy (members, last_members, sizeof members);
      members[LAST_FRONTIER].value = frontier->str;
      members[LAST_PREV_SIZE].value = "9007199254740990"; /* 52 of them */
      members[LAST_SIZE].value = "9007199254740991";
      line = pt_members_join (LAST_HEAD, members, in_order, LAST_COUNT, LAST_TAIL);
      assert_refused (&kinds[1], line->str, line->len);
    }
}

/* Every size that is too small: nothing is said to be written, nothing lies past the end. */
static void
test_no_space (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autoptr (GString) line = good_line (&kinds[i]);
      PtBatchHeader header;

      memset (&header, 0, sizeof header);
      g_assert_cmpint (kinds[i].parse (pt_span (line->str, line->len), &header), ==, PT_OK);
      for (size_t room = 0; room <= line->len; room++)
        {
          g_autofree char *out = g_malloc (MAX (room, 1));
          size_t size = 99;

          g_assert_cmpint (kinds[i].write (&header, out, room, &size), ==,
                           room < line->len ? PT_NO_SPACE : PT_OK);
          g_assert_cmpuint (size, ==, room < line->len ? 0 : line->len);
        }
    }
}

/* Where the lines are in a file, its beginning and its end. */
static void
test_ends (void)
{
  static const struct
  {
    const char *text, *first, *last; /* NULL: there is none */
  } cases[] = {
    { "", NULL, NULL },    { "a", NULL, NULL },
    { "\n", "", NULL },    { "a\n", "a", NULL },
    { "a\nb", "a", NULL }, { "a\nb\n", "a", "b" },
    { "\n\n", "", "" },    { "a\nbb\nccc\n", "a", "ccc" },
    { "a\n\n", "a", "" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      PtSpan line;

      g_assert_cmpint (pt_batch_first_line (pt_text (cases[i].text), &line), ==,
                       cases[i].first != NULL);
      g_assert_true (cases[i].first == NULL || pt_span_is (line, cases[i].first));
      g_assert_cmpint (pt_batch_last_line (pt_text (cases[i].text), &line), ==,
                       cases[i].last != NULL);
      g_assert_true (cases[i].last == NULL || pt_span_is (line, cases[i].last));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/batch-header/members", test_members);
  g_test_add_func ("/batch-header/foreign-members", test_foreign_members);
  g_test_add_func ("/batch-header/every-byte", test_every_byte);
  g_test_add_func ("/batch-header/cut", test_cut);
  g_test_add_func ("/batch-header/first-bounds", test_first_bounds);
  g_test_add_func ("/batch-header/last-bounds", test_last_bounds);
  g_test_add_func ("/batch-header/long-frontiers", test_long_frontiers);
  g_test_add_func ("/batch-header/no-space", test_no_space);
  g_test_add_func ("/batch-header/ends", test_ends);
  return g_test_run ();
}
