/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-problem.h"

#include "pt-error.h"

/* Each code has a status; what has none of its own is ours to mend. */
static void
test_statuses (void)
{
  static const struct
  {
    PtErrorCode code;
    guint status;
  } rows[] = {
    { PT_ERROR_MALFORMED, 400 },     { PT_ERROR_NOT_CANONICAL, 400 },
    { PT_ERROR_TOO_PRECISE, 400 },   { PT_ERROR_UNAUTHORIZED, 401 },
    { PT_ERROR_UNKNOWN_AREA, 404 },  { PT_ERROR_UNKNOWN_DEVICE, 404 },
    { PT_ERROR_NOT_FOUND, 404 },     { PT_ERROR_WRONG_METHOD, 405 },
    { PT_ERROR_CONFLICT, 409 },      { PT_ERROR_NOT_ANCHORED, 409 },
    { PT_ERROR_TOO_LARGE, 413 },     { PT_ERROR_UNSUPPORTED, 415 },
    { PT_ERROR_BUSY, 503 },          { PT_ERROR_RETRY, 503 },
    { PT_ERROR_FAILED, 500 },        { PT_ERROR_STOP, 500 },
    { PT_ERROR_CONFIGURATION, 500 }, { PT_ERROR_OPERATOR, 500 },
  };
  g_autoptr (GError) foreign = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "gone");

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = g_error_new_literal (PT_ERROR, (int) rows[i].code, "a sentence");

      g_assert_cmpuint (pt_problem_status (error), ==, rows[i].status);
    }
  g_assert_cmpuint (pt_problem_status (foreign), ==, 500);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/problem/statuses", test_statuses);
  return g_test_run ();
}
