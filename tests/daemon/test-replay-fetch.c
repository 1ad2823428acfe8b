/* SPDX-License-Identifier: Apache-2.0 */
/* A batch's file out of our own blocks or a gateway's: what comes is what the CID names. */
#include "pt-replay-fetch.h"

#include <string.h>

#include "common/pt-scripted-server.h"
#include "common/pt-test.h"
#include "pt-error.h"

#define CONTENT "what a batch's file says\n"
#define SIZE (sizeof CONTENT - 1)

typedef struct
{
  char *directory;
  PtBlockStore *blocks;
  PtCid cid;
  char cid_text[PT_CID_TEXT_SIZE + 1];
  PtScriptedServer good, other, nothing;
} Fixture;

static char *
block_path (Fixture *fixture)
{
  g_autofree char *folder = g_strdup_printf ("%02x", fixture->cid.bytes[PT_CID_SIZE - 1]);

  return g_build_filename (fixture->directory, "blocks", folder, fixture->cid_text, NULL);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (PtBlockWriter) writer = NULL;
  g_autoptr (GError) error = NULL;

  fixture->directory = g_dir_make_tmp ("pt-fetch-XXXXXX", &error);
  fixture->blocks = pt_block_store_new (fixture->directory, &error);
  writer = pt_block_store_writer_new (fixture->blocks, &error);
  pt_block_store_writer_write (writer, CONTENT, SIZE, &error);
  pt_block_store_writer_finish (writer, PT_BLOCKS_DURABLE, &fixture->cid, NULL, &error);
  g_assert_no_error (error);
  pt_cid_to_text (&fixture->cid, fixture->cid_text);
  pt_scripted_start (&fixture->good);
  pt_scripted_set_body (&fixture->good, "200 OK", "application/vnd.ipld.raw", CONTENT);
  pt_scripted_start (&fixture->other);
  pt_scripted_set_body (&fixture->other, "200 OK", "application/vnd.ipld.raw", "something else");
  pt_scripted_start (&fixture->nothing);
  pt_scripted_set_body (&fixture->nothing, "404 Not Found", "text/plain", "no");
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  pt_block_store_unref (fixture->blocks);
  pt_test_remove_tree (fixture->directory);
  g_free (fixture->directory);
}

static void
set_block (Fixture *fixture, const char *content)
{
  g_autofree char *path = block_path (fixture);

  if (content == NULL)
    g_assert_cmpint (g_remove (path), ==, 0);
  else
    g_assert_true (g_file_set_contents (path, content, -1, NULL));
}

static gboolean
is_whole (Fixture *fixture)
{
  g_autofree char *path = block_path (fixture);
  g_autofree char *content = NULL;

  return g_file_get_contents (path, &content, NULL, NULL) && strcmp (content, CONTENT) == 0;
}

/* What of it is here, who is asked, and what comes of that. A letter a gateway: dead, nothing,
 * other, good. */
static const struct
{
  const char *name, *here, *gateways;
  guint64 most;
  gboolean stopped, comes;
  gint good_asked;
} cases[] = {
  { "whole", CONTENT, "dnog", SIZE, FALSE, TRUE, 0 },
  { "whole-without-gateways", CONTENT, "", SIZE, FALSE, TRUE, 0 },
  { "missing", NULL, "dnog", SIZE, FALSE, TRUE, 1 },
  { "missing-without-gateways", NULL, "", SIZE, FALSE, FALSE, 0 },
  { "nobody-has-it", NULL, "ndo", SIZE, FALSE, FALSE, 0 },
  { "spoilt", "spoilt", "og", SIZE, FALSE, TRUE, 1 },
  { "spoilt-in-its-length", "what a batch's file SAYS\n", "g", SIZE, FALSE, TRUE, 1 },
  { "spoilt-for-good", "spoilt", "o", SIZE, FALSE, FALSE, 0 },
  { "too-long", NULL, "g", SIZE - 1, FALSE, FALSE, 1 },
  { "given-up", NULL, "g", SIZE, TRUE, FALSE, 0 },
};

static char **
make_gateways (Fixture *fixture, const char *letters)
{
  GPtrArray *urls = g_ptr_array_new ();

  for (; *letters != '\0'; letters++)
    g_ptr_array_add (urls, g_strdup (*letters == 'd'   ? "http://127.0.0.1:9"
                                     : *letters == 'n' ? fixture->nothing.url
                                     : *letters == 'o' ? fixture->other.url
                                                       : fixture->good.url));
  g_ptr_array_add (urls, NULL);
  return (char **) g_ptr_array_free (urls, FALSE);
}

/* The sentence says what is wanted, and names everybody who was asked. */
static void
assert_sentence (Fixture *fixture, const GError *error, char **gateways)
{
  g_assert_error (error, PT_ERROR, PT_ERROR_RETRY);
  g_assert_nonnull (strstr (error->message, fixture->cid_text));
  for (guint i = 0; gateways[i] != NULL; i++)
    g_assert_nonnull (strstr (error->message, gateways[i]));
}

static void
test_case (Fixture *fixture, gconstpointer data)
{
  const gsize at = GPOINTER_TO_SIZE (data);
  g_auto (GStrv) gateways = make_gateways (fixture, cases[at].gateways);
  g_autoptr (GError) error = NULL;
  gint stopped = cases[at].stopped;
  gboolean came;

  set_block (fixture, cases[at].here);
  came = pt_replay_fetch (fixture->blocks, (const char *const *) gateways, &fixture->cid,
                          cases[at].most, &stopped, &error);
  g_assert_cmpint (came, ==, cases[at].comes);
  if (came)
    g_assert_no_error (error);
  else
    assert_sentence (fixture, error, gateways);
  g_assert_cmpint (is_whole (fixture), ==, cases[at].comes);
  g_assert_cmpint (g_atomic_int_get (&fixture->good.connections), ==, cases[at].good_asked);
}

static void
test_gateways (void)
{
  static const struct
  {
    const char *text, *wanted;
  } texts[] = {
    { NULL, "" },
    { "", "" },
    { "http://a", "http://a" },
    { " http://a/ ;http://b:1//", "http://a http://b:1" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_auto (GStrv) parts = pt_replay_gateways (texts[i].text);
      g_autofree char *joined = g_strjoinv (" ", parts);

      g_assert_cmpstr (joined, ==, texts[i].wanted);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/replay-fetch/gateways", test_gateways);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *name = g_strconcat ("/replay-fetch/", cases[i].name, NULL);

      g_test_add (name, Fixture, GSIZE_TO_POINTER (i), set_up, test_case, tear_down);
    }
  return g_test_run ();
}
