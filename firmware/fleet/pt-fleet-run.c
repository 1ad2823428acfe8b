/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-fleet-run.h"

#include "pt-error.h"
#include "pt-fleet-outbox.h"
#include "pt-fleet-timeline.h"
#include "pt-p256.h"

#include <glib/gi18n.h>
#include <stdatomic.h>
#include <string.h>

#define LINGER_US 40000         /* a request waits this long for company */
#define NAP_US 100000           /* the longest sleep before looking whether to stop */
#define BACKOFF_FIRST_US 100000 /* doubled with each failure */
#define BACKOFF_MOST_US 5000000

/* A device at work. */
typedef struct
{
  PtDevice device;
  PtSigner signer;
  PtP256Key *key;
  PtFleetTimeline timeline;
} Unit;

/* One connection, its thread, and the devices that use it. */
typedef struct
{
  PtFleetRun *run;
  GThread *thread;
  PtFleetLink *link; /* for the clock */
  PtFleetTransport *transport;
  Unit *units;
  guint count, lines;
  PtFleetSchedule schedule;
  PtFleetOutbox outbox;
  PtVerifier *verifier; /* of what the daemon says it holds; NULL: nobody asks */
  gint64 backoff;       /* us; 0: the last request was answered */
  gint64 last_post;     /* monotonic us */
  _Atomic gint64 reached;
} Shard;

struct _PtFleetRun
{
  PtFleetRunOptions options;
  PtFleetClock *clock;
  Shard *shards;
  _Atomic guint64 made, acknowledged, duplicate, rejected, retries, outages;
  atomic_int out;
  atomic_uint working;
  atomic_bool stop;
  GMutex mutex;               /* of what follows */
  GHashTable *rejected_slugs; /* slug -> guint64 * */
  char *trouble;
  GError *failure;
};

PtFleetRun *
pt_fleet_run_new (const PtFleetRunOptions *options, PtFleetClock *clock)
{
  PtFleetRun *run = g_new0 (PtFleetRun, 1);

  run->options = *options;
  run->clock = clock;
  run->rejected_slugs = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_free);
  g_mutex_init (&run->mutex);
  run->shards = g_new0 (Shard, options->connections);
  return run;
}

static void
shard_clear (Shard *shard)
{
  for (guint i = 0; i < shard->count; i++)
    {
      if (shard->units[i].key == NULL)
        continue;
      pt_p256_signer_clear (&shard->units[i].signer);
      pt_p256_key_free (shard->units[i].key);
    }
  g_clear_pointer (&shard->units, g_free);
  g_clear_pointer (&shard->transport, pt_fleet_transport_free);
  g_clear_pointer (&shard->link, pt_fleet_link_free);
  if (shard->schedule.turns != NULL)
    pt_fleet_schedule_clear (&shard->schedule);
  if (shard->outbox.items != NULL)
    pt_fleet_outbox_clear (&shard->outbox);
  pt_p256_verifier_free (shard->verifier);
}

void
pt_fleet_run_free (PtFleetRun *run)
{
  if (run == NULL)
    return;
  for (guint i = 0; i < run->options.connections; i++)
    shard_clear (&run->shards[i]);
  g_free (run->shards);
  g_hash_table_unref (run->rejected_slugs);
  g_free (run->trouble);
  g_clear_error (&run->failure);
  g_mutex_clear (&run->mutex);
  g_free (run);
}

static void
take_failure (PtFleetRun *run, GError *failure)
{
  g_mutex_lock (&run->mutex);
  if (run->failure == NULL)
    run->failure = g_steal_pointer (&failure);
  g_mutex_unlock (&run->mutex);
  g_clear_error (&failure);
  run->stop = TRUE;
}

static void
take_trouble (PtFleetRun *run, const GError *error)
{
  g_mutex_lock (&run->mutex);
  g_free (run->trouble);
  run->trouble = g_strdup (error != NULL ? error->message : _ ("The daemon is busy."));
  g_mutex_unlock (&run->mutex);
}

char *
pt_fleet_run_take_trouble (PtFleetRun *run)
{
  char *trouble;

  g_mutex_lock (&run->mutex);
  trouble = g_steal_pointer (&run->trouble);
  g_mutex_unlock (&run->mutex);
  if (trouble == NULL && run->options.steps != NULL)
    trouble = pt_fleet_steps_take_trouble (run->options.steps);
  return trouble;
}

static void
fail (Shard *shard, const char *problem, const Unit *unit)
{
  take_failure (shard->run, g_error_new (PT_ERROR, PT_ERROR_STOP, _ ("Device %s: %s"),
                                         unit->timeline.device->id, problem));
}

/* The mapping of the state is the flash: what is written there survives this process. */
static bool
persist_mapped (void *context, PtDevicePersist what)
{
  atomic_signal_fence (memory_order_seq_cst);
  return true;
}

static gboolean
unit_init (Shard *shard, Unit *unit, guint number)
{
  PtFleetRunOptions *options = &shard->run->options;
  const PtFleetDevice *device = options->plan->devices->pdata[number];
  PtFleetRecord *record = pt_fleet_state_record (options->state, number);
  PtDeviceIdentity identity = { .area = pt_span (device->area, strlen (device->area)),
                                .device = pt_span (device->id, strlen (device->id)),
                                .site = pt_span (device->site, strlen (device->site)),
                                .lat = device->lat,
                                .lon = device->lon };
  PtDevicePort port = { .signer = &unit->signer, .persist = persist_mapped };

  if (shard->verifier != NULL)
    pt_device_recall (&record->memory, record->ring, PT_FLEET_RING);
  pt_fleet_timeline_init (&unit->timeline, options->plan, device, options->heartbeat);
  pt_fleet_timeline_skip (&unit->timeline, record->memory.last_ts);
  unit->key = pt_p256_key_from_scalar (record->scalar);
  if (unit->key == NULL || !pt_p256_signer_init (&unit->signer, unit->key)
      || pt_device_init (&unit->device, &identity, &port, &record->memory, record->ring,
                         PT_FLEET_RING)
             != PT_OK)
    {
      fail (shard, _ ("its state is damaged; name another file with --state."), unit);
      return FALSE;
    }
  return TRUE;
}

/* Sleeps in short naps, so that a wish to stop is seen. */
static void
nap (Shard *shard, gint64 us)
{
  gint64 until = g_get_monotonic_time () + us, left = us;

  for (; left > 0 && !shard->run->stop; left = until - g_get_monotonic_time ())
    g_usleep ((gulong) MIN (left, NAP_US));
}

/* After a failure: waits longer each time, half of it by chance so that the connections do not
 * come back together, and looks at the daemon's clock again, for it may have been restarted. */
static void
back_off (Shard *shard, const GError *error)
{
  PtFleetRun *run = shard->run;

  run->retries++;
  take_trouble (run, error);
  shard->backoff = CLAMP (shard->backoff * 2, BACKOFF_FIRST_US, BACKOFF_MOST_US);
  nap (shard, shard->backoff / 2 + g_random_int_range (0, (gint32) (shard->backoff / 2)));
  if (run->stop)
    return;
  if (run->options.steps != NULL)
    pt_fleet_steps_repeat (run->options.steps);
  else
    pt_fleet_clock_look (run->clock, shard->link, NULL, NULL);
}

/* What the daemon says of the device; NULL: that is not to be had. */
static GBytes *
ask_held (Shard *shard, guint number, PtHeld *held)
{
  PtFleetVerdict verdict = PT_FLEET_AGAIN;
  GBytes *bytes = NULL;

  while (bytes == NULL && verdict == PT_FLEET_AGAIN && !shard->run->stop)
    {
      g_autoptr (GError) error = NULL;

      bytes = pt_fleet_transport_held (shard->transport, number, held, &verdict, &error);
      if (bytes != NULL)
        shard->backoff = 0;
      else if (verdict == PT_FLEET_AGAIN)
        back_off (shard, error);
      else
        take_trouble (shard->run, error);
    }
  return bytes;
}

/* Takes out of what waits what the daemon holds. Where it does not say, or somebody else does, all
 * of it is sent: twice rather than never. */
static void
resync (Shard *shard, guint number)
{
  Unit *unit = &shard->units[number];
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;
  PtHeld held;

  if (pt_device_waiting (&unit->device) == 0)
    return;
  bytes = ask_held (shard, number, &held);
  if (bytes == NULL
      || pt_device_resync (&unit->device, &held, shard->verifier, shard->run->options.resync)
             == PT_OK)
    return;
  error = g_error_new (PT_ERROR, PT_ERROR_FAILED,
                       _ ("What the daemon says it holds of device %s is not signed with its "
                          "service key; all that waits is sent."),
                       unit->timeline.device->id);
  take_trouble (shard->run, error);
}

static gboolean
send_waiting (Shard *shard, guint number, guint32 index)
{
  Unit *unit = &shard->units[number];
  char text[PT_DEVICE_REPORT_MAX];
  size_t size;
  int64_t seq;

  if (pt_device_peek (&unit->device, index, text, sizeof text, &size, &seq) != PT_OK)
    {
      fail (shard, _ ("a report in its state is damaged; name another file with --state."), unit);
      return FALSE;
    }
  pt_fleet_outbox_add (&shard->outbox, number, seq, unit->device.memory->last_ts, text, size);
  return TRUE;
}

static const PtFleetDevice *
device_of (gpointer owner, guint number, const guint8 **scalar)
{
  const Shard *shard = owner;
  const PtFleetRunOptions *options = &shard->run->options;
  guint first = (guint) (shard - shard->run->shards);

  *scalar = pt_fleet_state_record (options->state, first + number * options->connections)->scalar;
  return shard->units[number].timeline.device;
}

static void
shard_connect (Shard *shard)
{
  PtFleetRun *run = shard->run;
  const PtFleetTransportOptions options = { .way = run->options.way,
                                            .url = run->options.url,
                                            .via = run->options.via,
                                            .credentials = run->options.credentials,
                                            .connections = run->options.open,
                                            .stop = &run->stop,
                                            .device = device_of,
                                            .owner = shard };

  shard->link = pt_fleet_link_new (run->options.url);
  pt_fleet_link_set_tls (shard->link, pt_fleet_credentials_ca (run->options.credentials), NULL,
                         NULL);
  shard->transport = pt_fleet_transport_new (&options);
}

static gboolean
shard_init (Shard *shard)
{
  PtFleetRun *run = shard->run;
  guint devices = run->options.plan->devices->len, first = (guint) (shard - run->shards);
  PtFleetEvent event;

  pt_fleet_schedule_init (&shard->schedule);
  pt_fleet_outbox_init (&shard->outbox);
  shard_connect (shard);
  shard->lines = run->options.lines;
  if (run->options.resync != NULL)
    shard->verifier = pt_p256_verifier_new (PT_P256_FAST);
  shard->units = g_new0 (Unit, devices / run->options.connections + 1);
  for (guint i = first; i < devices && !run->stop; i += run->options.connections)
    {
      Unit *unit = &shard->units[shard->count];

      if (!unit_init (shard, unit, i))
        return FALSE;
      if (shard->verifier != NULL)
        resync (shard, shard->count);
      for (guint32 j = 0; j < pt_device_waiting (&unit->device); j++)
        if (!send_waiting (shard, shard->count, j))
          return FALSE;
      if (unit->timeline.change % 2 == 1)
        run->out++;
      if (pt_fleet_timeline_peek (&unit->timeline, &event))
        pt_fleet_schedule_push (&shard->schedule, event.ts, shard->count);
      shard->count++;
    }
  run->made += shard->outbox.items->len;
  return TRUE;
}

static void
count_event (PtFleetRun *run, const PtFleetEvent *event)
{
  run->made++;
  if (!event->change)
    return;
  run->outages += event->power == PT_POWER_OFF;
  run->out += event->power == PT_POWER_OFF ? 1 : -1;
}

/* Makes the report of the earliest event. FALSE when its device has to wait for
 * acknowledgements, or the run ends. */
static gboolean
make_report (Shard *shard, guint number)
{
  Unit *unit = &shard->units[number];
  PtFleetEvent event;
  PtResult result;

  pt_fleet_timeline_peek (&unit->timeline, &event);
  result = pt_device_report (&unit->device, event.power, event.ts);
  if (result == PT_NO_SPACE && pt_device_waiting (&unit->device) > 0)
    return FALSE;
  if (result != PT_OK)
    {
      fail (shard, _ ("it could not sign a report; is OpenSSL at work?"), unit);
      return FALSE;
    }
  count_event (shard->run, &event);
  if (!send_waiting (shard, number, pt_device_waiting (&unit->device) - 1))
    return FALSE;
  pt_fleet_timeline_advance (&unit->timeline);
  pt_fleet_schedule_pop (&shard->schedule);
  if (pt_fleet_timeline_peek (&unit->timeline, &event))
    pt_fleet_schedule_push (&shard->schedule, event.ts, number);
  return TRUE;
}

/* Makes what is due; TRUE when there is no need to wait for more before sending. */
static gboolean
make_due (Shard *shard)
{
  gint64 now = pt_fleet_clock_now (shard->run->clock);
  const PtFleetTurn *turn;

  while (shard->outbox.items->len < shard->lines)
    {
      turn = pt_fleet_schedule_first (&shard->schedule);
      if (turn == NULL)
        return TRUE;
      if (turn->ts > now)
        return FALSE;
      if (!make_report (shard, turn->number))
        return TRUE;
    }
  return TRUE;
}

static void
settled (gpointer context, const PtFleetItem *item, const char *slug)
{
  Shard *shard = context;
  PtFleetRun *run = shard->run;
  guint64 *count;

  pt_device_ack (&shard->units[item->device].device, item->seq);
  if (slug == NULL)
    return;
  run->rejected++;
  g_mutex_lock (&run->mutex);
  count = g_hash_table_lookup (run->rejected_slugs, slug);
  if (count == NULL)
    {
      count = g_new0 (guint64, 1);
      g_hash_table_insert (run->rejected_slugs, (gpointer) slug, count);
    }
  ++*count;
  g_mutex_unlock (&run->mutex);
}

static void
take_answer (Shard *shard, guint lines, const PtFleetAnswer *answer)
{
  PtFleetRun *run = shard->run;
  guint kept = pt_fleet_outbox_settle (&shard->outbox, lines, answer, settled, shard);

  run->acknowledged += answer->accepted + answer->duplicate;
  run->duplicate += answer->duplicate;
  if (answer->pause_s > 0)
    nap (shard, (gint64) answer->pause_s * G_USEC_PER_SEC);
  if (kept > 0)
    back_off (shard, NULL);
  else
    shard->backoff = 0;
}

static void
post (Shard *shard)
{
  guint lines = MIN (shard->outbox.items->len, shard->lines);
  g_autoptr (GError) error = NULL;
  PtFleetAnswer answer;

  shard->last_post = g_get_monotonic_time ();
  switch (pt_fleet_transport_post (shard->transport, &shard->outbox, lines, &answer, &error))
    {
    case PT_FLEET_ANSWERED:
      take_answer (shard, lines, &answer);
      break;
    case PT_FLEET_AGAIN:
      back_off (shard, error);
      break;
    case PT_FLEET_TOO_LARGE:
      shard->lines = MAX (1, lines / 2);
      break;
    case PT_FLEET_REFUSED:
      take_failure (shard->run, g_steal_pointer (&error));
      break;
    }
  pt_fleet_answer_clear (&answer);
}

static void
note_reached (Shard *shard)
{
  const PtFleetTurn *turn = pt_fleet_schedule_first (&shard->schedule);
  gint64 reached = turn != NULL ? turn->ts : G_MAXINT64;

  for (guint i = 0; i < shard->outbox.items->len; i++)
    reached = MIN (reached, g_array_index (shard->outbox.items, PtFleetItem, i).ts);
  shard->reached = reached;
}

/* How long to wait before the next step, in us; 0: post now. */
static gint64
time_to_wait (Shard *shard, gboolean enough)
{
  const PtFleetTurn *turn = pt_fleet_schedule_first (&shard->schedule);
  gint64 wait = MAX (0, shard->last_post + LINGER_US - g_get_monotonic_time ());

  if (shard->outbox.items->len > 0)
    return enough ? 0 : wait;
  return turn == NULL ? 0 : MAX (wait, pt_fleet_clock_wait (shard->run->clock, turn->ts));
}

/* Follows a clock that goes by itself. */
static void
follow (Shard *shard)
{
  while (!shard->run->stop)
    {
      gboolean enough = make_due (shard);
      gint64 wait;

      note_reached (shard);
      wait = time_to_wait (shard, enough);
      if (wait > 0)
        nap (shard, MIN (wait, NAP_US));
      else if (shard->outbox.items->len > 0)
        post (shard);
      else if (pt_fleet_schedule_first (&shard->schedule) == NULL)
        break;
    }
}

/* Whether the clock was stepped on and there is more to do. */
static gboolean
wait_for_step (Shard *shard)
{
  PtFleetRun *run = shard->run;
  GError *error = NULL;
  gboolean stepped = pt_fleet_steps_wait (run->options.steps, &run->stop, &error);

  if (error != NULL)
    take_failure (run, error);
  return stepped;
}

/* Moves the clock on together with the other shards, when all that was due is acknowledged. */
static void
step_along (Shard *shard)
{
  while (wait_for_step (shard))
    for (make_due (shard); shard->outbox.items->len > 0 && !shard->run->stop; make_due (shard))
      {
        note_reached (shard);
        post (shard);
      }
}

static gpointer
work (gpointer data)
{
  Shard *shard = data;

  if (shard_init (shard))
    {
      if (shard->run->options.steps != NULL)
        step_along (shard);
      else
        follow (shard);
    }
  note_reached (shard);
  shard->run->working--;
  return NULL;
}

void
pt_fleet_run_start (PtFleetRun *run)
{
  run->working = run->options.connections;
  for (guint i = 0; i < run->options.connections; i++)
    {
      run->shards[i].run = run;
      run->shards[i].reached = run->options.plan->start;
    }
  for (guint i = 0; i < run->options.connections; i++)
    run->shards[i].thread = g_thread_new ("fleet", work, &run->shards[i]);
}

void
pt_fleet_run_counts (PtFleetRun *run, PtFleetCounts *out)
{
  gint64 now = pt_fleet_clock_now (run->clock);

  *out = (PtFleetCounts){ .made = run->made,
                          .acknowledged = run->acknowledged,
                          .duplicate = run->duplicate,
                          .rejected = run->rejected,
                          .retries = run->retries,
                          .outages = run->outages,
                          .out = (guint) MAX (0, run->out),
                          .now = now,
                          .reached = MIN (now, run->options.plan->end),
                          .running = run->working > 0 };
  for (guint i = 0; i < run->options.connections; i++)
    out->reached = MIN (out->reached, run->shards[i].reached);
}

GHashTable *
pt_fleet_run_rejected (PtFleetRun *run)
{
  return run->rejected_slugs;
}

void
pt_fleet_run_stop (PtFleetRun *run)
{
  run->stop = TRUE;
}

gboolean
pt_fleet_run_join (PtFleetRun *run, GError **error)
{
  for (guint i = 0; i < run->options.connections; i++)
    g_clear_pointer (&run->shards[i].thread, g_thread_join);
  if (run->failure == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&run->failure));
  return FALSE;
}
