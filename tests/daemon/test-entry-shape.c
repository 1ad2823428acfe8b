/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-entry-shape.h"

#include <string.h>

#include "pt-error.h"

#define SIG "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define REST "\"area\":\"a\",\"sig\":\"" SIG "\",\"ts\":5}"

static gboolean
has_shape (const char *text)
{
  g_autoptr (GBytes) body = g_bytes_new (text, strlen (text));
  g_autoptr (GError) error = NULL;
  gboolean has = pt_entry_shape_check (body, &error);

  g_assert_true (has == (error == NULL));
  if (!has)
    g_assert_error (error, PT_ERROR, PT_ERROR_MALFORMED);
  return has;
}

/* The layout is not its business, nor what else an entry of the kind must have. */
static void
test_entries (void)
{
  static const char *const texts[] = {
    "{\"kind\":\"report\"," REST,
    " { \"kind\" : \"device\" , " REST "\n",
    "{\"kind\":\"official\",\"name\":\"[{\\\"\",\"lat\":-1800000000,\"x\":9007199254740991," REST,
    "{\"kind\":\"report\",\"seq\":1.0," REST,
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    g_assert_true (has_shape (texts[i]));
}

static void
test_others (void)
{
  static const char *const texts[] = {
    "",
    "{",
    "null",
    "[null, null]",
    "\"x\"",
    "5",
    "{}",
    "[{\"kind\":\"report\"," REST "]",
    "{\"kind\":\"party\"," REST,
    "{\"kind\":5," REST,
    "{\"kind\":\"report\",\"x\":null," REST,
    "{\"kind\":\"report\",\"x\":true," REST,
    "{\"kind\":\"report\",\"x\":{}," REST,
    "{\"kind\":\"report\",\"x\":1.5," REST,
    "{\"kind\":\"report\",\"x\":9007199254740993," REST,
    "{\"kind\":\"report\",\"area\":\"A\",\"sig\":\"" SIG "\",\"ts\":5}",
    "{\"kind\":\"report\",\"area\":\"a\",\"sig\":\"AAAA\",\"ts\":5}",
    "{\"kind\":\"report\",\"area\":\"a\",\"sig\":\"" SIG "\",\"ts\":-5}",
    "{\"kind\":\"report\",\"area\":\"a\",\"sig\":\"" SIG "\",\"ts\":\"5\"}",
    "{\"kind\":\"report\",\"area\":\"a\",\"sig\":\"" SIG "\"}",
    "{\"kind\":\"report\",\"area\":null,\"sig\":\"" SIG "\",\"ts\":5}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    g_assert_false (has_shape (texts[i]));
}

/* Who sends megabytes is told so as a line. */
static void
test_size (void)
{
  g_autofree char *large = g_strnfill (200000, '[');

  g_assert_true (has_shape (large));
  large[1000] = '\0';
  g_assert_false (has_shape (large));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/entry-shape/entries", test_entries);
  g_test_add_func ("/entry-shape/others", test_others);
  g_test_add_func ("/entry-shape/size", test_size);
  return g_test_run ();
}
