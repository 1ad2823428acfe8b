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
  for (guint i = 0; i < PT_TRANSPORT_COUNT; i++)
    pt_traffic_get (sources->traffic, (PtTransport) i, &out->ways[i]);
  pt_submitter_get_status (sources->submitter, &out->chain);
  out->replays = sources->replay != NULL;
  if (out->replays)
    pt_replay_get (sources->replay, &out->replay);
  pt_live_count (reads->live, &out->sites);
  pt_complaint_book_count (reads->book, &out->complaints);
  out->copied = pt_copied_keys_count (reads->copied);
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

static const char *
cause_of (PtHealthPart part)
{
  switch (part)
    {
    case PT_HEALTH_REPLAY:
      return "replay";
    case PT_HEALTH_CHAIN:
      return "chain";
    case PT_HEALTH_CLOCK:
      return "clock";
    case PT_HEALTH_INTAKE:
      return "arrivals";
    case PT_HEALTH_MQTT:
      return "mqtt";
    case PT_HEALTH_COMMITTER:
      return "intake";
    case PT_HEALTH_STORE:
      return "store";
    case PT_HEALTH_ARCHIVE:
      return "archive";
    case PT_HEALTH_BATCHER:
      return "sealing";
    case PT_HEALTH_SUBMITTER:
      return "anchoring";
    case PT_HEALTH_PROGRESS:
      return "progress";
    case PT_HEALTH_KEYS:
      return "conflict";
    }
  g_return_val_if_reached ("");
}

/* Instead of what the part says; NULL: that has nothing but what everybody can see. */
static const char *
general_sentence (PtHealthPart part)
{
  switch (part)
    {
    case PT_HEALTH_MQTT:
      return "The MQTT broker can't be reached, and reports wait there; the daemon's log says why.";
    case PT_HEALTH_COMMITTER:
      return "What is handed in has to wait; the daemon's log says why.";
    case PT_HEALTH_STORE:
      return "The store's own work is delayed; the daemon's log says why.";
    case PT_HEALTH_BATCHER:
      return "Sealing is delayed; the daemon's log says why.";
    case PT_HEALTH_SUBMITTER:
      return "Batches wait to be anchored; the daemon's log says for what.";
    case PT_HEALTH_REPLAY:
    case PT_HEALTH_CHAIN:
    case PT_HEALTH_CLOCK:
    case PT_HEALTH_INTAKE:
    case PT_HEALTH_ARCHIVE:
    case PT_HEALTH_PROGRESS:
    case PT_HEALTH_KEYS:
      return NULL;
    }
  g_return_val_if_reached (NULL);
}

const char *
pt_status_cause (const PtStatusNumbers *status)
{
  g_return_val_if_fail (status != NULL, NULL);

  switch (status->health.sort)
    {
    case PT_HEALTH_WELL:
      return "";
    case PT_HEALTH_STOPS:
      return "stopping";
    case PT_HEALTH_WAITS:
    case PT_HEALTH_ASKS:
      break;
    }
  return cause_of (status->health.part);
}

const char *
pt_status_detail (const PtStatusNumbers *status)
{
  const char *general;

  g_return_val_if_fail (status != NULL, NULL);

  switch (status->health.sort)
    {
    case PT_HEALTH_WELL:
      return "";
    case PT_HEALTH_STOPS:
      return "The daemon has to stop; its log says why.";
    case PT_HEALTH_WAITS:
    case PT_HEALTH_ASKS:
      break;
    }
  general = general_sentence (status->health.part);
  return general != NULL ? general : status->health.sentence;
}

static gint64
to_ms (gint64 us)
{
  return (us + G_TIME_SPAN_MILLISECOND - 1) / G_TIME_SPAN_MILLISECOND;
}

gint64
pt_status_lag_mean (const PtLag *lag)
{
  g_return_val_if_fail (lag != NULL, 0);

  return lag->lines > 0 ? to_ms (lag->sum / (gint64) lag->lines) : 0;
}

gint64
pt_status_lag_longest (const PtLag *lag)
{
  g_return_val_if_fail (lag != NULL, 0);

  return to_ms (lag->longest);
}
