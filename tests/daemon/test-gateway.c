/* SPDX-License-Identifier: Apache-2.0 */
#include <json-glib/json-glib.h>
#include <string.h>

#include "common/pt-test.h"
#include "pt-gateway.h"
#include "pt-server-fixture.h"

#define LARGE ((gsize) (3 * PT_UNIXFS_CHUNK_SIZE + 12345))

typedef struct
{
  PtServerFixture http;
  char *directory;
  PtBlockStore *store;
  guint8 *content;
  PtCid small, large;
} Fixture;

static void
write_file (Fixture *fixture, gsize size, PtCid *cid)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PtBlockWriter) writer = pt_block_store_writer_new (fixture->store, &error);

  pt_block_store_writer_write (writer, fixture->content, size, &error);
  pt_block_store_writer_finish (writer, PT_BLOCKS_DURABLE, cid, NULL, &error);
  g_assert_no_error (error);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  fixture->directory = g_dir_make_tmp ("pt-gateway-XXXXXX", &error);
  fixture->store = pt_block_store_new (fixture->directory, &error);
  g_assert_no_error (error);
  fixture->content = g_malloc (LARGE);
  for (gsize i = 0; i < LARGE; i++)
    fixture->content[i] = (guint8) (i * 31 + (i >> 8) * 7 + (i >> 16));
  write_file (fixture, 1000, &fixture->small);
  write_file (fixture, LARGE, &fixture->large);
  pt_server_fixture_begin (&fixture->http, NULL);
  pt_server_add_routes (fixture->http.server, pt_gateway_routes, fixture->store);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  pt_server_fixture_end (&fixture->http);
  pt_block_store_unref (fixture->store);
  pt_test_remove_tree (fixture->directory);
  g_free (fixture->directory);
  g_free (fixture->content);
}

static PtAnswered
ask (Fixture *fixture, const char *method, const char *path, const char *const *headers)
{
  return pt_server_fixture_ask (&fixture->http, method, path, headers);
}

static char *
path_of (const PtCid *cid, const char *query)
{
  char text[PT_CID_TEXT_SIZE + 1];

  pt_cid_to_text (cid, text);
  return g_strdup_printf ("/ipfs/%s%s", text, query);
}

static void
assert_body (const PtAnswered *answer, guint status, const void *data, gsize size)
{
  g_assert_no_error (answer->error);
  g_assert_cmpuint (answer->status, ==, status);
  g_assert_cmpmem (g_bytes_get_data (answer->body, NULL), g_bytes_get_size (answer->body), data,
                   size);
}

static void
test_file (Fixture *fixture, gconstpointer data)
{
  const struct
  {
    const PtCid *cid;
    gsize size;
  } files[] = { { &fixture->small, 1000 }, { &fixture->large, LARGE } };

  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path = path_of (files[i].cid, "");
      g_autofree char *etag = g_strdup_printf ("\"%s\"", path + strlen ("/ipfs/"));
      g_autofree char *length = g_strdup_printf ("%" G_GSIZE_FORMAT, files[i].size);
      const char *const cached[] = { "If-None-Match", etag, NULL };
      g_auto (PtAnswered) answer = ask (fixture, "GET", path, NULL);
      g_auto (PtAnswered) head = { 0 };
      g_auto (PtAnswered) same = { 0 };

      assert_body (&answer, 200, fixture->content, files[i].size);
      g_assert_cmpstr (pt_answered_header (&answer, "ETag"), ==, etag);
      g_assert_cmpstr (pt_answered_header (&answer, "X-Ipfs-Path"), ==, path);
      g_assert_cmpstr (pt_answered_header (&answer, "Content-Type"), ==, "application/json");
      g_assert_cmpstr (pt_answered_header (&answer, "X-Content-Type-Options"), ==, "nosniff");
      g_assert_cmpstr (pt_answered_header (&answer, "Content-Length"), ==, length);
      g_assert_nonnull (strstr (pt_answered_header (&answer, "Cache-Control"), "immutable"));

      head = ask (fixture, "HEAD", path, NULL);
      assert_body (&head, 200, "", 0);
      g_assert_cmpstr (pt_answered_header (&head, "Content-Length"), ==, length);

      same = ask (fixture, "GET", path, cached);
      assert_body (&same, 304, "", 0);
    }
}

static void
test_ranges (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *range;
    guint status;
    gsize from, to;
  } cases[] = {
    { "bytes=0-0", 206, 0, 1 },
    { "bytes=5-9", 206, 5, 10 },
    { "bytes=1048570-1048590", 206, 1048570, 1048591 },
    { "bytes=1000-", 206, 1000, LARGE },
    { "bytes=-7", 206, LARGE - 7, LARGE },
    { "bytes=-99999999", 206, 0, LARGE },
    { "bytes=3000000-99999999", 206, 3000000, LARGE },
    { "bytes=5-4", 200, 0, LARGE },
    { "bytes=0-1,4-5", 200, 0, LARGE },
    { "bytes=x-", 200, 0, LARGE },
    { "bytes=-", 200, 0, LARGE },
    { "lines=1-2", 200, 0, LARGE },
    { "bytes=99999999-", 416, 0, 0 },
    { "bytes=-0", 416, 0, 0 },
  };
  g_autofree char *path = path_of (&fixture->large, "");

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const char *const headers[] = { "Range", cases[i].range, NULL };
      g_auto (PtAnswered) answer = ask (fixture, "GET", path, headers);
      g_autofree char *expected = NULL;

      if (cases[i].status == 416)
        {
          g_assert_cmpuint (answer.status, ==, 416);
          g_assert_nonnull (strstr (pt_answered_header (&answer, "Content-Type"), "problem+json"));
          continue;
        }
      assert_body (&answer, cases[i].status, fixture->content + cases[i].from,
                   cases[i].to - cases[i].from);
      expected = g_strdup_printf ("bytes %" G_GSIZE_FORMAT "-%" G_GSIZE_FORMAT "/%" G_GSIZE_FORMAT,
                                  cases[i].from, cases[i].to - 1, LARGE);
      if (cases[i].status == 206)
        g_assert_cmpstr (pt_answered_header (&answer, "Content-Range"), ==, expected);
    }
}

static void
test_raw (Fixture *fixture, gconstpointer data)
{
  static const char *const accept[] = { "Accept", "application/vnd.ipld.raw", NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) block = pt_block_store_read (fixture->store, &fixture->large, &error);
  g_autofree char *plain = path_of (&fixture->large, "");
  g_autofree char *query = path_of (&fixture->large, "?format=raw");
  g_auto (PtAnswered) first = ask (fixture, "GET", query, NULL);
  g_auto (PtAnswered) second = { 0 };
  g_auto (PtAnswered) head = { 0 };

  assert_body (&first, 200, g_bytes_get_data (block, NULL), g_bytes_get_size (block));
  g_assert_cmpstr (pt_answered_header (&first, "Content-Type"), ==, "application/vnd.ipld.raw");
  second = ask (fixture, "GET", plain, accept);
  assert_body (&second, 200, g_bytes_get_data (block, NULL), g_bytes_get_size (block));
  head = ask (fixture, "HEAD", query, NULL);
  assert_body (&head, 200, "", 0);
}

static void
test_car (Fixture *fixture, gconstpointer data)
{
  g_autofree char *query = path_of (&fixture->large, "?format=car");
  g_auto (PtAnswered) answer = ask (fixture, "GET", query, NULL);
  gsize size;
  const guint8 *bytes;

  g_assert_no_error (answer.error);
  g_assert_cmpuint (answer.status, ==, 200);
  g_assert_true (g_str_has_prefix (pt_answered_header (&answer, "Content-Type"),
                                   "application/vnd.ipld.car; version=1"));
  bytes = g_bytes_get_data (answer.body, &size);
  g_assert_cmpuint (size, >, LARGE + 59);
  g_assert_cmpuint (bytes[0], ==, 58);
  g_assert_cmpmem (bytes + 14, PT_CID_SIZE, fixture->large.bytes, PT_CID_SIZE);
  /* The last section is the last leaf: its bytes end the stream. */
  g_assert_cmpmem (bytes + size - 12345, 12345, fixture->content + LARGE - 12345, 12345);
}

static void
assert_problem (const PtAnswered *answer, guint status, const char *slug)
{
  g_autofree char *type = g_strdup_printf ("\"type\":\"%s\"", slug);

  g_assert_no_error (answer->error);
  g_assert_cmpuint (answer->status, ==, status);
  g_assert_cmpstr (pt_answered_header (answer, "Content-Type"), ==, "application/problem+json");
  g_assert_nonnull (strstr (answer->text, type));
}

static void
test_problems (Fixture *fixture, gconstpointer data)
{
  static const char *const malformed[]
      = { "/ipfs/",
          "/ipfs",
          "/ipfs/nonsense",
          "/ipfs/QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG",
          "/ipfs/bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku/path",
          "/ipfs/bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku?format=zip" };
  static const char *const queries[] = { "", "?format=raw", "?format=car" };
  g_auto (PtAnswered) last = { 0 };
  PtCid missing;
  g_autofree char *file = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (malformed); i++)
    {
      g_auto (PtAnswered) answer = ask (fixture, "GET", malformed[i], NULL);

      assert_problem (&answer, 400, "malformed");
    }
  missing = fixture->large;
  missing.bytes[9] ^= 1;
  for (guint i = 0; i < G_N_ELEMENTS (queries); i++)
    {
      g_autofree char *path = path_of (&missing, queries[i]);
      g_auto (PtAnswered) answer = ask (fixture, "GET", path, NULL);

      assert_problem (&answer, 404, "not-found");
    }
  file = path_of (&fixture->small, "");
  last = ask (fixture, "DELETE", file, NULL);
  assert_problem (&last, 405, "wrong-method");
}

/* What was asked may stand in the sentence, which is JSON whatever it was. */
static void
test_strange_words (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *query, *said;
  } rows[] = {
    { "?format=z%C3%BCrich%20%E2%9A%A1", "\\\"z\303\274rich \342\232\241\\\"" },
    { "?format=%22%5C%0A%01", "\\\"\\\"\\\\" },
    { "?format=%FF%FEx", "\\\"\357\277\275\357\277\275x\\\"" },
    { "?format=", "\\\"\\\"" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *path = path_of (&fixture->small, rows[i].query);
      g_auto (PtAnswered) answer = ask (fixture, "GET", path, NULL);
      g_autoptr (JsonParser) parser = json_parser_new ();

      g_test_message ("%s", rows[i].query);
      assert_problem (&answer, 400, "malformed");
      g_assert_true (g_utf8_validate (answer.text, -1, NULL));
      g_assert_true (json_parser_load_from_data (parser, answer.text, -1, NULL));
      g_assert_nonnull (strstr (answer.text, rows[i].said));
    }
}

/* Peers that go away in the middle cost nothing and hurt no one. */
static void
test_disconnect (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = path_of (&fixture->large, "");
  g_autoptr (GUri) uri
      = g_uri_parse (pt_server_url (fixture->http.server), SOUP_HTTP_URI_FLAGS, NULL);
  g_auto (PtAnswered) answer = { 0 };

  for (guint i = 0; i < 20; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GSocketClient) client = g_socket_client_new ();
      g_autoptr (GSocketConnection) connection = g_socket_client_connect_to_host (
          client, "127.0.0.1", (guint16) g_uri_get_port (uri), NULL, &error);
      g_autofree char *request = NULL;

      g_assert_no_error (error);
      request = g_strdup_printf ("GET %s HTTP/1.1\r\nHost: a\r\n\r\n", path);
      g_output_stream_write_all (g_io_stream_get_output_stream (G_IO_STREAM (connection)), request,
                                 strlen (request), NULL, NULL, &error);
      g_assert_no_error (error);
      for (guint rounds = 0; rounds < i; rounds++)
        g_main_context_iteration (NULL, FALSE);
      g_io_stream_close (G_IO_STREAM (connection), NULL, NULL);
    }
  answer = ask (fixture, "GET", path, NULL);
  assert_body (&answer, 200, fixture->content, LARGE);
}

/* A block that is lost behind the first piece: the connection breaks, the length is never met. */
static void
test_lost_block (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PtBlockWalk) walk = pt_block_store_walk (fixture->store, &fixture->large);
  char text[PT_CID_TEXT_SIZE + 1];
  PtCid cid;
  g_autofree char *name = NULL;
  g_autofree char *path = NULL;
  g_autofree char *car = NULL;
  g_auto (PtAnswered) answer = { 0 };
  g_auto (PtAnswered) archive = { 0 };

  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (GBytes) block = NULL;

      pt_block_walk_next (walk, &cid, &block, &error);
      g_assert_no_error (error);
    }
  pt_cid_to_text (&cid, text);
  name
      = g_strdup_printf ("%s/blocks/%02x/%s", fixture->directory, cid.bytes[PT_CID_SIZE - 1], text);
  g_assert_cmpint (g_remove (name), ==, 0);
  path = path_of (&fixture->large, "");
  car = path_of (&fixture->large, "?format=car");
  answer = ask (fixture, "GET", path, NULL);
  g_assert_true (answer.error != NULL || g_bytes_get_size (answer.body) < LARGE);
  archive = ask (fixture, "GET", car, NULL);
  assert_problem (&archive, 404, "not-found");
}

#define ADD(name, func) g_test_add ("/gateway/" name, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("file", test_file);
  ADD ("ranges", test_ranges);
  ADD ("raw", test_raw);
  ADD ("car", test_car);
  ADD ("problems", test_problems);
  ADD ("strange-words", test_strange_words);
  ADD ("disconnect", test_disconnect);
  ADD ("lost-block", test_lost_block);
  return g_test_run ();
}
