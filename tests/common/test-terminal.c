/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-terminal.h"

#include <stdio.h>

static void
test_copies (void)
{
  g_autofree char *safe = pt_terminal_safe ("a\x1b[2K\nb");
  g_autofree char *json
      = pt_terminal_safe_json ("{\"a\":\"\x7f\xc2\x9b\xe2\x80\xae\xf3\xa0\x80\xa1 कि\"}\n");

  g_assert_cmpstr (safe, ==, "a?[2K?b");
  g_assert_cmpstr (json, ==, "{\"a\":\"\\u007f\\u009b\\u202e\\udb40\\udc21 कि\"}\n");
}

static void
test_guard (void)
{
  if (g_test_subprocess ())
    {
      pt_terminal_guard ();
      g_printerr (PT_TERMINAL_CLEAR_LINE);
      g_printerr ("%s: %s\n", "a\x1b[31mb", "c" PT_TERMINAL_CLEAR_LINE "d");
      g_print ("%s\n", "e\xc2\x9b"
                       "f");
      return;
    }
  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_passed ();
  g_test_trap_assert_stderr ("*\r\033[K*");
  g_test_trap_assert_stderr ("*a?[31mb: c??[Kd\n*");
  g_test_trap_assert_stderr_unmatched ("*\033[31m*");
  g_test_trap_assert_stdout ("*e?f\n*");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/terminal/copies", test_copies);
  g_test_add_func ("/terminal/guard", test_guard);
  return g_test_run ();
}
