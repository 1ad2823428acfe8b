/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-standstill.h"

#define DEVICES_LEAST 10
#define MOST(part, whole) ((guint64) (part) *10 >= (guint64) (whole) *9)

void
pt_standstill_begin_look (PtStandstill *standstill)
{
  g_return_if_fail (standstill != NULL);

  standstill->on = standstill->fell = standstill->silent = 0;
  standstill->newest = 0;
}

void
pt_standstill_hear (PtStandstill *standstill, gint64 heard)
{
  g_return_if_fail (standstill != NULL);

  standstill->newest = MAX (standstill->newest, heard);
}

void
pt_standstill_see (PtStandstill *standstill, gboolean is_silent, gboolean fell)
{
  g_return_if_fail (standstill != NULL);

  standstill->on += !is_silent;
  standstill->silent += is_silent;
  standstill->fell += is_silent && fell;
}

static gboolean
begins (const PtStandstill *standstill, gint64 now, gint64 silent_after)
{
  if (standstill->of < DEVICES_LEAST || standstill->fell == 0)
    return FALSE;
  return MOST (standstill->fell, standstill->fell + standstill->on)
         || now - standstill->newest > silent_after / 2;
}

static gboolean
is_over (const PtStandstill *standstill)
{
  return standstill->newest > standstill->last && !MOST (standstill->silent, standstill->of);
}

gboolean
pt_standstill_end_look (PtStandstill *standstill, gint64 now, gint64 silent_after)
{
  g_return_val_if_fail (standstill != NULL, FALSE);

  standstill->of = standstill->on + standstill->silent;
  if (standstill->is_still ? !is_over (standstill) : !begins (standstill, now, silent_after))
    return FALSE;
  standstill->is_still = !standstill->is_still;
  if (standstill->is_still)
    standstill->last = standstill->newest;
  return TRUE;
}
