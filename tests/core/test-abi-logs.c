/* SPDX-License-Identifier: Apache-2.0 */

/* Logs and answers of the contract, word by word: what a node, or who stands between, could send
 * instead of the one encoding. */

#include "pt-abi-words.h"
#include "pt-ethereum-key.h"
#include "pt-members.h"
#include "pt-vectors.h"

#define PERMUTE pt_keccak_permutation_nettle
#define WORDS_MAX 13 /* of the longest log, and two that are too much */

/* A log or an answer: its topics after the first, its words, and what reads it. */
typedef struct
{
  const char *name;
  size_t topics, words;
  void (*make) (PtHash topics[2], uint8_t data[WORDS_MAX * WORD]);
  PtResult (*parse) (const PtHash *topics, size_t topic_count, const uint8_t *data, size_t size,
                     void *out);
  size_t out_size;
} Kind;

static void
make_anchored (PtHash topics[2], uint8_t data[WORDS_MAX * WORD])
{
  const PtHash digest = pt_numbered_leaf (9);
  PtCheckpoint checkpoint = { .size = 43, .from = 1000, .to = 2000 };

  pt_cid_make (PT_CODEC_DAG_PB, &digest, &checkpoint.cid);
  memset (checkpoint.root.bytes, 0x5a, WORD);
  pt_put_area (&topics[0], "demo-east");
  pt_put_word (topics[1].bytes, 0, 3);
  pt_put_anchored (&checkpoint, data);
}

static void
make_registered (PtHash topics[2], uint8_t data[WORDS_MAX * WORD])
{
  pt_put_area (&topics[0], "demo-east");
  pt_put_registered (data);
}

static void
make_latest (PtHash topics[2], uint8_t data[WORDS_MAX * WORD])
{
  pt_put_word (data, 0, 3);
  pt_put_word (data, 1, 43);
  pt_put_word (data, 2, 2000);
  memset (data + 3 * WORD, 0x5a, WORD);
}

static PtResult
parse_anchored (const PtHash *topics, size_t topic_count, const uint8_t *data, size_t size,
                void *out)
{
  return pt_abi_anchored_parse (topics, topic_count, data, size, out);
}

static PtResult
parse_registered (const PtHash *topics, size_t topic_count, const uint8_t *data, size_t size,
                  void *out)
{
  return pt_abi_area_registered_parse (topics, topic_count, data, size, out);
}

static PtResult
parse_latest (const PtHash *topics, size_t topic_count, const uint8_t *data, size_t size, void *out)
{
  return pt_abi_latest_parse (data, size, out);
}

static const Kind anchored
    = { "anchored", 2, 8, make_anchored, parse_anchored, sizeof (PtCheckpoint) };
static const Kind registered
    = { "registered", 1, 11, make_registered, parse_registered, sizeof (PtAreaRegistered) };
static const Kind latest = { "latest", 0, 4, make_latest, parse_latest, sizeof (PtCheckpoint) };
static const Kind *const kinds[] = { &anchored, &registered, &latest };

/* Everything in memory that ends where it ends; a refusal leaves zeros. */
static PtResult
parse (const Kind *kind, const PtHash *topics, size_t topic_count, const uint8_t *data, size_t size)
{
  g_autofree uint8_t *copy = (uint8_t *) pt_tight_copy (data, size);
  g_autofree PtHash *topic_copy
      = (PtHash *) (void *) pt_tight_copy (topics, topic_count * sizeof *topics);
  g_autofree uint8_t *out = g_malloc (kind->out_size);
  PtResult result;

  memset (out, 0xee, kind->out_size);
  result = kind->parse (topic_copy, topic_count, copy, size, out);
  for (size_t i = 0; result != PT_OK && i < kind->out_size; i++)
    g_assert_cmpuint (out[i], ==, 0);
  return result;
}

typedef struct
{
  PtHash topics[2];
  uint8_t data[WORDS_MAX * WORD];
} Log;

static Log
make_log (const Kind *kind)
{
  Log log;

  memset (&log, 0, sizeof log);
  kind->make (log.topics, log.data);
  return log;
}

static PtResult
parse_log (const Kind *kind, const Log *log)
{
  return parse (kind, log->topics, kind->topics, log->data, kind->words * WORD);
}

/* Any number of bytes but the right one, whatever number of topics but the right one. */
static void
test_lengths (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      const Kind *kind = kinds[i];
      Log log = make_log (kind);

      for (size_t size = 0; size <= sizeof log.data; size++)
        g_assert_cmpint (parse (kind, log.topics, kind->topics, log.data, size), ==,
                         size == kind->words * WORD ? PT_OK : PT_MALFORMED);
      for (size_t topics = 0; topics <= 2 && kind != &latest; topics++)
        g_assert_cmpint (parse (kind, log.topics, topics, log.data, kind->words * WORD), ==,
                         topics == kind->topics ? PT_OK : PT_MALFORMED);
    }
}

typedef struct
{
  const Kind *kind;
  size_t word;
  uint64_t value;
} Number;

/* Offsets that point back, over each other, past the end, at another word's middle; lengths that
 * are too short, too long, over the end. */
static void
test_offsets_and_lengths (void)
{
  static const Number numbers[] = {
    { &anchored, 4, 0 },
    { &anchored, 4, 32 },
    { &anchored, 4, 4 * WORD },
    { &anchored, 4, 5 * WORD - 1 },
    { &anchored, 4, 5 * WORD + 1 },
    { &anchored, 4, 6 * WORD },
    { &anchored, 4, 8 * WORD },
    { &anchored, 4, UINT32_MAX },
    { &anchored, 4, UINT64_MAX },
    { &anchored, 4, UINT64_MAX - WORD + 1 },
    { &anchored, 5, 0 },
    { &anchored, 5, PT_CID_SIZE - 1 },
    { &anchored, 5, PT_CID_SIZE + 1 },
    { &anchored, 5, 2 * WORD },
    { &anchored, 5, 2 * WORD + 1 },
    { &anchored, 5, UINT64_MAX },
    { &registered, 0, 0 },
    { &registered, 0, 2 * WORD },
    { &registered, 0, 7 * WORD }, /* both keys are the second one */
    { &registered, 0, 11 * WORD },
    { &registered, 0, UINT64_MAX },
    { &registered, 1, 0 },
    { &registered, 1, 3 * WORD }, /* both keys are the first one */
    { &registered, 1, 6 * WORD },
    { &registered, 1, 7 * WORD + 1 },
    { &registered, 1, UINT64_MAX },
    { &registered, 3, 0 },
    { &registered, 3, PT_PUBLIC_KEY_SIZE - 1 },
    { &registered, 3, PT_PUBLIC_KEY_SIZE + 1 },
    { &registered, 3, 33 }, /* a compressed key */
    { &registered, 3, UINT64_MAX },
    { &registered, 7, 0 },
    { &registered, 7, 64 },
    { &registered, 7, 96 },
    { &registered, 7, UINT64_MAX },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      Log log = make_log (numbers[i].kind);

      g_test_message ("%s word %zu: %" G_GUINT64_FORMAT, numbers[i].kind->name, numbers[i].word,
                      numbers[i].value);
      pt_put_word (log.data, numbers[i].word, numbers[i].value);
      g_assert_cmpint (parse_log (numbers[i].kind, &log), ==, PT_MALFORMED);
    }
}

typedef struct
{
  const Kind *kind;
  size_t from, to; /* bytes that must be zero */
} Padding;

/* Every byte of padding, with every bit alone: before numbers and addresses, after bytes. */
static void
test_dirty_padding (void)
{
  static const Padding paddings[] = {
    { &anchored, 0, 24 },
    { &anchored, WORD, WORD + 24 },
    { &anchored, 2 * WORD, 2 * WORD + 24 },
    { &anchored, 4 * WORD, 4 * WORD + 31 },
    { &anchored, 5 * WORD, 5 * WORD + 31 },
    { &anchored, 6 * WORD + PT_CID_SIZE, 8 * WORD },
    { &registered, 0, 31 },
    { &registered, WORD, WORD + 31 },
    { &registered, 2 * WORD, 2 * WORD + 12 },
    { &registered, 3 * WORD, 3 * WORD + 31 },
    { &registered, 4 * WORD + PT_PUBLIC_KEY_SIZE, 7 * WORD },
    { &registered, 8 * WORD + PT_PUBLIC_KEY_SIZE, 11 * WORD },
    { &latest, 0, 24 },
    { &latest, WORD, WORD + 24 },
    { &latest, 2 * WORD, 2 * WORD + 24 },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (paddings); i++)
    for (size_t at = paddings[i].from; at < paddings[i].to; at++)
      for (int bit = 0; bit < 8; bit++)
        {
          Log log = make_log (paddings[i].kind);

          log.data[at] = (uint8_t) (1 << bit);
          g_assert_cmpint (parse_log (paddings[i].kind, &log), ==, PT_MALFORMED);
        }
}

/* Two words exchanged: another log where both mean the same kind of thing, none elsewhere. */
static void
test_exchanged_words (void)
{
  for (size_t i = 0; i < 2; i++)
    for (size_t a = 0; a < kinds[i]->words; a++)
      for (size_t b = a + 1; b < kinds[i]->words; b++)
        {
          Log log = make_log (kinds[i]), good = log;
          bool numbers = kinds[i] == &anchored && b < 3;
          bool same = memcmp (log.data + a * WORD, log.data + b * WORD, WORD) == 0;
          bool keys = kinds[i] == &registered && (a == 4 || a == 5 || a == 8 || a == 9)
                      && (b == 5 || b == 8 || b == 9); /* whole words of the keys */

          keys = keys || (kinds[i] == &registered && a == 6 && b == 10);
          memcpy (log.data + a * WORD, good.data + b * WORD, WORD);
          memcpy (log.data + b * WORD, good.data + a * WORD, WORD);
          g_assert_cmpint (parse_log (kinds[i], &log) == PT_OK, ==, numbers || same || keys);
        }
}

/* The indexed area and batch: nothing but an area's id, and a number of 64 bits. */
static void
test_topics (void)
{
  static const char *const areas[] = { "", "-a", "A", "a b", "a_b", "a.b", "\xc3\xa9", "a\n" };

  for (size_t i = 0; i < 2 * G_N_ELEMENTS (areas); i++)
    {
      Log log = make_log (kinds[i % 2]);
      const char *area = areas[i / 2];

      memset (&log.topics[0], 0, sizeof log.topics[0]);
      memcpy (log.topics[0].bytes, area, strlen (area));
      g_assert_cmpint (parse_log (kinds[i % 2], &log), ==, PT_MALFORMED);
    }
  for (size_t at = 9; at < WORD; at++)
    {
      Log log = make_log (&anchored);

      log.topics[0].bytes[at] = 'x'; /* after the padding began, but for the next character */
      g_assert_cmpint (parse_log (&anchored, &log), ==, at == 9 ? PT_OK : PT_MALFORMED);
      log = make_log (&anchored);
      log.topics[1].bytes[at - 9] = 1;
      g_assert_cmpint (parse_log (&anchored, &log), ==, at - 9 < 24 ? PT_MALFORMED : PT_OK);
    }
}

/* A CID in every form but ours. */
static void
test_cids (void)
{
  for (size_t at = 0; at < 4; at++)
    for (int byte = 0; byte < 256; byte++)
      {
        Log log = make_log (&anchored);
        uint8_t good = log.data[6 * WORD + at];
        bool ours = byte == good || (at == 1 && byte == PT_CODEC_RAW);

        log.data[6 * WORD + at] = (uint8_t) byte;
        g_assert_cmpint (parse_log (&anchored, &log), ==, ours ? PT_OK : PT_BAD_CID);
      }
}

/* Calls into every room that is too small, in memory that ends there. */
static void
test_no_space (void)
{
  const uint8_t key[PT_PUBLIC_KEY_SIZE] = { 4 }, address[20] = { 1 };
  const size_t needed[] = { 4 + WORD, 4 + 12 * WORD, pt_abi_anchor_size (2) };
  PtCheckpoint checkpoints[2] = { { .area = "a" }, { .area = "b" } };

  for (size_t call = 0; call < G_N_ELEMENTS (needed); call++)
    for (size_t room = 0; room <= needed[call]; room++)
      {
        g_autofree uint8_t *out = g_malloc (MAX (room, 1));
        size_t size = 99;
        PtResult result
            = call == 0   ? pt_abi_latest (PERMUTE, "a", out, room, &size)
              : call == 1 ? pt_abi_register_area (PERMUTE, "a", key, key, address, out, room, &size)
                          : pt_abi_anchor (PERMUTE, checkpoints, 2, out, room, &size);

        g_assert_cmpint (result, ==, room < needed[call] ? PT_NO_SPACE : PT_OK);
        g_assert_cmpuint (size, ==, room < needed[call] ? 0 : needed[call]);
      }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/abi-logs/lengths", test_lengths);
  g_test_add_func ("/abi-logs/offsets-and-lengths", test_offsets_and_lengths);
  g_test_add_func ("/abi-logs/dirty-padding", test_dirty_padding);
  g_test_add_func ("/abi-logs/exchanged-words", test_exchanged_words);
  g_test_add_func ("/abi-logs/topics", test_topics);
  g_test_add_func ("/abi-logs/cids", test_cids);
  g_test_add_func ("/abi-logs/no-space", test_no_space);
  return g_test_run ();
}
