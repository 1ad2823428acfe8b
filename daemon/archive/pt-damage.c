/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-damage.h"

#define DAMAGED_MAX 1000

struct _PtDamage
{
  PtHealth *health;
  GMutex lock;
  GArray *rows; /* PtBatchRow */
};

PtDamage *
pt_damage_new (PtHealth *health)
{
  PtDamage *damage;

  g_return_val_if_fail (health != NULL, NULL);

  damage = g_new0 (PtDamage, 1);
  damage->health = health;
  g_mutex_init (&damage->lock);
  damage->rows = g_array_new (FALSE, FALSE, sizeof (PtBatchRow));
  return damage;
}

void
pt_damage_free (PtDamage *damage)
{
  if (damage == NULL)
    return;
  g_array_unref (damage->rows);
  g_mutex_clear (&damage->lock);
  g_free (damage);
}

/* Everybody may read it: no path. */
static void
damage_tell (PtDamage *damage)
{
  g_autofree char *sentence = NULL;
  g_autofree char *more = NULL;
  char cid[PT_CID_TEXT_SIZE + 1];
  const PtBatchRow *row;

  if (damage->rows->len == 0)
    {
      pt_health_say (damage->health, PT_HEALTH_ARCHIVE, PT_HEALTH_WELL, NULL);
      return;
    }
  row = &g_array_index (damage->rows, PtBatchRow, 0);
  pt_cid_to_text (&row->cid, cid);
  if (damage->rows->len > 1)
    more = g_strdup_printf (" (and %u more)", damage->rows->len - 1);
  sentence
      = g_strdup_printf ("Batch %" G_GUINT64_FORMAT " of %s is damaged in the block store%s and "
                         "can't be made again from what is stored. Put back the blocks of %s "
                         "from a copy, or name a gateway that has them ([chain] gateways).",
                         row->batch, row->area_id, more != NULL ? more : "", cid);
  pt_health_say (damage->health, PT_HEALTH_ARCHIVE, PT_HEALTH_ASKS, sentence);
}

void
pt_damage_set (PtDamage *damage, const PtBatchRow *row, gboolean is_damaged)
{
  g_autoptr (GMutexLocker) locker = NULL;
  guint at;

  g_return_if_fail (damage != NULL && row != NULL);

  locker = g_mutex_locker_new (&damage->lock);
  for (at = 0; at < damage->rows->len; at++)
    {
      const PtBatchRow *known = &g_array_index (damage->rows, PtBatchRow, at);

      if (known->area == row->area && known->batch == row->batch)
        break;
    }
  if (is_damaged == (at < damage->rows->len) || (is_damaged && at == DAMAGED_MAX))
    return;
  if (is_damaged)
    g_array_append_vals (damage->rows, row, 1);
  else
    g_array_remove_index (damage->rows, at);
  damage_tell (damage);
}

guint
pt_damage_count (PtDamage *damage)
{
  g_autoptr (GMutexLocker) locker = NULL;

  g_return_val_if_fail (damage != NULL, 0);

  locker = g_mutex_locker_new (&damage->lock);
  return damage->rows->len;
}

GArray *
pt_damage_rows (PtDamage *damage)
{
  g_autoptr (GMutexLocker) locker = NULL;

  g_return_val_if_fail (damage != NULL, NULL);

  locker = g_mutex_locker_new (&damage->lock);
  return g_array_copy (damage->rows);
}
