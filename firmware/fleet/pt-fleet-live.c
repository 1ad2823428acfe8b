/* SPDX-License-Identifier: Apache-2.0 */
#include "pt-fleet-live.h"

#include "pt-encoding.h"
#include "pt-error.h"
#include "pt-fleet-progress.h"
#include "pt-fleet-request.h"
#include "pt-fleet-run.h"
#include "pt-fleet-text.h"

#include <glib/gi18n.h>
#include <inttypes.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define TICK_US 100000
#define FLUSH_US 1000000
#define STOP_PATIENCE_US 3000000
#define CLOCK_TOLERANCE_MS 300000
#define LATE_MOST_MS (G_GINT64_CONSTANT (7) * 86400000) /* older reports are clock-skew */
#define FILES_MORE 256                                  /* beside the connections */
#define THREADS 4 /* where each device has a connection of its own */
#define WAIT_MOST_US (G_GINT64_CONSTANT (600) * G_USEC_PER_SEC)

static volatile sig_atomic_t interrupted;

static void
note_signal (int number)
{
  interrupted = 1;
}

static void
catch_signals (void)
{
  struct sigaction action = { .sa_handler = note_signal };

  sigaction (SIGINT, &action, NULL);
  sigaction (SIGTERM, &action, NULL);
}

static gboolean
check_speed (const PtFleetLiveOptions *options, const PtFleetClock *clock, GError **error)
{
  if (options->speed <= 0 || clock->speed <= 0
      || fabs (options->speed - clock->speed) < 1e-5 * clock->speed)
    return TRUE;
  g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION,
               _ ("The daemon's clock runs at speed %g and --speed says %g; set [clock] "
                  "source=scaled and speed=%g in the daemon's configuration and restart it, or "
                  "leave --speed out."),
               clock->speed, options->speed, options->speed);
  return FALSE;
}

/* Nothing is sent when the clock is where most of it would be refused, or waited for in vain. */
static gboolean
check_clock (const PtFleetPlan *plan, PtFleetState *state, PtFleetClock *clock, gboolean stepped,
             GError **error)
{
  gint64 first = MAX (plan->start, pt_fleet_state_last_ts (state));
  gint64 now = pt_fleet_clock_now (clock);
  g_autofree char *shown = pt_fleet_format_time (now), *start = pt_fleet_format_time (first);

  if (now - first <= LATE_MOST_MS
      && (stepped || pt_fleet_clock_wait (clock, first) <= WAIT_MOST_US))
    return TRUE;
  g_set_error (error, PT_ERROR, PT_ERROR_CONFIGURATION,
               _ ("The daemon's clock shows %s and the first report is of %s; set [clock] "
                  "source=stepped and origin_ms=%" PRId64 " in the configuration of a daemon with "
                  "a new state directory, and start it."),
               shown, start, first);
  return FALSE;
}

/* Goes on with a run that was interrupted (TRUE), else begins it. */
static gboolean
begin_or_resume (PtFleetPlan *plan, PtFleetState *state, const PtFleetLiveOptions *options,
                 const PtFleetStatus *status)
{
  guint64 fingerprint = pt_fleet_plan_fingerprint (plan);
  gint64 start = 0;
  gboolean resume = pt_fleet_state_resume (state, fingerprint, status->service_key, &start);
  guint dropped = 0;

  if (resume && pt_fleet_state_last_ts (state) > status->now + CLOCK_TOLERANCE_MS)
    {
      g_printerr (_ ("The daemon's clock stands before the last report of the run in the state, so "
                     "the run begins anew.\n"));
      resume = FALSE;
    }
  if (!resume)
    {
      start = options->relative ? status->now : plan->start;
      dropped = pt_fleet_state_begin (state, fingerprint, status->service_key, start);
    }
  if (dropped > 0)
    g_printerr (_ ("%u reports that waited for another daemon were dropped.\n"), dropped);
  if (options->relative)
    pt_fleet_plan_shift (plan, start);
  return resume;
}

/* Gives the threads a moment to end by themselves; one that waits for an answer does not hold up
 * the exit, for the state has everything. */
static void
leave_if_stuck (PtFleetRun *run, PtFleetState *state, gint64 asked)
{
  if (asked == 0 || g_get_monotonic_time () - asked < STOP_PATIENCE_US)
    return;
  pt_fleet_state_flush (state, NULL);
  _exit (PT_FLEET_EXIT_INTERRUPTED);
}

static void
watch (PtFleetRun *run, PtFleetState *state, PtFleetProgress *progress)
{
  gint64 flushed = g_get_monotonic_time (), asked = 0, now;
  PtFleetCounts counts;

  for (;;)
    {
      pt_fleet_run_counts (run, &counts);
      if (!counts.running)
        break;
      pt_fleet_progress_show (progress, run, &counts);
      g_usleep (TICK_US);
      now = g_get_monotonic_time ();
      if (now - flushed >= FLUSH_US && pt_fleet_state_flush (state, NULL))
        flushed = now;
      if (interrupted && asked == 0)
        {
          asked = now;
          pt_fleet_run_stop (run);
        }
      leave_if_stuck (run, state, asked);
    }
}

static guint
thread_count (const PtFleetLiveOptions *options)
{
  gboolean each = options->way != PT_FLEET_HTTPS || options->certificates != NULL;

  return each ? MIN (THREADS, options->connections) : options->connections;
}

/* The steps of a clock that is stepped; the plan then ends with the window that its end is in. */
static PtFleetSteps *
make_steps (PtFleetPlan *plan, PtFleetState *state, const PtFleetLiveOptions *options,
            const PtFleetStatus *status, PtFleetLink *link, PtFleetClock *clock)
{
  PtFleetStepsOptions steps = { .begin = MAX (plan->start, pt_fleet_state_last_ts (state)),
                                .speed = options->speed,
                                .members = thread_count (options) };

  pt_fleet_grid_init (&steps.grid, status->period, plan->devices->len, options->heartbeat,
                      options->speed);
  plan->end = steps.end = pt_fleet_grid_window_end (&steps.grid, plan->end);
  return pt_fleet_steps_new (&steps, link, clock);
}

static gboolean
read_token (const PtFleetLiveOptions *options, PtFleetLink *link, GError **error)
{
  g_autofree char *text = NULL;

  if (options->token == NULL)
    {
      g_set_error_literal (error, PT_ERROR, PT_ERROR_CONFIGURATION,
                           _ ("The daemon's clock is stepped; give --token-file, the admin.token "
                              "in its state directory, to move it on."));
      return FALSE;
    }
  if (!g_file_get_contents (options->token, &text, NULL, error))
    {
      g_prefix_error (error, _ ("Cannot read %s; name a file that can be read: "), options->token);
      return FALSE;
    }
  pt_fleet_link_set_token (link, g_strstrip (text));
  explicit_bzero (text, strlen (text));
  return TRUE;
}

static int
run_plan (PtFleetPlan *plan, PtFleetState *state, const PtFleetLiveOptions *options,
          PtFleetCredentials *credentials, PtFleetClock *clock, PtFleetSteps *steps,
          const guint8 *resync, GError **error)
{
  guint threads = thread_count (options);
  PtFleetRunOptions run_options = { .plan = plan,
                                    .state = state,
                                    .url = options->url,
                                    .heartbeat = options->heartbeat,
                                    .lines = options->lines,
                                    .connections = threads,
                                    .way = options->way,
                                    .via = options->via,
                                    .credentials = credentials,
                                    .open = MAX (1, options->connections / threads),
                                    .resync = resync,
                                    .steps = steps };
  g_autoptr (PtFleetRun) run = pt_fleet_run_new (&run_options, clock);
  PtFleetProgress progress;
  PtFleetCounts counts;

  pt_fleet_progress_init (&progress, plan, options->json);
  pt_fleet_run_start (run);
  watch (run, state, &progress);
  pt_fleet_progress_end_line (&progress);
  if (!pt_fleet_run_join (run, error))
    return -1;
  pt_fleet_run_counts (run, &counts);
  if (!interrupted)
    pt_fleet_state_finish (state);
  pt_fleet_progress_summary (&progress, run, &counts, !interrupted);
  if (interrupted)
    return PT_FLEET_EXIT_INTERRUPTED;
  return counts.rejected > 0 ? PT_FLEET_EXIT_REJECTED : EXIT_SUCCESS;
}

/* The key under which the run was begun, since it is resumed for the same one only. */
static gboolean
read_service_key (const PtFleetStatus *status, guint8 out[PT_PUBLIC_KEY_SIZE])
{
  return pt_base64url_decode (pt_span (status->service_key, strlen (status->service_key)), out,
                              PT_PUBLIC_KEY_SIZE);
}

static int
go_with_clock (PtFleetPlan *plan, PtFleetState *state, const PtFleetLiveOptions *options,
               PtFleetCredentials *credentials, const PtFleetStatus *status, PtFleetLink *link,
               PtFleetClock *clock, GError **error)
{
  g_autoptr (PtFleetSteps) steps = NULL;
  guint8 service_key[PT_PUBLIC_KEY_SIZE];
  gboolean resync;

  if (status->stepped && !read_token (options, link, error))
    return -1;
  resync = begin_or_resume (plan, state, options, status)
           && (options->resync || pt_fleet_state_was_cut (state))
           && read_service_key (status, service_key);
  if (!check_clock (plan, state, clock, status->stepped, error))
    return -1;
  if (status->stepped)
    steps = make_steps (plan, state, options, status, link, clock);
  return run_plan (plan, state, options, credentials, clock, steps, resync ? service_key : NULL,
                   error);
}

/* As many files as the system lets this process have. */
static void
allow_connections (const PtFleetLiveOptions *options)
{
  struct rlimit limit;

  if (getrlimit (RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= options->connections + FILES_MORE)
    return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit (RLIMIT_NOFILE, &limit);
}

static int
go_live (PtFleetPlan *plan, PtFleetState *state, const PtFleetLiveOptions *options, GError **error)
{
  g_autoptr (PtFleetCredentials) credentials
      = pt_fleet_credentials_new (options->ca, options->certificates, options->psk_file, error);
  g_autoptr (PtFleetLink) link = pt_fleet_link_new (options->url);
  PtFleetClock clock = { 0 };
  PtFleetStatus status;
  int code = -1;

  if (credentials == NULL)
    return -1;
  pt_fleet_link_set_tls (link, options->ca, NULL, NULL);
  allow_connections (options);
  g_mutex_init (&clock.mutex);
  if (!pt_fleet_clock_look (&clock, link, &status, error))
    g_prefix_error (error, _ ("The daemon's clock cannot be read; is powertrackd running at the "
                              "address of --url? "));
  else if (check_speed (options, &clock, error))
    code = go_with_clock (plan, state, options, credentials, &status, link, &clock, error);
  g_mutex_clear (&clock.mutex);
  return code;
}

static void
warn_about (const PtFleetPlan *plan, const PtFleetLiveOptions *options)
{
  for (guint i = 0; i < plan->warnings->len; i++)
    g_printerr ("%s\n", (char *) plan->warnings->pdata[i]);
  if (plan->empty_rows > 0)
    g_printerr (_ ("%" PRIu64 " rows that end when they start were skipped.\n"), plan->empty_rows);
}

int
pt_fleet_live (PtFleetPlan *plan, const PtFleetLiveOptions *options, GError **error)
{
  g_autoptr (PtFleetState) state = NULL;

  warn_about (plan, options);
  state = pt_fleet_state_open (options->state, plan, error);
  if (state == NULL)
    return -1;
  if (options->list != NULL)
    {
      if (!pt_fleet_state_list (state, plan, options->list, error)
          || (options->requests != NULL
              && !pt_fleet_request_write_all (state, plan, options->requests, error)))
        return -1;
      if (options->json)
        g_print ("{\"devices\":%u,\"areas\":%u,\"outages\":%" G_GUINT64_FORMAT
                 ",\"start\":%" G_GINT64_FORMAT ",\"end\":%" G_GINT64_FORMAT "}\n",
                 plan->devices->len, plan->areas, plan->outages, plan->start, plan->end);
      else
        g_print (_ ("%u devices in %u areas with %" PRIu64 " outages listed in %s.\n"),
                 plan->devices->len, plan->areas, plan->outages, options->list);
      return EXIT_SUCCESS;
    }
  catch_signals ();
  return go_live (plan, state, options, error);
}
