/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-event-reader.h"

#include <string.h>

#include "pt-error.h"

/* Examples of WHATWG HTML section 9.2.6, and every way to cut them. */

static void
note (const PtEvent *event, gpointer data)
{
  g_string_append_printf (data, "[%s|%s|%s]", event->type, event->data, event->id);
  g_assert_cmpuint (strlen (event->data), ==, event->size);
}

static char *
read_in_pieces (const char *text, gsize size, gsize piece)
{
  GString *seen = g_string_new (NULL);
  g_autoptr (PtEventReader) reader = pt_event_reader_new (note, seen);

  for (gsize at = 0; at < size; at += piece)
    g_assert_true (pt_event_reader_feed (reader, text + at, MIN (piece, size - at), NULL));
  return g_string_free (seen, FALSE);
}

static const struct
{
  const char *text, *seen;
} cases[] = {
  { "", "" },
  { "data: a\n\n", "[message|a|]" },
  { "data: a\r\n\r\n", "[message|a|]" },
  { "data: a\r\rdata: b\r\r", "[message|a|][message|b|]" },
  { "data: a\r\n\ndata: b\n\r\n", "[message|a|][message|b|]" },
  { "data: a", "" },
  { "data: a\n", "" },
  { "data: a\ndata: b\n\n", "[message|a\nb|]" },
  { "data\n\n", "[message||]" },
  { "data\ndata\n\n", "[message|\n|]" },
  { "data:test\n\ndata: test\n\n", "[message|test|][message|test|]" },
  { "data:  two spaces\n\n", "[message| two spaces|]" },
  { ": comment\n\ndata: a\n:\n\n", "[message|a|]" },
  { "event: sites\ndata: {}\n\n", "[sites|{}|]" },
  { "event: lost\n\ndata: a\n\n", "[message|a|]" },
  { "id: 7\ndata: a\n\ndata: b\n\nid\ndata: c\n\n", "[message|a|7][message|b|7][message|c|]" },
  { "unknown: x\ndata: a\nDATA: b\n\n", "[message|a|]" },
  { "\xef\xbb\xbf"
    "data: a\n\n",
    "[message|a|]" },
  { "data: a\n\n\xef\xbb\xbf"
    "data: b\n\n",
    "[message|a|]" },
  { "\n\n\r\r\n\r\n", "" },
  { "retry: 1000\n: welcome\n\nevent:x\ndata:y:z\n\n", "[x|y:z|]" },
};

static void
test_cases (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    for (gsize piece = 1; piece <= strlen (cases[i].text) + 1; piece++)
      {
        g_autofree char *seen = read_in_pieces (cases[i].text, strlen (cases[i].text), piece);

        g_assert_cmpstr (seen, ==, cases[i].seen);
      }
}

static void
test_nul (void)
{
  static const char text[] = "id: a\0b\ndata: x\n\n";
  g_autofree char *seen = read_in_pieces (text, sizeof text - 1, 3);

  g_assert_cmpstr (seen, ==, "[message|x|]");
}

static void
test_retry (void)
{
  static const struct
  {
    const char *text;
    gint64 retry;
  } rows[] = { { "retry: 1500\n", 1500 },
               { "retry: 1.5\n", -1 },
               { "retry:\n", -1 },
               { "retry: -1\n", -1 },
               { "retry: 99999999999999999999999999\n", G_MAXINT } };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GString) seen = g_string_new (NULL);
      g_autoptr (PtEventReader) reader = pt_event_reader_new (note, seen);

      pt_event_reader_feed (reader, rows[i].text, strlen (rows[i].text), NULL);
      g_assert_cmpint (pt_event_reader_retry (reader), ==, rows[i].retry);
    }
}

static void
count (const PtEvent *event, gpointer data)
{
  *(gsize *) data += event->size;
}

/* @lines of 1 MiB; a line may be one of several of an event, or without an end. */
static gboolean
feed_large (guint mebibytes, const char *between, gsize *seen, GError **error)
{
  g_autoptr (PtEventReader) reader = pt_event_reader_new (count, seen);
  g_autofree char *block = g_malloc (1024 * 1024 + 64);
  gsize size = 1024 * 1024;

  memset (block, 'x', size);
  if (between[0] != '\0')
    memcpy (block, between, strlen (between));
  if (!pt_event_reader_feed (reader, "data: ", 6, error))
    return FALSE;
  for (guint i = 0; i < mebibytes; i++)
    if (!pt_event_reader_feed (reader, block, size, error))
      {
        /* It stays broken. */
        g_assert_false (pt_event_reader_feed (reader, "\n\n", 2, NULL));
        return FALSE;
      }
  return pt_event_reader_feed (reader, "\n\n", 2, error);
}

static void
test_bounds (void)
{
  g_autoptr (GError) line = NULL, event = NULL, fits = NULL;
  gsize seen = 0;

  g_assert_true (feed_large (31, "", &seen, &fits));
  g_assert_no_error (fits);
  g_assert_cmpuint (seen, ==, 31 * 1024 * 1024);
  g_assert_false (feed_large (33, "", &seen, &line));
  g_assert_error (line, PT_ERROR, PT_ERROR_TOO_LARGE);
  g_assert_false (feed_large (34, "\ndata: ", &seen, &event));
  g_assert_error (event, PT_ERROR, PT_ERROR_TOO_LARGE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/event-reader/cases", test_cases);
  g_test_add_func ("/event-reader/nul", test_nul);
  g_test_add_func ("/event-reader/retry", test_retry);
  g_test_add_func ("/event-reader/bounds", test_bounds);
  return g_test_run ();
}
