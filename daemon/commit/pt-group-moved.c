/* SPDX-License-Identifier: Apache-2.0 */
/* A group of which the store has some areas and others not: what it has stays. */
#include "pt-group-private.h"

static gboolean
is_lost (const PtGroupBuilder *builder, guint32 area)
{
  return area < builder->parts->len && g_array_index (builder->parts, PtGroupPart, area).is_lost;
}

/* TRUE: some of them were moved. */
static gboolean
mark_lost (PtGroupBuilder *builder)
{
  gboolean any = FALSE;

  for (guint i = 0; i < builder->tails->len; i++)
    {
      const PtTailMove *move = &g_array_index (builder->tails, PtTailMove, i);

      g_array_index (builder->parts, PtGroupPart, move->area).is_lost = !move->moved;
      any |= move->moved;
    }
  return any;
}

/* What is refused for no fault of its takes nothing from a device and its area. */
static void
drop_accepted (PtGroupBuilder *builder, guint index)
{
  const PtDevice *device = g_array_index (builder->accepted, PtAccepted, index).device;

  if (!is_lost (builder, device->area->number))
    return;
  if (builder->log->rates != NULL)
    pt_rates_give_device (builder->log->rates, device);
  g_array_remove_index (builder->accepted, index);
}

static void
drop_devices (PtGroupBuilder *builder)
{
  for (guint i = builder->changed->len; i > 0; i--)
    if (is_lost (builder,
                 g_array_index (builder->changed, PtGroupChanged, i - 1).device->area->number))
      g_array_remove_index (builder->changed, i - 1);
  g_hash_table_remove_all (builder->changed_at); /* nothing is added any more */
  for (guint i = builder->accepted->len; i > 0; i--)
    drop_accepted (builder, i - 1);
  for (guint i = builder->falls->len; i > 0; i--)
    if (is_lost (builder, g_array_index (builder->falls, PtGroupFall, i - 1).device->area->number))
      g_array_remove_index (builder->falls, i - 1);
}

gboolean
pt_group_builder_keep_moved (PtGroupBuilder *builder)
{
  g_return_val_if_fail (builder != NULL, FALSE);

  if (!mark_lost (builder))
    return FALSE;
  drop_devices (builder);
  for (guint i = 0; i < builder->entries->len; i++)
    if (!pt_group_builder_has (builder, i))
      pt_group_builder_drop_row (builder, i);
  return TRUE;
}

gboolean
pt_group_builder_has (PtGroupBuilder *builder, guint index)
{
  g_return_val_if_fail (builder != NULL, FALSE);

  return !is_lost (builder, pt_group_builder_row (builder, index)->area);
}

gboolean
pt_group_builder_has_area (PtGroupBuilder *builder, guint32 area)
{
  g_return_val_if_fail (builder != NULL, FALSE);

  return !is_lost (builder, area);
}
