/* SPDX-License-Identifier: Apache-2.0 */
/* Which batches are damaged, and what is said of them. */
#include "pt-damage.h"

#include <string.h>

static PtBatchRow
row_of (guint32 area, guint64 batch)
{
  PtBatchRow row = { .area = area, .batch = batch };

  g_snprintf (row.area_id, sizeof row.area_id, "area-%u", area);
  pt_cid_make (PT_CODEC_RAW, &row.root, &row.cid);
  return row;
}

static void
assert_said (PtHealth *health, const char *wanted)
{
  PtHealthStatus status;

  pt_health_get (health, &status);
  g_assert_cmpint (status.sort, ==, wanted != NULL ? PT_HEALTH_ASKS : PT_HEALTH_WELL);
  g_assert_true (wanted == NULL || strstr (status.sentence, wanted) != NULL);
}

static void
test_told (void)
{
  g_autoptr (PtHealth) health = pt_health_new (NULL, NULL);
  g_autoptr (PtDamage) damage = pt_damage_new (health);
  PtBatchRow first = row_of (1, 7), second = row_of (2, 7);

  pt_damage_set (damage, &first, FALSE);
  assert_said (health, NULL);
  pt_damage_set (damage, &first, TRUE);
  pt_damage_set (damage, &first, TRUE);
  assert_said (health, "Batch 7 of area-1 is damaged in the block store and");
  g_assert_cmpuint (pt_damage_count (damage), ==, 1);
  pt_damage_set (damage, &second, TRUE);
  assert_said (health, "Batch 7 of area-1 is damaged in the block store (and 1 more)");
  g_assert_cmpuint (pt_damage_count (damage), ==, 2);
  pt_damage_set (damage, &first, FALSE);
  assert_said (health, "Batch 7 of area-2 is damaged in the block store and");
  pt_damage_set (damage, &second, FALSE);
  assert_said (health, NULL);
}

static void
test_bound (void)
{
  g_autoptr (PtHealth) health = pt_health_new (NULL, NULL);
  g_autoptr (PtDamage) damage = pt_damage_new (health);

  for (guint i = 0; i < 1200; i++)
    {
      PtBatchRow row = row_of (0, i + 1);

      pt_damage_set (damage, &row, TRUE);
    }
  g_assert_cmpuint (pt_damage_count (damage), ==, 1000);
  assert_said (health, "Batch 1 of area-0 is damaged in the block store (and 999 more)");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/damage/told", test_told);
  g_test_add_func ("/damage/bound", test_bound);
  return g_test_run ();
}
