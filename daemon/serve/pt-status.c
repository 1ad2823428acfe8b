/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-status.h"

#include "pt-store-batches.h"

static gboolean
status_read_store (PtStore *store, PtStatusNumbers *status, GError **error)
{
  g_autoptr (GArray) areas = NULL;

  if (!pt_store_counts (store, &status->counts, error))
    return FALSE;
  areas = pt_store_areas (store, error);
  if (areas == NULL)
    return FALSE;
  status->areas = areas->len;
  return TRUE;
}

static gboolean
status_read_oldest (const PtReads *reads, PtStatusNumbers *status, GError **error)
{
  g_autoptr (GArray) rows = pt_store_unfinished (reads->store, 1, error);

  if (rows == NULL)
    return FALSE;
  if (rows->len > 0)
    status->oldest_age
        = MAX (0, pt_clock_now (reads->clock) - g_array_index (rows, PtBatchRow, 0).to);
  return TRUE;
}

gboolean
pt_status_collect (const PtStatusSources *sources, PtStatusNumbers *out, GError **error)
{
  const PtReads *reads;

  g_return_val_if_fail (sources != NULL && out != NULL, FALSE);

  reads = sources->reads;
  *out = (PtStatusNumbers){ 0 };
  pt_health_get (reads->health, &out->health);
  out->damaged = pt_archive_damaged (reads->archive);
  pt_admission_get (sources->admission, &out->lines);
  pt_submitter_get_status (sources->submitter, &out->chain);
  pt_live_count (reads->live, &out->sites);
  pt_door_begin_read (&reads->directory->door);
  out->devices = pt_registry_device_count (reads->directory->registry);
  pt_door_end_read (&reads->directory->door);
  return status_read_store (reads->store, out, error) && status_read_oldest (reads, out, error);
}

const char *
pt_status_state (const PtStatusNumbers *status)
{
  g_return_val_if_fail (status != NULL, NULL);

  return status->health.sort == PT_HEALTH_WELL ? "ok" : "attention";
}
