/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-audit-fetch.h"

#include "common/pt-scripted-server.h"
#include "pt-sha256.h"

/* Files of one block from a server that gives everybody the same answer; larger ones and liars are
 * in tests/cli/test_audit_gateway.py. */

#define BODY "forty-two"

static PtCid
cid_of (const char *text)
{
  PtHash digest;
  PtCid cid;

  pt_sha256 (text, strlen (text), &digest);
  pt_cid_make (PT_CODEC_RAW, &digest, &cid);
  return cid;
}

static PtAuditFetcher *
fetcher_for (const char *gateway, guint count, const char *body, gint *stopped)
{
  PtAuditFetchOptions options = { gateway, 2, 2 };
  GArray *jobs = g_array_new (FALSE, FALSE, sizeof (PtAuditJob));

  for (guint i = 0; i < count; i++)
    {
      PtAuditJob job = { cid_of (body), stopped };

      g_array_append_val (jobs, job);
    }
  return pt_audit_fetcher_new (&options, jobs);
}

static gboolean
take (GBytes *bytes, gpointer user_data)
{
  gsize size;
  const char *data = g_bytes_get_data (bytes, &size);

  g_string_append_len (user_data, data, (gssize) size);
  return TRUE;
}

/* The only file's failure. */
static void
assert_fails (const char *gateway, PtAuditCode code, guint status)
{
  gint stopped = FALSE;
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (PtAuditFetcher) fetcher = fetcher_for (gateway, 1, BODY, &stopped);
  PtCid cid = cid_of (BODY);
  PtAuditFinding failure;

  g_assert_false (pt_audit_fetcher_read (fetcher, take, text, &failure));
  g_assert_cmpint (failure.code, ==, code);
  g_assert_cmpuint (failure.status, ==, status);
  g_assert_true (pt_cid_equal (&failure.cid, &cid));
  g_assert_cmpint (failure.detail != NULL, ==, code == PT_AUDIT_BLOCK_UNREACHABLE);
  g_assert_cmpuint (text->len, ==, 0);
}

static void
test_files (void)
{
  static PtScriptedServer server; /* serves on */
  gint stopped = FALSE;

  pt_scripted_start (&server);
  pt_scripted_set_body (&server, "200 OK", "application/vnd.ipld.raw", BODY);
  {
    g_autoptr (PtAuditFetcher) fetcher = fetcher_for (server.url, 40, BODY, &stopped);
    PtAuditFinding failure;

    for (guint i = 0; i < 40; i++)
      {
        g_autoptr (GString) text = g_string_new (NULL);

        g_assert_true (pt_audit_fetcher_read (fetcher, take, text, &failure));
        g_assert_cmpstr (text->str, ==, BODY);
      }
  }
}

static void
test_failures (void)
{
  static PtScriptedServer server; /* serves on */

  pt_scripted_start (&server);
  pt_scripted_set_body (&server, "404 Not Found", "text/plain", "no");
  assert_fails (server.url, PT_AUDIT_BLOCK_REFUSED, 404);
  pt_scripted_set_body (&server, "403 Oh", "text/plain", "no");
  assert_fails (server.url, PT_AUDIT_BLOCK_REFUSED, 403);
  pt_scripted_set_body (&server, "200 OK", "text/plain", "forty-three");
  assert_fails (server.url, PT_AUDIT_BLOCK_OTHER, 0);
  pt_scripted_set (&server, "nonsense\r\n\r\n");
  assert_fails (server.url, PT_AUDIT_BLOCK_UNREACHABLE, 0);
  assert_fails ("http://127.0.0.1:1", PT_AUDIT_BLOCK_UNREACHABLE, 0);
}

/* A file that nobody wants any more is not asked for, and freeing does not wait for what is. */
static void
test_unwanted (void)
{
  static PtScriptedServer server; /* serves on */
  gint stopped = TRUE;
  g_autoptr (GString) text = g_string_new (NULL);
  PtAuditFinding failure;

  pt_scripted_start (&server);
  pt_scripted_set_body (&server, "200 OK", "application/vnd.ipld.raw", BODY);
  {
    g_autoptr (PtAuditFetcher) fetcher = fetcher_for (server.url, 3, BODY, &stopped);

    g_assert_true (pt_audit_fetcher_read (fetcher, take, text, &failure));
    g_assert_cmpuint (text->len, ==, 0);
  }
  g_assert_cmpint (g_atomic_int_get (&server.connections), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/audit-fetch/files", test_files);
  g_test_add_func ("/audit-fetch/failures", test_failures);
  g_test_add_func ("/audit-fetch/unwanted", test_unwanted);
  return g_test_run ();
}
