/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-fleet-outbox.h"

#include <string.h>

#include "pt-error.h"

void
pt_fleet_outbox_init (PtFleetOutbox *outbox)
{
  outbox->text = g_byte_array_new ();
  outbox->items = g_array_new (FALSE, FALSE, sizeof (PtFleetItem));
}

void
pt_fleet_outbox_clear (PtFleetOutbox *outbox)
{
  g_clear_pointer (&outbox->text, g_byte_array_unref);
  g_clear_pointer (&outbox->items, g_array_unref);
}

void
pt_fleet_outbox_add (PtFleetOutbox *outbox, guint device, gint64 seq, gint64 ts, const char *text,
                     gsize size)
{
  PtFleetItem item = { device, (guint) size + 1, seq, ts };

  g_byte_array_append (outbox->text, (const guint8 *) text, (guint) size);
  g_byte_array_append (outbox->text, (const guint8 *) "\n", 1);
  g_array_append_val (outbox->items, item);
}

GBytes *
pt_fleet_outbox_body (PtFleetOutbox *outbox, guint lines)
{
  gsize size = 0;

  g_return_val_if_fail (lines <= outbox->items->len, NULL);
  for (guint i = 0; i < lines; i++)
    size += g_array_index (outbox->items, PtFleetItem, i).size;
  return g_bytes_new_static (outbox->text->data, size);
}

gboolean
pt_fleet_slug_passes (const char *slug)
{
  g_return_val_if_fail (slug != NULL, FALSE);

  return strcmp (slug, pt_error_slug (PT_ERROR_BUSY)) == 0
         || strcmp (slug, pt_error_slug (PT_ERROR_TOO_MANY)) == 0;
}

guint
pt_fleet_outbox_settle (PtFleetOutbox *outbox, guint lines, const PtFleetAnswer *answer,
                        PtFleetSettled settled, gpointer context)
{
  guint kept = 0, rejection = 0;
  gsize from = 0, to = 0;

  for (guint i = 0; i < lines; i++)
    {
      PtFleetItem item = g_array_index (outbox->items, PtFleetItem, i);
      const char *slug = NULL;

      if (rejection < answer->rejected->len
          && g_array_index (answer->rejected, PtFleetRejection, rejection).line == i + 1)
        slug = g_array_index (answer->rejected, PtFleetRejection, rejection++).slug;
      if (slug != NULL && pt_fleet_slug_passes (slug))
        {
          memmove (outbox->text->data + to, outbox->text->data + from, item.size);
          to += item.size;
          g_array_index (outbox->items, PtFleetItem, kept++) = item;
        }
      else
        settled (context, &item, slug);
      from += item.size;
    }
  if (kept < lines)
    {
      g_array_remove_range (outbox->items, kept, lines - kept);
      g_byte_array_remove_range (outbox->text, (guint) to, (guint) (from - to));
    }
  return kept;
}
