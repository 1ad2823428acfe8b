/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-status.h"

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

gboolean
pt_status_collect (PtServices *services, PtStatusNumbers *out, GError **error)
{
  g_return_val_if_fail (services != NULL && out != NULL, FALSE);

  *out = (PtStatusNumbers){ 0 };
  pt_health_get (services->health, &out->health);
  pt_admission_get (services->admission, &out->lines);
  pt_submitter_get_status (services->submitter, &out->chain);
  pt_live_count (services->live, NULL, &out->sites);
  g_rw_lock_reader_lock (&services->directory->lock);
  out->devices = pt_registry_device_count (services->directory->registry);
  g_rw_lock_reader_unlock (&services->directory->lock);
  return status_read_store (services->store, out, error);
}

const char *
pt_status_state (const PtStatusNumbers *status)
{
  g_return_val_if_fail (status != NULL, NULL);

  return status->health.sort == PT_HEALTH_WELL ? "ok" : "attention";
}
