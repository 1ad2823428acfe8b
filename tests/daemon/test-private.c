/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-private.h"

#include <string.h>

#include "pt-encoding.h"
#include "pt-error.h"

#define SALT "\"salt\":\"00112233445566778899aabbccddeeff\""
#define PHOTO "7f83b1657ff1fc53b92dc18148a1d65dfc2d4b1fa3d677284addd200126d9069"
#define OTHER "0f83b1657ff1fc53b92dc18148a1d65dfc2d4b1fa3d677284addd200126d9069"

static PtErrorCode
code_of (const char *text)
{
  g_autoptr (GError) error = NULL;
  PtPrivate part;

  if (pt_private_parse (pt_span (text, strlen (text)), &part, &error))
    return PT_ERROR_COUNT;
  g_assert_true (error->domain == PT_ERROR && g_str_has_prefix (error->message, "private: "));
  return error->code;
}

static void
test_good (void)
{
  static const char text[] = "{\"contact\":\"98350 00000\",\"photos\":[\"" PHOTO "\",\"" OTHER
                             "\"]," SALT ",\"text\":\"No light since \\\"six\\\"\\n<b>\"}";
  PtPrivate part;

  g_assert_true (pt_private_parse (pt_span (text, strlen (text)), &part, NULL));
  g_assert_true (pt_span_is (part.contact, "98350 00000"));
  g_assert_true (pt_span_is (part.text, "No light since \\\"six\\\"\\n<b>"));
  g_assert_cmpuint (part.photo_count, ==, 2);
  g_assert_cmpuint (part.photos[0].bytes[0], ==, 0x7f);
  g_assert_cmpint (code_of ("{\"contact\":\"\",\"photos\":[]," SALT ",\"text\":\"\"}"), ==,
                   PT_ERROR_COUNT);
}

static void
test_bad (void)
{
  static const struct
  {
    const char *text;
    PtErrorCode code;
  } rows[] = {
    { "", PT_ERROR_MALFORMED },
    { "[]", PT_ERROR_MALFORMED },
    { "{}", PT_ERROR_MALFORMED },
    { "{\"contact\":1,\"photos\":[]," SALT ",\"text\":\"\"}", PT_ERROR_MALFORMED },
    { "{\"contact\":\"\",\"photos\":{}," SALT ",\"text\":\"\"}", PT_ERROR_MALFORMED },
    { "{\"contact\":\"\",\"photos\":[1]," SALT ",\"text\":\"\"}", PT_ERROR_MALFORMED },
    { "{\"contact\":\"\",\"photos\":[\"ab\"]," SALT ",\"text\":\"\"}", PT_ERROR_MALFORMED },
    { "{\"contact\":\"\",\"photos\":[\"" PHOTO "\",\"" PHOTO "\"]," SALT ",\"text\":\"\"}",
      PT_ERROR_MALFORMED },
    { "{\"contact\":\"\",\"photos\":[],\"salt\":\"00\",\"text\":\"\"}", PT_ERROR_MALFORMED },
    { "{\"contact\":\"\",\"photos\":[],\"salt\":\"00112233445566778899AABBCCDDEEFF\",\"text\":"
      "\"\"}",
      PT_ERROR_MALFORMED },
    { "{\"contact\":\"\",\"photos\":[]," SALT "}", PT_ERROR_MALFORMED },
    { "{\"contact\":\"\",\"photos\":[]," SALT ",\"text\":\"\",\"z\":1}", PT_ERROR_MALFORMED },
    { "{\"contact\":\"\",\"photos\":[]," SALT ",\"text\":\"\"}\n", PT_ERROR_NOT_CANONICAL },
    { "{ \"contact\":\"\",\"photos\":[]," SALT ",\"text\":\"\"}", PT_ERROR_NOT_CANONICAL },
    { "{\"contact\":\"\\u0041\",\"photos\":[]," SALT ",\"text\":\"\"}", PT_ERROR_NOT_CANONICAL },
    { "{\"contact\":\"\",\"photos\":[]," SALT ",\"text\":\"\xff\"}", PT_ERROR_MALFORMED },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_assert_cmpint (code_of (rows[i].text), ==, rows[i].code);
    }
}

static char *
with_lengths (guint contact, guint words)
{
  g_autofree char *a = g_strnfill (contact, 'a');
  g_autofree char *b = g_strnfill (words, 'b');

  return g_strdup_printf ("{\"contact\":\"%s\",\"photos\":[]," SALT ",\"text\":\"%s\"}", a, b);
}

static char *
with_photos (guint photos)
{
  g_autoptr (GString) list = g_string_new (NULL);

  for (guint i = 0; i < photos; i++)
    g_string_append_printf (list, "%s\"%02x%.62s\"", i > 0 ? "," : "", i, OTHER);
  return g_strdup_printf ("{\"contact\":\"\",\"photos\":[%s]," SALT ",\"text\":\"\"}", list->str);
}

static void
test_bounds (void)
{
  const guint contact = PT_PRIVATE_CONTACT_MAX, words = PT_PRIVATE_TEXT_MAX;
  g_autofree char *most = with_lengths (contact, words);
  g_autofree char *more = with_lengths (contact + 1, 0);
  g_autofree char *longer = with_lengths (0, words + 1);
  g_autofree char *huge = with_lengths (0, PT_PRIVATE_MAX);
  g_autofree char *five = with_photos (PT_PRIVATE_PHOTOS_MAX);
  g_autofree char *six = with_photos (PT_PRIVATE_PHOTOS_MAX + 1);

  g_assert_cmpint (code_of (most), ==, PT_ERROR_COUNT);
  g_assert_cmpint (code_of (more), ==, PT_ERROR_TOO_LARGE);
  g_assert_cmpint (code_of (longer), ==, PT_ERROR_TOO_LARGE);
  g_assert_cmpint (code_of (huge), ==, PT_ERROR_TOO_LARGE);
  g_assert_cmpint (code_of (five), ==, PT_ERROR_COUNT);
  g_assert_cmpint (code_of (six), ==, PT_ERROR_TOO_LARGE);
}

/* Every beginning of a good one, and every byte of it changed, is refused or is a good one. */
static void
test_changed (void)
{
  g_autofree char *good = with_photos (2);
  gsize size = strlen (good);

  for (gsize i = 0; i < size; i++)
    {
      PtPrivate part;

      g_assert_false (pt_private_parse (pt_span (good, i), &part, NULL));
      for (guint j = 0; j < 256; j++)
        {
          g_autofree char *changed = g_memdup2 (good, size);

          changed[i] = (char) j;
          pt_private_parse (pt_span (changed, size), &part, NULL);
        }
    }
}

static void
test_made (void)
{
  g_autoptr (GBytes) first = pt_private_make ("98350", "No \"light\"\n\u0930", NULL);
  g_autoptr (GBytes) second = pt_private_make ("98350", "No \"light\"\n\u0930", NULL);
  g_autofree char *words = g_strnfill (PT_PRIVATE_TEXT_MAX + 1, 'a');
  g_autoptr (GError) error = NULL;
  PtHash a, b;
  PtPrivate part;
  gsize size;
  const char *data = g_bytes_get_data (first, &size);

  g_assert_true (pt_private_parse (pt_span (data, size), &part, NULL));
  g_assert_true (pt_span_is (part.text, "No \\\"light\\\"\\n\u0930"));
  pt_private_hash (pt_span (data, size), &a);
  data = g_bytes_get_data (second, &size);
  pt_private_hash (pt_span (data, size), &b);
  g_assert_true (memcmp (&a, &b, sizeof a) != 0);
  g_assert_null (pt_private_make ("", words, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_TOO_LARGE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/private/good", test_good);
  g_test_add_func ("/private/bad", test_bad);
  g_test_add_func ("/private/bounds", test_bounds);
  g_test_add_func ("/private/changed", test_changed);
  g_test_add_func ("/private/made", test_made);
  return g_test_run ();
}
