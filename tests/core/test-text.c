/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-text.h"

#include <glib.h>
#include <string.h>

static void
assert_safe (const char *text, gboolean lines, const char *wanted)
{
  g_autofree char *copy = g_strdup (text);

  pt_text_make_safe (copy, strlen (copy), lines);
  g_assert_cmpstr (copy, ==, wanted);
}

static void
test_kept (void)
{
  /* Devanagari with a joiner and a non-joiner, Chinese, an emoji, quotes. */
  static const char *const texts[] = { "",
                                       "plain 'text' \"of\" 7 bits ~",
                                       "क्‍ष क्‌ष बिजली",
                                       "灯",
                                       "💡 “a” — b",
                                       "\xf4\x8f\xbf\xbd" };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    assert_safe (texts[i], FALSE, texts[i]);
}

static void
test_steering (void)
{
  assert_safe ("a\x1b[2Kb", FALSE, "a?[2Kb");
  assert_safe ("\x1b]8;;http://x\x07y\x1b]8;;\x07", FALSE, "?]8;;http://x?y?]8;;?");
  assert_safe ("a\xc2\x9b"
               "31mb",
               FALSE, "a?31mb");
  assert_safe ("a\x7f\r\b\vb", FALSE, "a????b");
  assert_safe ("a\n\tb", FALSE, "a??b");
  assert_safe ("a\n\tb", TRUE, "a\n\tb");
  assert_safe ("pay \xe2\x80\xae"
               "elif\xe2\x81\xa9.txt",
               TRUE, "pay ?elif?.txt");
  assert_safe ("\xef\xbb\xbf\xe2\x80\xa8\xf3\xa0\x80\xa1x", TRUE, "???x");
}

static void
test_no_utf8 (void)
{
  assert_safe ("\xff\xfe", TRUE, "??");
  assert_safe ("a\xc3", TRUE, "a?");
  assert_safe ("\xc0\x9b[2K", TRUE, "??[2K"); /* overlong */
  assert_safe ("\xed\xa0\x80", TRUE, "???");  /* a surrogate */
  assert_safe ("\x9b"
               "2K\xe0\xa4\x95",
               TRUE, "?2Kक"); /* C1 as one byte */
}

/* Every character is either left alone or one `?`. */
static void
test_every_character (void)
{
  for (gunichar character = 1; character <= 0x10ffff; character++)
    {
      char text[8] = { 0 };

      if (character >= 0xd800 && character <= 0xdfff)
        continue;
      g_unichar_to_utf8 (character, text);
      pt_text_make_safe (text, strlen (text), FALSE);
      if (pt_character_is_safe (character))
        g_assert_cmpuint (g_utf8_get_char (text), ==, character);
      else
        g_assert_cmpstr (text, ==, "?");
      if (g_unichar_iscntrl (character))
        g_assert_false (pt_character_is_safe (character));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/text/kept", test_kept);
  g_test_add_func ("/text/steering", test_steering);
  g_test_add_func ("/text/no-utf8", test_no_utf8);
  g_test_add_func ("/text/every-character", test_every_character);
  return g_test_run ();
}
