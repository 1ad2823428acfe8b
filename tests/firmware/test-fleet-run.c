/* SPDX-License-Identifier: Apache-2.0 */

/* The run against a server that answers as the public interface says, and fails as networks and
 * daemons do. What it took in must be the plan, to the millisecond. */

#include "pt-fleet-run.h"

#include "pt-error.h"
#include "pt-p256.h"

#include <glib/gstdio.h>
#include <libsoup/soup.h>
#include <stdio.h>
#include <string.h>

#define SPEED 40000.0
#define ORIGIN G_GINT64_CONSTANT (1707006509000)
#define HOUR G_GINT64_CONSTANT (3600000)
#define PERIOD (HOUR / 4)
#define TOKEN "a token of the administrator's"

/* What the server knows of one device. */
typedef struct
{
  gint64 seq, ts;
  PtPower power;
  guint8 public_key[PT_PUBLIC_KEY_SIZE];
  GArray *outages; /* of PtFleetOutage, as reported */
  GString *dates;  /* each report's time, and when it came by the daemon's clock */
} Seen;

typedef struct
{
  SoupServer *server;
  GMainContext *context;
  GMainLoop *loop;
  GThread *thread;
  char *url;
  gint64 started; /* monotonic us */
  PtVerifier *verifier;
  GHashTable *seen; /* device -> Seen */
  guint requests, accepted, duplicate;
  gboolean stepped;   /* the clock is, by the fleet */
  gint64 now, before; /* ms, of a stepped clock, and before its last step */
  guint steps;
  gboolean leaps;   /* somebody else moves it on besides */
  gboolean trouble; /* fails now and then */
  gboolean refuses; /* every line is stale-seq */
  PtP256Key *key;   /* of the service; NULL until somebody asks for what is held */
  PtSigner signer;
  guint asked; /* for what is held */
} Daemon;

static void
seen_free (gpointer data)
{
  Seen *seen = data;

  g_array_unref (seen->outages);
  g_string_free (seen->dates, TRUE);
  g_free (seen);
}

static gint64
daemon_now (Daemon *daemon)
{
  if (daemon->stepped)
    return daemon->now;
  return ORIGIN + (gint64) ((double) (g_get_monotonic_time () - daemon->started) / 1000.0 * SPEED);
}

static void
take_report (Daemon *daemon, PtSpan line)
{
  PtEntry entry;
  g_autofree char *name = NULL;
  Seen *seen;

  g_assert_cmpint (pt_entry_parse (line, PT_ENTRY_SIGNED, &entry), ==, PT_OK);
  name = g_strndup (entry.device.data, entry.device.size);
  seen = g_hash_table_lookup (daemon->seen, name);
  g_assert_nonnull (seen);
  g_assert_cmpint (pt_entry_verify (&entry, daemon->verifier, seen->public_key), ==, PT_OK);
  g_assert_cmpint (entry.ts, <=, daemon_now (daemon));
  if (entry.seq <= seen->seq)
    {
      daemon->duplicate++;
      return;
    }
  /* A report of each step comes before the next. */
  g_assert_true (!daemon->stepped || entry.ts > daemon->before);
  g_string_append_printf (seen->dates, "%" G_GINT64_FORMAT " at %" G_GINT64_FORMAT "\n", entry.ts,
                          daemon_now (daemon));
  g_assert_cmpint (entry.seq, ==, seen->seq + 1);
  g_assert_cmpint (entry.ts, >, seen->ts);
  if (seen->seq == 0 || entry.power != seen->power)
    {
      PtFleetOutage outage = { entry.ts, PT_FLEET_OPEN };

      if (entry.power == PT_POWER_OFF)
        g_array_append_val (seen->outages, outage);
      else if (seen->seq > 0)
        g_array_index (seen->outages, PtFleetOutage, seen->outages->len - 1).end = entry.ts;
    }
  seen->seq = entry.seq;
  seen->ts = entry.ts;
  seen->power = entry.power;
  daemon->accepted++;
}

static void
answer (SoupServerMessage *message, guint status, const char *text)
{
  soup_server_message_set_status (message, status, NULL);
  soup_server_message_set_response (message, "application/json", SOUP_MEMORY_COPY, text,
                                    strlen (text));
}

/* A stepped run makes many small requests. */
static gboolean
in_trouble (const Daemon *daemon, guint count, guint every)
{
  return daemon->trouble && count % (daemon->stepped ? 20 * every : every) == 0;
}

/* Takes in all lines but, in trouble, the last ones, which are "busy" or "too-many". */
static void
take_body (Daemon *daemon, SoupServerMessage *message, const char *text, gsize size)
{
  g_autoptr (GString) rejected = g_string_new (NULL);
  g_autofree char *json = NULL;
  guint line = 0, before = daemon->accepted, twice = daemon->duplicate;
  gboolean busy = in_trouble (daemon, daemon->requests, 5);

  for (const char *end, *end_of_text = text + size; text < end_of_text; text = end + 1)
    {
      end = memchr (text, '\n', (gsize) (end_of_text - text));
      g_assert_nonnull (end);
      line++;
      if (daemon->refuses || (busy && line > 3))
        g_string_append_printf (rejected, "%s{\"line\":%u,\"error\":\"%s\"}",
                                rejected->len > 0 ? "," : "", line,
                                daemon->refuses ? "stale-seq"
                                : line % 2 == 0 ? "busy"
                                                : "too-many");
      else
        take_report (daemon, pt_span (text, (gsize) (end - text)));
    }
  json = g_strdup_printf ("{\"accepted\":%u,\"duplicate\":%u,\"rejected\":[%s]}",
                          daemon->accepted - before, daemon->duplicate - twice, rejected->str);
  if (in_trouble (daemon, daemon->requests, 7))
    answer (message, 500, "{\"detail\":\"stored, but the answer is lost\"}");
  else
    answer (message, 200, json);
}

static void
reports_cb (SoupServer *server, SoupServerMessage *message, const char *path, GHashTable *query,
            gpointer user_data)
{
  Daemon *daemon = user_data;
  SoupMessageBody *body = soup_server_message_get_request_body (message);

  daemon->requests++;
  if (in_trouble (daemon, daemon->requests, 3))
    answer (message, 503, "{\"type\":\"busy\",\"detail\":\"The queue is full.\"}");
  else if (daemon->trouble && body->length > 20000)
    answer (message, 413, "{\"detail\":\"Too large.\"}");
  else
    take_body (daemon, message, body->data, (gsize) body->length);
}

static void
status_cb (SoupServer *server, SoupServerMessage *message, const char *path, GHashTable *query,
           gpointer user_data)
{
  Daemon *daemon = user_data;
  g_autofree char *json = g_strdup_printf (
      "{\"version\":\"t\",\"now\":%" G_GINT64_FORMAT ",\"clock_speed\":%g,"
      "\"clock_source\":\"%s\",\"period\":900000}",
      daemon_now (daemon), daemon->stepped ? 0 : SPEED, daemon->stepped ? "stepped" : "scaled");

  answer (message, 200, json);
}

/* Steps on and never back; in trouble it is busy now and then, or the answer is lost. */
static void
clock_cb (SoupServer *server, SoupServerMessage *message, const char *path, GHashTable *query,
          gpointer user_data)
{
  Daemon *daemon = user_data;
  SoupMessageBody *body = soup_server_message_get_request_body (message);
  g_autofree char *text = g_strndup (body->data, (gsize) body->length);
  const char *token = soup_message_headers_get_one (
      soup_server_message_get_request_headers (message), "Authorization");
  gint64 now = 0;

  g_assert_cmpint (sscanf (text, "{\"now\":%" G_GINT64_FORMAT "}", &now), ==, 1);
  g_assert_cmpstr (token, ==, "Bearer " TOKEN);
  daemon->steps++;
  if (!daemon->stepped || now < daemon->now)
    answer (message, 409, "{\"type\":\"conflict\",\"detail\":\"It never goes back.\"}");
  else if (in_trouble (daemon, daemon->steps, 5))
    answer (message, 503, "{\"type\":\"busy\",\"detail\":\"Sealing is behind.\"}");
  else
    {
      if (now > daemon->now)
        daemon->before = daemon->now;
      daemon->now = daemon->leaps && daemon->steps == 10 ? now + HOUR : now;
      answer (message, in_trouble (daemon, daemon->steps, 7) ? 500 : 200, "{}");
    }
}

/* What is held of a device; of device-7 somebody else says it, and of device-8 nobody. */
static void
held_cb (SoupServer *server, SoupServerMessage *message, const char *path, GHashTable *query,
         gpointer user_data)
{
  Daemon *daemon = user_data;
  g_auto (GStrv) parts = g_strsplit (path, "/", -1);
  g_autofree char *text = g_malloc (PT_HELD_JSON_MAX);
  PtHeld held = { .ts = daemon_now (daemon) };
  PtHash digest;
  gsize size;

  g_assert_cmpuint (g_strv_length (parts), ==, 7);
  g_assert_cmpstr (parts[6], ==, "held");
  daemon->asked++;
  held.area = pt_span (parts[4], strlen (parts[4]));
  held.device = pt_span (parts[5], strlen (parts[5]));
  held.highest = ((Seen *) g_hash_table_lookup (daemon->seen, parts[5]))->seq;
  pt_held_digest (&held, &digest);
  g_assert_true (daemon->signer.sign (daemon->signer.context, &digest, held.signature));
  if (strcmp (parts[5], "device-7") == 0)
    held.highest++;
  g_assert_cmpint (pt_held_write (&held, text, PT_HELD_JSON_MAX - 1, &size), ==, PT_OK);
  text[size] = '\0';
  if (strcmp (parts[5], "device-8") == 0)
    answer (message, 404, "{\"type\":\"unknown-device\",\"detail\":\"There is none.\"}");
  else
    answer (message, daemon->asked % 4 == 0 ? 503 : 200, daemon->asked % 4 == 0 ? "{}" : text);
}

static gpointer
serve (gpointer data)
{
  Daemon *daemon = data;

  g_main_context_push_thread_default (daemon->context);
  g_main_loop_run (daemon->loop);
  g_main_context_pop_thread_default (daemon->context);
  return NULL;
}

static void
daemon_start (Daemon *daemon)
{
  g_autoptr (GError) error = NULL;
  GSList *uris;

  daemon->context = g_main_context_new ();
  daemon->loop = g_main_loop_new (daemon->context, FALSE);
  daemon->verifier = pt_p256_verifier_new (PT_P256_EVP);
  daemon->seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, seen_free);
  daemon->started = g_get_monotonic_time ();
  g_main_context_push_thread_default (daemon->context);
  daemon->server = soup_server_new (NULL, NULL);
  soup_server_add_handler (daemon->server, "/api/v1/reports", reports_cb, daemon, NULL);
  soup_server_add_handler (daemon->server, "/api/v1/status", status_cb, daemon, NULL);
  soup_server_add_handler (daemon->server, "/api/v1/clock", clock_cb, daemon, NULL);
  soup_server_add_handler (daemon->server, "/api/v1/devices", held_cb, daemon, NULL);
  soup_server_listen_local (daemon->server, 0, SOUP_SERVER_LISTEN_IPV4_ONLY, &error);
  g_assert_no_error (error);
  g_main_context_pop_thread_default (daemon->context);
  uris = soup_server_get_uris (daemon->server);
  daemon->url = g_uri_to_string (uris->data);
  g_slist_free_full (uris, (GDestroyNotify) g_uri_unref);
  daemon->thread = g_thread_new ("daemon", serve, daemon);
}

static void
daemon_stop (Daemon *daemon)
{
  g_main_loop_quit (daemon->loop);
  g_thread_join (daemon->thread);
  g_main_context_push_thread_default (daemon->context);
  soup_server_disconnect (daemon->server);
  g_object_unref (daemon->server);
  g_main_context_pop_thread_default (daemon->context);
  g_main_loop_unref (daemon->loop);
  g_main_context_unref (daemon->context);
  g_hash_table_unref (daemon->seen);
  pt_p256_verifier_free (daemon->verifier);
  if (daemon->key != NULL)
    pt_p256_signer_clear (&daemon->signer);
  pt_p256_key_free (daemon->key);
  g_free (daemon->url);
}

/* Forty devices, twenty hours, outages from a computation that has nothing of the fleet's. */
static PtFleetPlan *
make_plan (void)
{
  PtFleetPlan *plan = pt_fleet_plan_new ();

  for (int i = 0; i < 40; i++)
    {
      g_autofree char *id = g_strdup_printf ("device-%d", i);
      PtFleetDevice *device = pt_fleet_plan_add (plan, "town", id);

      if (i % 10 == 9)
        continue;
      pt_fleet_device_add_outage (device, ORIGIN + i * 1234567, ORIGIN + 7 * HOUR + i * 777777);
      if (i % 3 == 0)
        pt_fleet_device_add_outage (device, ORIGIN + 17 * HOUR + i,
                                    i % 2 ? PT_FLEET_OPEN : ORIGIN + 19 * HOUR + i);
    }
  pt_fleet_plan_finish (plan);
  pt_fleet_plan_clip (plan, ORIGIN, ORIGIN + 20 * HOUR);
  return plan;
}

typedef struct
{
  Daemon daemon;
  PtFleetPlan *plan;
  PtFleetState *state;
  double speed; /* of a stepped clock at most; 0: none */
  char *folder, *path;
} Fixture;

static void
open_state (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;

  fixture->state = pt_fleet_state_open (fixture->path, fixture->plan, &error);
  g_assert_no_error (error);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = g_dir_make_tmp ("fleet-run-XXXXXX", NULL);
  fixture->path = g_build_filename (fixture->folder, "state", NULL);
  fixture->plan = make_plan ();
  open_state (fixture);
  fixture->daemon.stepped = data != NULL;
  fixture->daemon.now = ORIGIN - HOUR;
  daemon_start (&fixture->daemon);
  for (guint i = 0; i < fixture->plan->devices->len; i++)
    {
      const PtFleetDevice *device = fixture->plan->devices->pdata[i];
      PtP256Key *key = pt_p256_key_from_scalar (pt_fleet_state_record (fixture->state, i)->scalar);
      Seen *seen = g_new0 (Seen, 1);

      pt_p256_key_public (key, seen->public_key);
      pt_p256_key_free (key);
      seen->outages = g_array_new (FALSE, FALSE, sizeof (PtFleetOutage));
      seen->dates = g_string_new (NULL);
      g_hash_table_insert (fixture->daemon.seen, g_strdup (device->id), seen);
    }
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  daemon_stop (&fixture->daemon);
  pt_fleet_state_free (fixture->state);
  pt_fleet_plan_free (fixture->plan);
  g_unlink (fixture->path);
  g_assert_cmpint (g_rmdir (fixture->folder), ==, 0);
  g_free (fixture->path);
  g_free (fixture->folder);
}

static PtFleetSteps *
make_steps (Fixture *fixture, PtFleetLink *link, PtFleetClock *clock)
{
  PtFleetStepsOptions options
      = { .begin = MAX (fixture->plan->start, pt_fleet_state_last_ts (fixture->state)),
          .members = 3,
          .speed = fixture->speed };

  if (!fixture->daemon.stepped)
    return NULL;
  pt_fleet_grid_init (&options.grid, PERIOD, fixture->plan->devices->len, HOUR, 0);
  options.end = pt_fleet_grid_window_end (&options.grid, fixture->plan->end);
  pt_fleet_link_set_token (link, TOKEN);
  return pt_fleet_steps_new (&options, link, clock);
}

/* Runs the plan, to its end or for @ms real milliseconds. */
static gboolean
run_for (Fixture *fixture, guint ms, PtFleetCounts *counts, GError **error)
{
  PtFleetRunOptions options
      = { .plan = fixture->plan,
          .state = fixture->state,
          .url = fixture->daemon.url,
          .heartbeat = HOUR,
          .lines = 100,
          .connections = 3,
          .open = 1,
          .resync = fixture->daemon.key != NULL ? fixture->daemon.signer.public_key : NULL };
  g_autoptr (PtFleetLink) link = pt_fleet_link_new (fixture->daemon.url);
  g_autoptr (PtFleetCredentials) credentials = pt_fleet_credentials_new (NULL, NULL, NULL, NULL);
  g_autoptr (PtFleetSteps) steps = NULL;
  PtFleetClock clock = { 0 };
  PtFleetStatus status;
  PtFleetRun *run;
  gboolean good;

  g_mutex_init (&clock.mutex);
  g_assert_true (pt_fleet_clock_look (&clock, link, &status, NULL));
  g_assert_cmpint (status.stepped, ==, fixture->daemon.stepped);
  g_assert_cmpint (status.period, ==, PERIOD);
  options.credentials = credentials;
  options.steps = steps = make_steps (fixture, link, &clock);
  run = pt_fleet_run_new (&options, &clock);
  pt_fleet_run_start (run);
  if (ms > 0)
    {
      g_usleep (ms * 1000);
      pt_fleet_run_stop (run);
    }
  good = pt_fleet_run_join (run, error);
  pt_fleet_run_counts (run, counts);
  pt_fleet_run_free (run);
  g_mutex_clear (&clock.mutex);
  return good;
}

static void
assert_plan_was_seen (Fixture *fixture)
{
  for (guint i = 0; i < fixture->plan->devices->len; i++)
    {
      const PtFleetDevice *device = fixture->plan->devices->pdata[i];
      Seen *seen = g_hash_table_lookup (fixture->daemon.seen, device->id);
      guint expected = device->outages != NULL ? device->outages->len : 0;

      g_test_message ("%s", device->id);
      g_assert_cmpuint (seen->outages->len, ==, expected);
      if (expected > 0)
        g_assert_cmpmem (seen->outages->data, expected * sizeof (PtFleetOutage),
                         device->outages->data, expected * sizeof (PtFleetOutage));
      /* About one heartbeat an hour. */
      g_assert_cmpint (seen->seq, >=, 20);
      g_assert_cmpint (seen->seq, <=, 26);
    }
}

static void
test_all_goes_well (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  PtFleetCounts counts;

  g_assert_true (run_for (fixture, 0, &counts, &error));
  g_assert_no_error (error);
  assert_plan_was_seen (fixture);
  g_assert_cmpuint (counts.made, ==, fixture->daemon.accepted);
  g_assert_cmpuint (counts.acknowledged, ==, counts.made);
  g_assert_cmpuint (counts.outages, ==, fixture->plan->outages);
  g_assert_cmpuint (counts.retries, ==, 0);
  g_assert_false (counts.running);
}

static void
test_trouble (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  PtFleetCounts counts;

  fixture->daemon.trouble = TRUE;
  g_assert_true (run_for (fixture, 0, &counts, &error));
  g_assert_no_error (error);
  assert_plan_was_seen (fixture);
  g_assert_cmpuint (counts.made, ==, fixture->daemon.accepted);
  g_assert_cmpuint (counts.acknowledged, ==, counts.made);
  g_assert_cmpuint (counts.retries, >, 0);
  g_assert_cmpuint (counts.rejected, ==, 0);
}

/* Stopped and started again and again, it goes on where it was. */
static void
test_resumes (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  PtFleetCounts counts;

  fixture->daemon.trouble = TRUE;
  for (int i = 0; i < 5; i++)
    {
      g_assert_true (run_for (fixture, 80 + i * 60, &counts, &error));
      g_assert_no_error (error);
      g_clear_pointer (&fixture->state, pt_fleet_state_free);
      open_state (fixture);
    }
  g_assert_true (run_for (fixture, 0, &counts, &error));
  g_assert_no_error (error);
  assert_plan_was_seen (fixture);
}

/* The memory of acknowledgements is lost on the way: only where nobody says what is held, or the
 * answer is not the service's, is anything sent twice. */
static void
test_resync (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  PtFleetCounts counts;
  guint before;

  g_assert_true (run_for (fixture, 200, &counts, &error));
  g_assert_no_error (error);
  before = fixture->daemon.duplicate;
  fixture->daemon.key = pt_p256_key_generate ();
  g_assert_true (pt_p256_signer_init (&fixture->daemon.signer, fixture->daemon.key));
  for (guint i = 0; i < fixture->plan->devices->len; i++)
    {
      PtDeviceMemory *memory = &pt_fleet_state_record (fixture->state, i)->memory;

      memory->first = memory->next = 0;
    }
  g_assert_true (run_for (fixture, 0, &counts, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (fixture->daemon.asked, >, 0);
  g_assert_cmpuint (fixture->daemon.duplicate - before, <=, 2 * PT_FLEET_RING);
  assert_plan_was_seen (fixture);
}

static void
test_refused (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  PtFleetCounts counts;

  fixture->daemon.refuses = TRUE;
  g_assert_true (run_for (fixture, 0, &counts, &error));
  g_assert_cmpuint (counts.rejected, ==, counts.made);
  g_assert_cmpuint (counts.acknowledged, ==, 0);
}

/* The windows are over at the end: the clock stands past the last one. */
static void
test_ends_windows (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  gint64 end = (fixture->plan->end / PERIOD + 1) * PERIOD;
  PtFleetCounts counts;

  g_assert_true (run_for (fixture, 0, &counts, &error));
  g_assert_no_error (error);
  g_assert_cmpint (fixture->daemon.now, ==, end);
  /* Twenty hours in steps of five minutes, the first at the plan's start. */
  g_assert_cmpuint (fixture->daemon.steps, >=, 20 * 12);
  g_assert_cmpuint (fixture->daemon.steps, <=, 20 * 12 + 5);
}

static char *
all_dates (Fixture *fixture)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < fixture->plan->devices->len; i++)
    {
      const PtFleetDevice *device = fixture->plan->devices->pdata[i];
      Seen *seen = g_hash_table_lookup (fixture->daemon.seen, device->id);

      g_string_append_printf (text, "%s\n%s", device->id, seen->dates->str);
    }
  return g_string_free (text, FALSE);
}

/* Two runs date every report alike: one that goes well, and one with failures that is ended and
 * begun again, by a fleet whose keys are others. */
static void
test_alike (Fixture *fixture, gconstpointer data)
{
  Fixture other = { .daemon.trouble = TRUE };
  g_autoptr (GError) error = NULL;
  g_autofree char *mine = NULL, *others = NULL;
  PtFleetCounts counts;

  g_assert_true (run_for (fixture, 0, &counts, &error));
  g_assert_no_error (error);
  set_up (&other, data);
  for (int i = 0; i < 5; i++)
    {
      g_assert_true (run_for (&other, 50 + i * 40, &counts, &error));
      g_assert_no_error (error);
      g_clear_pointer (&other.state, pt_fleet_state_free);
      open_state (&other);
    }
  g_assert_true (run_for (&other, 0, &counts, &error));
  g_assert_no_error (error);
  mine = all_dates (fixture);
  others = all_dates (&other);
  g_assert_cmpstr (mine, ==, others);
  tear_down (&other, data);
}

/* Somebody else moves the clock: the run ends with what the daemon said. */
static void
test_two_drivers (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  PtFleetCounts counts;

  fixture->speed = 3600;
  fixture->daemon.leaps = TRUE;
  g_assert_false (run_for (fixture, 0, &counts, &error));
  g_assert_error (error, PT_ERROR, PT_ERROR_OPERATOR);
  g_assert_nonnull (strstr (error->message, "never goes back"));
}

/* No faster than asked: two hours at ten hours a second. */
static void
test_keeps_pace (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  gint64 begun = g_get_monotonic_time ();
  PtFleetCounts counts;

  fixture->speed = 36000;
  pt_fleet_plan_clip (fixture->plan, ORIGIN, ORIGIN + 10 * HOUR);
  g_assert_true (run_for (fixture, 0, &counts, &error));
  g_assert_no_error (error);
  g_assert_cmpint (g_get_monotonic_time () - begun, >=, 950000);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, func) g_test_add (name, Fixture, NULL, set_up, func, tear_down)
  ADD ("/fleet-run/well", test_all_goes_well);
  ADD ("/fleet-run/trouble", test_trouble);
  ADD ("/fleet-run/resumes", test_resumes);
  ADD ("/fleet-run/resync", test_resync);
  ADD ("/fleet-run/refused", test_refused);
#define ADD_STEPPED(name, func)                                                                    \
  g_test_add ("/fleet-run/stepped/" name, Fixture, "stepped", set_up, func, tear_down)
  ADD_STEPPED ("well", test_all_goes_well);
  ADD_STEPPED ("trouble", test_trouble);
  ADD_STEPPED ("resumes", test_resumes);
  ADD_STEPPED ("resync", test_resync);
  ADD_STEPPED ("refused", test_refused);
  ADD_STEPPED ("ends-windows", test_ends_windows);
  ADD_STEPPED ("alike", test_alike);
  ADD_STEPPED ("two-drivers", test_two_drivers);
  ADD_STEPPED ("keeps-pace", test_keeps_pace);
  return g_test_run ();
}
