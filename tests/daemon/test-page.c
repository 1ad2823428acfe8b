/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-page.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "pt-error.h"
#include "pt-server-fixture.h"

#define HTML "<!doctype html>"

/* A page's folder, a server in the way of the daemon's, and who asks it. */
typedef struct
{
  PtServerFixture http;
  char *folder;
  PtPage *page;
} Fixture;

static char *
write_file (Fixture *fixture, const char *name, const char *content, gssize size)
{
  char *path = g_build_filename (fixture->folder, name, NULL);
  g_autofree char *parent = g_path_get_dirname (path);

  g_assert_cmpint (g_mkdir_with_parents (parent, 0700), ==, 0);
  g_assert_true (g_file_set_contents (path, content, size, NULL));
  return path;
}

static void
add_file (Fixture *fixture, const char *name, const char *content)
{
  g_free (write_file (fixture, name, content, -1));
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = g_dir_make_tmp ("pt-page-XXXXXX", NULL);
  add_file (fixture, "index.html", HTML);
  add_file (fixture, "index.html.gz", "packed");
  add_file (fixture, "assets/a-1.js", "1");
  add_file (fixture, "assets/a-1.css", "");
  add_file (fixture, "manifest.webmanifest", "{}");
  add_file (fixture, ".secret", "s");
  add_file (fixture, "assets/.git/config", "s");
}

static void
remove_all (const char *path)
{
  g_autoptr (GDir) directory
      = g_file_test (path, G_FILE_TEST_IS_SYMLINK) ? NULL : g_dir_open (path, 0, NULL);
  const char *name;

  while (directory != NULL && (name = g_dir_read_name (directory)) != NULL)
    {
      g_autofree char *below = g_build_filename (path, name, NULL);

      remove_all (below);
    }
  g_remove (path);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  if (fixture->http.server != NULL)
    pt_server_fixture_end (&fixture->http);
  g_clear_pointer (&fixture->page, pt_page_free);
  remove_all (fixture->folder);
  g_free (fixture->folder);
}

static void
serve (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;

  fixture->page = pt_page_new (fixture->folder, "https://t.example", "http://r.example:1", &error);
  g_assert_no_error (error);
  pt_server_fixture_begin (&fixture->http, NULL);
  pt_server_add_routes (fixture->http.server, pt_page_routes (fixture->page), fixture->page);
}

/* The answer's body as text; *@message has its head. */
static char *
ask (Fixture *fixture, const char *method, const char *path, const char *header, const char *value,
     SoupMessage **message)
{
  const char *const headers[] = { header, value, NULL };
  g_auto (PtAnswered) answered = pt_server_fixture_ask (&fixture->http, method, path, headers);

  g_assert_no_error (answered.error);
  *message = g_object_ref (answered.message);
  return g_steal_pointer (&answered.text);
}

static const char *
header_of (SoupMessage *message, const char *name)
{
  return soup_message_headers_get_list (soup_message_get_response_headers (message), name);
}

static void
test_html (Fixture *fixture, gconstpointer data)
{
  static const char *const paths[] = { "/", "/index.html" };

  serve (fixture);
  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      g_autoptr (SoupMessage) message = NULL;
      g_autofree char *body = ask (fixture, "GET", paths[i], NULL, NULL, &message);

      g_assert_cmpstr (body, ==, HTML);
      g_assert_cmpstr (header_of (message, "Content-Type"), ==, "text/html; charset=utf-8");
      g_assert_cmpstr (header_of (message, "Cache-Control"), ==, "no-cache");
      g_assert_cmpstr (header_of (message, "X-Content-Type-Options"), ==, "nosniff");
      g_assert_cmpstr (header_of (message, "Referrer-Policy"), ==, "no-referrer");
      g_assert_cmpstr (header_of (message, "Content-Security-Policy"), ==,
                       "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' "
                       "data: https://t.example; connect-src 'self' http://r.example:1; "
                       "manifest-src 'self'; base-uri 'none'; form-action 'none'; "
                       "frame-ancestors 'none'");
    }
}

static void
test_compressed (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *accepted, *body;
  } rows[] = { { "gzip", "packed" }, { "br, gzip, deflate", "packed" },
               { "br", HTML },       { "gzip;q=0", HTML },
               { "identity", HTML }, { "x-gzipped", HTML } };

  serve (fixture);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (SoupMessage) message = NULL, again = NULL;
      g_autofree char *body
          = ask (fixture, "GET", "/", "Accept-Encoding", rows[i].accepted, &message);
      gboolean packed = strcmp (rows[i].body, "packed") == 0;

      g_test_message ("%s", rows[i].accepted);
      g_assert_cmpstr (body, ==, rows[i].body);
      g_assert_cmpstr (header_of (message, "Content-Encoding"), ==, packed ? "gzip" : NULL);
      g_assert_cmpstr (header_of (message, "Vary"), ==, "Accept-Encoding");
    }
}

static void
test_known (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SoupMessage) first = NULL, second = NULL, other = NULL, head = NULL;
  g_autofree char *one = NULL, *two = NULL, *three = NULL, *four = NULL;

  serve (fixture);
  one = ask (fixture, "GET", "/assets/a-1.js", NULL, NULL, &first);
  g_assert_nonnull (strstr (header_of (first, "Cache-Control"), "immutable"));
  g_assert_cmpstr (header_of (first, "Content-Type"), ==, "text/javascript; charset=utf-8");
  two = ask (fixture, "GET", "/assets/a-1.js", "If-None-Match", header_of (first, "ETag"), &second);
  g_assert_cmpuint (soup_message_get_status (second), ==, 304);
  g_assert_cmpstr (two, ==, "");
  three = ask (fixture, "GET", "/assets/a-1.js", "If-None-Match", "\"x\"", &other);
  g_assert_cmpstr (three, ==, "1");
  four = ask (fixture, "HEAD", "/assets/a-1.js", NULL, NULL, &head);
  g_assert_cmpstr (four, ==, "");
  g_assert_cmpstr (header_of (head, "Content-Length"), ==, "1");
}

static void
test_exact (Fixture *fixture, gconstpointer data)
{
  static const char *const none[]
      = { "/assets",   "/assets/",  "/INDEX.HTML",  "/index.htm", "/.secret", "/assets/.git/config",
          "/link.txt", "/assets/x", "/index.html/", "/%2e%2e/x",  "/..%2fx",  "/a-1.js" };
  g_autofree char *link = g_build_filename (fixture->folder, "link.txt", NULL);
  g_autofree char *folder_link = g_build_filename (fixture->folder, "root", NULL);

  g_assert_cmpint (symlink ("/etc/passwd", link), ==, 0);
  g_assert_cmpint (symlink ("/", folder_link), ==, 0);
  serve (fixture);
  for (guint i = 0; i < G_N_ELEMENTS (none); i++)
    {
      g_autoptr (SoupMessage) message = NULL;
      g_autofree char *body = ask (fixture, "GET", none[i], NULL, NULL, &message);

      g_test_message ("%s", none[i]);
      /* libsoup itself refuses some. */
      if (soup_message_get_status (message) != 400)
        g_assert_cmpuint (soup_message_get_status (message), ==, 404);
      g_assert_null (strstr (body, HTML));
    }
}

static void
test_empty_file (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SoupMessage) message = NULL;
  g_autofree char *body = NULL;

  serve (fixture);
  body = ask (fixture, "GET", "/assets/a-1.css", NULL, NULL, &message);
  g_assert_cmpuint (soup_message_get_status (message), ==, 200);
  g_assert_cmpstr (body, ==, "");
}

static void
expect_refusal (Fixture *fixture, const char *words)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (pt_page_new (fixture->folder, "", "", &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_CONFIGURATION);
  if (strstr (error->message, words) == NULL)
    g_error ("\"%s\" is not in: %s", words, error->message);
}

static void
test_no_index (Fixture *fixture, gconstpointer data)
{
  g_autofree char *index = g_build_filename (fixture->folder, "index.html", NULL);

  g_remove (index);
  expect_refusal (fixture, "index.html");
}

static void
test_too_many (Fixture *fixture, gconstpointer data)
{
  for (guint i = 0; i < 500; i++)
    {
      g_autofree char *name = g_strdup_printf ("assets/%u.js", i);

      add_file (fixture, name, "");
    }
  expect_refusal (fixture, "500 files");
}

static void
test_too_large (Fixture *fixture, gconstpointer data)
{
  gsize size = 6 * 1024 * 1024;
  g_autofree char *content = g_malloc0 (size);

  for (guint i = 0; i < 3; i++)
    {
      g_autofree char *name = g_strdup_printf ("assets/large-%u.js", i);

      g_free (write_file (fixture, name, content, (gssize) size));
    }
  expect_refusal (fixture, "16 MiB");
}

static void
test_too_deep (Fixture *fixture, gconstpointer data)
{
  add_file (fixture, "a/b/c/d/e/f/g.js", "");
  expect_refusal (fixture, "deep");
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *name;

    void (*test) (Fixture *, gconstpointer);
  } rows[] = { { "/page/html", test_html },
               { "/page/compressed", test_compressed },
               { "/page/known", test_known },
               { "/page/exact", test_exact },
               { "/page/empty-file", test_empty_file },
               { "/page/no-index", test_no_index },
               { "/page/too-many", test_too_many },
               { "/page/too-large", test_too_large },
               { "/page/too-deep", test_too_deep } };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    g_test_add (rows[i].name, Fixture, NULL, set_up, rows[i].test, tear_down);
  return g_test_run ();
}
