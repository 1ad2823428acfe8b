/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-coap-numbers.h"

#include <string.h>

#include "pt-error.h"

#define STEP (G_GUINT64_CONSTANT (1) << 20)              /* so many a time */
#define EPOCH (G_GINT64_CONSTANT (1704067200) * 1000000) /* us: the year 2024 */
#define EACH_US (G_USEC_PER_SEC / 512)                   /* 68 years of them */

static gboolean
numbers_write (PtOscoreNumbers *numbers, guint64 limit, GError **error)
{
  g_autofree char *text = g_strdup_printf ("%" G_GUINT64_FORMAT "\n", limit);

  if (!g_file_set_contents_full (numbers->path, text, -1,
                                 G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0600,
                                 error))
    return FALSE;
  numbers->limit = limit;
  return TRUE;
}

/* 0: there is no file. */
static gboolean
numbers_read (const char *path, guint64 *limit, GError **error)
{
  g_autofree char *text = NULL;
  g_autoptr (GError) local = NULL;

  *limit = 0;
  if (!g_file_get_contents (path, &text, NULL, &local))
    {
      if (g_error_matches (local, G_FILE_ERROR, G_FILE_ERROR_NOENT))
        return TRUE;
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (g_ascii_string_to_unsigned (g_strchomp (text), 10, 0, PT_OSCORE_NUMBER_MAX - STEP, limit,
                                  NULL))
    return TRUE;
  g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION,
               "%s does not say how far numbers were used. Give all devices that come with OSCORE "
               "new secrets, then remove it.",
               path);
  return FALSE;
}

static guint64
number_of_now (void)
{
  gint64 now = g_get_real_time () - EPOCH;

  return now > 0 ? MIN ((guint64) (now / EACH_US), PT_OSCORE_NUMBER_MAX - STEP) : 0;
}

gboolean
pt_oscore_numbers_begin (PtOscoreNumbers *numbers, const char *path, guint64 *first, GError **error)
{
  guint64 limit;

  g_return_val_if_fail (numbers != NULL && path != NULL && first != NULL, FALSE);

  if (!numbers_read (path, &limit, error))
    return FALSE;
  g_free (numbers->path);
  numbers->path = g_strdup (path);
  *first = MAX (limit, number_of_now ());
  return numbers_write (numbers, *first + STEP, error);
}

gboolean
pt_oscore_numbers_reach (PtOscoreNumbers *numbers, guint64 number, GError **error)
{
  g_return_val_if_fail (numbers != NULL && numbers->path != NULL, FALSE);

  return number < numbers->limit || numbers_write (numbers, number + STEP, error);
}

void
pt_oscore_numbers_clear (PtOscoreNumbers *numbers)
{
  g_return_if_fail (numbers != NULL);

  g_clear_pointer (&numbers->path, g_free);
}
