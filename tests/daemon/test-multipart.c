/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-multipart.h"

#include <string.h>

#include "pt-error.h"

#define TYPE "multipart/form-data; boundary=xyz"
#define HEAD(name) "Content-Disposition: form-data; name=\"" name "\"\r\n"

static GPtrArray *
read_text (const char *type, const char *body, GError **error)
{
  g_autoptr (GBytes) bytes = g_bytes_new (body, strlen (body));

  return pt_multipart_read (type, bytes, error);
}

static void
assert_part (GPtrArray *parts, guint at, const char *name, const char *type, const char *content)
{
  const PtPart *part = g_ptr_array_index (parts, at);
  gsize size;
  const char *data = g_bytes_get_data (part->bytes, &size);

  g_assert_cmpstr (part->name, ==, name);
  g_assert_cmpstr (part->type, ==, type);
  g_assert_cmpmem (data, size, content, strlen (content));
}

static void
test_good (void)
{
  g_autoptr (GPtrArray) parts = read_text (
      TYPE,
      "--xyz\r\n" HEAD ("entry") "\r\n{}\r\n"
                                 "--xyz\r\n" HEAD (
                                     "photo") "Content-Type: Image/JPEG\r\n\r\n\r\n--xy\r\n-\r\n"
                                              "--xyz\r\n" HEAD (
                                                  "empty") "\r\n\r\n--xyz--\r\nafterwards",
      NULL);
  g_autoptr (GPtrArray) none = read_text ("multipart/form-data;boundary=\"x y\"", "--x y--", NULL);

  g_assert_nonnull (parts);
  g_assert_cmpuint (parts->len, ==, 3);
  assert_part (parts, 0, "entry", NULL, "{}");
  assert_part (parts, 1, "photo", "image/jpeg", "\r\n--xy\r\n-");
  assert_part (parts, 2, "empty", NULL, "");
  g_assert_nonnull (none);
  g_assert_cmpuint (none->len, ==, 0);
}

static void
assert_refused (const char *type, const char *body, PtErrorCode code)
{
  g_autoptr (GError) error = NULL;

  g_test_message ("%s", body);
  g_assert_null (read_text (type, body, &error));
  g_assert_error (error, PT_ERROR, (int) code);
}

static void
test_bad (void)
{
  static const char *const bodies[] = {
    "",
    "--",
    "--xyz",
    "--xyz\r\n",
    "--xy--",
    "xyz--",
    "--xyz\n" HEAD ("a") "\n\n1\n--xyz--",
    "preamble\r\n--xyz--",
    "--xyz\r\n\r\n\r\n--xyz--",
    "--xyz\r\n" HEAD ("a") "\r\n1",
    "--xyz\r\n" HEAD ("a") "1\r\n--xyz--",
    "--xyz\r\nContent-Type: a/b\r\n\r\n1\r\n--xyz--",
    "--xyz\r\nContent-Disposition: attachment; name=\"a\"\r\n\r\n1\r\n--xyz--",
    "--xyz\r\nContent-Disposition: form-data\r\n\r\n1\r\n--xyz--",
    "--xyz\r\n" HEAD ("a") "\r\n1\r\n--xyzz--",
  };

  for (guint i = 0; i < G_N_ELEMENTS (bodies); i++)
    assert_refused (TYPE, bodies[i], PT_ERROR_MALFORMED);
  assert_refused ("multipart/form-data", "--xyz--", PT_ERROR_MALFORMED);
  assert_refused ("multipart/form-data; boundary=", "----", PT_ERROR_MALFORMED);
  assert_refused (
      "multipart/form-data; boundary=aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeef"
      "fffffffffgggggggggg1",
      "--xyz--", PT_ERROR_MALFORMED);
}

static void
test_bounds (void)
{
  g_autoptr (GString) body = g_string_new (NULL);
  g_autofree char *padding = g_strnfill (PT_MULTIPART_HEAD_MAX, 'x');
  g_autofree char *long_head
      = g_strdup_printf ("--xyz\r\n" HEAD ("a") "X-Padding: %s\r\n\r\n1\r\n--xyz--", padding);
  g_autofree char *most = NULL;
  g_autofree char *more = NULL;
  g_autoptr (GPtrArray) parts = NULL;

  for (guint i = 0; i < PT_MULTIPART_PARTS_MAX; i++)
    g_string_append (body, "--xyz\r\n" HEAD ("a") "\r\n1\r\n");
  most = g_strconcat (body->str, "--xyz--", NULL);
  more = g_strconcat (body->str, "--xyz\r\n" HEAD ("a") "\r\n1\r\n--xyz--", NULL);
  parts = read_text (TYPE, most, NULL);
  g_assert_nonnull (parts);
  g_assert_cmpuint (parts->len, ==, PT_MULTIPART_PARTS_MAX);
  assert_refused (TYPE, more, PT_ERROR_TOO_LARGE);
  assert_refused (TYPE, long_head, PT_ERROR_MALFORMED);
}

/* Every beginning, and every byte changed: a refusal or parts, never more. */
static void
test_changed (void)
{
  static const char good[] = "--xyz\r\n" HEAD ("entry") "\r\n{}\r\n--xyz--";

  for (gsize i = 0; i < sizeof good - 1; i++)
    for (guint j = 0; j < 256; j++)
      {
        g_autoptr (GBytes) bytes = NULL;
        g_autoptr (GPtrArray) parts = NULL;
        char changed[sizeof good];

        memcpy (changed, good, sizeof good);
        changed[i] = (char) j;
        bytes = g_bytes_new (changed, j % 2 == 0 ? sizeof good - 1 : i);
        parts = pt_multipart_read (TYPE, bytes, NULL);
      }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/multipart/good", test_good);
  g_test_add_func ("/multipart/bad", test_bad);
  g_test_add_func ("/multipart/bounds", test_bounds);
  g_test_add_func ("/multipart/changed", test_changed);
  return g_test_run ();
}
