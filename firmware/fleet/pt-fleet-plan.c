/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-fleet-plan.h"

#include <string.h>

static void
device_free (gpointer data)
{
  PtFleetDevice *device = data;

  g_clear_pointer (&device->outages, g_array_unref);
  g_free (device);
}

PtFleetPlan *
pt_fleet_plan_new (void)
{
  PtFleetPlan *plan = g_new0 (PtFleetPlan, 1);

  plan->devices = g_ptr_array_new_with_free_func (device_free);
  plan->warnings = g_ptr_array_new_with_free_func (g_free);
  return plan;
}

void
pt_fleet_plan_free (PtFleetPlan *plan)
{
  if (plan == NULL)
    return;
  g_ptr_array_unref (plan->devices);
  g_ptr_array_unref (plan->warnings);
  g_free (plan);
}

PtFleetDevice *
pt_fleet_plan_add (PtFleetPlan *plan, const char *area, const char *id)
{
  PtFleetDevice *device = g_new0 (PtFleetDevice, 1);

  g_strlcpy (device->area, area, sizeof device->area);
  g_strlcpy (device->id, id, sizeof device->id);
  g_strlcpy (device->site, id, sizeof device->site);
  g_ptr_array_add (plan->devices, device);
  return device;
}

void
pt_fleet_device_add_outage (PtFleetDevice *device, gint64 start, gint64 end)
{
  PtFleetOutage outage = { start, end };

  if (device->outages == NULL)
    device->outages = g_array_sized_new (FALSE, FALSE, sizeof (PtFleetOutage), 1);
  g_array_append_val (device->outages, outage);
}

static int
compare_outages (gconstpointer a, gconstpointer b)
{
  const PtFleetOutage *left = a, *right = b;

  if (left->start != right->start)
    return left->start < right->start ? -1 : 1;
  return left->end < right->end ? -1 : left->end > right->end;
}

static void
merge_outages (GArray *outages)
{
  guint kept = 0;

  g_array_sort (outages, compare_outages);
  for (guint i = 1; i < outages->len; i++)
    {
      PtFleetOutage next = g_array_index (outages, PtFleetOutage, i);
      PtFleetOutage *last = &g_array_index (outages, PtFleetOutage, kept);

      if (next.start <= last->end)
        last->end = MAX (last->end, next.end);
      else
        g_array_index (outages, PtFleetOutage, ++kept) = next;
    }
  if (outages->len > 0)
    g_array_set_size (outages, kept + 1);
}

static void
count_plan (PtFleetPlan *plan)
{
  g_autoptr (GHashTable) areas = g_hash_table_new (g_str_hash, g_str_equal);

  plan->outages = 0;
  for (guint i = 0; i < plan->devices->len; i++)
    {
      PtFleetDevice *device = plan->devices->pdata[i];

      g_hash_table_add (areas, device->area);
      plan->outages += device->outages != NULL ? device->outages->len : 0;
    }
  plan->areas = g_hash_table_size (areas);
}

static void
widen (PtFleetPlan *plan, const PtFleetOutage *outage)
{
  plan->start = MIN (plan->start, outage->start);
  plan->end = MAX (plan->end, outage->end == PT_FLEET_OPEN ? outage->start : outage->end);
}

void
pt_fleet_plan_finish (PtFleetPlan *plan)
{
  plan->start = G_MAXINT64;
  plan->end = 0;
  for (guint i = 0; i < plan->devices->len; i++)
    {
      PtFleetDevice *device = plan->devices->pdata[i];

      if (device->outages == NULL)
        continue;
      merge_outages (device->outages);
      for (guint j = 0; j < device->outages->len; j++)
        widen (plan, &g_array_index (device->outages, PtFleetOutage, j));
    }
  if (plan->start == G_MAXINT64)
    plan->start = 0;
  count_plan (plan);
}

static void
clip_outages (GArray *outages, gint64 from, gint64 until)
{
  guint kept = 0;

  for (guint i = 0; i < outages->len; i++)
    {
      PtFleetOutage outage = g_array_index (outages, PtFleetOutage, i);

      if (outage.end <= from || outage.start > until)
        continue;
      outage.start = MAX (outage.start, from);
      if (outage.end > until)
        outage.end = PT_FLEET_OPEN;
      g_array_index (outages, PtFleetOutage, kept++) = outage;
    }
  g_array_set_size (outages, kept);
}

void
pt_fleet_plan_clip (PtFleetPlan *plan, gint64 from, gint64 until)
{
  for (guint i = 0; i < plan->devices->len; i++)
    {
      PtFleetDevice *device = plan->devices->pdata[i];

      if (device->outages != NULL)
        clip_outages (device->outages, from, until);
    }
  if (from != G_MININT64)
    plan->start = from;
  if (until != G_MAXINT64)
    plan->end = until;
  count_plan (plan);
}

void
pt_fleet_plan_shift (PtFleetPlan *plan, gint64 ms)
{
  plan->start += ms;
  plan->end += ms;
  for (guint i = 0; i < plan->devices->len; i++)
    {
      PtFleetDevice *device = plan->devices->pdata[i];

      for (guint j = 0; device->outages != NULL && j < device->outages->len; j++)
        {
          PtFleetOutage *outage = &g_array_index (device->outages, PtFleetOutage, j);

          outage->start += ms;
          if (outage->end != PT_FLEET_OPEN)
            outage->end += ms;
        }
    }
}

/* FNV-1a, then the finaliser of splitmix64: enough to spread phases and to tell plans apart. */
static guint64
hash_bytes (guint64 hash, const void *data, gsize size)
{
  const guint8 *bytes = data;

  for (gsize i = 0; i < size; i++)
    hash = (hash ^ bytes[i]) * 0x100000001b3u;
  return hash;
}

static guint64
hash_finish (guint64 hash)
{
  hash = (hash ^ (hash >> 30)) * 0xbf58476d1ce4e5b9u;
  hash = (hash ^ (hash >> 27)) * 0x94d049bb133111ebu;
  return hash ^ (hash >> 31);
}

#define HASH_START 0xcbf29ce484222325u

guint64
pt_fleet_plan_fingerprint (const PtFleetPlan *plan)
{
  guint64 hash = HASH_START;

  for (guint i = 0; i < plan->devices->len; i++)
    {
      const PtFleetDevice *device = plan->devices->pdata[i];

      hash = hash_bytes (hash, device->area, strlen (device->area) + 1);
      hash = hash_bytes (hash, device->id, strlen (device->id) + 1);
      if (device->outages != NULL)
        hash = hash_bytes (hash, device->outages->data,
                           device->outages->len * sizeof (PtFleetOutage));
    }
  hash = hash_bytes (hash, &plan->start, sizeof plan->start);
  hash = hash_bytes (hash, &plan->end, sizeof plan->end);
  return hash_finish (hash);
}

gint64
pt_fleet_device_phase (const PtFleetDevice *device, gint64 heartbeat)
{
  guint64 hash = hash_bytes (HASH_START, device->area, strlen (device->area) + 1);

  hash = hash_finish (hash_bytes (hash, device->id, strlen (device->id)));
  return (gint64) (hash % (guint64) heartbeat);
}
