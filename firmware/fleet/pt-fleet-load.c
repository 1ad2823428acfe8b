/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-fleet-load.h"

#include "pt-error.h"
#include "pt-fleet-live.h"
#include "pt-fleet-outbox.h"
#include "pt-fleet-state.h"
#include "pt-p256.h"

#include <glib/gi18n.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define LOAD_LAT 255941000 /* 1e-7 degree */
#define LOAD_LON 851376000
#define LOAD_STEP 12000 /* between two devices */
#define ROW 316         /* devices in a row of the grid */
#define BACKOFF_US 50000

typedef struct _Load Load;

/* One connection: signs the reports of every @connections-th device, then sends them. */
typedef struct
{
  Load *load;
  GThread *thread;
  guint number;
  PtFleetOutbox outbox;
  GArray *latencies; /* of guint32, us a request */
  guint64 accepted, duplicate, rejected, retries;
  GError *error;
} Sender;

struct _Load
{
  const PtFleetLoadOptions *options;
  PtFleetPlan *plan;
  PtFleetState *state;
  gint64 now; /* ms since 1970: every report's time */
  atomic_bool stop;
};

static PtFleetPlan *
make_plan (const PtFleetLoadOptions *options)
{
  g_autoptr (PtFleetPlan) plan = pt_fleet_plan_new ();

  for (guint i = 0; i < options->devices; i++)
    {
      g_autofree char *id = g_strdup_printf ("load-%06u", i + 1);
      PtFleetDevice *device = pt_fleet_plan_add (plan, options->area, id);

      device->lat = LOAD_LAT + (gint64) (i / ROW % ROW) * LOAD_STEP;
      device->lon = LOAD_LON + (gint64) (i % ROW) * LOAD_STEP;
      device->level = PT_LEVEL_TRANSFORMER;
      device->customers = 100;
    }
  pt_fleet_plan_finish (plan);
  return g_steal_pointer (&plan);
}

/* When report @number of a device is due, by the daemon's clock: all devices take turns. */
static gint64
report_time (const Load *load, guint number)
{
  const PtFleetLoadOptions *options = load->options;

  return options->rate == 0 ? load->now
                            : load->now + (gint64) number * options->devices * 1000 / options->rate;
}

/* Spread over devices and time, and the same in each run. */
static PtPower
report_power (const Load *load, guint device, guint number)
{
  guint32 mixed = (device * 2654435761u) ^ (number * 40503u);

  return (mixed >> 8) % 100 < load->options->off_percent ? PT_POWER_OFF : PT_POWER_ON;
}

static bool
persist_mapped (void *context, PtDevicePersist what)
{
  return true;
}

/* Reports of device @number, handed to the outbox as they are signed: this program is the load, not
 * the device's memory. */
static gboolean
sign_device (Sender *sender, PtFleetRecord *record, const PtFleetDevice *fleet_device, guint number)
{
  const PtFleetLoadOptions *options = sender->load->options;
  guint count = options->reports / options->devices
                + (number < options->reports % options->devices ? 1 : 0);
  PtDeviceIdentity identity = { pt_span (fleet_device->area, strlen (fleet_device->area)),
                                pt_span (fleet_device->id, strlen (fleet_device->id)),
                                pt_span (fleet_device->site, strlen (fleet_device->site)),
                                fleet_device->lat, fleet_device->lon };
  PtP256Key *key = pt_p256_key_from_scalar (record->scalar);
  PtSigner signer;
  PtDevicePort port = { .signer = &signer, .persist = persist_mapped };
  PtDevice device;
  char text[PT_DEVICE_REPORT_MAX];
  size_t size;
  int64_t seq;
  gboolean good = key != NULL && pt_p256_signer_init (&signer, key);

  if (good)
    {
      good
          = pt_device_init (&device, &identity, &port, &record->memory, record->ring, PT_FLEET_RING)
            == PT_OK;
      record->memory.first = record->memory.next;
      for (guint i = 0; good && i < count; i++)
        {
          gint64 ts = report_time (sender->load, i);

          good = pt_device_report (&device, report_power (sender->load, number, i), ts) == PT_OK
                 && pt_device_peek (&device, 0, text, sizeof text, &size, &seq) == PT_OK
                 && pt_device_ack (&device, seq);
          if (good)
            pt_fleet_outbox_add (&sender->outbox, number, seq, ts, text, size);
        }
      pt_p256_signer_clear (&signer);
    }
  pt_p256_key_free (key);
  return good;
}

static gpointer
sign_all (gpointer data)
{
  Sender *sender = data;
  Load *load = sender->load;

  for (guint i = sender->number; i < load->options->devices; i += load->options->connections)
    if (!sign_device (sender, pt_fleet_state_record (load->state, i), load->plan->devices->pdata[i],
                      i))
      {
        sender->error = g_error_new_literal (
            PT_ERROR, PT_ERROR_STOP,
            _ ("The state is damaged, or signing failed; name another file with --state."));
        break;
      }
  return NULL;
}

/* Deals the devices' reports out in rounds, as devices would send them; the outbox has them device
 * by device. */
static void
interleave (Sender *sender)
{
  GArray *items = sender->outbox.items;
  g_autofree gsize *offsets = g_new (gsize, items->len + 1);
  PtFleetOutbox mixed;
  guint stride = MAX (1, sender->load->options->reports / sender->load->options->devices);
  gsize offset = 0;

  for (guint i = 0; i < items->len; i++)
    {
      offsets[i] = offset;
      offset += g_array_index (items, PtFleetItem, i).size;
    }
  pt_fleet_outbox_init (&mixed);
  for (guint from = 0; from < stride; from++)
    for (guint i = from; i < items->len; i += stride)
      {
        PtFleetItem *item = &g_array_index (items, PtFleetItem, i);

        pt_fleet_outbox_add (&mixed, item->device, item->seq, item->ts,
                             (const char *) sender->outbox.text->data + offsets[i], item->size - 1);
      }
  pt_fleet_outbox_clear (&sender->outbox);
  sender->outbox = mixed;
}

/* A window into the outbox that moves on as requests are answered, so that nothing is copied while
 * the clock runs. */
typedef struct
{
  guint first;
  gsize offset;
} Window;

static guint
window_body (Sender *sender, const Window *window, guint most, GBytes **body)
{
  GArray *items = sender->outbox.items;
  guint lines = MIN (most, items->len - window->first);
  gsize size = 0;

  for (guint i = 0; i < lines; i++)
    size += g_array_index (items, PtFleetItem, window->first + i).size;
  *body = g_bytes_new_static (sender->outbox.text->data + window->offset, size);
  return lines;
}

static guint
count_busy (const PtFleetAnswer *answer)
{
  guint count = 0;

  for (guint i = 0; i < answer->rejected->len; i++)
    count += pt_fleet_slug_passes (g_array_index (answer->rejected, PtFleetRejection, i).slug);
  return count;
}

/* Takes an answered request; one with busy lines is sent again whole, for what was stored of it is
 * only a duplicate then. */
static gboolean
take_answer (Sender *sender, const PtFleetAnswer *answer)
{
  if (count_busy (answer) > 0)
    return FALSE;
  sender->accepted += answer->accepted;
  sender->duplicate += answer->duplicate;
  sender->rejected += answer->rejected->len;
  return TRUE;
}

static gboolean
send_request (Sender *sender, PtFleetLink *link, Window *window, guint *most)
{
  g_autoptr (GBytes) body = NULL;
  g_autoptr (GError) error = NULL;
  guint lines = window_body (sender, window, *most, &body);
  gint64 begun = g_get_monotonic_time ();
  PtFleetAnswer answer;
  PtFleetVerdict verdict = pt_fleet_link_post (link, body, lines, &answer, &error);
  guint32 latency = (guint32) (g_get_monotonic_time () - begun);
  gboolean done = verdict == PT_FLEET_ANSWERED && take_answer (sender, &answer);

  pt_fleet_answer_clear (&answer);
  if (done)
    {
      g_array_append_val (sender->latencies, latency);
      window->first += lines;
      window->offset += g_bytes_get_size (body);
      return TRUE;
    }
  if (verdict == PT_FLEET_REFUSED)
    {
      sender->error = g_steal_pointer (&error);
      return FALSE;
    }
  if (verdict == PT_FLEET_TOO_LARGE)
    *most = MAX (1, lines / 2);
  else
    g_usleep (BACKOFF_US);
  sender->retries++;
  return TRUE;
}

/* Until the next report is due. */
static void
keep_pace (const Sender *sender, const Window *window, gint64 begun)
{
  const PtFleetLoadOptions *options = sender->load->options;
  gint64 due, now = g_get_monotonic_time ();

  if (options->rate == 0)
    return;
  due = begun + (gint64) window->first * options->connections * G_USEC_PER_SEC / options->rate;
  if (due > now)
    g_usleep ((gulong) (due - now));
}

static gpointer
send_all (gpointer data)
{
  Sender *sender = data;
  g_autoptr (PtFleetLink) link = pt_fleet_link_new (sender->load->options->url);
  guint most = sender->load->options->lines;
  Window window = { 0 };
  gint64 begun = g_get_monotonic_time ();

  while (window.first < sender->outbox.items->len && !sender->load->stop)
    {
      keep_pace (sender, &window, begun);
      if (!send_request (sender, link, &window, &most))
        sender->load->stop = TRUE;
    }
  return NULL;
}

static gboolean
on_all (Sender *senders, guint count, const char *name, GThreadFunc func, GError **error)
{
  for (guint i = 0; i < count; i++)
    senders[i].thread = g_thread_new (name, func, &senders[i]);
  for (guint i = 0; i < count; i++)
    g_clear_pointer (&senders[i].thread, g_thread_join);
  for (guint i = 0; i < count; i++)
    if (senders[i].error != NULL)
      {
        g_propagate_error (error, g_steal_pointer (&senders[i].error));
        return FALSE;
      }
  return TRUE;
}

static int
compare_latencies (gconstpointer a, gconstpointer b)
{
  guint32 left = *(const guint32 *) a, right = *(const guint32 *) b;

  return left < right ? -1 : left > right;
}

static double
percentile (GArray *latencies, guint percent)
{
  if (latencies->len == 0)
    return 0;
  return g_array_index (latencies, guint32, (latencies->len - 1) * percent / 100) / 1000.0;
}

static void
print_number (const char *before, const char *format, double value)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  g_print ("%s%s", before, g_ascii_formatd (text, sizeof text, format, value));
}

static int
print_result (const Load *load, Sender *senders, double seconds)
{
  g_autoptr (GArray) latencies = g_array_new (FALSE, FALSE, sizeof (guint32));
  guint64 accepted = 0, duplicate = 0, rejected = 0, retries = 0;

  for (guint i = 0; i < load->options->connections; i++)
    {
      g_array_append_vals (latencies, senders[i].latencies->data, senders[i].latencies->len);
      accepted += senders[i].accepted;
      duplicate += senders[i].duplicate;
      rejected += senders[i].rejected;
      retries += senders[i].retries;
    }
  g_array_sort (latencies, compare_latencies);
  g_print ("{\"reports\":%" G_GUINT64_FORMAT ",\"accepted\":%" G_GUINT64_FORMAT
           ",\"duplicate\":%" G_GUINT64_FORMAT ",\"rejected\":%" G_GUINT64_FORMAT
           ",\"retries\":%" G_GUINT64_FORMAT,
           accepted + duplicate, accepted, duplicate, rejected, retries);
  print_number (",\"seconds\":", "%.6f", seconds);
  print_number (",\"reports_per_s\":", "%.1f",
                (double) (accepted + duplicate) / MAX (seconds, 1e-6));
  print_number (",\"ack_ms_p50\":", "%.3f", percentile (latencies, 50));
  print_number (",\"ack_ms_p99\":", "%.3f", percentile (latencies, 99));
  g_print ("}\n");
  return rejected > 0 ? PT_FLEET_EXIT_REJECTED : EXIT_SUCCESS;
}

static int
measure (Load *load, Sender *senders, GError **error)
{
  guint count = load->options->connections;
  g_autoptr (PtFleetLink) link = pt_fleet_link_new (load->options->url);
  PtFleetStatus status;
  gint64 begun;

  if (!pt_fleet_link_status (link, &status, error))
    return -1;
  load->now = status.now;
  if (!on_all (senders, count, "sign", sign_all, error)
      || !pt_fleet_state_flush (load->state, error))
    return -1;
  for (guint i = 0; i < count; i++)
    interleave (&senders[i]);
  begun = g_get_monotonic_time ();
  if (!on_all (senders, count, "send", send_all, error))
    return -1;
  return print_result (load, senders,
                       (double) (g_get_monotonic_time () - begun) / (double) G_USEC_PER_SEC);
}

static int
run_load (Load *load, GError **error)
{
  guint count = load->options->connections;
  g_autofree Sender *senders = g_new0 (Sender, count);
  int code;

  for (guint i = 0; i < count; i++)
    {
      senders[i].load = load;
      senders[i].number = i;
      senders[i].latencies = g_array_new (FALSE, FALSE, sizeof (guint32));
      pt_fleet_outbox_init (&senders[i].outbox);
    }
  code = measure (load, senders, error);
  for (guint i = 0; i < count; i++)
    {
      pt_fleet_outbox_clear (&senders[i].outbox);
      g_array_unref (senders[i].latencies);
      g_clear_error (&senders[i].error);
    }
  return code;
}

int
pt_fleet_load (const PtFleetLoadOptions *options, GError **error)
{
  g_autoptr (PtFleetPlan) plan = make_plan (options);
  g_autoptr (PtFleetState) state = pt_fleet_state_open (options->state, plan, error);
  Load load = { .options = options, .plan = plan, .state = state };

  if (state == NULL)
    return -1;
  if (options->list == NULL)
    return run_load (&load, error);
  return pt_fleet_state_list (state, plan, options->list, error) ? EXIT_SUCCESS : -1;
}
