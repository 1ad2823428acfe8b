/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-form.h"

#include <string.h>

#include "pt-error.h"

static const char *const names[] = { "area", "site", "n", "hidden", "text", NULL };

static PtForm *
read_text (const char *body, GError **error)
{
  g_autoptr (GBytes) bytes = g_bytes_new (body, strlen (body));

  return pt_form_read (bytes, names, error);
}

static void
test_good (void)
{
  g_autoptr (PtForm) form = read_text (
      "{\"area\":\"east\",\"site\":\"T-1\",\"n\":7,\"hidden\":true,\"text\":\"a\"}", NULL);
  const char *text;
  gboolean hidden;
  gint64 n;

  g_assert_true (pt_form_area (form, &text, NULL));
  g_assert_cmpstr (text, ==, "east");
  g_assert_true (pt_form_id (form, "site", &text, NULL));
  g_assert_cmpstr (text, ==, "T-1");
  g_assert_true (pt_form_integer (form, "n", 7, 7, &n, NULL));
  g_assert_cmpint (n, ==, 7);
  g_assert_true (pt_form_boolean (form, "hidden", &hidden, NULL) && hidden);
  g_assert_true (pt_form_need_text (form, "text", 1, &text, NULL));
  g_assert_true (pt_form_has (form, "text"));
  g_assert_null (pt_form_text (form, "n"));
}

static void
test_bad (void)
{
  static const char *const bodies[]
      = { "", "[]", "1", "{", "{\"area\":{}}", "{\"area\":[]}", "{\"other\":1}", "null",
          /* Halves of a pair and a NUL are texts that nobody else can read. */
          "{\"text\":\"a\\ud800\"}", "{\"text\":\"\\udc00\"}", "{\"te\\ud800\":1}",
          "{\"text\":\"a\\u0000b\"}" };

  for (guint i = 0; i < G_N_ELEMENTS (bodies); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (read_text (bodies[i], &error));
      g_assert_error (error, PT_ERROR, PT_ERROR_MALFORMED);
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
    }
}

static void
test_members (void)
{
  g_autoptr (PtForm) form = read_text (
      "{\"area\":\"East\",\"site\":\"a b\",\"n\":7.5,\"hidden\":1,\"text\":\"\"}", NULL);
  g_autoptr (PtForm) empty = read_text ("{}", NULL);
  g_autoptr (PtForm) other = read_text ("{\"n\":9,\"text\":\"ab\"}", NULL);
  g_autoptr (GError) error = NULL;
  const char *text;
  gboolean hidden;
  gint64 n;

  g_assert_false (pt_form_area (form, &text, NULL) || pt_form_area (empty, &text, NULL));
  g_assert_false (pt_form_id (form, "site", &text, NULL)
                  || pt_form_id (empty, "site", &text, NULL));
  g_assert_false (pt_form_integer (form, "n", 0, 9, &n, NULL)
                  || pt_form_integer (empty, "n", 0, 9, &n, NULL)
                  || pt_form_integer (other, "n", 0, 8, &n, NULL));
  g_assert_false (pt_form_boolean (form, "hidden", &hidden, NULL)
                  || pt_form_boolean (empty, "hidden", &hidden, NULL));
  g_assert_false (pt_form_need_text (form, "text", 9, &text, NULL)
                  || pt_form_need_text (empty, "text", 9, &text, NULL));
  g_assert_false (pt_form_need_text (other, "text", 1, &text, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_MALFORMED);
  g_assert_true (g_str_has_prefix (error->message, "text: "));
  g_assert_true (pt_form_may_text (form, "text", 0, &text, NULL) && *text == '\0');
  g_assert_true (pt_form_may_text (empty, "text", 0, &text, NULL) && text == NULL);
  g_assert_false (pt_form_may_text (form, "hidden", 9, &text, NULL)
                  || pt_form_may_text (other, "text", 1, &text, NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/form/good", test_good);
  g_test_add_func ("/form/bad", test_bad);
  g_test_add_func ("/form/members", test_members);
  return g_test_run ();
}
